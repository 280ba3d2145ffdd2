"""``workstation volume``: modality values of a stack as a volume with its affine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from workstation.cli.arguments import checked_suffix
from workstation.cli.documents import finite
from workstation.cli.nifti import write_nifti
from workstation.cli.nrrd import write_nrrd
from workstation.cli.pixels import modality_reader, volume_stack
from workstation.geometry.volume import volume_from

if TYPE_CHECKING:
    import argparse

    from numpy.typing import NDArray

    from workstation.geometry.stack import Stack
    from workstation.geometry.volume import Volume

SUFFIXES = (".nii.gz", ".nii", ".nrrd", ".npy")


def run(options: argparse.Namespace) -> int:
    """Write one volume."""
    suffix = checked_suffix(options.out, SUFFIXES)
    stack, code = volume_stack(options)
    # Padding goes out as the file has it: whoever reads the volume decides what it means.
    with modality_reader(mask_padding=False) as read:
        volume = volume_from(stack, read)
    values = np.asarray(volume.modality_values(), np.float32)
    target = Path(options.out)
    if suffix == ".npy":
        np.save(target, values)
        write_sidecar(target, placement(volume, stack))
    elif suffix == ".nrrd":
        write_nrrd(target, values, volume.affine)
    else:
        write_nifti(target, values, volume.affine)
    return code


def placement(volume: Volume, stack: Stack) -> dict[str, Any]:
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
        "frame_of_reference_uid": volume.frame_of_reference_uid,
        "series_uid": stack.series_instance_uid,
        "stack": stack.id,
    }


def write_sidecar(target: Path, document: dict[str, Any]) -> None:
    """Write the JSON beside an array, under the array's name with the ending ``.json``."""
    target.with_suffix(".json").write_text(json.dumps(finite(document), indent=1) + "\n", encoding="utf-8")


def _list(values: NDArray[Any]) -> list[float]:
    return [float(v) + 0.0 for v in values]
