"""Broken and odd discs, made by code: each function makes one medium and returns the SOP Instance UIDs on it (H4)."""

from __future__ import annotations

import os
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from struct import pack

from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.fileset import FileSet
from pydicom.sequence import Sequence
from pydicom.uid import ImplicitVRLittleEndian

from tests.library.conftest import small_ct

UIDs = frozenset[str]
ROOT = "1.2.826.0.1.3680043.9.9999"
LEVELS = ("PATIENT", "STUDY", "SERIES")
NEXT, LOWER = "OffsetOfTheNextDirectoryRecord", "OffsetOfReferencedLowerLevelDirectoryEntity"
FIRST = "OffsetOfTheFirstDirectoryRecordOfTheRootDirectoryEntity"
ICON = {"Rows": 8, "Columns": 8, "BitsAllocated": 8, "BitsStored": 8, "HighBit": 7, "PixelRepresentation": 0}


@dataclass(frozen=True, slots=True)
class Disc:
    """An odd disc: what is told when it is opened, which faults an audit finds, whether it may be put into a ZIP."""

    name: str
    build: Callable[[Path], UIDs]
    told: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    zips: bool = True
    audited: bool = True


# --- what the discs are made of -------------------------------------------------------------------------------------


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


# --- names ----------------------------------------------------------------------------------------------------------


def lower_case(folder: Path) -> UIDs:
    """Folders and files, as Linux shows an ISO 9660 disc (E11)."""
    made = good(folder)
    for path in sorted(folder.rglob("*"), key=lambda one: -len(one.parts)):
        if path.name != "DICOMDIR":
            path.rename(path.with_name(path.name.lower()))
    return made


def mixed_case(folder: Path) -> UIDs:
    return renamed(folder, str.title)


def version_numbers(folder: Path) -> UIDs:
    return renamed(folder, lambda name: f"{name};1")


def trailing_dots(folder: Path) -> UIDs:
    return renamed(folder, lambda name: f"{name}.")


def extensions(folder: Path) -> UIDs:
    return renamed(folder, lambda name: f"{name}.dcm")


def directory_in_lower_case(folder: Path) -> UIDs:
    made = good(folder)
    (folder / "DICOMDIR").rename(folder / "dicomdir")
    return made


def directory_with_version(folder: Path) -> UIDs:
    made = lower_case(folder)
    (folder / "DICOMDIR").rename(folder / "dicomdir;1")
    return made


def directory_with_extension(folder: Path) -> UIDs:
    made = good(folder)
    (folder / "DICOMDIR").rename(folder / "DICOMDIR.dcm")
    return made


def long_names(folder: Path) -> UIDs:
    """More than 8 characters and a hyphen, which a code string may not hold (E11)."""
    made = good(folder)
    (folder / "IMAGES-OF-THE-PATIENT").mkdir()
    for number, path in enumerate(images(folder)):
        path.rename(folder / "IMAGES-OF-THE-PATIENT" / f"image-number-{number}")

    def change(records: Sequence) -> None:
        for number, one in enumerate(leaves(records)):
            one.ReferencedFileID = ["IMAGES-OF-THE-PATIENT", f"image-number-{number}"]

    edited(folder, change)
    return made


def forward_slashes(folder: Path) -> UIDs:
    return with_leaves(folder, lambda one: setattr(one, "ReferencedFileID", "/".join(one.ReferencedFileID)))


def dots_before(folder: Path) -> UIDs:
    return with_leaves(folder, lambda one: setattr(one, "ReferencedFileID", [".", *one.ReferencedFileID]))


def padded_components(folder: Path) -> UIDs:
    return with_leaves(
        folder, lambda one: setattr(one, "ReferencedFileID", [f" {part} " for part in one.ReferencedFileID])
    )


def nul_padded(folder: Path) -> UIDs:
    """A File ID padded with NUL, as a UID is."""
    return with_leaves(
        folder,
        lambda one: setattr(one, "ReferencedFileID", [*one.ReferencedFileID[:-1], one.ReferencedFileID[-1] + "\0"]),
    )


