"""An Encapsulated PDF report; the PDF itself is written by hand, with the built-in font Helvetica."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workstation.phantoms.headers import (
    ENCAPSULATED_PDF,
    Subject,
    attributes,
    code,
    new_object,
    set_series,
    write,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def write_pdf_report(
    path: Path,
    *,
    title: str = "Synthetic report",
    lines: Sequence[str] = ("This page was made by code.",),
    subject: Subject | None = None,
    number: int = 5,
) -> Path:
    """Write an Encapsulated PDF Storage object with one page and return ``path`` (PS3.3 A.45.1)."""
    subject = subject or Subject("Phantom^Report", "PHANTOM-DOC", study="report")
    document = pdf(title, lines)
    ds = new_object(ENCAPSULATED_PDF, ("report", title), subject, "DOC")
    set_series(ds, subject, "report", number, "Report")
    attributes(
        ds,
        InstanceNumber=1,
        ConversionType="WSD",
        AcquisitionDateTime=subject.study_date + subject.study_time,
        BurnedInAnnotation="YES",
        DocumentTitle=title,
        ConceptNameCodeSequence=[code("18748-4", "LN", "Diagnostic imaging report")],
        MIMETypeOfEncapsulatedDocument="application/pdf",
        EncapsulatedDocumentLength=len(document),
        EncapsulatedDocument=document + b"\0" * (len(document) % 2),
    )
    return write(ds, path)


def pdf(title: str, lines: Sequence[str]) -> bytes:
    """Return a one-page A4 document in PDF 1.4: a title, a rule, and lines of text."""
    content = _page(title, lines)
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R /F2 6 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>",
    )
    body = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"
    offsets = []
    for index, item in enumerate(objects, start=1):
        offsets.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (index, item)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    trailer = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(body))
    return body + b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + table + trailer


def _page(title: str, lines: Sequence[str]) -> bytes:
    parts = [b"0.16 0.35 0.55 rg 0 786 595 56 re f 1 g BT /F2 18 Tf 50 806 Td (%s) Tj ET 0.1 g" % _text(title)]
    for index, line in enumerate(lines):
        parts.append(b"BT /F1 11 Tf 50 %d Td (%s) Tj ET" % (744 - 19 * index, _text(line)))
    parts.append(b"0.6 G 50 60 m 545 60 l S 0.4 g BT /F1 8 Tf 50 46 Td (%s) Tj ET" % _text("Not for diagnostic use."))
    return b"\n".join(parts)


def _text(value: str) -> bytes:
    raw = value.encode("cp1252", "replace")
    return raw.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
