"""``workstation section``: one reformatted plane, as the window shows it or as modality values."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from workstation.cli.arguments import checked_suffix
from workstation.cli.pixels import volume_stack
from workstation.cli.png import write_png
from workstation.cli.voi import section_pixels
from workstation.errors import BadUsage
from workstation.export.sidecar import write_sidecar
from workstation.geometry.image_plane import add
from workstation.geometry.reslice import reslice, section_plane, standard_section
from workstation.geometry.volume import DEFAULT_BUDGET
from workstation.loading.volume_builder import build_volume

if TYPE_CHECKING:
    import argparse

    from workstation.dicom.identity import Vector
    from workstation.geometry.image_plane import ImagePlane
    from workstation.geometry.volume import Volume

MOST_PIXELS = 1 << 28
"""Most pixels of one section."""


def run(options: argparse.Namespace) -> int:
    """Write one section."""
    suffix = checked_suffix(options.out, (".png", ".npy"))
    if options.normal is not None and options.plane is not None:
        raise BadUsage("--plane and --normal name two different planes.")
    if options.up is not None and options.normal is None:
        raise BadUsage("--up turns a plane given by --normal; the planes of --plane have their own.")
    stack, code = volume_stack(options)
    volume = build_volume(stack, limit=DEFAULT_BUDGET).volume
    plane = chosen_plane(options, volume)
    values = reslice(volume, plane, options.slab, options.projection)
    target = Path(options.out)
    if suffix == ".npy":
        np.save(target, values)
        write_sidecar(target, placement(plane, options, stack.id))
    else:
        write_png(target, section_pixels(values, stack, options.window))
    return code


def chosen_plane(options: argparse.Namespace, volume: Volume) -> ImagePlane:
    """Return the plane that the options name: centred on ``--at`` where a ``--size`` is given, else the whole box.

    Raises
    ------
    BadUsage
    """
    spacing = options.spacing or None
    if options.normal is None:
        plane = standard_section(volume, options.plane or "axial", options.at, spacing)
    else:
        right, down = directions(options.normal, options.up)
        plane = section_plane(volume, right, down, options.at, spacing)
    if options.size is None:
        if plane.rows * plane.columns > MOST_PIXELS:
            raise BadUsage(f"--spacing {options.spacing:g}: {plane.columns} × {plane.rows} pixels are too many.")
        return plane
    columns, rows = options.size
    center: Vector = options.at or volume.grid.centre
    corner = add(center, plane.right, -(columns - 1) / 2 * plane.spacing[1])
    corner = add(corner, plane.down, -(rows - 1) / 2 * plane.spacing[0])
    return replace(plane, origin=corner, rows=rows, columns=columns)


def directions(normal: Vector, up: Vector | None) -> tuple[Vector, Vector]:
    """Return the unit directions right and down of an oblique plane: right x down is the normal.

    Without ``up`` the patient's head points up, or the front where the normal is the long axis.

    Raises
    ------
    BadUsage
        If the normal is zero or ``up`` runs along it.
    """
    n = np.array(normal, np.float64)
    length = float(np.linalg.norm(n))
    if length < 1e-9:
        raise BadUsage("--normal has no direction.")
    n /= length
    top = np.array(up, np.float64) if up is not None else np.array((0, -1, 0) if abs(n[2]) > 0.9 else (0, 0, 1.0))
    top = top - (top @ n) * n
    if np.linalg.norm(top) < 1e-6:
        raise BadUsage("--up must not run along --normal.")
    down = -top / np.linalg.norm(top)
    right = np.cross(down, n)
    return _vector(right), _vector(down)


def _vector(values: Any) -> Vector:
    x, y, z = (float(v) + 0.0 for v in values)
    return x, y, z


def placement(plane: ImagePlane, options: argparse.Namespace, stack_id: str) -> dict[str, Any]:
    """Return what places the array [row, column] in the patient: LPS, mm."""
    return {
        "shape": [plane.rows, plane.columns],
        "origin": list(plane.origin),
        "row_direction": list(plane.right),
        "column_direction": list(plane.down),
        "normal": list(plane.normal),
        "spacing": list(plane.spacing),
        "slab_mm": options.slab,
        "projection": options.projection,
        "frame_of_reference_uid": plane.frame_of_reference_uid,
        "stack": stack_id,
    }
