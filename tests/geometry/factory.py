"""Instances and stacks made by hand, without files."""

from __future__ import annotations

from typing import Any

import numpy as np

from workstation.dicom.identity import Frame, Instance, Locator
from workstation.geometry.stack import Stack, stacks_of
from workstation.geometry.volume import Volume, volume_from

AXIAL = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
CORONAL = (1.0, 0.0, 0.0, 0.0, 0.0, -1.0)
SAGITTAL = (0.0, 1.0, 0.0, 0.0, 0.0, -1.0)
OBLIQUE = (0.8, 0.6, 0.0, -0.36, 0.48, 0.8)
CT, MR, ENHANCED_MR = "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.4", "1.2.840.10008.5.1.4.1.1.4.1"
LINEAR = np.array([2.0, 3.0, -5.0])


def image(
    number: int | None,
    position: Any = None,
    orientation: Any = AXIAL,
    *,
    frames: tuple[Frame, ...] | None = None,
    spacing: Any = (2.0, 0.5),
    uid: str | None = None,
    series: str = "1.2.3",
    values: dict[str, Any] | None = None,
    header: dict[str, Any] | None = None,
    **facts: Any,
) -> Instance:
    """Return one CT image of 7 rows and 9 columns with non-square pixels, unless told otherwise."""
    own = frames or (Frame(0, position, orientation, spacing, values or {}),)
    defaults: dict[str, Any] = {
        "modality": "CT",
        "rows": 7,
        "columns": 9,
        "photometric": "MONOCHROME2",
        "frame_of_reference_uid": "1.9",
        "has_pixels": True,
        "number_of_frames": len(own),
        "sop_class_uid": CT,
    }
    uid = uid or f"{series}.{number}.{hash(str(own)) % 10**9}"
    return Instance(
        locator=Locator(f"/data/IM{number}"),
        sop_instance_uid=uid,
        series_instance_uid=series,
        study_instance_uid="1.2",
        transfer_syntax_uid="1.2.840.10008.1.2.1",
        instance_number=number,
        frames=own,
        values=header or {},
        **{**defaults, **facts},
    )


def axes(orientation: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return right, down and normal."""
    right, down = np.array(orientation[:3]), np.array(orientation[3:])
    return right, down, np.cross(right, down)


def series(offsets: Any, orientation: Any = AXIAL, tilt: float = 0.0, origin: Any = (-7.5, 11.0, -40.0), **facts: Any):
    """Return instances at distances along the (tilted) table direction, numbered as they come."""
    _, down, normal = axes(orientation)
    step = np.cos(np.radians(tilt)) * normal - np.sin(np.radians(tilt)) * down
    places = [tuple((np.array(origin) + offset * step).tolist()) for offset in offsets]
    return [image(k + 1, place, orientation, **facts) for k, place in enumerate(places)]


def one_stack(instances: Any) -> Stack:
    """Return the only stack of the instances."""
    (stack,) = stacks_of(instances)
    return stack


def linear_volume(stack: Stack) -> Volume:
    """Return a volume whose value is 2x + 3y - 5z at every voxel centre."""

    def values(frame: Any) -> np.ndarray:
        plane = frame.plane
        columns, rows = np.meshgrid(np.arange(plane.columns), np.arange(plane.rows))
        u, v = np.array(plane.right) * plane.spacing[1], np.array(plane.down) * plane.spacing[0]
        points = np.array(plane.origin) + columns[..., None] * u + rows[..., None] * v
        return (points @ LINEAR).astype(np.float32)

    return volume_from(stack, values, background=np.nan)
