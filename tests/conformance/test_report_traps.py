"""Reports and documents made to do harm, as files: inert, bounded and explained where one reads (A31, A32, A33)."""

from __future__ import annotations

import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest
from pydicom.dataset import Dataset, FileMetaDataset

from tests.objects.reports import MARKUP, by_reference, container, document, item, pdf_of, report
from workstation.dicom.facts import instance_from, read_header
from workstation.dicom.identity import Locator
from workstation.dicom.scan import Found, Skipped, scan
from workstation.loading.report_view import ReportView, report_view
from workstation.objects.pdf_pages import drawn_page
from workstation.ui.report_panel import ReportPanel


def nested(levels: int) -> Dataset:
    """Return a report of so many sequences in each other."""
    ds = item("TEXT", "Innermost", TextValue="the words at the bottom")
    for level in range(levels - 1, 0, -1):
        ds = container(f"Level {level}", ds)
    return report(ds)


def endless(levels: int, path: Path) -> Path:
    """Write a report of so many sequences in each other, byte by byte: too many for other writers."""
    written(report(), path)
    start = b"\x40\x00\x30\xa7SQ\x00\x00\xff\xff\xff\xff" + b"\xfe\xff\x00\xe0\xff\xff\xff\xff"
    value = b"\x40\x00\x10\xa0CS\x08\x00CONTAINS" + b"\x40\x00\x40\xa0CS\x0a\x00CONTAINER "
    ends = b"\xfe\xff\x0d\xe0" + bytes(4) + b"\xfe\xff\xdd\xe0" + bytes(4)
    path.write_bytes(path.read_bytes() + (start + value) * levels + ends * levels)
    return path


def pdf_that_acts(trap: Path) -> bytes:
    command = b"/S /Launch /F (/usr/bin/touch) /P (%s)" % str(trap).encode()
    action = b"<< /S /JavaScript /JS (app.launchURL\\('file://%s'\\)) /Next << %s >> >>" % (str(trap).encode(), command)
    return pdf_of(1, action, b"/OpenAction 5 0 R /AA << /WC 5 0 R >> /Names << /JavaScript << /Names [(x) 5 0 R] >> >>")


def cda(inside: str, doctype: str = "") -> bytes:
    return f'<?xml version="1.0"?>{doctype}<ClinicalDocument><title>{inside}</title></ClinicalDocument>'.encode()


ENTITIES = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
BOMB = cda("&e9;", f'<!DOCTYPE lolz [<!ENTITY e0 "ha">{ENTITIES}]>')
EXTERNAL = cda("&secret;", '<!DOCTYPE x [<!ENTITY secret SYSTEM "file:///etc/passwd">]>')
OUTSIDE = cda("x", '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">')
HTML = b"<html><body onload='alert(1)'><script>alert(1)</script>%PDF-1.4</body></html>"

TRAPS: dict[str, tuple[Callable[[Path], Dataset], str]] = {
    "nested 99 deep": (lambda _: nested(99), "the words at the bottom"),
    "a circle": (lambda _: report(container("A", by_reference(1, 2)), container("B", by_reference(1, 1))), "circle"),
    "its own root": (lambda _: report(container("A", by_reference(1))), "circle"),
    "itself": (lambda _: report(container("A", by_reference(1, 1, 1))), "closes a circle of references"),
    "markup": (lambda _: report(item("TEXT", MARKUP, TextValue=MARKUP)), MARKUP),
    "a PDF with scripts": (
        lambda folder: document(pdf_that_acts(folder / "ran")),
        "The PDF holds scripts or commands; none of them is run.",
    ),
    "10,050 pages": (lambda _: document(pdf_of(10_050)), "The first 10,000 of 10,050 pages are shown."),
    "HTML as PDF": (
        lambda _: document(HTML),
        "The document is HTML, though it says it is application/pdf; it can be saved, but is not shown.",
    ),
    "a program as PDF": (lambda _: document(b"MZ\x90\0" + bytes(200)), "The document is a program"),
    "half a PDF": (lambda _: document(pdf_of(3)[:300]), "is damaged beyond reading; it can be saved as it is"),
    "a bomb of entities": (lambda _: document(BOMB, "text/xml", 2), "declares a document type or entities"),
    "an external entity": (lambda _: document(EXTERNAL, "text/xml", 2), "declares a document type or entities"),
    "a DTD elsewhere": (lambda _: document(OUTSIDE, "text/xml", 2), "declares a document type or entities"),
    "broken XML": (lambda _: document(b"<ClinicalDocument><a>", "text/xml", 2), "no well-formed XML"),
    "a bomb of elements": (
        lambda _: document(b"<ClinicalDocument>" + b"<a></a>" * 200_001 + b"</ClinicalDocument>", "text/xml", 2),
        "more than 200,000 elements",
    ),
    "XML without a word": (
        lambda _: document(b"<ClinicalDocument>" + b"<a/>" * 1000 + b"</ClinicalDocument>", "text/xml", 2),
        "The document holds no words that are laid out",
    ),
    "an STL": (
        lambda _: document(b"solid x\n facet normal 0 0 1\n", "model/stl", 3),
        "it can be saved, but is not drawn",
    ),
    "an OBJ": (
        lambda _: document(b"v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n", "model/obj", 4),
        "it can be saved, but is not drawn",
    ),
    "an MTL": (lambda _: document(b"newmtl red\nKd 1 0 0\n", "model/mtl", 5), "it can be saved, but is not drawn"),
    "nothing": (lambda _: document(b"", "application/pdf"), "The document is empty."),
}
"""What is made, and the words on the page that say what became of it."""


