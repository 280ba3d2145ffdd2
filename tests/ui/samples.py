"""Synthetic patients, stacks, headers and reports for the panels: nothing here is read from a file."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtGui import QImage

from workstation.dicom.header_tree import HeaderRow
from workstation.dicom.identity import Instance, Locator, Patient, Problem, Series, Skipped, Study
from workstation.dicom.media_audit import Audit, Fault, Verdict
from workstation.dicom.profiles import PROFILES
from workstation.geometry.order_report import OrderEvent, OrderReport
from workstation.ui.header_model import Block

NO_EVENTS = OrderReport((), "position")


@dataclass(frozen=True)
class FakeStack:
    id: str
    label: str = ""
    reason: str | None = None
    frames: tuple = ()
    rows: int = 512
    columns: int = 512
    kind: str = "image"
    order: OrderReport = NO_EVENTS


def row(tag: str, keyword: str, name: str, vr: str, vm: int, value: str, *more: object) -> HeaderRow:
    return HeaderRow(tag, keyword, name, vr, vm, value, *more)


def instance(uid: str, series: str, modality: str = "CT", **more: object) -> Instance:
    values = {"has_pixels": modality not in {"SR", "DOC", "PR", "KO", "RTSTRUCT"}, **more}
    return Instance(Locator(f"/data/{uid}.dcm"), uid, "1.2", series, "1.3", "1.2.840.10008.1.2.1", modality, **values)


def series(uid: str, modality: str, number: int | None, description: str, count: int = 3, **more: object) -> Series:
    problems = more.pop("problems", ())
    notes = more.pop("notes", ())
    items = tuple(instance(f"{uid}.{n}", uid, modality, problems=problems if n == 0 else ()) for n in range(count))
    return Series(uid, "1.3", modality, number, description, items, notes, uid)


def stack(uid: str, count: int, label: str = "", reason: str | None = None) -> FakeStack:
    return FakeStack(uid, label, reason, tuple(range(count)))


def truncated() -> Problem:
    return Problem("truncated", "pixel data ends after 300 of 512 rows")


def patients() -> tuple[Patient, ...]:
    ct = Study(
        "st1",
        "CT thorax and abdomen",
        "20240118",
        "101500",
        ("CT", "SR"),
        (
            series("a1", "CT", 1, "Topogram 0.6 T20f", 1),
            series("a2", "CT", 2, "Thorax 1.0 B70f lung, a description longer than any panel is wide", 240),
            series("a3", "CT", 3, "Abdomen 3.0 B30f", 118, notes=("Study Date differs between objects",)),
            series("a4", "CT", None, "", 4, problems=(truncated(),)),
            series("a9", "SR", 999, "Dose report", 1),
        ),
        accession_number="A-7781",
    )
    mr = Study(
        "st2",
        "MRI brain",
        "20231102",
        "084512",
        ("MR", "KO", "PR"),
        (
            series("b1", "MR", 4, "ep2d_diff_3scan_trace", 90),
            series("b2", "MR", 5, "t2_tse_tra", 24),
            series("b3", "PR", 50, "Presentation state", 2),
            series("b4", "KO", 51, "For the conference", 1),
        ),
        notes=("Study Date differs between objects: 20231102 is the most frequent",),
    )
    us = Study("st3", "", "", "", ("US",), (series("c1", "US", 1, "<b>Cardiac</b> cine", 2),))
    return (
        Patient("p1", "0042-17", "Phantom^Testä^Maria", "19610304", "F", (ct, mr), ("Name spelled in two ways",)),
        Patient("p2", "JP-9", "Yamada^Tarou=山田^太郎=やまだ^たろう", "19800721", "M", (us,)),
    )


def stacks() -> dict[str, tuple[FakeStack, ...]]:
    return {
        "a1": (stack("a1/0", 1),),
        "a2": (stack("a2/0", 240),),
        "a3": (FakeStack("a3/0", frames=tuple(range(118)), order=order_report()),),
        "a4": (stack("a4/0", 4),),
        "b1": (
            stack("b1/0", 30, "b 0", "b-value"),
            stack("b1/1", 30, "b 500", "b-value"),
            stack("b1/2", 30, "b 1000", "b-value"),
        ),
        "b2": (stack("b2/0", 24),),
        "c1": (stack("c1/0", 2),),
    }


def thumbnail(seed: int, side: int = 128) -> QImage:
    """A round head-like picture."""
    y, x = np.mgrid[0:side, 0:side] / side * 2 - 1
    ring = np.hypot(x / 0.72, y / 0.9)
    rng = np.random.default_rng(seed)
    grey = np.where(ring < 1, 120 + 40 * np.sin(6 * x + seed) * np.cos(5 * y), 0)
    grey = np.where((ring > 0.92) & (ring < 1), 240, grey) + rng.normal(0, 6, grey.shape) * (ring < 1)
    data = np.ascontiguousarray(np.clip(grey, 0, 255).astype(np.uint8))
    return QImage(data.data, side, side, side, QImage.Format.Format_Grayscale8).copy()


def skipped() -> tuple[Skipped, ...]:
    return (
        Skipped("/media/cdrom/DICOM/00001/SE00003/IM00017", "corrupt", "the file ends inside the header, 300 bytes"),
        Skipped("/home/reader/Studies/Été 2024/a very long folder name/IM0002", "unreadable", "permission denied"),
        Skipped("/home/reader/archive.zip!DICOM/IM9", "password", "the archive member needs a password"),
    )


def audit(*, good: bool = False) -> Audit:
    """What an audit finds on a disc that keeps to the rules, or on one with a fault of many kinds."""
    extras = ("IHE_PDI", "INDEX.HTM", "README.TXT")
    if good:
        verdicts = tuple(Verdict(profile.name, ()) for profile in PROFILES)
        return Audit("/media/cdrom/DICOMDIR", 248, 248, (), verdicts, extras)
    faults = (
        Fault("missing", "DICOM/00001/SE00003/IM00017", "The record names a file that is not there."),
        Fault("missing", "DICOM/00001/SE00003/IM00018", "The record names a file that is not there."),
        Fault("orphan", "Smith_John/export/ein langer Ordnername/IM0002.dcm", "A DICOM file that no record names."),
        Fault("other_name", "DICOM/IM1", "The file is called dicom/im1.dcm: a strict reader does not find it."),
        Fault("offsets", "DICOMDIR", "The offsets reach 3 of 248 records; the others are taken in file order."),
        Fault("duplicate", "COPY/IM1", "It repeats Smith_John/IM1 byte for byte."),
    )
    syntax, sop_class = "its Transfer Syntax is not one of the profile's", "its SOP Class is not one of the profile's"
    broken = (("Smith_John/export/ein langer Ordnername/IM0002.dcm", sop_class), ("DICOM/IM1", syntax))
    kept = [(), (), broken[:1], broken]
    verdicts = tuple(Verdict(profile.name, files) for profile, files in zip(PROFILES, kept, strict=True))
    return Audit("/media/cdrom/DICOMDIR", 248, 246, faults, verdicts, extras)


def header_rows(frame: int = 0, more: int = 0) -> list[HeaderRow]:
    """A data set with a sequence of items, a private element and markup in a value."""
    extra = [
        row(f"(0071,{n:04X})", "", "Unknown", "LO", 1, f"value {n}", False, "ACME 1.0")
        for n in range(0x1000, 0x1000 + more)
    ]
    return [
        row("(0008,0005)", "SpecificCharacterSet", "Specific Character Set", "CS", 1, "ISO_IR 192"),
        row("(0008,0008)", "ImageType", "Image Type", "CS", 4, "ORIGINAL\\PRIMARY\\M\\FFE"),
        row("(0008,0060)", "Modality", "Modality", "CS", 1, "MR"),
        row("(0008,103E)", "SeriesDescription", "Series Description", "LO", 1, "<b>t2_tse</b> <img src='file:///x'>"),
        row("(0010,0010)", "PatientName", "Patient's Name", "PN", 1, "Phantom^Testä^Maria"),
        row("(0018,0081)", "EchoTime", "Echo Time", "DS", 1, "98"),
        row("(0019,100C)", "", "B value", "IS", 1, "1000", False, "SIEMENS MR HEADER"),
        row("(0020,0013)", "InstanceNumber", "Instance Number", "IS", 1, str(frame + 1)),
        row("(0028,0010)", "Rows", "Rows", "US", 1, "512"),
        row("(0028,1050)", "WindowCenter", "Window Center", "DS", 2, "40\\300"),
        *extra,
        row(
            "(5200,9230)",
            "PerFrameFunctionalGroupsSequence",
            "Per-frame Functional Groups Sequence",
            "SQ",
            6,
            "6 items",
            True,
            "",
            (0x52009230,),
        ),
        row("(7FE0,0010)", "PixelData", "Pixel Data", "OW", 1, "native, 524,288 bytes"),
    ]


def children(parent: HeaderRow) -> list[HeaderRow]:
    """What the sequence of :func:`header_rows` holds."""
    if parent.tag != "(FFFE,E000)":
        return [
            row("(FFFE,E000)", "", f"Item {n + 1}", "", 2, "", True, "", (*parent.path, n)) for n in range(parent.vm)
        ]
    number = parent.path[-1]
    return [
        row("(0020,0032)", "ImagePositionPatient", "Image Position (Patient)", "DS", 3, f"-120\\-98.5\\{number * 3}"),
        row("(0028,0030)", "PixelSpacing", "Pixel Spacing", "DS", 2, "0.488281\\0.488281"),
    ]


def meta_rows() -> list[HeaderRow]:
    return [
        row("preamble", "", "Preamble", "", 1, "128 zero bytes"),
        row(
            "(0002,0002)",
            "MediaStorageSOPClassUID",
            "Media Storage SOP Class UID",
            "UI",
            1,
            "1.2.840.10008.5.1.4.1.1.4.1",
        ),
        row("(0002,0010)", "TransferSyntaxUID", "Transfer Syntax UID", "UI", 1, "1.2.840.10008.1.2.4.90"),
    ]


def clinical_blocks(frame: int = 0) -> list[Block]:
    patient = (("Name", "Phantom, Testä Maria"), ("ID", "0042-17"), ("Birth date", "1961-03-04"))
    image = (("Echo time", "98 ms"), ("Slice thickness", "3 mm"), ("Instance number", str(frame + 1)))
    return [
        Block(title, [row("", "", name, "", 1, value) for name, value in facts])
        for title, facts in (("Patient", patient), ("Image", image))
    ]


def header_blocks(frame: int = 0, more: int = 0) -> list[Block]:
    return [Block("File Meta Information", meta_rows()), Block("Data set", header_rows(frame, more))]


def order_report() -> OrderReport:
    """118 slices, 3 mm apart, with two missing, one doubled and a tilt."""
    positions: list[float] = []
    place = -180.0
    for number in range(118):
        positions.append(place)
        place += 9.0 if number == 40 else 0.0 if number == 77 else 3.6 if number in (90, 91) else 3.0
    events = (
        OrderEvent("duplicate", "1 position is occupied by more than one image", (78,)),
        OrderEvent("gap", "9.00 mm between slices 41 and 42, expected 3.00 mm (about 2 missing)", (40, 41)),
        OrderEvent("uneven", "steps of 3.00–3.60 mm, median 3.00 mm", (91, 92)),
        OrderEvent("tilt", "tilt 12.5° corrected"),
    )
    return OrderReport(tuple(range(118)), "position", (0.0, 0.0, 1.0), tuple(positions), 3.0, False, 12.5, events)
