"""Series with one difficulty each (L1): what opening, ordering and reformatting must survive."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from workstation.phantoms.grid import CORONAL, Grid
from workstation.phantoms.headers import (
    MR_IMAGE,
    Subject,
    attributes,
    new_object,
    set_pixels,
    set_plane,
    set_series,
    write,
)
from workstation.phantoms.volumes import Slice, write_slices

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pydicom.dataset import Dataset

GRID = Grid()
TILTED = Grid(tilt_degrees=20.0, spacing=(5.0, 2.0, 0.5))


def write_gap(folder: Path) -> list[Path]:
    """Write steps of 3, 3, 6, 3, ... mm: the fourth of eight slices is missing (D11)."""
    plan = [Slice(float(k)) for k in range(8) if k != 3]
    return write_slices(folder, GRID, plan, series="gap", shuffle=4)


def write_duplicate(folder: Path) -> list[Path]:
    """Write the third position twice: the same pixels under two SOP Instance UIDs (D12)."""
    plan = [Slice(float(k)) for k in (0, 1, 2, 2, 3, 4)]
    return write_slices(folder, GRID, plan, series="duplicate")


def write_uneven(folder: Path) -> list[Path]:
    """Write thin slices that become thick ones: steps of 3 mm, then of 4.5 mm (D10)."""
    plan = [Slice(offset) for offset in (0.0, 1.0, 2.0, 3.0, 4.5, 6.0, 7.5)]
    return write_slices(folder, GRID, plan, series="uneven")


def write_tilt(folder: Path) -> list[Path]:
    """Write a gantry tilt of 20 degrees at a table step of 5 mm: 4.698 mm along the normal (D9, D13)."""
    return write_slices(folder, TILTED, [Slice(float(k)) for k in range(8)], series="tilt", shuffle=2)


def write_mixed_orientation(folder: Path) -> list[Path]:
    """Write six axial slices and one stray coronal in the same series (D15)."""
    plan = [*(Slice(float(k)) for k in range(6)), Slice(0.0, orientation=CORONAL)]
    return write_slices(folder, GRID, plan, series="mixed")


def write_time(folder: Path) -> list[Path]:
    """Write three times at five positions: Temporal Position Identifier and Trigger Time (D17)."""
    plan = [
        Slice(
            float(k),
            {"TemporalPositionIdentifier": t + 1, "NumberOfTemporalPositions": 3, "TriggerTime": str(80 * t)},
            add=500.0 * t,
        )
        for t in range(3)
        for k in range(5)
    ]
    return write_slices(folder, GRID, plan, series="time", modality="MR", shuffle=7)


def write_b_values(folder: Path) -> list[Path]:
    """Write b = 0 and b = 1000 s/mm2 at five positions; b 0 must not count as absent (D17)."""
    plan = [Slice(float(k), {"DiffusionBValue": b}, add=-0.5 * b) for b in (0.0, 1000.0) for k in range(5)]
    return write_slices(folder, GRID, plan, series="diffusion", modality="MR", shuffle=8)


def write_echoes(folder: Path) -> list[Path]:
    """Write two echoes at five positions (D17)."""
    plan = [
        Slice(float(k), {"EchoTime": te, "EchoNumbers": e}, add=100.0 * e)
        for e, te in ((1, "4.92"), (2, "7.38"))
        for k in range(5)
    ]
    return write_slices(folder, GRID, plan, series="echo", modality="MR", shuffle=9)


def write_unplaced(folder: Path) -> list[Path]:
    """Write images without position and orientation: only Instance Number orders them (D6)."""
    paths = []
    for number in (3, 1, 2):
        ds = _mr(Subject(), ("unplaced", number))
        set_series(ds, Subject(), "unplaced", 1, "no patient space")
        set_pixels(ds, np.full((6, 8), number, np.uint16), 12)
        ds.InstanceNumber = number
        paths.append(write(ds, folder / f"IM{number}"))
    return paths


def write_mosaic(folder: Path) -> list[Path]:
    """Write nine tiles of 4 x 5 pixels in one image called MOSAIC, without vendor data (D20)."""
    ds = _mr(Subject(), ("mosaic",))
    set_series(ds, Subject(), "mosaic", 1, "tiled image")
    set_plane(ds, "linear", (0, 0, 0), GRID.orientation, (2.0, 1.5), 3.0)
    tiles = np.arange(9, dtype=np.uint16).reshape(3, 1, 3, 1) * 100
    values = np.broadcast_to(tiles, (3, 4, 3, 5)).reshape(12, 15)
    set_pixels(ds, np.ascontiguousarray(values), 12)
    attributes(ds, ImageType=["ORIGINAL", "PRIMARY", "M", "MOSAIC"], InstanceNumber=1)
    return [write(ds, folder / "IM1")]


def _mr(subject: Subject, seed: tuple[object, ...]) -> Dataset:
    return attributes(
        new_object(MR_IMAGE, seed, subject, "MR"),
        ImageType=["ORIGINAL", "PRIMARY", "M"],
        ScanningSequence="EP",
        SequenceVariant="NONE",
        ScanOptions="",
        MRAcquisitionType="2D",
        RepetitionTime="2000",
        EchoTime="30",
        EchoTrainLength=1,
        PatientPosition="HFS",
    )


ZOO: dict[str, Callable[[Path], list[Path]]] = {
    "gap": write_gap,
    "duplicate": write_duplicate,
    "uneven": write_uneven,
    "tilt": write_tilt,
    "mixed": write_mixed_orientation,
    "time": write_time,
    "b_value": write_b_values,
    "echo": write_echoes,
    "unplaced": write_unplaced,
    "mosaic": write_mosaic,
}
