"""Modality values of a stack as one volume with its affine: NIfTI, NRRD or NPY with a JSON beside it (D53)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from workstation.errors import BadUsage
from workstation.export.nifti import write_nifti
from workstation.export.nrrd import write_nrrd
from workstation.export.reading import modality_reader
from workstation.export.saving import ExportCancelled, refuse_existing, saved
from workstation.export.sidecar import write_sidecar
from workstation.export.stamp import stamped_uid
from workstation.geometry.volume import volume_from

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from threading import Event

    from numpy.typing import NDArray

    from workstation.geometry.frames import StackFrame
    from workstation.geometry.stack import Stack
    from workstation.geometry.volume import Volume

SUFFIXES: Final = (".nii.gz", ".nii", ".nrrd", ".npy")


def export_volume(
    path: Path,
    stack: Stack,
    *,
    identified: bool = False,
    replace: bool = False,
    progress: Callable[[int], None] | None = None,
    cancel: Event | None = None,
) -> tuple[int, int, int]:
    """Read a stack, write it and return the shape (slices, rows, columns).

    Padding goes out as the file has it: whoever reads the volume decides what it means. ``progress`` is told how
    many frames have been read; ``cancel`` stops between two.

    Raises
    ------
    NotAVolume, TooLarge, UnreadablePixels, ExportError, ExportCancelled
    """
    refuse_existing(path, replace=replace)
    count = 0
    with modality_reader(mask_padding=False) as read:

        def counted(frame: StackFrame) -> NDArray[Any]:
            nonlocal count
            if cancel is not None and cancel.is_set():
                raise ExportCancelled(f"{path.name} was not written: it was cancelled.")
            values = read(frame)
            count += 1
            if progress is not None:
                progress(count)
            return values

        volume = volume_from(stack, counted)
    write_volume(path, volume, stack, identified=identified, replace=replace)
    slices, rows, columns = volume.grid.shape
    return slices, rows, columns


def write_volume(path: Path, volume: Volume, stack: Stack, *, identified: bool = False, replace: bool = False) -> None:
    """Write float32 modality values [slice, row, column] in the format that the name's ending says.

    UIDs stand only in the JSON beside an NPY: plain if ``identified``, else hashed.

    Raises
    ------
    BadUsage
        If the name has none of :data:`SUFFIXES`.
    ExportError
        If the file exists and is not to be replaced, or the system refuses.
    """
    name = path.name.lower()
    if not name.endswith(SUFFIXES):
        raise BadUsage(f"{path.name}: a volume's name ends in {', '.join(SUFFIXES)}.")
    values = np.asarray(volume.modality_values(), np.float32)
    beside = name.endswith(".npy")
    if beside:
        refuse_existing(path.with_suffix(".json"), replace=replace)
    with saved(path, replace=replace) as part:
        if beside:
            with part.open("wb") as stream:
                np.save(stream, values)
            write_sidecar(path, placement(volume, stack, identified=identified), replace=replace)
        elif name.endswith(".nrrd"):
            write_nrrd(part, values, volume.affine)
        else:
            write_nifti(part, values, volume.affine, compressed=name.endswith(".gz"))


def placement(volume: Volume, stack: Stack, *, identified: bool) -> dict[str, Any]:
    """Return what places the array [slice, row, column] in the patient: LPS, mm."""
    affine = volume.affine
    return {
        "shape": list(volume.grid.shape),
        "origin": _list(affine[:3, 3]),
        "row_direction": _list(affine[:3, 2] / np.linalg.norm(affine[:3, 2])),
        "column_direction": _list(affine[:3, 1] / np.linalg.norm(affine[:3, 1])),
        "slice_step": _list(affine[:3, 0]),
        "spacing": [float(v) for v in volume.voxel_sizes],
        "affine": [_list(row) for row in affine],
        "slice_positions": _list(volume.slice_positions),
        "frame_of_reference_uid": stamped_uid(volume.frame_of_reference_uid, identified=identified),
        "series_uid": stamped_uid(stack.series_instance_uid, identified=identified),
        "stack": stack.id,
    }


def _list(values: NDArray[Any]) -> list[float]:
    return [float(v) + 0.0 for v in values]
