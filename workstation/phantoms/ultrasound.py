"""A colour ultrasound clip: a sector with two beating chambers, Doppler colours and a calibrated region."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from pydicom.dataset import Dataset

from workstation.phantoms.headers import (
    US_MULTIFRAME,
    Subject,
    attributes,
    new_object,
    set_pixels,
    set_series,
    write,
)
from workstation.phantoms.shapes import grain

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

APEX = (280.0, 24.0)
"""Column and row of the transducer's virtual apex."""
DEPTH_PIXELS = 352.0
PIXEL_CM = 16.0 / DEPTH_PIXELS
"""The sector shows 16 cm of depth."""


def write_ultrasound_clip(
    path: Path,
    *,
    frames: int = 24,
    rows: int = 400,
    columns: int = 560,
    frame_time: float = 40.0,
    subject: Subject | None = None,
    number: int = 4,
) -> Path:
    """Write one beat as a multi-frame RGB object and return ``path``.

    ``frame_time`` is in ms. The Sequence of Ultrasound Regions has one 2-D tissue region whose deltas are
    16 cm over 352 pixels; outside it lengths are in pixels (D35).
    """
    subject = subject or Subject("Phantom^Heart", "PHANTOM-US", study="heart")
    ds = new_object(US_MULTIFRAME, ("clip",), subject, "US")
    set_series(ds, subject, "clip", number, "Apical four chamber, colour")
    set_pixels(ds, clip(frames, rows, columns), 8, "RGB")
    attributes(
        ds,
        ImageType=["ORIGINAL", "PRIMARY", "", "0001"],
        InstanceNumber=1,
        PatientOrientation="",
        Laterality="",
        BodyPartExamined="HEART",
        FrameTime=str(frame_time),
        CineRate=str(round(1000 / frame_time)),
        RecommendedDisplayFrameRate=str(round(1000 / frame_time)),
        LossyImageCompression="00",
        BurnedInAnnotation="NO",
        UltrasoundColorDataPresent=1,
        SequenceOfUltrasoundRegions=[_region(rows, columns)],
    )
    ds.FrameIncrementPointer = 0x00181063
    return write(ds, path)


def _region(rows: int, columns: int) -> Dataset:
    return attributes(
        Dataset(),
        RegionSpatialFormat=1,
        RegionDataType=1,
        RegionFlags=0,
        RegionLocationMinX0=40,
        RegionLocationMinY0=20,
        RegionLocationMaxX1=columns - 41,
        RegionLocationMaxY1=rows - 11,
        PhysicalUnitsXDirection=3,
        PhysicalUnitsYDirection=3,
        PhysicalDeltaX=PIXEL_CM,
        PhysicalDeltaY=PIXEL_CM,
        ReferencePixelX0=int(APEX[0]) - 40,
        ReferencePixelY0=int(APEX[1]) - 20,
        ReferencePixelPhysicalValueX=0.0,
        ReferencePixelPhysicalValueY=0.0,
    )


def clip(frames: int, rows: int, columns: int) -> NDArray[np.uint8]:
    """Return the frames (frames, rows, columns, 3), 8-bit RGB."""
    x = np.arange(columns, dtype=np.float32)[None, :] - APEX[0]
    y = np.arange(rows, dtype=np.float32)[:, None] - APEX[1]
    depth = np.hypot(x, y)
    angle = np.arctan2(x, y)
    sector = (np.abs(angle) < 0.68) & (depth > 14) & (depth < DEPTH_PIXELS)
    speckle = np.abs(grain(31, (rows, columns), smooth=1)) ** 0.7
    result = np.zeros((frames, rows, columns, 3), np.uint8)
    for index in range(frames):
        phase = 2 * np.pi * index / frames
        grey = _tissue(x, y, phase) * (0.35 + 0.6 * np.roll(speckle, index % 3, 0)) * np.exp(-depth / 900)
        result[index] = np.where(sector, np.clip(grey, 0, 255), 0)[..., None]
        _doppler(result[index], x, y, phase, sector)
        _furniture(result[index], index / frames)
    return result


