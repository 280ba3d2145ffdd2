"""Synthetic patients, stacks, headers and reports for the panels: nothing here is read from a file."""

# ruff: noqa: E501
from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from PySide6.QtGui import QImage

from workstation.dicom.identity import Instance, Locator, Patient, Problem, Series, Skipped, Study


@dataclass(frozen=True)
class FakeStack:
    id: str
    label: str = ""
    reason: str | None = None
    frames: tuple = ()
    rows: int = 512
    columns: int = 512
    kind: str = "image"
    order: object = None


@dataclass(frozen=True)
class FakeEvent:
    code: str
    detail: str
    at: tuple[int, ...] = ()


@dataclass(frozen=True)
class FakeOrder:
    positions: tuple[float, ...]
    events: tuple[FakeEvent, ...] = ()
    key: str = "position"
    spacing: float | None = 3.0
    uniform: bool = True
    tilt_degrees: float = 0.0
    order: tuple[int, ...] = ()
    normal: tuple[float, float, float] | None = (0.0, 0.0, 1.0)


@dataclass(frozen=True)
class FakeRow:
    tag: str
    keyword: str
    name: str
    vr: str
    vm: str
    value: str
    path: str
    is_sequence: bool = False
    private_creator: str = ""
    below: tuple[FakeRow, ...] = field(default=(), compare=False)


def instance(uid: str, series: str, modality: str = "CT", **more: object) -> Instance:
    values = {"has_pixels": modality not in {"SR", "DOC", "PR", "KO", "RTSTRUCT"}, **more}
    return Instance(Locator(f"/data/{uid}.dcm"), uid, "1.2", series, "1.3", "1.2.840.10008.1.2.1", modality, **values)


def series(uid: str, modality: str, number: int | None, description: str, count: int = 3, **more: object) -> Series:
    problems = more.pop("problems", ())
    notes = more.pop("notes", ())
    items = tuple(instance(f"{uid}.{n}", uid, modality, problems=problems if n == 0 else ()) for n in range(count))
    return Series(uid, "1.3", modality, number, description, items, notes)


def stack(uid: str, count: int, label: str = "", reason: str | None = None) -> FakeStack:
    return FakeStack(uid, label, reason, tuple(range(count)))


def patients() -> tuple[Patient, ...]:
    damage = (Problem("truncated", "pixel data ends after 300 of 512 rows"),)
    ct = Study(
        "st1",
        "CT thorax and abdomen",
        "20240118",
        "101500",
        ("CT", "SR"),
        (
            series("a1", "CT", 1, "Topogram 0.6 T20f", 1),
            series("a2", "CT", 2, "Thorax 1.0 B70f lung, a description longer than any panel is wide", 240),
            series("a3", "CT", 3, "Abdomen 3.0 B30f", 118, notes=("Slice spacing is uneven",)),
            series("a4", "CT", None, "", 4, problems=damage),
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
        "a3": (stack("a3/0", 118, "orientation", "sagittal localizer taken apart"),),
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


def header_rows(frame: int = 0, more: int = 0) -> tuple[FakeRow, ...]:
    """A data set with a sequence of items, a private element and markup in a value."""

    def item(number: int) -> FakeRow:
        elements = (
            FakeRow(
                "(0020,0032)",
                "ImagePositionPatient",
                "Image Position (Patient)",
                "DS",
                "3",
                f"-120\\-98.5\\{number * 3}",
                f"pf/{number}/ipp",
            ),
            FakeRow("(0028,0030)", "PixelSpacing", "Pixel Spacing", "DS", "2", "0.488281\\0.488281", f"pf/{number}/ps"),
        )
        return FakeRow("", "", f"Item {number + 1}", "", "", "", f"pf/{number}", True, below=elements)

    frames = tuple(item(number) for number in range(6))
    extra = tuple(
        FakeRow(f"(0071,{n:04X})", "", "Unknown", "LO", "1", f"value {n}", f"x{n}", private_creator="ACME 1.0")
        for n in range(more)
    )
    return (
        FakeRow("(0008,0005)", "SpecificCharacterSet", "Specific Character Set", "CS", "1", "ISO_IR 192", "charset"),
        FakeRow("(0008,0008)", "ImageType", "Image Type", "CS", "4", "ORIGINAL\\PRIMARY\\M\\FFE", "type"),
        FakeRow("(0008,0060)", "Modality", "Modality", "CS", "1", "MR", "modality"),
        FakeRow("(0008,103E)", "SeriesDescription", "Series Description", "LO", "1", "<b>t2_tse</b> <img src='file:///x'>", "desc"),
        FakeRow("(0010,0010)", "PatientName", "Patient's Name", "PN", "1", "Phantom^Testä^Maria", "name"),
        FakeRow("(0018,0081)", "EchoTime", "Echo Time", "DS", "1", "98", "te"),
        FakeRow("(0019,100C)", "", "B value", "IS", "1", "1000", "b", private_creator="SIEMENS MR HEADER"),
        FakeRow("(0020,0013)", "InstanceNumber", "Instance Number", "IS", "1", str(frame + 1), "number"),
        FakeRow("(0028,0010)", "Rows", "Rows", "US", "1", "512", "rows"),
        FakeRow("(0028,1050)", "WindowCenter", "Window Center", "DS", "2", "40\\300", "wc"),
        *extra,
        FakeRow("(5200,9230)", "PerFrameFunctionalGroupsSequence", "Per-frame Functional Groups Sequence", "SQ", "6", "6 items", "pf", True, below=frames),
        FakeRow("(7FE0,0010)", "PixelData", "Pixel Data", "OW", "1", "524288 bytes at offset 3212", "pixels"),
    )  # fmt: skip


def meta_rows() -> tuple[FakeRow, ...]:
    return (
        FakeRow("", "", "Preamble", "", "", "128 zero bytes", "preamble"),
        FakeRow("(0002,0002)", "MediaStorageSOPClassUID", "Media Storage SOP Class UID", "UI", "1", "1.2.840.10008.5.1.4.1.1.4.1", "class"),
        FakeRow("(0002,0010)", "TransferSyntaxUID", "Transfer Syntax UID", "UI", "1", "1.2.840.10008.1.2.4.90  JPEG 2000 Lossless", "ts"),
    )  # fmt: skip


def clinical_rows(frame: int = 0) -> tuple[FakeRow, ...]:
    facts = (
        ("Patient's Name", "Phantom, Testä Maria"),
        ("Patient ID", "0042-17"),
        ("Study Date", "2024-01-18"),
        ("Echo Time", "98 ms"),
        ("Slice Thickness", "3 mm"),
        ("Image", f"{frame + 1} of 24"),
    )
    return tuple(FakeRow("", "", name, "", "", value, name) for name, value in facts)