# --- files ----------------------------------------------------------------------------------------------------------


def missing_files(folder: Path) -> UIDs:
    made = good(folder)
    images(folder)[0].unlink()
    return made - {uid(1)}


def every_file_elsewhere(folder: Path) -> UIDs:
    made = good(folder)
    for number, path in enumerate(images(folder)):
        path.rename(folder / f"MOVED{number}")
    return made


def orphans(folder: Path) -> UIDs:
    return good(folder) | save(folder, 90, "EXTRA/IM1") | save(folder, 91, "readme.txt")


def orphan_zip(folder: Path) -> UIDs:
    made = good(folder)
    more = save(folder, 92, "LOOSE")
    with zipfile.ZipFile(folder / "MORE.ZIP", "w") as out:
        out.write(folder / "LOOSE", "IM1")
    (folder / "LOOSE").unlink()
    return made | more


def damaged_file(folder: Path) -> UIDs:
    made = good(folder)
    first = images(folder)[0]
    first.write_bytes(first.read_bytes()[:140])
    return made - {uid(1)}


def empty_file(folder: Path) -> UIDs:
    made = good(folder)
    images(folder)[0].write_bytes(b"")
    return made - {uid(1)}


def text_in_place_of_an_image(folder: Path) -> UIDs:
    made = good(folder)
    images(folder)[0].write_text("This page was left blank.\n" * 40)
    return made - {uid(1)}


def no_preamble(folder: Path) -> UIDs:
    made = good(folder)
    for path in images(folder):
        path.write_bytes(path.read_bytes()[132:])
    return made


def longer_than_listed(folder: Path) -> UIDs:
    """A file that goes on after its last element, and has more rows than its record says."""
    made = with_leaves(folder, lambda one: put(one, Rows=2, Columns=2, NumberOfFrames=9))
    first = images(folder)[0]
    first.write_bytes(first.read_bytes() + bytes(4096))
    return made


def cut_pixels(folder: Path) -> UIDs:
    made = good(folder)
    first = images(folder)[0]
    first.write_bytes(first.read_bytes()[:-10])
    return made


def same_file_under_two_names(folder: Path) -> UIDs:
    made = good(folder)
    shutil.copy(images(folder)[0], folder / "AGAIN")
    return made


def programs_beside(folder: Path) -> UIDs:
    """H4: a viewer that wants to start itself; J11: it is not started."""
    made = good(folder)
    (folder / "autorun.inf").write_text("[autorun]\nopen=VIEWER\\VIEWER.EXE\n")
    (folder / "VIEWER").mkdir()
    (folder / "VIEWER" / "VIEWER.EXE").write_bytes(b"MZ" + bytes(510))
    (folder / "VIEWER" / "codec.dll").write_bytes(b"MZ" + b"\x90" * 900)
    (folder / "INDEX.HTM").write_text("<html><body>Images</body></html>")
    (folder / "report.pdf").write_bytes(b"%PDF-1.4\n")
    (folder / "IHE_PDI").mkdir()
    (folder / "Thumbs.db").write_bytes(b"\xd0\xcf\x11\xe0" + bytes(600))
    return made


# --- records --------------------------------------------------------------------------------------------------------


def file_gone_from_the_records(folder: Path) -> UIDs:
    made = good(folder)
    edited(folder, lambda records: records.remove(leaves(records)[1]))
    return made


def private_records(folder: Path) -> UIDs:
    def change(one: Dataset) -> None:
        one.DirectoryRecordType, one.PrivateRecordUID = "PRIVATE", f"{ROOT}.8"

    return with_first_leaf(folder, change)


def private_record_without_file(folder: Path) -> UIDs:
    made = good(folder)
    edited(folder, lambda records: records.insert(3, record_of("PRIVATE", PrivateRecordUID=f"{ROOT}.8")))
    return made


def unknown_types(folder: Path) -> UIDs:
    return with_first_leaf(folder, lambda one: setattr(one, "DirectoryRecordType", "HOLOGRAM"))


