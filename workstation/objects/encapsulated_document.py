"""An encapsulated document: what it is said to be, held against what its bytes are (PS3.3 A.45, C.24.2; A31, F18).

Only what is both declared and found is shown. Nothing is ever handed to another program by its declared type.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from struct import unpack_from
from typing import TYPE_CHECKING

from workstation.dicom import vocabulary as v
from workstation.dicom.attributes import integer, raw_value, text
from workstation.dicom.display_names import date, date_time, person_name, plain, time
from workstation.objects.content_values import code_of
from workstation.objects.page import Block, Heading, Page, Paragraph, cell, facts_table

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

HEAD = 1024
"""Bytes within which a PDF may begin (ISO 32000-1 Annex H, note 13)."""
SHOWN = ("pdf", "cda", "xml", "text")
"""Kinds that are drawn here; of others the facts are told."""
NAMES = {
    "pdf": "PDF",
    "cda": "CDA",
    "xml": "XML",
    "text": "plain text",
    "rtf": "RTF",
    "html": "HTML",
    "stl": "STL surface",
    "obj": "OBJ surface",
    "mtl": "OBJ material",
    "zip": "a ZIP archive",
    "program": "a program",
    "image": "a picture",
    "office": "an Office document",
    "empty": "empty",
    "unknown": "of a kind that is not known",
}
SUFFIXES = {"cda": "xml", "text": "txt"} | {kind: kind for kind in ("pdf", "xml", "rtf", "stl", "obj", "mtl", "zip")}
"""Endings for saving; what may be run, or shown by a browser, is saved as ``.bin``."""
_DECLARED = {
    "application/pdf": "pdf",
    "text/xml": "cda",
    "application/xml": "cda",
    "text/plain": "text",
    "text/rtf": "rtf",
    "application/rtf": "rtf",
    "text/html": "html",
    "model/stl": "stl",
    "application/sla": "stl",
    "model/obj": "obj",
    "model/mtl": "mtl",
}
_CLASSES = {
    f"1.2.840.10008.5.1.4.1.1.104.{number}": kind for number, kind in enumerate(("pdf", "cda", "stl", "obj", "mtl"), 1)
}
_ALIKE = {"cda": ("cda", "xml"), "xml": ("cda", "xml"), "obj": ("obj", "text"), "mtl": ("mtl", "text")}
"""Kinds that may be found where another is declared: a material library is text."""
_STARTS = (
    (b"{\\rtf", "rtf"),
    (b"PK\x03\x04", "zip"),
    (b"MZ", "program"),
    (b"\x7fELF", "program"),
    (b"#!", "program"),
    (b"\xca\xfe\xba\xbe", "program"),
    (b"\xcf\xfa\xed\xfe", "program"),
    (b"\x89PNG", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"GIF8", "image"),
    (b"II*\0", "image"),
    (b"MM\0*", "image"),
    (b"\xd0\xcf\x11\xe0", "office"),
)
_HTML = re.compile(rb"<\s*(!doctype\s+html|html|head|body|script|iframe|img|svg|a\s|div|p\b|meta|link|style)", re.I)
_ROOT = re.compile(rb"<(?:[A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)[\s/>]")


@dataclass(frozen=True, slots=True, eq=False)
class Document:
    """A document taken out of its data set.

    ``kind`` is what the bytes are, ``declared`` what they are said to be; ``refused`` says, as a sentence, why the
    document is not shown.
    """

    title: str
    declared: str
    kind: str
    data: bytes
    refused: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def suffix(self) -> str:
        """The ending of a file to save it in: by what it is, and only of kinds that do nothing when opened."""
        return SUFFIXES.get(self.kind, "bin")


def read_document(ds: Dataset) -> Document:
    """Return the document a data set holds."""
    notes: list[str] = []
    data = _document_bytes(ds, notes)
    kind = kind_of(data)
    mime = plain(text(ds, "MIMETypeOfEncapsulatedDocument"), 80)
    expected = _expected(ds, mime, notes)
    title = plain(text(ds, "DocumentTitle"), 200)
    concept = code_of(ds, "ConceptNameCodeSequence")
    return Document(
        title=title or (concept.words if concept else "") or plain(text(ds, "SeriesDescription"), 100) or "Document",
        declared=mime or NAMES.get(expected, ""),
        kind=kind,
        data=data,
        refused=_refusal(expected, kind, mime),
        facts=_facts(ds, concept.words if concept else "", mime, kind, len(data)),
        notes=tuple(notes),
    )


def _document_bytes(ds: Dataset, notes: list[str]) -> bytes:
    """Return the value without its padding byte (PS3.5 7.1.1, Encapsulated Document Length of C.24.2)."""
    data = raw_value(ds, v.tag_of("EncapsulatedDocument"))
    length = integer(ds, "EncapsulatedDocumentLength")
    if length is not None and 0 < length <= len(data):
        if len(data) - length > 1:
            notes.append(f"{len(data) - length:,} bytes follow the document; they are left out.")
        return data[:length]
    if length is not None and length > len(data):
        notes.append(f"The document ends early: {len(data):,} of {length:,} bytes are there.")
        return data
    return data[:-1] if data.endswith(b"\0") else data


def kind_of(data: bytes) -> str:
    """Return what some bytes are by looking at them, never by what they are called (A31)."""
    start = data[: 4 * HEAD].lstrip(b"\xef\xbb\xbf \t\r\n\0")
    if not start:
        return "empty"
    if start.startswith((b"\xff\xfe<", b"\xfe\xff\0<")):
        start = start.replace(b"\0", b"")[2:]
    if start.startswith(b"<"):
        return _markup(start)
    for magic, kind in _STARTS:
        if start.startswith(magic):
            return kind
    if b"%PDF-" in data[:HEAD] and not _HTML.search(data[: data.index(b"%PDF-")]):
        return "pdf"
    if _is_stl(data):
        return "stl"
    return _text_kind(data)


def _markup(start: bytes) -> str:
    if _HTML.match(start):
        return "html"
    root = _ROOT.search(re.sub(rb"<[?!][^>]*>", b"", start))
    name = root[1].lower() if root else b""
    if name in (b"html", b"svg", b"script"):
        return "html"
    if name == b"clinicaldocument":
        return "cda"
    return "xml" if root is not None or start.startswith(b"<?xml") else "unknown"


def _is_stl(data: bytes) -> bool:
    """Binary: 80 bytes, a count, 50 bytes a triangle; text: ``solid``, then facets."""
    if len(data) >= 84 and unpack_from("<L", data, 80)[0] * 50 + 84 == len(data):
        return True
    return data[:5] == b"solid" and b"facet" in data[:HEAD]


def _text_kind(data: bytes) -> str:
    piece = data[:65536]
    if any(byte < 9 or 13 < byte < 27 for byte in piece):
        return "unknown"
    if _HTML.search(piece):
        return "html"
    if re.search(rb"^newmtl\s", piece, re.M):
        return "mtl"
    if re.search(rb"^v\s+-?[\d.]", piece, re.M) and re.search(rb"^(f|vn)\s", piece, re.M):
        return "obj"
    return "text"


def _expected(ds: Dataset, mime: str, notes: list[str]) -> str:
    """Return the kind that is declared, by the MIME type and by the SOP Class, which may disagree."""
    by_mime = _DECLARED.get(mime.split(";")[0].strip().lower(), "unknown" if mime else "")
    by_class = _CLASSES.get(text(ds, "SOPClassUID"), "")
    if by_mime and by_class and by_mime != by_class:
        notes.append(f"The SOP Class is for {NAMES[by_class]}, the MIME type is {mime}.")
    return by_mime or by_class


def _refusal(expected: str, kind: str, mime: str) -> str:
    is_ = NAMES[kind]
    if kind == "empty":
        return "The document is empty."
    if kind in ("html", "program"):
        return f"The document is {is_}{_though(expected, kind, mime)}; it can be saved, but is not shown."
    if expected and kind != expected and kind not in _ALIKE.get(expected, ()):
        return f"The document is {is_}{_though(expected, kind, mime)}; it can be saved, but is not shown."
    if kind not in SHOWN:
        return f"The document is {is_}; it can be saved, but is not drawn."
    return ""


def _though(expected: str, kind: str, mime: str) -> str:
    if not expected or expected == kind:
        return ""
    said = mime if mime and (expected == "unknown" or _DECLARED.get(mime.lower()) == expected) else NAMES[expected]
    return f", though it says it is {said}"


def _facts(ds: Dataset, concept: str, mime: str, kind: str, size: int) -> tuple[tuple[str, str], ...]:
    written = (date(text(ds, "ContentDate")), time(text(ds, "ContentTime")))
    pairs = (
        ("Patient", person_name(text(ds, "PatientName"))),
        ("Patient ID", plain(text(ds, "PatientID"), 64)),
        ("Study", " · ".join(p for p in (plain(text(ds, "StudyDescription"), 100), date(text(ds, "StudyDate"))) if p)),
        ("Kind of document", concept),
        ("Written", " ".join(part for part in written if part)),
        ("Acquired", date_time(text(ds, "AcquisitionDateTime"))),
        ("Declared as", mime),
        ("Found to be", NAMES[kind]),
        ("Size", f"{size:,} bytes"),
    )
    return tuple((name, value) for name, value in pairs if value)


def facts_page(document: Document) -> Page:
    """Return what is known of a document that is not drawn, and why it is not."""
    blocks: list[Block] = [Heading(document.title, 1)]
    if document.refused:
        blocks.append(Paragraph(cell(document.refused, "warning")))
    table = facts_table(document.facts)
    blocks += [table] if table is not None else []
    blocks += [Paragraph(cell(sentence, "warning")) for sentence in document.notes]
    return Page(document.title, tuple(blocks))


def text_page(document: Document) -> Page:
    """Return a plain text as a page: UTF-8, else Latin-1, in paragraphs at empty lines."""
    from workstation.dicom.display_names import plain_lines
    from workstation.objects.content_values import TEXT_LIMIT

    try:
        words = document.data.decode("utf-8-sig")
    except UnicodeDecodeError:
        words = document.data.decode("latin-1")
    shown = plain_lines(words, 10 * TEXT_LIMIT)
    parts = [Paragraph(cell(part)) for part in re.split(r"\n\s*\n", shown) if part.strip()]
    cut = "The text is longer than what is shown." if len(words) > 10 * TEXT_LIMIT else ""
    notes = [Paragraph(cell(sentence, "warning")) for sentence in (*document.notes, cut) if sentence]
    return Page(document.title, (Heading(document.title, 1), *notes, *parts), (), cut)
