"""A DICOMDIR is written: PATIENT, STUDY, SERIES and instance records with their offsets (PS3.3 F, PS3.10 8)."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field
from io import BytesIO
from itertools import pairwise
from struct import pack, pack_into
from typing import TYPE_CHECKING, Any, Final

from pydicom import Dataset
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.filewriter import write_dataset
from pydicom.multival import MultiValue
from pydicom.tag import BaseTag

from workstation.dicom import vocabulary as v
from workstation.dicom.charset import is_declared
from workstation.dicom.directory_records import IMAGE, PATIENT, SERIES, STUDY, RecordType, filled, leaf_type
from workstation.dicom.file_meta import file_meta
from workstation.dicom.uids import synthetic
from workstation.errors import WorkstationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pydicom.filebase import DicomIO

DIRECTORY_CLASS: Final = "1.2.840.10008.1.3.10"
_PLAIN: Final = frozenset({"AE", "AS", "CS", "DA", "DS", "DT", "IS", "TM", "UI"})
"""Text in the default repertoire only, whatever the character set (PS3.5 6.1.2.2)."""
_TEXT: Final = _PLAIN | {"LO", "LT", "PN", "SH", "ST", "UC", "UT"}
_NEXT_AT, _LOWER_AT = 8, 30
"""Where the two offsets stand in an encoded record: they are the values of its first and third element."""


@dataclass(slots=True)
class _Node:
    record: Dataset
    key: str = ""
    below: dict[str, _Node] = field(default_factory=dict)
    encoded: bytearray = field(default_factory=bytearray)
    offset: int = 0


class DirectoryWriter:
    """Collects the records of a File-set, in the order instances are added."""

    def __init__(self) -> None:
        self._patients: dict[str, _Node] = {}
        self._uids: set[str] = set()

    @property
    def records(self) -> int:
        """Instances that are recorded."""
        return len(self._uids)

    def prepared(
        self, header: Dataset, patient_key: str, file_id: tuple[str, ...], transfer_syntax_uid: str, *, is_image: bool
    ) -> Callable[[], None]:
        """Return what adds the records of one instance, to be called once its file is there.

        ``header`` is its data set without bulk, ``patient_key`` tells patients apart (E1).

        Raises
        ------
        WorkstationError
            When a File-set cannot list the instance; the sentence says why.
        """
        sop_class, sop_uid = _uid(header, "SOPClassUID"), _uid(header, "SOPInstanceUID")
        kind = leaf_type(sop_class, is_image=is_image)
        if kind is None:
            raise WorkstationError("a DICOMDIR has no type of record for its SOP Class")
        study, series = _uid(header, "StudyInstanceUID"), _uid(header, "SeriesInstanceUID")
        if not (sop_class and sop_uid and study and series):
            raise WorkstationError("it lacks a UID that a DICOMDIR must name")
        if sop_uid in self._uids:
            raise WorkstationError("another object under the same SOP Instance UID is on the medium already")
        leaf = _record(kind, header, self.records + 1)
        leaf.ReferencedFileID = list(file_id)
        leaf.ReferencedSOPClassUIDInFile = sop_class
        leaf.ReferencedSOPInstanceUIDInFile = sop_uid
        leaf.ReferencedTransferSyntaxUIDInFile = transfer_syntax_uid

        def add() -> None:
            patient = self._child(self._patients, patient_key, PATIENT, header)
            of_study = self._child(patient.below, study, STUDY, header)
            of_series = self._child(of_study.below, series, SERIES, header)
            of_series.below[sop_uid] = _Node(leaf, sop_uid)
            self._uids.add(sop_uid)

        return add

    def _child(self, among: dict[str, _Node], key: str, kind: RecordType, header: Dataset) -> _Node:
        if key not in among:
            among[key] = _Node(_record(kind, header, len(among) + 1), key)
        return among[key]

    def to_bytes(self, file_set_id: str = "") -> bytes:
        """Return the DICOMDIR as a file; ``file_set_id`` is at most 16 of A-Z, 0-9 and _."""
        nodes = list(_walk(self._patients))
        start = BytesIO()
        start.write(b"\0" * 128 + b"DICM" + _file_meta([node.key for node in nodes]))
        start.write(_encoded(_file_set(file_set_id)))
        first_at = start.tell() - 12 - 12 - 10 + 8
        start.write(b"\x04\x00\x20\x12SQ\0\0" + pack("<L", 0))
        length_at = start.tell() - 4
        offset = start.tell()
        for node in nodes:
            node.encoded = bytearray(_encoded(node.record))
            node.offset = offset
            offset += 8 + len(node.encoded)
        _link(self._patients)
        out = bytearray(start.getvalue())
        for node in nodes:
            out += b"\xfe\xff\x00\xe0" + pack("<L", len(node.encoded)) + node.encoded
        pack_into("<L", out, length_at, len(out) - length_at - 4)
        if self._patients:
            roots = list(self._patients.values())
            pack_into("<L", out, first_at, roots[0].offset)
            pack_into("<L", out, first_at + 12, roots[-1].offset)
        return bytes(out)


def _walk(among: dict[str, _Node]) -> Iterator[_Node]:
    for node in among.values():
        yield node
        yield from _walk(node.below)


def _link(among: dict[str, _Node]) -> None:
    siblings = list(among.values())
    for node, following in pairwise(siblings):
        pack_into("<L", node.encoded, _NEXT_AT, following.offset)
    for node in siblings:
        if node.below:
            pack_into("<L", node.encoded, _LOWER_AT, next(iter(node.below.values())).offset)
            _link(node.below)


def _record(kind: RecordType, header: Dataset, count: int) -> Dataset:
    record = Dataset()
    record.OffsetOfTheNextDirectoryRecord = 0
    record.RecordInUseFlag = 0xFFFF
    record.OffsetOfReferencedLowerLevelDirectoryEntity = 0
    record.DirectoryRecordType = kind.name
    _take(record, header, "SpecificCharacterSet")
    for keyword in kind.needed:
        if not _take(record, header, keyword):
            _fill(record, keyword, filled(keyword, header, count))
    for keyword in kind.present:
        if not _take(record, header, keyword):
            setattr(record, keyword, [] if keyword.endswith("Sequence") else "")
    for keyword in kind.taken:
        _take(record, header, keyword)
    if "VerificationDateTime" in kind.taken and record.get("VerificationFlag") == "VERIFIED":
        # the file has it with each observer, the record the latest (PS3.3 F.5)
        observers = header.get("VerifyingObserverSequence") or ()
        moments = [str(one.VerificationDateTime) for one in observers if one.get("VerificationDateTime")]
        if moments:
            record.VerificationDateTime = max(moments)
    if "ContentSequence" in record:
        modifiers = [item for item in record.ContentSequence if item.get("RelationshipType") == "HAS CONCEPT MOD"]
        record.ContentSequence = modifiers
        if not modifiers:
            del record.ContentSequence
    if kind is IMAGE and record.get("NumberOfFrames", 1) == 1:
        record.pop("NumberOfFrames", None)
    return record


def _take(record: Dataset, header: Dataset, keyword: str) -> bool:
    """Copy an attribute; text as the very bytes of the file, under the file's own character set (E18)."""
    tag = BaseTag(v.tag_of(keyword))
    raw: Any = header.get_item(tag) if tag in header else None
    if raw is None:
        return False
    vr = v.vr_of(tag)
    if isinstance(raw, RawDataElement) and vr in _TEXT:
        value = raw.value if isinstance(raw.value, bytes) else b""
        if not value.strip(b" \0") or (vr in _PLAIN and not value.isascii()):
            return False
        if not value.isascii() and not is_declared(header):
            # text that only a guess makes readable: the record says it in a character set that it names (A16)
            record.SpecificCharacterSet = "ISO_IR 192"
            shown = header[tag].value
            value = ("\\".join(map(str, shown)) if isinstance(shown, MultiValue) else str(shown)).encode("utf-8")
        value += (b"\0" if vr == "UI" else b" ") * (len(value) % 2)
        record[tag] = RawDataElement(tag, vr, len(value), value, 0, False, True)
        return True
    element = header[tag]
    if element.is_empty:
        return False
    record[tag] = DataElement(tag, element.VR, deepcopy(element.value))
    return True