def no_types(folder: Path) -> UIDs:
    return with_leaves(folder, lambda one: setattr(one, "DirectoryRecordType", ""))


def without(*kinds: str) -> Callable[[Path], UIDs]:
    """Return a builder of a disc whose root entity holds a lower level (E10)."""

    def build(folder: Path) -> UIDs:
        made = good(folder)

        def change(records: Sequence) -> None:
            for kind in kinds:
                for record in of_kind(records, kind):
                    records.remove(record)

        edited(folder, change)
        return made

    return build


def doubled(kind: str) -> Callable[[Path], UIDs]:
    """Return a builder of a disc with one record per image where one for all would do."""

    def build(folder: Path) -> UIDs:
        made = good(folder)

        def change(records: Sequence) -> None:
            second = leaves(records)[1]
            above = [of_kind(records, level)[0] for level in LEVELS[LEVELS.index(kind) :]]
            for level in above:
                records.insert(records.index(second), Dataset(level))

        edited(folder, change)
        return made

    return build


def listed_twice(folder: Path) -> UIDs:
    made = good(folder)

    def change(records: Sequence) -> None:
        one = leaves(records)[0]
        records.insert(records.index(one), Dataset(one))

    edited(folder, change)
    return made


def inactive_records(folder: Path) -> UIDs:
    return with_first_leaf(folder, lambda one: setattr(one, "RecordInUseFlag", 0))


def all_inactive(folder: Path) -> UIDs:
    return with_leaves(folder, lambda one: setattr(one, "RecordInUseFlag", 0))


def other_uids(folder: Path) -> UIDs:
    return with_leaves(
        folder, lambda one: setattr(one, "ReferencedSOPInstanceUIDInFile", f"{one.ReferencedSOPInstanceUIDInFile}.7")
    )


def one_uid_for_all(folder: Path) -> UIDs:
    return with_leaves(folder, lambda one: setattr(one, "ReferencedSOPInstanceUIDInFile", uid(1)))


def no_uids(folder: Path) -> UIDs:
    return with_leaves(folder, lambda one: one.__delattr__("ReferencedSOPInstanceUIDInFile"))


def other_objects(folder: Path) -> UIDs:
    """Reports, documents, key objects and hanging protocols beside the images, listed under a series."""
    made = good(folder)
    classes = {
        "SR DOCUMENT": "1.2.840.10008.5.1.4.1.1.88.11",
        "ENCAP DOC": "1.2.840.10008.5.1.4.1.1.104.1",
        "KEY OBJECT DOC": "1.2.840.10008.5.1.4.1.1.88.59",
        "PRESENTATION": "1.2.840.10008.5.1.4.1.1.11.1",
        "HANGING PROTOCOL": "1.2.840.10008.5.1.4.38.1",
    }
    records = []
    for number, (kind, sop_class) in enumerate(classes.items(), 60):
        ds = picture(number, SOPClassUID=sop_class, Modality="OT")
        for keyword in ("PixelData", "Rows", "Columns", "BitsAllocated", "BitsStored", "HighBit"):
            delattr(ds, keyword)
        ds.save_as(folder / f"OBJ{number}", enforce_file_format=True)
        records.append(
            record_of(
                kind,
                ReferencedFileID=f"OBJ{number}",
                ReferencedSOPClassUIDInFile=sop_class,
                ReferencedSOPInstanceUIDInFile=uid(number),
                ReferencedTransferSyntaxUIDInFile=ds.file_meta.TransferSyntaxUID,
            )
        )
    edited(folder, lambda all_records: all_records.extend(records))
    return made | {uid(number) for number in range(60, 65)}


def directory_names_itself(folder: Path) -> UIDs:
    return with_first_leaf(folder, lambda one: setattr(one, "ReferencedFileID", "DICOMDIR"))


def names_a_folder(folder: Path) -> UIDs:
    return with_first_leaf(folder, lambda one: setattr(one, "ReferencedFileID", one.ReferencedFileID[:1]))


def empty_file_id(folder: Path) -> UIDs:
    return with_first_leaf(folder, lambda one: setattr(one, "ReferencedFileID", None))


