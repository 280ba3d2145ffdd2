"""Encapsulated documents and selections: shown by what they are, inert, bounded, explained (A31, A33, F15, F18)."""

from __future__ import annotations

import base64
import contextlib
import random
import re
import time
from pathlib import Path

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from tests.objects.reports import document, image, item, pdf_of, report
from workstation.dicom.identity import Locator
from workstation.dicom.read import read_dataset
from workstation.loading.report_view import _document_view
from workstation.objects import pdf_pages
from workstation.objects.encapsulated_document import NAMES, SHOWN, facts_page, kind_of, read_document, text_page
from workstation.objects.key_object import key_object_page, read_key_object
from workstation.objects.markup_page import UnreadableMarkup, body_of, markup_page
from workstation.objects.page import Heading, Paragraph, Table, plain_text
from workstation.objects.pdf_pages import UnreadablePdf, drawn_page, open_pdf, page_text, search
from workstation.objects.structured_report import read_report
from workstation.phantoms.documents import pdf

HTML = b"<html><body><script>alert(1)</script>%PDF-1.4</body></html>"


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (pdf("Title", ["line"]), "pdf"),
        (b"\n\n junk before \n%PDF-1.7 and so on", "pdf"),
        (HTML, "html"),
        (b"  <!DOCTYPE html><p>", "html"),
        (b"text first <script src=x></script> %PDF-1.4", "html"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "html"),
        (b"<?xml version='1.0'?><ClinicalDocument xmlns='urn:hl7-org:v3'/>", "cda"),
        (b"<?xml version='1.0'?><note/>", "xml"),
        (b"{\\rtf1 hello}", "rtf"),
        (b"solid x\n facet normal 0 0 1\n", "stl"),
        (bytes(80) + b"\1\0\0\0" + bytes(50), "stl"),
        (b"v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n", "obj"),
        (b"newmtl red\nKd 1 0 0\n", "mtl"),
        (b"MZ\x90\0", "program"),
        (b"#!/bin/sh\n", "program"),
        (b"PK\x03\x04", "zip"),
        (b"Plain words.\n", "text"),
        (b"", "empty"),
        (b"\1\2\3\4", "unknown"),
    ],
)
def test_a_document_is_what_its_bytes_are(data: bytes, kind: str) -> None:
    """A31: the type is found by looking, against an allow-list."""
    assert kind_of(data) == kind


def test_html_that_says_it_is_a_pdf_is_refused_with_a_sentence() -> None:
    """A31: never shown, never opened by another program; saved under an ending nothing runs."""
    found = read_document(document(HTML))
    assert found.refused == (
        "The document is HTML, though it says it is application/pdf; it can be saved, but is not shown."
    )
    assert found.suffix == "bin"
    assert found.refused in facts_page(found).text


@pytest.mark.parametrize(
    ("data", "mime", "number"),
    [
        (b"Plain words.", "application/pdf", 1),
        (pdf("Title", []), "text/xml", 2),
        (b"MZ\x90\0", "application/octet-stream", 1),
        (b"<?xml version='1.0'?><note/>", "application/pdf", 1),
    ],
)
def test_what_is_not_what_it_says_is_refused(data: bytes, mime: str, number: int) -> None:
    assert "can be saved" in read_document(document(data, mime, number)).refused


def test_the_guide_says_which_documents_are_drawn_and_which_are_not() -> None:
    guide = (Path(__file__).resolve().parents[2] / "docs" / "guide.md").read_text(encoding="utf-8")
    drawn, rest = guide.split("\n## Reports\n")[1].split("\n## ")[0].split("Other kinds (")
    bold = " ".join(re.findall(r"\*\*(.+?)\*\*", drawn)).lower()
    assert [kind for kind in SHOWN if NAMES[kind].lower() not in bold] == []
    assert re.match(r"RTF, STL and OBJ surfaces\) are named, not drawn\.", rest)
    assert not {"rtf", "stl", "obj"} & set(SHOWN)
    assert f"at most {pdf_pages.PAGE_LIMIT:,}" in " ".join(drawn.split())


def test_padding_is_no_part_of_a_document() -> None:
    """F18: Encapsulated Document Length tells the odd length; without it one NUL at the end is padding."""
    data = pdf("Odd", ["x"])
    data += b"\n" * (1 - len(data) % 2)
    assert len(data) % 2 == 1
    padded = data + b"\0"
    assert read_document(document(padded, EncapsulatedDocumentLength=len(data))).data == data
    assert read_document(document(padded)).data == data


def test_a_document_that_ends_early_says_so() -> None:
    found = read_document(document(b"%PDF-1.4", EncapsulatedDocumentLength=100))
    assert found.notes == ("The document ends early: 8 of 100 bytes are there.",)


