"""How many frames there are and whether their bytes can be there, before anything is allocated (A8, A11, A27)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workstation.dicom import attributes as a
from workstation.dicom import vocabulary as v
from workstation.dicom.fragments import complete_fragments
from workstation.dicom.identity import Problem

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

    from workstation.dicom.identity import Locator
    from workstation.dicom.read import PixelDataLocation, ReadResult

FRAME_BUDGET = 1 << 30
"""Greatest size of one decoded frame, bytes (A27)."""
LISTED_FRAMES = 4096
"""A frame count above this is believed only as far as the bytes can hold it."""


def frame_bits(ds: Dataset, rows: int, columns: int) -> int:
    """Return the bits of one native frame (PS3.5 8.1.1; C.7.6.3.1.2 for YBR_FULL_422)."""
    samples = a.integer(ds, "SamplesPerPixel") or 1
    bits = rows * columns * samples * (a.integer(ds, "BitsAllocated") or 8)
    return bits * 2 // 3 if samples == 3 and a.text(ds, "PhotometricInterpretation") == "YBR_FULL_422" else bits


def pixel_problems(
    ds: Dataset, result: ReadResult, rows: int, columns: int, notes: list[str]
) -> tuple[int, tuple[Problem, ...]]:
    """Return the number of frames and what is wrong with the pixel data; ``notes`` grows."""
    location = result.pixel_data
    frames = _number_of_frames(ds, location is not None, notes)
    if location is None or not rows or not columns:
        return min(frames, LISTED_FRAMES) if location is None else 1, ()
    bits = frame_bits(ds, rows, columns)
    if bits > FRAME_BUDGET * 8:
        name, size = result.locator.name, bits >> 33
        reason = f"{name}: one frame of {rows} x {columns} would take {size} GB; it is not decoded."
        return min(frames, LISTED_FRAMES), (Problem("too_large", reason),)
    if location.encapsulated:
        frames = _believed(frames, location, 8, notes)
        return frames, _cut_stream(result.locator, location, result.size, frames, notes)
    frames = _believed(frames, location, max(bits // 8, 1), notes)
    if location.length * 8 >= bits * frames + 16:
        notes.append(f"Pixel Data is longer than its {frames} frame{'' if frames == 1 else 's'}; the rest is ignored.")
    return frames, _truncation(result.locator.name, location, bits, frames, rows)


def _number_of_frames(ds: Dataset, has_pixels: bool, notes: list[str]) -> int:
    """Return Number of Frames; empty, 0 or junk counts as 1 with a note (A11)."""
    frames = a.integer(ds, "NumberOfFrames")
    if frames is not None and frames >= 1:
        return frames
    if has_pixels and v.tag_of("NumberOfFrames") in ds:
        notes.append("Number of Frames is empty or not usable; 1 assumed.")
    return 1


def _believed(frames: int, location: PixelDataLocation, least: int, notes: list[str]) -> int:
    if frames <= LISTED_FRAMES or location.available is None:
        return frames
    possible = max(location.available // least + 1, LISTED_FRAMES)
    if frames > possible:
        notes.append(f"Number of Frames is {frames}, more than the file can hold; {possible} are listed.")
    return min(frames, possible)


def _cut_stream(
    locator: Locator, location: PixelDataLocation, size: int, frames: int, notes: list[str]
) -> tuple[Problem, ...]:
    """Say what is missing where the file ends before its last fragment does."""
    end = complete_fragments(locator, location.offset, size) if location.available is not None else None
    if end is None:
        return ()
    whole, cut = end
    if whole < frames and frames > 1:
        reason = f"{locator.name}: truncated: at most {whole} of {frames} frames are complete."
    elif whole < frames or cut:
        reason = f"{locator.name}: truncated: the compressed image is cut short."
    else:
        notes.append("The compressed pixel data has no end mark.")
        return ()
    return (Problem("truncated", reason),)


def _truncation(name: str, location: PixelDataLocation, bits: int, frames: int, rows: int) -> tuple[Problem, ...]:
    if location.available is None:
        return ()
    available = location.available if location.length < 0 else min(location.available, location.length)
    if available * 8 >= bits * frames:
        return ()
    whole = available * 8 // bits
    if frames > 1:
        reason = f"{name}: truncated: {whole} of {frames} frames are complete."
    else:
        reason = f"{name}: truncated: {available * 8 * rows // bits} of {rows} rows are there."
    return (Problem("truncated", reason),)