# --- offsets --------------------------------------------------------------------------------------------------------


def offsets(change: Callable[[int, int], int], *keywords: str) -> Callable[[Path], UIDs]:
    """Return a builder of a disc whose offsets are changed: from an offset and the record's own place."""

    def build(folder: Path) -> UIDs:
        made = good(folder)

        def alter(records: Sequence) -> None:
            for record in records:
                for keyword in keywords:
                    setattr(record, keyword, change(getattr(record, keyword), record.seq_item_tell))

        edited(folder, alter, link=False)
        return made

    return build


def wrong_root(folder: Path) -> UIDs:
    made = good(folder)
    ds = dcmread(folder / "DICOMDIR")
    setattr(ds, FIRST, getattr(ds, FIRST) + 6)
    ds.save_as(folder / "DICOMDIR")
    return made


def no_offset_elements(folder: Path) -> UIDs:
    def change(records: Sequence) -> None:
        for record in records:
            delattr(record, NEXT)
            delattr(record, LOWER)

    made = good(folder)
    edited(folder, change, link=False)
    return made


# --- the DICOMDIR's own bytes ---------------------------------------------------------------------------------------


def truncated(share: float) -> Callable[[Path], UIDs]:
    return lambda folder: with_bytes(folder, lambda data: data[: int(len(data) * share)])


def empty_directory(folder: Path) -> UIDs:
    return with_bytes(folder, lambda _: b"")


def text_directory(folder: Path) -> UIDs:
    return with_bytes(folder, lambda _: b"See the folder IMAGES.\r\n" * 20)


def noise_directory(folder: Path) -> UIDs:
    return with_bytes(folder, lambda data: data[:400] + bytes((at * 97 + 13) % 256 for at in range(3000)))


def zeros_in_the_middle(folder: Path) -> UIDs:
    """A scratch: one sector reads as zeros."""
    return with_bytes(folder, lambda data: data[:900] + bytes(600) + data[1500:])


def implicit_directory(folder: Path) -> UIDs:
    made = good(folder)
    path = folder / "DICOMDIR"
    ds = dcmread(path)
    ds.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
    ds.save_as(path, implicit_vr=True, little_endian=True)
    linked = dcmread(path)
    link_records(linked)
    linked.save_as(path)
    return made


def directory_without_preamble(folder: Path) -> UIDs:
    return with_bytes(folder, lambda data: data[132:])


def directory_without_meta(folder: Path) -> UIDs:
    return with_bytes(folder, lambda data: data[132 + 12 + int.from_bytes(data[140:144], "little") :])


def undefined_lengths(folder: Path) -> UIDs:
    made = good(folder)

    def change(records: Sequence) -> None:
        for record in records:
            record.is_undefined_length_sequence_item = True
        records.is_undefined_length = True

    edited(folder, change)
    return made


def no_records(folder: Path) -> UIDs:
    made = good(folder)
    edited(folder, lambda records: records.clear())
    return made


def wrong_sop_class(folder: Path) -> UIDs:
    """The file meta says that the DICOMDIR is a CT image."""
    return with_bytes(folder, lambda data: data.replace(pack("<20s", b"1.2.840.10008.1.3.10"), b"1.2.840.10008.1.3.99"))


def names(name: str, *terms: str) -> Callable[[Path], UIDs]:
    """Return a builder of a disc with one more patient, whose records say their character set."""

    def build(folder: Path) -> UIDs:
        put_in = {"PatientName": name, "SpecificCharacterSet": list(terms)}
        made = good(folder, picture(6, study=6, patient="P6", **put_in))

        def change(records: Sequence) -> None:
            record = next(one for one in of_kind(records, "PATIENT") if one.PatientID == "P6")
            put(record, SpecificCharacterSet=list(terms), PatientName=name)

        edited(folder, change)
        return made

    return build


JAPANESE, UTF_8 = "Yamada^Tarou=山田^太郎=やまだ^たろう", "Müller^Zoë=王^小东"