def _fill(record: Dataset, keyword: str, value: str) -> None:
    if keyword.endswith("Sequence"):
        code = Dataset()
        code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = "UNNAMED", "99WS", "Not stated in the file"
        setattr(record, keyword, [code])
    elif value:
        setattr(record, keyword, int(value) if v.vr_of(v.tag_of(keyword)) in ("US", "UL") else value)


def _uid(header: Dataset, keyword: str) -> str:
    return str(header.get(keyword) or "").strip(" \0")


def _file_meta(keys: list[str]) -> bytes:
    meta = file_meta(DIRECTORY_CLASS, synthetic("file-set", *keys))
    body = _encoded(meta)
    return b"\x02\x00\x00\x00UL\x04\x00" + pack("<L", len(body)) + body


def _file_set(file_set_id: str) -> Dataset:
    ds = Dataset()
    ds.FileSetID = file_set_id
    ds.OffsetOfTheFirstDirectoryRecordOfTheRootDirectoryEntity = 0
    ds.OffsetOfTheLastDirectoryRecordOfTheRootDirectoryEntity = 0
    ds.FileSetConsistencyFlag = 0
    return ds


def _encoded(ds: Dataset) -> bytes:
    from pydicom.filebase import DicomBytesIO

    buffer: DicomIO = DicomBytesIO()
    buffer.is_implicit_VR, buffer.is_little_endian = False, True
    write_dataset(buffer, ds)
    return bytes(buffer.getvalue())  # type: ignore[attr-defined]