def test_a_pdf_of_the_corpus_is_drawn_and_searched(corpus: Path) -> None:
    path = corpus / "encap" / "workshop-iris-dicom-interop" / "embeddedpdf.dcm"
    found = read_document(read_dataset(Locator(str(path))).ds)
    assert (found.kind, found.refused) == ("pdf", "")
    opened = open_pdf(found.data)
    assert len(opened.sizes) == 2
    drawn = drawn_page(opened, 0, 600)
    assert drawn.shape[1] == 600
    assert 0.005 < np.mean(drawn[..., :3] < 128) < 0.5
    words = page_text(opened, 0)
    assert len(words.text) == len(words.boxes)
    assert "Sinc function" in words.text
    hits = search(opened, "sinc FUNCTION")
    assert hits
    left, top, right, bottom = hits[0].boxes[0]
    assert 0 < left < right < 595
    assert 0 < top < bottom < 842


def test_scripts_and_launch_actions_of_a_pdf_never_run(tmp_path: Path) -> None:
    """A31: the page is drawn; what the document would like to do on opening is not done."""
    trap = tmp_path / "ran"
    script = b"(this.exportDataObject\\({cName: 'x', nLaunch: 2}\\))"
    action = b"<< /S /JavaScript /JS %s /Next << /S /Launch /F (/usr/bin/touch) /P (%s) >> >>" % (
        script,
        str(trap).encode(),
    )
    opened = open_pdf(pdf_of(1, action, b"/OpenAction 5 0 R /AA << /WC 5 0 R >>"))
    assert drawn_page(opened, 0, 100).shape == (150, 100, 4)
    assert not trap.exists()


def test_ten_thousand_pages_are_opened_without_drawing_them() -> None:
    start = time.perf_counter()
    opened = open_pdf(pdf_of(10_050))
    assert len(opened.sizes) == 10_000
    assert opened.notes == ("The first 10,000 of 10,050 pages are shown.",)
    assert time.perf_counter() - start < 20


def test_a_page_of_any_size_makes_a_picture_of_bounded_size() -> None:
    huge = pdf_of(1).replace(b"[0 0 200 300]", b"[0 0 9e9 9e9]")
    opened = open_pdf(huge)
    assert drawn_page(opened, 0, 100_000).size <= 4 * 24_100_000


def test_a_page_is_the_mean_of_one_drawn_twice_as_large() -> None:
    """Glyphs stand within a quarter of a pixel of their place; rounding adds no tint."""
    fine = np.random.default_rng(5).integers(0, 256, (2 * 71, 2 * 5, 4), dtype=np.uint8)
    sums = fine.astype(int).reshape(71, 2, 5, 2, 4).sum(axis=(1, 3))
    assert np.array_equal(pdf_pages._halved(fine), (sums + 2) // 4)
    assert np.array_equal(pdf_pages._halved(np.full((4, 6, 4), 255, np.uint8)), np.full((2, 3, 4), 255))


def test_a_page_that_takes_too_long_is_ended_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A31: bounded in time; the lock is free again afterwards."""
    monkeypatch.setattr(pdf_pages, "LONGEST", 0.3)
    content = b"q 0 0 200 300 re W n " + b"0 0 m 200 300 200 0 0 300 c 50 5 l 10 250 l h f* " * 200_000 + b"Q"
    stream = b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content)
    slow = pdf_of(1).replace(b"<< /Length 0 >>\nstream\n\nendstream", stream)
    opened = open_pdf(slow)
    start = time.perf_counter()
    with pytest.raises(UnreadablePdf, match=r"takes longer than 0\.3 seconds"):
        drawn_page(opened, 0, 3000)
    assert time.perf_counter() - start < 20
    assert drawn_page(open_pdf(pdf_of(1)), 0, 50).shape == (75, 50, 4)


@pytest.mark.parametrize("data", [b"%PDF-1.4\n", b"%PDF-1.4" + bytes(200), pdf_of(1)[:300]])
def test_a_damaged_pdf_is_told(data: bytes) -> None:
    with pytest.raises(UnreadablePdf, match=r"damaged beyond reading|no page"):
        open_pdf(data)


BOMB = b"""<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]><ClinicalDocument><title>&c;</title></ClinicalDocument>"""
EXTERNAL = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><ClinicalDocument>
<title>&e;</title></ClinicalDocument>"""


@pytest.mark.parametrize("data", [BOMB, EXTERNAL], ids=["bomb", "external entity"])
def test_entities_are_never_expanded_or_fetched(data: bytes) -> None:
    """A33."""
    with pytest.raises(UnreadableMarkup, match="declares a document type or entities"):
        markup_page(data, "CDA")


def test_xml_that_is_too_large_or_broken_is_told() -> None:
    with pytest.raises(UnreadableMarkup, match="no well-formed XML"):
        markup_page(b"<a><b></a>", "x")
    with pytest.raises(UnreadableMarkup, match="more than 200,000 elements"):
        markup_page(b"<a>" * 400_001, "x")


@pytest.mark.parametrize("root", [b"note", b"ClinicalDocument"])
def test_xml_nested_ten_thousand_deep_is_laid_out(root: bytes) -> None:
    inside = (
        b"<component><section><text><list><item>" * 2000
        + b"deep"
        + b"</item></list></text></section></component>" * 2000
    )
    body = b"<component><structuredBody>" + inside + b"</structuredBody></component>"
    assert markup_page(b"<%s>%s</%s>" % (root, body, root), "x").blocks