def undeclared_utf_8(folder: Path) -> UIDs:
    return with_bytes(folder, lambda data: data.replace(b"Roe^Richard", "Röe^Rich²".encode()))


def icon(change: Callable[[Dataset], None]) -> Callable[[Path], UIDs]:
    """Return a builder of a disc whose image records carry icons (E13)."""

    def add(one: Dataset) -> None:
        small = Dataset()
        put(small, **ICON, SamplesPerPixel=1, PhotometricInterpretation="MONOCHROME2", PixelData=bytes(64))
        change(small)
        one.IconImageSequence = [small]

    return lambda folder: with_leaves(folder, add)


def palette(small: Dataset) -> None:
    small.PhotometricInterpretation = "PALETTE COLOR"
    for colour in ("Red", "Green", "Blue"):
        setattr(small, f"{colour}PaletteColorLookupTableDescriptor", [256, 0, 16])
        setattr(small, f"{colour}PaletteColorLookupTableData", bytes(512))


# --- leading out ----------------------------------------------------------------------------------------------------


def leads_to(*file_id: str) -> Callable[[Path], UIDs]:
    """Return a builder of a disc whose first record names something outside (A26)."""
    return lambda folder: with_first_leaf(folder, lambda one: setattr(one, "ReferencedFileID", list(file_id)))


def outside(folder: Path) -> Path:
    """Return an image beside the medium, which nothing may open."""
    save(folder.parent / "outside", 99, "SECRET")
    return folder.parent / "outside"


def climbs_to_an_image(folder: Path) -> UIDs:
    outside(folder)
    return leads_to("..", "outside", "SECRET")(folder)


def link_named_by_a_record(folder: Path) -> UIDs:
    made = leads_to("LINK")(folder)
    os.symlink(outside(folder) / "SECRET", folder / "LINK")
    return made


def link_to_a_folder(folder: Path) -> UIDs:
    made = good(folder)
    os.symlink(outside(folder), folder / "MORE")
    return made


def link_within(folder: Path) -> UIDs:
    made = good(folder)
    os.symlink(images(folder)[0], folder / "LINK")
    os.symlink(folder, folder / "SELF")
    return made


# --- more than one --------------------------------------------------------------------------------------------------


def several_directories(folder: Path) -> UIDs:
    return file_set(folder / "DISC1", picture(1), picture(2)) | file_set(folder / "DISC2", picture(3, study=2))


def nested_copy(folder: Path) -> UIDs:
    """The folder of the copy comes before the images in the order of names."""
    made = good(folder)
    shutil.copytree(folder, folder.parent / "copy")
    shutil.move(folder.parent / "copy", folder / "BACKUP")
    return made


def nested_other(folder: Path) -> UIDs:
    return good(folder) | file_set(folder / "OLDER", picture(50, study=50))


def directory_in_a_subfolder(folder: Path) -> UIDs:
    return good(folder / "DICOM")


def two_spellings(folder: Path) -> UIDs:
    """Both DICOMDIR and dicomdir, the second one broken."""
    made = good(folder)
    (folder / "dicomdir").write_bytes((folder / "DICOMDIR").read_bytes()[:700])
    return made


def folder_called_dicomdir(folder: Path) -> UIDs:
    made = good(folder)
    (folder / "DICOMDIR").unlink()
    return made | save(folder, 40, "DICOMDIR/IM1")


def no_directory(folder: Path) -> UIDs:
    made = good(folder)
    (folder / "DICOMDIR").unlink()
    return made


# --- archives -------------------------------------------------------------------------------------------------------


def zipped(prefix: str = "", separator: str = "/") -> Callable[[Path], UIDs]:
    """Return a builder of a folder that holds a whole disc in one ZIP archive."""

    def build(folder: Path) -> UIDs:
        made = good(folder / "in")
        pack_disc(folder / "in", folder / "disc.zip", prefix, separator)
        shutil.rmtree(folder / "in")
        return made

    return build


