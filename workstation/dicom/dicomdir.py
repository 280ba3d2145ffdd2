"""DICOMDIR: directory records -> instances, without opening the files (PS3.3 F, A26, E10-E12, H4).

Records are linked by file offsets. They are followed where they lead somewhere; records they do not reach are
taken in file order, so that a wrong offset hides nothing.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from workstation.dicom import attributes as a
from workstation.dicom import wanted
from workstation.dicom.dicomdir_rules import LEAVES, LEVELS, doubled_faults, form_faults, icon_faults, place_faults
from workstation.dicom.file_ids import FileSet, RefusedFileIDError, file_set_of, safe_components
from workstation.dicom.frame_facts import frames_of
from workstation.dicom.identity import Instance, Locator
from workstation.dicom.read import read_dataset
from workstation.dicom.uids import synthetic
from workstation.errors import CorruptFile

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pydicom.dataset import Dataset


@dataclass(frozen=True, slots=True)
class DicomdirResult:
    """What a DICOMDIR says.

    ``instances`` hold facts from the records only and the files found for them, ``missing`` the File IDs with no
    file, ``notes`` what was odd, ``refused`` the File IDs that lead where they may not, each with the reason.
    ``missing_uids`` are Study and SOP Instance UID of each that is missing, "" where its records lack them.
    """

    instances: tuple[Instance, ...]
    missing: tuple[str, ...]
    notes: tuple[str, ...]
    refused: tuple[tuple[str, str], ...]
    missing_uids: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class RecordOfFile:
    """What one directory record says of the file it names."""

    kind: str
    file_id: tuple[str, ...]
    sop_instance_uid: str
    sop_class_uid: str
    transfer_syntax_uid: str


@dataclass(frozen=True, slots=True)
class _Leaf:
    record: Dataset
    parents: dict[str, Dataset]


def read_dicomdir(locator: Locator) -> DicomdirResult:
    """Read the records of a DICOMDIR and find the files they name.

    Raises
    ------
    NotDicom, CorruptFile, UnreadableFile, TooLarge, PasswordNeeded
    """
    result = read_dataset(locator)
    try:
        return _result(locator, result.ds, list(result.deviations))
    except (RecursionError, MemoryError, ValueError, TypeError, AttributeError, LookupError) as error:
        raise CorruptFile(f"{locator.name}: its directory records cannot be read.") from error


def records_of(locator: Locator) -> tuple[tuple[RecordOfFile, ...], tuple[str, ...]]:
    """Return every record of a DICOMDIR that names a file, linked ones first, and sentences on what was odd.

    Raises
    ------
    NotDicom, CorruptFile, UnreadableFile, TooLarge, PasswordNeeded
    """
    result = read_dataset(locator)
    notes = [*result.deviations, *form_faults(result)]
    all_records = a.items(result.ds, "DirectoryRecordSequence")
    leaves = _leaves(result.ds, all_records, notes)
    notes += doubled_faults([record for record in all_records if _is_active(record)])
    for leaf in leaves:
        notes += place_faults(a.text(leaf.record, "DirectoryRecordType"), leaf.parents)
        notes += icon_faults(leaf.record)
    records = tuple(
        RecordOfFile(
            a.text(leaf.record, "DirectoryRecordType"),
            a.texts(leaf.record, "ReferencedFileID"),
            a.text(leaf.record, "ReferencedSOPInstanceUIDInFile"),
            a.text(leaf.record, "ReferencedSOPClassUIDInFile"),
            a.text(leaf.record, "ReferencedTransferSyntaxUIDInFile"),
        )
        for leaf in leaves
    )
    return records, tuple(dict.fromkeys(notes))


def _result(locator: Locator, ds: Dataset, notes: list[str]) -> DicomdirResult:
    records = a.items(ds, "DirectoryRecordSequence")
    leaves = _leaves(ds, records, notes)
    files = file_set_of(locator)
    found: list[Instance] = []
    missing: list[str] = []
    missing_uids: list[tuple[str, str]] = []
    refused: list[tuple[str, str]] = []
    for leaf in leaves:
        file_id = a.texts(leaf.record, "ReferencedFileID")
        shown = "/".join(file_id)[:200]
        try:
            target = find_listed(files, file_id, locator)
        except RefusedFileIDError as refusal:
            notes.append(f"A record's Referenced File ID is refused: {refusal}.")
            refused.append((shown, str(refusal)))
            continue
        if target is None:
            missing.append(shown)
            study = a.text(leaf.parents.get("STUDY", leaf.record), "StudyInstanceUID")
            missing_uids.append((study, a.text(leaf.record, "ReferencedSOPInstanceUIDInFile")))
        else:
            found.append(_instance(target, leaf))
    if not found:
        notes.append("No file of this DICOMDIR was found.")
    return DicomdirResult(
        tuple(found), tuple(missing), tuple(dict.fromkeys(notes)), tuple(refused), tuple(missing_uids)
    )


def find_listed(files: FileSet, file_id: Sequence[str], directory: Locator) -> Locator | None:
    """Return the file that a record of a DICOMDIR names, None where it is missing.

    Raises
    ------
    RefusedFileIDError
        Where it lies outside the File-set or is the DICOMDIR.
    """
    target = files.find(safe_components(file_id))
    own = directory if directory.member is not None else Locator(os.path.abspath(directory.path))
    if target == own:
        raise RefusedFileIDError("the DICOMDIR names itself")
    return target


def _leaves(ds: Dataset, records: Sequence[Dataset], notes: list[str]) -> list[_Leaf]:
    """Return the records that name files, linked ones first."""
    linked = list(_linked(ds, records, notes))
    reached = {id(leaf.record) for leaf in linked}
    wanted_records = [record for record in records if _is_active(record) and a.texts(record, "ReferencedFileID")]
    loose = [leaf for leaf in _in_file_order(records) if id(leaf.record) not in reached]
    if loose:
        notes.append(
            f"The offsets reach {len(linked)} of {len(wanted_records)} records; the others are taken in file order."
        )
    for record in wanted_records:
        kind = a.text(record, "DirectoryRecordType")
        if kind not in LEAVES and kind not in LEVELS and kind != "PRIVATE":
            notes.append(f"A record has the unknown type {kind[:20]!r}; its file is opened all the same.")
    return linked + loose


def _linked(ds: Dataset, records: Sequence[Dataset], notes: list[str]) -> Iterator[_Leaf]:
    """Follow the offsets from the root, each record once (PS3.3 F.3.2.2)."""
    places = {int(record.seq_item_tell): record for record in records}
    root = a.integer(ds, "OffsetOfTheFirstDirectoryRecordOfTheRootDirectoryEntity") or 0
    visited: set[int] = set()
    pending: list[tuple[int, dict[str, Dataset]]] = [(root, {})]
    while pending:
        place, parents = pending.pop()
        record = places.get(place)
        if record is None:
            if place:
                notes.append("An offset leads to no record.")
            continue
        if place in visited:
            notes.append("The directory records are linked in a loop; each is used once.")
            continue
        visited.add(place)
        following = a.integer(record, "OffsetOfTheNextDirectoryRecord") or 0
        if following:
            pending.append((following, parents))
        if not _is_active(record):
            continue
        if a.texts(record, "ReferencedFileID"):
            yield _Leaf(record, parents)
        lower = a.integer(record, "OffsetOfReferencedLowerLevelDirectoryEntity") or 0
        if lower:
            pending.append((lower, _below(record, parents)))


def _in_file_order(records: Sequence[Dataset]) -> Iterator[_Leaf]:
    """Take each record to belong to the last patient, study and series written before it."""
    parents: dict[str, Dataset] = {}
    for record in records:
        if not _is_active(record):
            continue
        if a.texts(record, "ReferencedFileID"):
            yield _Leaf(record, dict(parents))
        parents = _below(record, parents)


def _below(record: Dataset, parents: dict[str, Dataset]) -> dict[str, Dataset]:
    """Return the parents of what stands under a record; a new patient ends the study of the last one."""
    kind = a.text(record, "DirectoryRecordType")
    if kind not in LEVELS:
        return parents
    above = LEVELS[: LEVELS.index(kind)]
    return {**{level: parents[level] for level in above if level in parents}, kind: record}


def _is_active(record: Dataset) -> bool:
    """Tell whether Record In-use Flag keeps the record (0 = inactive, retired but seen)."""
    return a.integer(record, "RecordInUseFlag") != 0


def _instance(target: Locator, leaf: _Leaf) -> Instance:
    values: dict[str, Any] = {}
    for record in (*leaf.parents.values(), leaf.record):
        values.update(wanted.collect(record, wanted.INSTANCE))
    series = leaf.parents.get("SERIES", leaf.record)
    study = leaf.parents.get("STUDY", leaf.record)
    uids = {
        "StudyInstanceUID": a.text(study, "StudyInstanceUID"),
        "SeriesInstanceUID": a.text(series, "SeriesInstanceUID"),
        "SOPInstanceUID": a.text(leaf.record, "ReferencedSOPInstanceUIDInFile"),
    }
    made = tuple(key for key, uid in uids.items() if not uid)
    stand_in = synthetic("record", str(target))
    frames = max(1, min(a.integer(leaf.record, "NumberOfFrames") or 1, 4096))
    modality = a.text(series, "Modality")
    return Instance(
        locator=target,
        sop_instance_uid=uids["SOPInstanceUID"] or stand_in,
        sop_class_uid=a.text(leaf.record, "ReferencedSOPClassUIDInFile"),
        series_instance_uid=uids["SeriesInstanceUID"] or synthetic("series", values.get("SeriesNumber", "")),
        study_instance_uid=uids["StudyInstanceUID"] or synthetic("study", values.get("StudyID", "")),
        transfer_syntax_uid=a.text(leaf.record, "ReferencedTransferSyntaxUIDInFile"),
        modality=modality,
        instance_number=a.integer(leaf.record, "InstanceNumber"),
        rows=max(0, a.integer(leaf.record, "Rows") or 0),
        columns=max(0, a.integer(leaf.record, "Columns") or 0),
        number_of_frames=frames,
        image_type=a.texts(leaf.record, "ImageType"),
        has_pixels=a.text(leaf.record, "DirectoryRecordType") == "IMAGE",
        frames=frames_of(leaf.record, frames, modality),
        values=MappingProxyType(values),
        synthetic=made,
        announced=True,
    )