CDA = """<?xml version="1.0"?><ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:xi="http://www.w3.org/2001/XInclude">
<title>Letter</title><effectiveTime value="20240118"/>
<recordTarget><patientRole><patient><name><given>Jane</given> <family>Roe</family></name></patient></patientRole>
</recordTarget><component><structuredBody><component><section><title>Findings</title><text>
<paragraph>All <content styleCode="Bold">clear</content>.<br/>Next year.</paragraph>
<list><item>first</item><item>second &lt;b&gt;</item></list>
<table><thead><tr><th>Name</th><th>Value</th></tr></thead><tbody><tr><td>Na</td><td>140</td></tr></tbody></table>
<xi:include href="file:///etc/passwd"/><linkHtml href="javascript:alert(1)">link</linkHtml>
</text></section></component></structuredBody></component></ClinicalDocument>"""


def test_a_cda_becomes_headings_paragraphs_lists_and_tables() -> None:
    page = markup_page(CDA.encode(), "CDA")
    assert [each.text for each in page.blocks if isinstance(each, Heading)] == ["Letter", "Findings"]
    paragraphs = [plain_text(each.spans) for each in page.blocks if isinstance(each, Paragraph)]
    assert paragraphs == ["All clear.\nNext year.", "• first", "• second <b>", "link"]
    table = [each for each in page.blocks if isinstance(each, Table)][-1]
    assert table.head == ("Name", "Value")
    assert "root:" not in page.text
    assert "javascript" not in page.text


def test_a_pdf_in_the_body_of_a_cda_is_taken_out() -> None:
    inside = base64.encodebytes(pdf("Letter", [])).decode()
    data = (
        f'<ClinicalDocument xmlns="urn:hl7-org:v3"><component><nonXMLBody><text mediaType="application/pdf" '
        f'representation="B64">{inside}</text></nonXMLBody></component></ClinicalDocument>'
    ).encode()
    assert body_of(data) == pdf("Letter", [])
    assert body_of(data.replace(b"B64", b"TXT")) is None
    view = _document_view(document(data, "text/xml", 2))
    assert view.pdf is not None
    assert _document_view(document(CDA.encode(), "text/xml", 2)).pdf is None


def test_a_damaged_pdf_is_never_more_than_a_sentence(corpus: Path) -> None:
    path = corpus / "encap" / "workshop-iris-dicom-interop" / "embeddedpdf.dcm"
    whole = read_document(read_dataset(Locator(str(path))).ds).data
    chance = random.Random(7)
    for _ in range(60):
        data = bytearray(whole)
        for _ in range(chance.choice((5, 50, 500))):
            data[chance.randrange(10, len(data))] = chance.randrange(256)
        with contextlib.suppress(UnreadablePdf):
            opened = open_pdf(bytes(data))
            for number in range(len(opened.sizes)):
                drawn_page(opened, number, 100)
                page_text(opened, number)
            search(opened, "sinc")


def test_plain_text_is_shown_in_its_paragraphs() -> None:
    page = text_page(read_document(document("Grüße\n\n<b>fett</b>".encode(), "text/plain", 1)))
    assert [plain_text(each.spans) for each in page.blocks if isinstance(each, Paragraph)][-2:] == [
        "Grüße",
        "<b>fett</b>",
    ]


# selections


def selection(title: str, *uids: str) -> Dataset:
    ds = report(
        item("TEXT", "Key Object Description", code="113012", TextValue="For the conference"),
        *(image(uid, [2], "CONTAINS") for uid in uids),
    )
    ds.ConceptNameCodeSequence[0].CodeValue = title
    ds.SOPClassUID = "1.2.840.10008.5.1.4.1.1.88.59"
    evidence, series = Dataset(), Dataset()
    series.ReferencedSOPSequence = Sequence([image(uid).ReferencedSOPSequence[0] for uid in uids])
    evidence.ReferencedSeriesSequence = Sequence([series])
    ds.CurrentRequestedProcedureEvidenceSequence = Sequence([evidence])
    return ds


def test_a_selection_lists_what_it_selects() -> None:
    """F15: title, description, references; what is not open is named."""
    found = read_key_object(read_report(selection("113000", "1.1", "1.2")))
    assert (found.title, found.description, found.rejects) == ("Imaging Report", "For the conference", False)
    assert [(one.sop_instance_uid, one.frames) for one in found.references] == [("1.1", (2,)), ("1.2", (2,))]
    assert [one.sop_instance_uid for one in found.absent_from({})] == ["1.1", "1.2"]
    assert found.open_of({}) == ()


def test_a_selection_for_rejection_says_so() -> None:
    """F15: rejection titles of CID 7010."""
    ds = selection("113001", "1.1")
    assert read_key_object(read_report(ds)).rejects
    assert "not to be used" in key_object_page(read_report(ds)).text


def test_selections_of_the_corpus_are_read(corpus: Path) -> None:
    counts = []
    for path in sorted((corpus / "ko").rglob("*.dcm")):
        tree = read_report(read_dataset(Locator(str(path))).ds)
        counts.append(len(read_key_object(tree).references))
        assert len(key_object_page(tree).targets) == counts[-1]
    assert counts == [1, 10]