def written(ds: Dataset, path: Path) -> Path:
    ds.SOPInstanceUID, ds.SeriesInstanceUID, ds.StudyInstanceUID, ds.Modality = "1.2.1", "1.2.2", "1.2.3", "SR"
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.1"
    ds.file_meta.MediaStorageSOPClassUID, ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPClassUID, ds.SOPInstanceUID
    ds.save_as(path, enforce_file_format=True)
    return path


def viewed(path: Path) -> ReportView:
    locator = Locator(str(path))
    return report_view(instance_from(locator, read_header(locator)))


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let anything that would fetch something fail the test."""

    def fetched(*_: object, **__: object) -> None:
        raise AssertionError("something was fetched")

    monkeypatch.setattr(urllib.request, "urlopen", fetched)
    monkeypatch.setattr("socket.socket.connect", fetched)


@pytest.mark.parametrize("name", TRAPS)
@pytest.mark.usefixtures("offline")
def test_a_trap_is_inert_bounded_and_explained_on_the_page(name: str, tmp_path: Path, qtbot) -> None:  # type: ignore[no-untyped-def]
    make, told = TRAPS[name]
    view = viewed(written(make(tmp_path), tmp_path / "trap.dcm"))
    assert told in view.page.text
    assert len(view.page.blocks) <= 2_010
    assert len(view.page.text) < 1_000_000
    assert "root:" not in view.page.text
    panel = ReportPanel()
    qtbot.addWidget(panel)
    panel.show()
    panel.show_view(name, view)
    qtbot.waitUntil(lambda: not panel.page.writing)
    assert told in panel.page.toPlainText()
    if view.pdf is not None:
        drawn_page(view.pdf, 0, 100)
    assert [path.name for path in tmp_path.iterdir()] == ["trap.dcm"]


@pytest.mark.parametrize("levels", [500, 100_000])
def test_a_report_nested_too_deep_is_named_among_what_was_skipped(levels: int, tmp_path: Path) -> None:
    """A5: told, never a crash, and the rest of the folder is opened."""
    endless(levels, tmp_path / "deep.dcm")
    written(nested(3), tmp_path / "report.dcm")
    events = list(scan([tmp_path]))
    (skipped,) = (event for event in events if isinstance(event, Skipped))
    assert (Path(skipped.path).name, skipped.code) == ("deep.dcm", "corrupt")
    assert skipped.reason == "deep.dcm: sequences are nested deeper than 100 levels."
    assert [Path(event.instance.locator.path).name for event in events if isinstance(event, Found)] == ["report.dcm"]


def test_the_same_report_nested_less_deep_opens(tmp_path: Path) -> None:
    assert len(viewed(endless(99, tmp_path / "deep.dcm")).rows) == 100


@pytest.mark.parametrize("name", ["a PDF with scripts", "10,050 pages"])
def test_what_is_inert_is_shown_all_the_same(name: str, tmp_path: Path) -> None:
    """A31: the pages are drawn, what they would do is not done."""
    view = viewed(written(TRAPS[name][0](tmp_path), tmp_path / "trap.dcm"))
    assert view.pdf is not None
    assert drawn_page(view.pdf, len(view.pdf.sizes) - 1, 100).shape == (150, 100, 4)


def test_words_that_only_look_like_a_command_are_no_script() -> None:
    from workstation.objects.pdf_pages import open_pdf

    assert open_pdf(pdf_of(1, b"<< /Launched true /JSON 1 >>")).notes == ()
