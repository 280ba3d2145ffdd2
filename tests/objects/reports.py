"""Content items and documents made by hand, as data sets."""

from __future__ import annotations

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

IMAGE_CLASS = "1.2.840.10008.5.1.4.1.1.2"
MARKUP = "<b>bold</b><img src='file:///etc/passwd'><script>alert(1)</script>"


def code(meaning: str, value: str = "121071", scheme: str = "DCM") -> Dataset:
    ds = Dataset()
    ds.CodeValue, ds.CodingSchemeDesignator, ds.CodeMeaning = value, scheme, meaning
    return ds


def item(value_type: str, name: str = "", *below: Dataset, relation: str = "CONTAINS", **values: object) -> Dataset:
    ds = Dataset()
    ds.RelationshipType, ds.ValueType = relation, value_type
    if name:
        ds.ConceptNameCodeSequence = Sequence([code(name, str(values.pop("code", "121071")))])
    for keyword, value in values.items():
        setattr(ds, keyword, value)
    if below:
        ds.ContentSequence = Sequence(below)
    return ds


def container(name: str, *below: Dataset, **values: object) -> Dataset:
    return item("CONTAINER", name, *below, ContinuityOfContent="SEPARATE", **values)


def num(name: str, value: str, unit: str = "mm", *below: Dataset, **values: object) -> Dataset:
    measured = Dataset()
    measured.NumericValue = value
    measured.MeasurementUnitsCodeSequence = Sequence([code(unit, unit, "UCUM")])
    return item("NUM", name, *below, MeasuredValueSequence=Sequence([measured]), **values)


def referenced(uid: str, frames: list[int] | None = None) -> Sequence:
    ds = Dataset()
    ds.ReferencedSOPClassUID, ds.ReferencedSOPInstanceUID = IMAGE_CLASS, uid
    if frames:
        ds.ReferencedFrameNumber = frames
    return Sequence([ds])


def image(uid: str, frames: list[int] | None = None, relation: str = "SELECTED FROM") -> Dataset:
    return item("IMAGE", "Source Image", relation=relation, ReferencedSOPSequence=referenced(uid, frames))


def by_reference(*path: int, relation: str = "INFERRED FROM") -> Dataset:
    ds = Dataset()
    ds.RelationshipType, ds.ReferencedContentItemIdentifier = relation, list(path)
    return ds


def report(*below: Dataset, **values: object) -> Dataset:
    ds = container("Imaging Report", *below)
    del ds.RelationshipType
    ds.SOPClassUID = "1.2.840.10008.5.1.4.1.1.88.33"
    ds.CompletionFlag, ds.VerificationFlag = "COMPLETE", "UNVERIFIED"
    for keyword, value in values.items():
        setattr(ds, keyword, value)
    return ds


def document(data: bytes, mime: str = "application/pdf", number: int = 1, **values: object) -> Dataset:
    ds = Dataset()
    ds.SOPClassUID = f"1.2.840.10008.5.1.4.1.1.104.{number}"
    ds.DocumentTitle, ds.MIMETypeOfEncapsulatedDocument = "A document", mime
    ds.EncapsulatedDocument = data
    for keyword, value in values.items():
        setattr(ds, keyword, value)
    return ds


def pdf_of(pages: int, extra: bytes = b"", catalogue: bytes = b"") -> bytes:
    """A PDF of empty pages that share one content, with more objects and more in its catalogue."""
    kids = b" ".join(b"%d 0 R" % (4 + n) for n in range(pages))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R " + catalogue + b" >>",
        b"<< /Type /Pages /Kids [" + kids + b"] /Count %d >>" % pages,
        b"<< /Length 0 >>\nstream\n\nendstream",
        *(b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 300] /Contents 3 0 R >>" for _ in range(pages)),
    ]
    if extra:
        objects.append(extra)
    body, offsets = b"%PDF-1.4\n", []
    for number, each in enumerate(objects, 1):
        offsets.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    trailer = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(body))
    return body + b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + table + trailer