def _inside(x: Any, y: Any, center: tuple[float, float], radii: tuple[float, float]) -> NDArray[np.float32]:
    """Return 1 inside an ellipse, 0 outside, with a soft edge (rows, columns)."""
    distance = np.sqrt(((x - center[0]) / radii[0]) ** 2 + ((y - center[1]) / radii[1]) ** 2)
    share: NDArray[np.float32] = np.clip((1.0 - distance) * min(radii) / 4 + 0.5, 0, 1)
    return share


def _tissue(x: Any, y: Any, phase: float) -> NDArray[np.float32]:
    squeeze = 1.0 - 0.18 * (0.5 - 0.5 * np.cos(phase))
    grey = np.full(np.broadcast_shapes(x.shape, y.shape), 60.0, np.float32)
    grey += 105.0 * _inside(x, y, (4, 160), (122, 132))
    for center, radii in (((44.0, 128.0), (40.0, 78.0)), ((-52.0, 132.0), (34.0, 70.0))):
        chamber = _inside(x, y, center, (radii[0] * squeeze, radii[1] * (0.5 + 0.5 * squeeze)))
        grey *= 1.0 - 0.9 * chamber
    for center in ((40.0, 252.0), (-46.0, 250.0)):
        grey *= 1.0 - 0.9 * _inside(x, y, center, (38.0 / squeeze, 40.0 / squeeze))
    valve = np.abs(y - 206 - 10 * np.sin(phase) * np.cos(x / 14)) < 2.5
    return np.where(valve & (np.abs(x) < 82), 215.0, grey)


def _doppler(frame: NDArray[np.uint8], x: Any, y: Any, phase: float, sector: NDArray[Any]) -> None:
    inflow = max(0.0, float(np.sin(phase)))
    outflow = max(0.0, float(-np.sin(phase)))
    jets = (
        (inflow, (44.0, 170.0), (15.0, 52.0), (1.0, 0.45)),
        (inflow * 0.8, (-50.0, 172.0), (13.0, 44.0), (1.0, 0.35)),
        (outflow, (22.0, 120.0), (12.0, 60.0), (0.1, 0.55)),
    )
    for strength, center, radii, (red, green) in jets:
        share = _inside(x, y, center, radii) * strength * sector
        core = share[..., None]
        blue = 1.0 - red
        colour = 255.0 * np.array([red, green * strength, blue], np.float32)
        frame[:] = (frame * (1 - core) + colour * core).astype(np.uint8)


def _furniture(frame: NDArray[np.uint8], beat: float) -> None:
    """Draw grey and colour bars, depth ticks and a trace with a cursor, as scanners do."""
    rows, columns, _ = frame.shape
    bar = np.linspace(255, 0, 120).astype(np.uint8)
    frame[40:160, 14:26] = bar[:, None, None]
    speed = np.linspace(1, -1, 120)
    frame[200:320, 14:26, 0] = np.clip(255 * speed, 0, 255).astype(np.uint8)[:, None]
    frame[200:320, 14:26, 2] = np.clip(-255 * speed, 0, 255).astype(np.uint8)[:, None]
    for centimetre in range(17):
        row = round(APEX[1] + centimetre / PIXEL_CM)
        if row < rows:
            frame[row, columns - 30 : columns - (12 if centimetre % 5 == 0 else 22)] = 200
    t = np.linspace(0, 1, columns - 120)
    trace = 1.1 * np.exp(-(((t - 0.32) / 0.012) ** 2)) + 0.25 * np.exp(-(((t - 0.55) / 0.05) ** 2))
    line = (rows - 14 - 30 * trace).astype(int)
    frame[line, np.arange(60, columns - 60)] = (90, 230, 90)
    cursor = 60 + int(beat * (columns - 121))
    frame[rows - 50 : rows - 10, cursor] = (240, 240, 120)
