"""What the Standard asks of a DICOMDIR's records: their types, places and keys (PS3.3 F.3 and F.5, PS3.10 8.6)."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from workstation.dicom import attributes as a
from workstation.dicom.vocabulary import MEDIA_STORAGE_DIRECTORY

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator

    from pydicom.dataset import Dataset

    from workstation.dicom.read import ReadResult

LEVELS = ("PATIENT", "STUDY", "SERIES")
LEAVES = frozenset(
    """IMAGE|SR DOCUMENT|KEY OBJECT DOC|PRESENTATION|WAVEFORM|RT DOSE|RT PLAN|RT STRUCTURE SET|RT TREAT RECORD
    |ENCAP DOC|RAW DATA|SURFACE|SURFACE SCAN|SPECTROSCOPY|REGISTRATION|FIDUCIAL|VALUE MAP|HL7 STRUC DOC|STEREOMETRIC
    |MEASUREMENT|IMPLANT|IMPLANT GROUP|IMPLANT ASSY|PLAN|TRACT|ASSESSMENT|RADIOTHERAPY|ANNOTATION|INVENTORY
    |HANGING PROTOCOL|PALETTE|COLOR PALETTE|OVERLAY|MODALITY LUT|VOI LUT|CURVE|STORED PRINT|TOPIC|VISIT|RESULTS
    |INTERPRETATION|STUDY COMPONENT|PRINT QUEUE|FILM SESSION|FILM BOX|IMAGE BOX""".replace("\n    ", "").split("|")
)
"""Record types of the current Standard and of its retired parts; anything else is named in the notes."""
AT_THE_ROOT = frozenset(
    ("HANGING PROTOCOL", "PALETTE", "COLOR PALETTE", "IMPLANT", "IMPLANT GROUP", "IMPLANT ASSY", "INVENTORY")
)
"""Record types that stand under no patient (PS3.3 F.4)."""
_ELSEWHERE = frozenset(
    """PRIVATE|STORED PRINT|TOPIC|PRINT QUEUE|FILM SESSION|FILM BOX|IMAGE BOX|VISIT|RESULTS|INTERPRETATION
    |STUDY COMPONENT""".replace("\n    ", "").split("|")
)
"""Types that are private or retired: where they stand is not judged."""
_KEYS = {"PATIENT": "PatientID", "STUDY": "StudyInstanceUID", "SERIES": "SeriesInstanceUID"}
_EXPLICIT = "1.2.840.10008.1.2.1"


def form_faults(directory: ReadResult) -> Iterator[str]:
    """Yield what is wrong with the way a DICOMDIR is written, its records aside (PS3.10 8.6)."""
    if directory.transfer_syntax_uid != _EXPLICIT:
        yield "The DICOMDIR is not in Explicit VR Little Endian."
    said = str(directory.ds.file_meta.get("MediaStorageSOPClassUID", "") or "")
    if said and said != MEDIA_STORAGE_DIRECTORY:
        yield f"The file meta information names another SOP Class than that of a DICOMDIR: {said[:64]}."


def place_faults(kind: str, above: Container[str]) -> Iterator[str]:
    """Yield where a record that names a file stands under other records than its type asks for (PS3.3 F.4)."""
    if kind in AT_THE_ROOT and any(level in above for level in LEVELS):
        yield f"A {kind} record stands below the root."
    elif kind not in AT_THE_ROOT and kind not in LEVELS and kind not in _ELSEWHERE:
        for level in LEVELS:
            if level not in above:
                yield f"A record that names a file stands under no {level} record."


def doubled_faults(records: Iterable[Dataset]) -> Iterator[str]:
    """Yield where several records are of one patient, study or series (PS3.3 F.5: keys are unique)."""
    counts = Counter((kind, a.text(record, _KEYS[kind])) for record in records if (kind := _kind(record)) in _KEYS)
    for (kind, key), count in counts.items():
        if key and count > 1:
            yield f"{count} {kind} records have the same {_KEYS[kind]}."


def icon_faults(record: Dataset) -> Iterator[str]:
    """Yield what is wrong with the icon of a record (PS3.3 C.7.6.1.1.6)."""
    for icon in a.items(record, "IconImageSequence"):
        bits = [(a.integer(icon, keyword) or 0) for keyword in ("Rows", "Columns", "BitsAllocated")]
        element = icon.get_item("PixelData")
        length = len(element.value or b"") if element is not None else 0
        if not length or abs(length * 8 - bits[0] * bits[1] * bits[2]) > 8:
            yield "An icon has other pixels than its Rows and Columns ask for."


def _kind(record: Dataset) -> str:
    return a.text(record, "DirectoryRecordType")