def pack_disc(disc: Path, archive: Path, prefix: str = "", separator: str = "/") -> None:
    with zipfile.ZipFile(archive, "w") as out:
        for path in sorted(one for one in disc.rglob("*") if one.is_file()):
            info = zipfile.ZipInfo("x")
            info.filename = (prefix + path.relative_to(disc).as_posix()).replace("/", separator)
            out.writestr(info, path.read_bytes())


def zip_that_climbs(folder: Path) -> UIDs:
    return zipped("../../")(folder)


DISCS = (
    Disc("good", good),
    Disc("lower case", lower_case, faults=("other_name",)),
    Disc("mixed case", mixed_case, faults=("other_name",)),
    Disc("version numbers", version_numbers, faults=("other_name",)),
    Disc("trailing dots", trailing_dots, faults=("other_name",)),
    Disc("extensions", extensions, faults=("other_name",)),
    Disc("directory in lower case", directory_in_lower_case, faults=("directory_name",)),
    Disc("directory with version", directory_with_version, faults=("directory_name", "other_name")),
    Disc("directory with extension", directory_with_extension, faults=("directory_name",)),
    Disc("long names", long_names, faults=("file_id",)),
    Disc("forward slashes", forward_slashes, faults=("file_id",)),
    Disc("dots before", dots_before, faults=("file_id",)),
    Disc("padded components", padded_components),
    Disc("NUL padded", nul_padded),
    Disc("missing files", missing_files, told=("which is not there",), faults=("missing",)),
    Disc("every file elsewhere", every_file_elsewhere, told=("which is not there",), faults=("missing", "orphan")),
    Disc("orphans", orphans, faults=("orphan",)),
    Disc("orphan ZIP", orphan_zip, faults=("orphan",), zips=False),
    Disc("damaged file", damaged_file, told=("the data set is not",), faults=("corrupt",)),
    Disc("empty file", empty_file, told=("empty",), faults=("not_dicom",)),
    Disc("text for an image", text_in_place_of_an_image, told=("not DICOM",), faults=("not_dicom",)),
    Disc("no preamble", no_preamble),
    Disc("longer than listed", longer_than_listed),
    Disc("cut pixels", cut_pixels),
    Disc("one file under two names", same_file_under_two_names, faults=("duplicate",)),
    Disc("programs beside", programs_beside),
    Disc("file gone from the records", file_gone_from_the_records, faults=("orphan",)),
    Disc("private records", private_records, faults=("private_record",)),
    Disc("private record without file", private_record_without_file),
    Disc("unknown types", unknown_types, faults=("records",)),
    Disc("no types", no_types, faults=("records",)),
    Disc("no patients", without("PATIENT"), faults=("records",)),
    Disc("no studies", without("STUDY"), faults=("records",)),
    Disc("images only", without(*LEVELS), faults=("records",)),
    Disc("doubled patients", doubled("PATIENT"), faults=("records",)),
    Disc("doubled studies", doubled("STUDY"), faults=("records",)),
    Disc("doubled series", doubled("SERIES"), faults=("records",)),
    Disc("listed twice", listed_twice, faults=("named_twice",)),
    Disc("inactive record", inactive_records, faults=("orphan",)),
    Disc("all inactive", all_inactive, faults=("orphan",)),
    Disc("other UIDs", other_uids, faults=("unlike_file",)),
    Disc("one UID for all", one_uid_for_all, faults=("unlike_file",)),
    Disc("no UIDs", no_uids, faults=("incomplete_record",)),
    Disc("other objects", other_objects, faults=("records",)),
    Disc("names itself", directory_names_itself, told=("itself",), faults=("refused",)),
    Disc("names a folder", names_a_folder, told=("which is not there",), faults=("missing",)),
    Disc("empty File ID", empty_file_id, faults=("orphan",)),
    Disc("offsets off by two", offsets(lambda at, _: at + 2, NEXT, LOWER), faults=("offsets",)),
    Disc("next offsets off", offsets(lambda at, _: at + 8 if at else 0, NEXT), faults=("offsets",)),
    Disc("lower offsets off", offsets(lambda at, _: at - 4 if at else 0, LOWER), faults=("offsets",)),
    Disc("offsets past the end", offsets(lambda at, _: 0x7FFFFFF0, NEXT, LOWER), faults=("offsets",)),
    Disc("next offsets zero", offsets(lambda *_: 0, NEXT), faults=("offsets",)),
    Disc("offsets zero", offsets(lambda *_: 0, NEXT, LOWER), faults=("offsets",)),
    Disc("offsets to itself", offsets(lambda _, own: own, NEXT), faults=("offsets",)),
    Disc("offsets into the record", offsets(lambda _, own: own, LOWER), faults=("offsets",)),
    Disc("offsets missing", no_offset_elements, faults=("offsets",)),
    Disc("root offset off", wrong_root, faults=("offsets",)),
    Disc("truncated early", truncated(0.2), faults=("orphan",)),
    Disc("truncated", truncated(0.5), faults=("records",)),
    Disc("truncated late", truncated(0.95), told=("which is not there",), faults=("records",)),
    Disc("empty DICOMDIR", empty_directory, told=("DICOMDIR",), audited=False),
    Disc("text for a DICOMDIR", text_directory, told=("DICOMDIR",), audited=False),
    Disc("noise in the DICOMDIR", noise_directory, faults=("orphan",)),
    Disc("zeros in the DICOMDIR", zeros_in_the_middle, faults=("records",)),
    Disc("implicit DICOMDIR", implicit_directory, faults=("records",)),
    Disc("DICOMDIR without preamble", directory_without_preamble, faults=("records",)),
    Disc("DICOMDIR without meta", directory_without_meta, faults=("records",)),
    Disc("undefined lengths", undefined_lengths),
    Disc("no records", no_records, faults=("orphan",)),
    Disc("DICOMDIR of a wrong class", wrong_sop_class, faults=("records",)),
    Disc("Japanese names", names(JAPANESE, "", "ISO 2022 IR 87")),
    Disc("UTF-8 names", names(UTF_8, "ISO_IR 192")),
    Disc("UTF-8 without saying so", undeclared_utf_8, faults=("records",)),
    Disc("icons", icon(lambda _: None)),
    Disc("icons of a wrong size", icon(putting(Rows=900, Columns=0))),
    Disc("icons without pixels", icon(lambda small: small.__delattr__("PixelData"))),
    Disc("palette icons", icon(palette)),
    Disc("climbs to a file", leads_to("..", "..", "etc", "passwd"), told=("leads out",), faults=("refused",)),
    Disc("climbs to an image", climbs_to_an_image, told=("leads out",), faults=("refused",)),
    Disc("absolute", leads_to("", "etc", "passwd"), told=("absolute",), faults=("refused",)),
    Disc("drive letter", leads_to("C:", "SECRET"), told=("absolute",), faults=("refused",)),
    Disc("host name", leads_to("", "", "host", "share"), told=("absolute",), faults=("refused",)),
    Disc("link in a record", link_named_by_a_record, told=("leads out",), faults=("refused",), zips=False),
    Disc("link to a folder", link_to_a_folder, told=("leads out",), faults=("unreadable",), zips=False),
    Disc("links within", link_within, faults=("duplicate",), zips=False),
    Disc("several DICOMDIRs", several_directories, faults=("other_directory",)),
    Disc("nested copy", nested_copy, faults=("other_directory",)),
    Disc("nested other disc", nested_other, faults=("other_directory",)),
    Disc("in a subfolder", directory_in_a_subfolder),
    Disc("two spellings", two_spellings, faults=("other_directory",)),
    Disc("folder called DICOMDIR", folder_called_dicomdir, audited=False),
    Disc("no DICOMDIR", no_directory, audited=False),
    Disc("disc in a ZIP", zipped(), zips=False),
    Disc("disc in a folder of a ZIP", zipped("study/disc 1/"), zips=False),
    Disc("ZIP with back-slashes", zipped("STUDY/", "\\"), zips=False),
    Disc("ZIP that climbs", zip_that_climbs, zips=False),
)
