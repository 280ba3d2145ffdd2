"""Discs whose DICOMDIR is odd: its records, their links, its bytes (E10, E12, E13)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from struct import pack

from pydicom import dcmread, dcmwrite
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import UID

from tests.dicom.disc_parts import (
    FIRST,
    LEVELS,
    LOWER,
    NEXT,
    ROOT,
    UIDs,
    edited,
    good,
    leaves,
    link_records,
    of_kind,
    picture,
    put,
    record_of,
    save,
    uid,
    with_bytes,
    with_first_leaf,
    with_leaves,
)

ICON = {"Rows": 8, "Columns": 8, "BitsAllocated": 8, "BitsStored": 8, "HighBit": 7, "PixelRepresentation": 0}


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


def lost_records(folder: Path) -> UIDs:
    """The tag of the Directory Record Sequence is damaged: a DICOMDIR that holds none."""
    return with_bytes(folder, lambda data: data.replace(b"\x04\x00\x20\x12SQ", b"\x04\x00\x21\x12SQ"))


def unrecognisable(folder: Path) -> UIDs:
    """Neither its SOP Class nor its records say that it is a DICOMDIR; its name does."""
    made = lost_records(folder)
    path = folder / "DICOMDIR"
    path.write_bytes(path.read_bytes().replace(b"1.2.840.10008.1.3.10", b"1.2.840.10008.1.3.99"))
    return made


def spilled_icons(folder: Path) -> UIDs:
    """The first item's length is wrong, so that an icon's pixels seem to be the DICOMDIR's own."""
    made = icon(palette)(folder)
    path = folder / "DICOMDIR"
    data = path.read_bytes().replace(b"1.2.840.10008.1.3.10", b"1.2.840.10008.1.3.99")
    at = data.index(b"\x04\x00\x20\x12SQ")
    path.write_bytes(data[:at] + b"\x04\x00\x21\x12SQ\0\0" + pack("<L", 8) + data[at + 12 :])
    return made


def an_image_by_that_name(folder: Path) -> UIDs:
    made = good(folder)
    return made | save(folder, 41, "DICOMDIR")


def written_as(syntax: UID) -> Callable[[Path], UIDs]:
    """Return a builder of a disc whose DICOMDIR has another Transfer Syntax than PS3.10 asks for."""

    def build(folder: Path) -> UIDs:
        made = good(folder)
        path = folder / "DICOMDIR"
        ds = dcmread(path)
        ds.file_meta.TransferSyntaxUID = syntax
        ds.walk(lambda *_: None)  # values as numbers, which can be written in either byte order
        dcmwrite(path, ds, implicit_vr=syntax.is_implicit_VR, little_endian=syntax.is_little_endian)
        linked = dcmread(path)
        link_records(linked)
        linked.save_as(path)
        return made

    return build


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
