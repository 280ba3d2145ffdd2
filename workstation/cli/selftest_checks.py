"""The checks of the self-test: each writes a phantom, reads it through the core, and compares with arithmetic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from workstation.cli.collect import collect
from workstation.dicom.identity import FrameRef
from workstation.export.reading import modality_reader
from workstation.geometry.image_plane import ImagePlane
from workstation.geometry.reslice import reslice, standard_section
from workstation.geometry.volume import volume_from
from workstation.imaging.pipeline import Pipeline
from workstation.imaging.window import Window
from workstation.objects.images import ImageReader
from workstation.phantoms.enhanced import write_enhanced_ct
from workstation.phantoms.grid import AXIAL, CORONAL, OBLIQUE, SAGITTAL, linear_value
from workstation.phantoms.pixels import CASES, PixelCase, write_case
from workstation.phantoms.ultrasound import write_ultrasound_clip
from workstation.phantoms.volumes import write_linear_series
from workstation.phantoms.zoo import ZOO

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from workstation.dicom.identity import Instance
    from workstation.geometry.stack import Stack
    from workstation.geometry.volume import Volume
    from workstation.phantoms.grid import Direction6


@dataclass(frozen=True, slots=True)
class Check:
    """``run(folder)`` writes below a folder of its own and returns what it found, or raises on a difference."""

    name: str
    run: Callable[[Path], str]


class DifferenceError(Exception):
    """A phantom did not come out as its formula says."""


def _stacks(folder: Path) -> tuple[Stack, ...]:
    return collect([str(folder)]).catalogue.ordered_stacks()


def _one_instance(path: Path) -> Instance:
    return collect([str(path)]).instances[0]


def _volume(stack: Stack) -> Volume:
    with modality_reader(mask_padding=True) as read:
        return volume_from(stack, read)


def _require(condition: bool, sentence: str) -> None:
    if not condition:
        raise DifferenceError(sentence)


def _plane_points(plane: ImagePlane) -> NDArray[np.float64]:
    columns, rows = np.arange(plane.columns)[None, :, None], np.arange(plane.rows)[:, None, None]
    across = columns * plane.spacing[1] * np.array(plane.right)
    points: NDArray[np.float64] = np.array(plane.origin) + across + rows * plane.spacing[0] * np.array(plane.down)
    return points


def _linear(orientation: Direction6, tilt: float) -> Callable[[Path], str]:
    """Return a check that sections of a linear volume equal the formula wherever they lie inside it (D39)."""

    def run(folder: Path) -> str:
        write_linear_series(folder, orientation=orientation, tilt_degrees=tilt, shuffle=1, slices=9)
        return _sections_match(_volume(_stacks(folder)[0]))

    return run


def _sections_match(volume: Volume) -> str:
    worst = 0.0
    for name in ("axial", "coronal", "sagittal"):
        plane = standard_section(volume, name)
        expected = linear_value(_plane_points(plane))
        index = volume.grid.index_of(_plane_points(plane))
        inside = np.all((index >= 0) & (index <= np.array(volume.grid.shape) - 1), axis=-1)
        _require(bool(inside.any()), f"the {name} section misses the volume")
        worst = max(worst, float(np.abs(reslice(volume, plane) - expected)[inside].max()))
    extent = float(np.ptp(volume.modality_values()))
    _require(worst <= 1e-3 * extent, f"sections are off by {worst:.3g} of {extent:.4g}")
    return f"three sections within {worst / extent:.1e} of the range"


def _enhanced(folder: Path) -> str:
    """Check D21 and B8: frames out of order, each with its own rescale."""
    write_enhanced_ct(folder / "enhanced.dcm")
    stack = _stacks(folder)[0]
    _require(stack.order.key == "position", f"sorted by {stack.order.key}")
    return _sections_match(_volume(stack))


ZOO_EXPECTED: dict[str, tuple[int, frozenset[str]]] = {
    "gap": (1, frozenset({"gap"})),
    "uneven": (1, frozenset({"uneven"})),
    "tilt": (1, frozenset({"tilt"})),
    "mixed": (2, frozenset()),
    "time": (3, frozenset()),
    "b_value": (2, frozenset()),
    "echo": (2, frozenset()),
    "unplaced": (1, frozenset()),
    "mosaic": (1, frozenset()),
}
"""Stacks to be made of each series, and events that must be told (D11, D13, D15, D17)."""


def _zoo(name: str) -> Callable[[Path], str]:
    def run(folder: Path) -> str:
        count = len(ZOO[name](folder))
        stacks = _stacks(folder)
        number, events = ZOO_EXPECTED[name]
        told = {event.code for stack in stacks for event in stack.order.events}
        frames = sum(len(stack.frames) for stack in stacks)
        _require(len(stacks) == number, f"{len(stacks)} stacks instead of {number}")
        _require(frames == count, f"{frames} frames of {count}")
        _require(events <= told, f"told {sorted(told)} instead of {sorted(events)}")
        return f"{number} stack{'s' if number > 1 else ''}, {', '.join(sorted(told)) or 'no event'}"

    return run


def _pixel(case: PixelCase) -> Callable[[Path], str]:
    def run(folder: Path) -> str:
        written = write_case(folder, case)
        values = _stored(written.path)
        _require(values.shape == written.stored.shape, f"shape {values.shape} instead of {written.stored.shape}")
        error = float(np.abs(values.astype(np.float64) - written.stored).max())
        _require(error <= case.tolerance, f"values differ by {error:g}")
        return f"equal within {case.tolerance}" if case.tolerance else "equal"

    return run


def _stored(path: Path) -> NDArray[Any]:
    instance = _one_instance(path)
    reader = ImageReader(instance)
    try:
        values: NDArray[Any] = reader.picture(FrameRef(instance.sop_instance_uid, 0)).values
        return values
    finally:
        reader.close()


def _window(folder: Path) -> str:
    """Check the golden values of VOI LINEAR, c = 40, w = 400 (B10), and polarity (B24)."""
    golden = {-160: 0, -159: 1, 0: 102, 40: 128, 100: 166, 239: 255}
    case = next(c for c in CASES if c.name == "grey 12 bit signed")
    instance = _one_instance(write_case(folder, case).path)
    reader = ImageReader(instance)
    try:
        rendering = reader.picture(FrameRef(instance.sop_instance_uid, 0)).rendering
    finally:
        reader.close()
    values = np.array([list(golden)], np.int16)
    shown = Pipeline(rendering, Window(40.0, 400.0)).display(values)[0].tolist()
    _require(shown == list(golden.values()), f"shown {shown}")
    inverted = Pipeline(rendering, Window(40.0, 400.0), True).display(values)[0].tolist()
    _require([a + b for a, b in zip(shown, inverted, strict=True)] == [255] * len(golden), "inversion is not exact")
    return "centre 40, width 400 as the Standard computes it"


def _ultrasound(folder: Path) -> str:
    """Check D35: the calibrated region of a colour clip."""
    instance = _one_instance(write_ultrasound_clip(folder / "clip.dcm", frames=2))
    regions = instance.values.get("UltrasoundRegions", ())
    _require(len(regions) == 1, f"{len(regions)} regions")
    _require(abs(regions[0].delta_x * 352 - 16.0) < 1e-6, "the region's scale is wrong")
    _require(instance.number_of_frames == 2, "frames are missing")
    return "two frames, one region in centimetres"


CHECKS: tuple[Check, ...] = (
    Check("window", _window),
    *(
        Check(f"linear volume, {name}, tilt {tilt:g}", _linear(orientation, tilt))
        for name, orientation in (
            ("axial", AXIAL),
            ("coronal", CORONAL),
            ("sagittal", SAGITTAL),
            ("oblique", OBLIQUE),
        )
        for tilt in (0.0, 20.0)
    ),
    Check("enhanced multi-frame", _enhanced),
    *(Check(f"series: {name.replace('_', ' ')}", _zoo(name)) for name in ZOO_EXPECTED),
    *(Check(f"pixels: {case.name}, {case.transfer_syntax_uid}", _pixel(case)) for case in CASES),
    Check("ultrasound region", _ultrasound),
)
