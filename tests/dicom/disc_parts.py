"""A good disc, and the tools to break it with."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.fileset import FileSet
from pydicom.sequence import Sequence

from tests.library.conftest import small_ct

UIDs = frozenset[str]
ROOT = "1.2.826.0.1.3680043.9.9999"
LEVELS = ("PATIENT", "STUDY", "SERIES")
NEXT, LOWER = "OffsetOfTheNextDirectoryRecord", "OffsetOfReferencedLowerLevelDirectoryEntity"
FIRST = "OffsetOfTheFirstDirectoryRecordOfTheRootDirectoryEntity"


def uid(number: int) -> str:
    return f"{ROOT}.1.{number}"


def picture(number: int, study: int = 1, series: int = 1, patient: str = "P1", **attributes: object) -> Dataset:
    return small_ct(
        SOPInstanceUID=uid(number),
        StudyInstanceUID=f"{ROOT}.2.{study}",
        SeriesInstanceUID=f"{ROOT}.3.{study}.{series}",
        PatientID=patient,
        StudyTime="120000",
        StudyID=str(study),
        SeriesNumber=series,
        InstanceNumber=number,
        **attributes,
    )


def good(folder: Path, *more: Dataset) -> UIDs:
    """Two patients, three studies, four series, five images, as pydicom writes them."""
    pictures = (
        picture(1),
        picture(2),
        picture(3, series=2),
        picture(4, study=2),
        picture(5, study=3, patient="P2", PatientName="Roe^Richard"),
        *more,
    )
    return file_set(folder, *pictures)


def file_set(folder: Path, *pictures: Dataset) -> UIDs:
    made = FileSet()
    for one in pictures:
        made.add(one)
    made.write(folder)
    made._stage["t"].cleanup()
    return frozenset(str(one.SOPInstanceUID) for one in pictures)


def images(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "DICOMDIR")


def save(folder: Path, number: int, name: str, **attributes: object) -> UIDs:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    picture(number, **attributes).save_as(path, enforce_file_format=True)  # type: ignore[arg-type]
    return frozenset({uid(number)})


def edited(folder: Path, change: Callable[[Sequence], None], link: bool = True) -> None:
    """Change the records of a DICOMDIR; ``link`` sets every offset anew, by the order of the records."""
    path = folder / "DICOMDIR"
    ds = dcmread(path)
    change(ds.DirectoryRecordSequence)
    ds.save_as(path)
    if link:
        linked = dcmread(path)
        link_records(linked)
        linked.save_as(path)


def link_records(ds: Dataset) -> None:
    records = list(ds.DirectoryRecordSequence)
    depths = [LEVELS.index(r.DirectoryRecordType) if r.DirectoryRecordType in LEVELS else 3 for r in records]
    for at, record in enumerate(records):
        rest = range(at + 1, len(records))
        end = next((i for i in rest if depths[i] <= depths[at]), None)
        lower = at + 1 if at + 1 < len(records) and depths[at + 1] > depths[at] else None
        is_sibling = end is not None and depths[end] == depths[at]
        setattr(record, NEXT, records[end].seq_item_tell if is_sibling and end is not None else 0)
        setattr(record, LOWER, records[lower].seq_item_tell if lower is not None else 0)
    setattr(ds, FIRST, records[0].seq_item_tell if records else 0)


def leaves(records: Sequence) -> list[Dataset]:
    return [record for record in records if "ReferencedFileID" in record]


def of_kind(records: Sequence, kind: str) -> list[Dataset]:
    return [record for record in records if record.DirectoryRecordType == kind]


def with_leaves(folder: Path, change: Callable[[Dataset], None], link: bool = True) -> UIDs:
    made = good(folder)
    edited(folder, lambda records: [change(leaf) for leaf in leaves(records)] and None, link)
    return made


def with_first_leaf(folder: Path, change: Callable[[Dataset], None], link: bool = True) -> UIDs:
    made = good(folder)
    edited(folder, lambda records: change(leaves(records)[0]), link)
    return made


def with_bytes(folder: Path, change: Callable[[bytes], bytes]) -> UIDs:
    made = good(folder)
    path = folder / "DICOMDIR"
    path.write_bytes(change(path.read_bytes()))
    return made


def renamed(folder: Path, name: Callable[[str], str]) -> UIDs:
    """Rename every image, not its folders."""
    made = good(folder)
    for path in images(folder):
        path.rename(path.with_name(name(path.name)))
    return made


def put(ds: Dataset, **values: object) -> None:
    for keyword, value in values.items():
        setattr(ds, keyword, value)


def putting(**values: object) -> Callable[[Dataset], None]:
    return lambda ds: put(ds, **values)


def record_of(kind: str, **values: object) -> Dataset:
    record = Dataset()
    put(record, **{NEXT: 0, LOWER: 0, "RecordInUseFlag": 0xFFFF, "DirectoryRecordType": kind, **values})
    return record


def pack_disc(disc: Path, archive: Path, prefix: str = "", separator: str = "/") -> None:
    with zipfile.ZipFile(archive, "w") as out:
        for path in sorted(one for one in disc.rglob("*") if one.is_file()):
            info = zipfile.ZipInfo("x")
            info.filename = (prefix + path.relative_to(disc).as_posix()).replace("/", separator)
            out.writestr(info, path.read_bytes())
