"""The frames of an instance: place, spacing and split attributes of each (D17, D20-D24)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydicom.dataelem import DataElement

from workstation.dicom import attributes as a
from workstation.dicom import diffusion, nuclear, wanted
from workstation.dicom.identity import Frame
from workstation.dicom.siemens_csa import parse_csa
from workstation.dicom.spacing import usable_sizes
from workstation.dicom.vocabulary import tag_of, tags_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydicom.dataset import Dataset

RT_DOSE = "1.2.840.10008.5.1.4.1.1.481.2"


def frames_of(ds: Dataset, count: int, modality: str) -> tuple[Frame, ...]:
    """Return ``count`` frames."""
    if a.has_functional_groups(ds):
        return _enhanced(ds, count)
    values = wanted.collect(ds, wanted.FRAME)
    add_diffusion(ds, values)
    position = a.vector(ds, "ImagePositionPatient", 3)
    orientation = a.vector(ds, "ImageOrientationPatient", 6)
    spacing = _spacing(ds)
    if modality == "NM" or (count > 1 and "SliceVector" in ds):
        return _nuclear(ds, count, values, spacing)
    if count > 1 and "GridFrameOffsetVector" in ds and position and orientation:
        return _dose(ds, count, values, position, orientation, spacing)
    return tuple(Frame(index, position, orientation, spacing, values) for index in range(count))  # type: ignore[arg-type]


def mosaic_of(ds: Dataset, image_type: tuple[str, ...]) -> tuple[int, tuple[float, ...] | None] | None:
    """Return (number of images, slice normal) of a Siemens mosaic, by its CSA header (D20).

    None where it is no mosaic or no CSA header says how many tiles there are; enhanced XA images keep the word
    MOSAIC in Image Type but are none.
    """
    if "MOSAIC" not in image_type or a.has_functional_groups(ds):
        return None
    found = parse_csa(diffusion.csa_header(ds), ("NumberOfImagesInMosaic", "SliceNormalVector"))
    try:
        count = int(float(found.get("NumberOfImagesInMosaic", ("0",))[0]))
        normal = tuple(float(part) for part in found.get("SliceNormalVector", ())[:3])
    except ValueError:
        return None
    if count < 1:
        return None
    return count, normal if len(normal) == 3 else None


def add_diffusion(ds: Dataset, values: dict[str, Any]) -> None:
    """Put the b-value and gradient direction of a classic image among the values of its frame."""
    if (b := diffusion.b_value(ds)) is not None:
        values["DiffusionBValue"] = b
        if (direction := diffusion.gradient(ds)) is not None:
            values["DiffusionGradientOrientation"] = direction


def _spacing(ds: Dataset) -> tuple[float, float] | None:
    return usable_sizes(a.vector(ds, "PixelSpacing", 2))


def _nuclear(
    ds: Dataset, count: int, values: Mapping[str, Any], spacing: tuple[float, float] | None
) -> tuple[Frame, ...]:
    axes = nuclear.frame_axes(ds, count)
    places = nuclear.slice_geometry(ds, axes)
    if count == 1 and places[0][0] is None:
        # Single reconstructed slices of some makers carry a plain Image Plane instead.
        places = [(a.vector(ds, "ImagePositionPatient", 3), a.vector(ds, "ImageOrientationPatient", 6))]  # type: ignore[list-item]
    return tuple(
        Frame(index, position, orientation, spacing, {**values, **nuclear.axis_values(axis)})  # type: ignore[arg-type]
        for index, (axis, (position, orientation)) in enumerate(zip(axes, places, strict=True))
    )


def _dose(
    ds: Dataset,
    count: int,
    values: Mapping[str, Any],
    position: tuple[float, ...],
    orientation: tuple[float, ...],
    spacing: tuple[float, float] | None,
) -> tuple[Frame, ...]:
    """Place RT Dose frames by Grid Frame Offset Vector (C.8.8.3.2): offsets if the first is 0, else z values."""
    offsets = a.numbers(ds, "GridFrameOffsetVector")
    if len(offsets) < count:
        return tuple(Frame(index, None, orientation, spacing, values) for index in range(count))  # type: ignore[arg-type]
    r, c = orientation[:3], orientation[3:]
    normal = (r[1] * c[2] - r[2] * c[1], r[2] * c[0] - r[0] * c[2], r[0] * c[1] - r[1] * c[0])
    first = offsets[0]
    frames = []
    for index in range(count):
        along = offsets[index] if first == 0 else (offsets[index] - first) * (1 if normal[2] >= 0 else -1)
        place = tuple(o + along * n for o, n in zip(position, normal, strict=True))
        frames.append(Frame(index, place, orientation, spacing, values))  # type: ignore[arg-type]
    return tuple(frames)


def _enhanced(ds: Dataset, count: int) -> tuple[Frame, ...]:
    """Resolve functional groups: per-frame over shared over (legacy converted only) the top level (D21)."""
    legacy = a.text(ds, "SOPClassUID") in a.LEGACY_CONVERTED
    base: dict[str, Any] = wanted.collect(ds, wanted.FRAME)
    if legacy:
        _place(ds, base)
    else:
        base = {key: value for key, value in base.items() if key in _TOP_LEVEL_STILL}
    shared = a.first_item(ds, "SharedFunctionalGroupsSequence")
    if shared is not None:
        base.update(_group(shared))
    per_frame = a.items(ds, "PerFrameFunctionalGroupsSequence")
    frames = []
    for index in range(count):
        own = _group(per_frame[index]) if index < len(per_frame) else {}
        values = {**base, **own}
        place = [values.pop(key, None) for key in ("@position", "@orientation", "@spacing")]
        frames.append(Frame(index, place[0], place[1], place[2], values))
    return tuple(frames)


_TOP_LEVEL_STILL = frozenset({"ImageType", "AcquisitionNumber", "AcquisitionDateTime", "ContentTime", "ProtocolName"})
"""Attributes of enhanced images that stand at the top level by the Standard and hold for every frame."""


def _group(group: Dataset) -> dict[str, Any]:
    """Return the wanted attributes of every macro in one functional group item."""
    out: dict[str, Any] = {}
    for tag in tags_of(group):
        if tag >> 16 & 1:
            continue  # Philips (2005,140F) repeats the classic position there, half a voxel off
        element = group.get_item(tag, keep_deferred=True)
        if not isinstance(element, DataElement) or element.VR != "SQ" or not element.value:
            continue
        macro = element.value[0]
        out.update(wanted.collect(macro, wanted.FRAME))
        _place(macro, out)
        if tag == _MR_DIFFUSION:
            _diffusion_macro(macro, out)
    if "InversionTimes" in out:
        out["InversionTime"] = out.pop("InversionTimes")[0]
    return out


_MR_DIFFUSION = tag_of("MRDiffusionSequence")


def _diffusion_macro(macro: Dataset, out: dict[str, Any]) -> None:
    b = a.number(macro, "DiffusionBValue")
    directionality = a.text(macro, "DiffusionDirectionality")
    if b is not None:
        out["DiffusionBValue"] = b
    elif directionality == "NONE":
        out["DiffusionBValue"] = 0.0
    item = a.first_item(macro, "DiffusionGradientDirectionSequence")
    direction = a.vector(item, "DiffusionGradientOrientation", 3) if item is not None else None
    if direction is not None:
        out["DiffusionGradientOrientation"] = direction
    if directionality:
        out["DiffusionDirectionality"] = directionality


def _place(macro: Dataset, out: dict[str, Any]) -> None:
    if (position := a.vector(macro, "ImagePositionPatient", 3)) is not None:
        out["@position"] = position
    if (orientation := a.vector(macro, "ImageOrientationPatient", 6)) is not None:
        out["@orientation"] = orientation
    if (spacing := _spacing(macro)) is not None:
        out["@spacing"] = spacing
