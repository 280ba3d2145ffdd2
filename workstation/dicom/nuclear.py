"""Nuclear Medicine frames: the vectors that index them and where reconstructed slices lie (D23, D24)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workstation.dicom import attributes as a

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

    from workstation.dicom.identity import Vector

VECTORS = {
    "EnergyWindowVector": "EnergyWindow",
    "DetectorVector": "Detector",
    "PhaseVector": "Phase",
    "RRIntervalVector": "RRInterval",
    "TimeSlotVector": "TimeSlot",
    "AngularViewVector": "AngularView",
    "SliceVector": "Slice",
    "RotationVector": "Rotation",
    "TimeSliceVector": "TimeSlice",
}
"""Frame index vectors of NM and PET multi-frame images and the axis each one names (C.8.4.8)."""


def frame_axes(ds: Dataset, frames: int) -> list[dict[str, int]]:
    """Return for each frame its 1-based index along every axis whose vector is complete."""
    axes: list[dict[str, int]] = [{} for _ in range(frames)]
    for keyword, name in VECTORS.items():
        vector = a.integers(ds, keyword)
        if len(vector) >= frames:
            for values, index in zip(axes, vector, strict=False):
                values[name] = index
    return axes


def axis_values(axes: dict[str, int]) -> dict[str, Any]:
    """Return frame values: each axis by name, the slice as ``NMSliceIndex``."""
    return {("NMSliceIndex" if name == "Slice" else name): index for name, index in axes.items()}


def slice_geometry(ds: Dataset, axes: list[dict[str, int]]) -> list[tuple[Vector | None, tuple[float, ...] | None]]:
    """Return position and orientation per frame.

    Only reconstructed tomograms have them: the first slice's position and the orientation come from the
    detector's item, each further slice lies Spacing Between Slices along the normal *with its sign*
    (C.8.4.15: a negative value stacks the other way).
    """
    nothing: list[tuple[Vector | None, tuple[float, ...] | None]] = [(None, None)] * len(axes)
    image_type = a.texts(ds, "ImageType")
    if len(image_type) < 3 or not image_type[2].startswith("RECON"):
        return nothing
    detectors = a.items(ds, "DetectorInformationSequence")
    step = a.number(ds, "SpacingBetweenSlices")
    if step is None:
        step = a.number(ds, "SliceThickness")
    if not detectors or step is None:
        return nothing
    return [_slice(detectors, axis, step, index) for index, axis in enumerate(axes)]


def _slice(
    detectors: Any, axis: dict[str, int], step: float, index: int
) -> tuple[Vector | None, tuple[float, ...] | None]:
    detector = detectors[min(max(axis.get("Detector", 1) - 1, 0), len(detectors) - 1)]
    origin = a.vector(detector, "ImagePositionPatient", 3)
    orientation = a.vector(detector, "ImageOrientationPatient", 6)
    if origin is None or orientation is None:
        return None, None
    r, c = orientation[:3], orientation[3:]
    normal = (r[1] * c[2] - r[2] * c[1], r[2] * c[0] - r[0] * c[2], r[0] * c[1] - r[1] * c[0])
    along = step * (axis.get("Slice", index + 1) - 1)
    return tuple(o + along * n for o, n in zip(origin, normal, strict=True)), orientation  # type: ignore[return-value]
