"""What a data set says about showing one frame, gathered once and kept as a value."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from workstation.dicom.attributes import frame_item, items, number, numbers, text, texts
from workstation.errors import UnreadablePixels
from workstation.imaging.color import Palette, has_palette, palette_of
from workstation.imaging.lookup_table import lookup_table_of
from workstation.imaging.modality_lut import ModalityLut, Rescale
from workstation.imaging.overlay_plane import EmbeddedOverlay, OverlayPlane, overlays_of
from workstation.imaging.padding import padding_of
from workstation.imaging.shutter import Shutter, shutter_of
from workstation.imaging.voi_lut import VoiChoice, VoiLut, is_usable
from workstation.imaging.window import VOILUTFunction, Window

if TYPE_CHECKING:
    from pydicom import Dataset

    from workstation.imaging.pixel_format import PixelFormat

CT_IMAGES: Final = frozenset(
    {"1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.2.1", "1.2.840.10008.5.1.4.1.1.2.2"}
)
LITERAL_UNITS: Final = frozenset({"HU", "HU_MOD", "Z_EFF", "ED", "EDW", "PCT", "US", "MGML", "OD"})
NO_UNIT: Final = frozenset({"MR", "CR", "DX", "MG", "IO", "XA", "RF"})
LUT_FIRST: Final = frozenset({"DX", "MG", "CR", "IO", "PX"})
"""Modalities whose VOI LUT comes before their windows (B16)."""


@dataclass(frozen=True, slots=True, eq=False)
class Rendering:
    """Everything the pipeline needs to know about one frame besides its values.

    ``voi`` lists the header's windows and VOI LUTs, first one default; ``padding`` is in stored values;
    ``unit`` is "" where modality values have none; ``stored_range`` is None for float pixels.
    """

    modality_stage: Rescale | ModalityLut
    unit: str = ""
    voi: tuple[VoiChoice, ...] = ()
    monochrome1: bool = False
    padding: tuple[int, int] | None = None
    palette: Palette | None = None
    color: bool = False
    bits_stored: int = 16
    stored_range: tuple[int, int] | None = None
    modality: str = ""
    overlays: tuple[OverlayPlane, ...] = ()
    embedded_overlays: tuple[EmbeddedOverlay, ...] = ()
    shutter: Shutter | None = None
    raw: bool = False
    notes: tuple[str, ...] = ()

    @property
    def has_window(self) -> bool:
        """Whether a VOI window means anything: not for RGB or a full palette (C10)."""
        return not self.color and (self.palette is None or self.palette.supplemental)

    def for_modality_values(self) -> Rendering:
        """Return the same rendering for values that already are modality values, as a section's are."""
        return replace(
            self,
            modality_stage=Rescale(unit=self.unit),
            padding=None,
            palette=None,
            stored_range=None,
            overlays=(),
            embedded_overlays=(),
            shutter=None,
        )


@dataclass(frozen=True, slots=True, eq=False)
class InstanceRendering:
    """The part of a rendering that all frames of an instance share."""

    palette: Palette | None
    overlays: tuple[OverlayPlane, ...]
    embedded_overlays: tuple[EmbeddedOverlay, ...]
    shutter: Shutter | None
    notes: tuple[str, ...]


def instance_rendering_of(ds: Dataset, fmt: PixelFormat) -> InstanceRendering:
    """Read palette, overlays and shutter of an instance.

    Raises
    ------
    UnreadablePixels
        When a PALETTE COLOR image has no usable palette.
    """
    overlays, embedded, notes = overlays_of(ds, fmt.bits_allocated, fmt.bits_stored, fmt.high_bit)
    palette = None
    if fmt.photometric == "PALETTE COLOR":
        palette = palette_of(ds, signed=fmt.signed)
    elif fmt.samples_per_pixel == 1 and has_palette(ds) and text(ds, "PixelPresentation").upper() in ("COLOR", "MIXED"):
        try:
            palette = palette_of(ds, signed=fmt.signed, supplemental=True)
        except UnreadablePixels as error:
            notes = (*notes, str(error))
    if "ICCProfile" in ds and (fmt.is_color or palette is not None):
        notes = (*notes, "An ICC profile is present; colours are shown as sRGB without it")
    shutter = shutter_of(ds)
    if shutter is not None and shutter.group is not None:
        covering = [overlay for overlay in overlays if overlay.group == shutter.group]
        overlays = tuple(overlay for overlay in overlays if overlay.group != shutter.group)
        shutter = replace(shutter, bitmap=covering[0] if covering else None)
    return InstanceRendering(palette, overlays, embedded, shutter, notes)


def rendering_of(
    ds: Dataset, fmt: PixelFormat, frame_index: int = 0, *, shared: InstanceRendering | None = None
) -> Rendering:
    """Gather how one frame is to be shown: per-frame groups, then shared ones, then the top level (B8, B20).

    ``shared`` saves reading palette, overlays and shutter again for every frame.

    Raises
    ------
    UnreadablePixels
        When a table the image cannot be shown without is unusable.
    """
    shared = shared or instance_rendering_of(ds, fmt)
    notes = list(shared.notes)
    modality = text(ds, "Modality").upper()
    stage = _modality_stage(ds, fmt, frame_index, notes)
    color = fmt.is_color
    return Rendering(
        modality_stage=stage,
        unit=stage.unit,
        voi=() if color else _voi_choices(ds, fmt, frame_index, stage, modality, notes),
        monochrome1=_is_inverse(ds, fmt, notes),
        padding=padding_of(ds, fmt),
        palette=shared.palette,
        color=color,
        bits_stored=fmt.bits_stored,
        stored_range=fmt.stored_range if fmt.kind == "integer" else None,
        modality=modality,
        overlays=shared.overlays,
        embedded_overlays=shared.embedded_overlays,
        shutter=shared.shutter,
        raw=_is_raw(ds, notes),
        notes=tuple(notes),
    )


def _modality_stage(ds: Dataset, fmt: PixelFormat, frame_index: int, notes: list[str]) -> Rescale | ModalityLut:
    """Return the Modality LUT, which excludes rescaling, or the rescale of this frame (B5, B7, B8)."""
    stored_range = fmt.stored_range if fmt.kind == "integer" else None
    source = frame_item(ds, frame_index, "PixelValueTransformationSequence") or ds
    unit = _unit(ds, source, frame_index)
    scaling = number(ds, "DoseGridScaling")
    if scaling is not None:
        return Rescale(scaling, 0.0, unit, stored_range)
    slope, intercept = number(source, "RescaleSlope"), number(source, "RescaleIntercept")
    tables = items(ds, "ModalityLUTSequence")
    if tables and not fmt.is_color:
        if slope is not None:
            notes.append("Both a Modality LUT and Rescale Slope are present; the table is used")
        try:
            return ModalityLut(lookup_table_of(tables[0], signed=fmt.signed), text(tables[0], "ModalityLUTType"))
        except UnreadablePixels as error:
            notes.append(f"Modality LUT ignored: {error}")
    if (slope is None) != (intercept is None):
        present, absent = ("Slope", "Intercept") if intercept is None else ("Intercept", "Slope")
        notes.append(f"Rescale {present} without Rescale {absent}; values are not rescaled")
        return Rescale(1.0, 0.0, "", stored_range)
    if slope == 0:
        notes.append("Rescale Slope is 0; values are not rescaled")
        return Rescale(1.0, 0.0, "", stored_range)
    return Rescale(1.0 if slope is None else slope, intercept or 0.0, unit, stored_range)


def _unit(ds: Dataset, source: Dataset, frame_index: int) -> str:
    """Return what modality values are in, "" where they are in nothing (B9)."""
    modality, sop_class = text(ds, "Modality").upper(), text(ds, "SOPClassUID")
    if "DoseGridScaling" in ds:
        return {"GY": "Gy", "RELATIVE": "relative"}.get(text(ds, "DoseUnits").upper(), "")
    rescale_type = text(source, "RescaleType").upper()
    if modality in NO_UNIT:
        return ""
    if modality == "PT":
        return text(ds, "Units")
    if rescale_type in LITERAL_UNITS:
        return rescale_type
    mapping = _first_mapping(ds, frame_index)
    if mapping is not None:
        return mapping
    kinds = {part.upper() for part in texts(ds, "ImageType")}
    measured = sop_class in CT_IMAGES and not kinds & {"LOCALIZER", "DERIVED"}
    rescaled = number(source, "RescaleSlope") is not None and number(source, "RescaleIntercept") is not None
    return "HU" if measured and not rescale_type and rescaled else ""


def _first_mapping(ds: Dataset, frame_index: int) -> str | None:
    """Return the unit of an identity Real World Value Mapping, the only kind whose unit fits stored values."""
    item = frame_item(ds, frame_index, "RealWorldValueMappingSequence")
    if item is None or number(item, "RealWorldValueSlope") != 1 or number(item, "RealWorldValueIntercept"):
        return None
    codes = items(item, "MeasurementUnitsCodeSequence")
    value = text(codes[0], "CodeValue") if codes else ""
    return None if value in ("", "1") else value


def _voi_choices(
    ds: Dataset,
    fmt: PixelFormat,
    frame_index: int,
    stage: Rescale | ModalityLut,
    modality: str,
    notes: list[str],
) -> tuple[VoiChoice, ...]:
    """Return the header's windows and VOI LUTs, default first (B15, B16, B20)."""
    source = frame_item(ds, frame_index, "FrameVOILUTSequence") or ds
    windows: list[VoiChoice] = list(_windows(source, notes))
    luts: list[VoiChoice] = []
    signed = fmt.signed or (isinstance(stage, Rescale) and (stage.intercept < 0 or stage.slope < 0))
    for item in items(source, "VOILUTSequence"):
        try:
            luts.append(VoiLut(lookup_table_of(item, signed=signed)))
        except UnreadablePixels as error:
            notes.append(f"VOI LUT ignored: {error}")
    return tuple(luts + windows if modality in LUT_FIRST else windows + luts)


def _windows(source: Dataset, notes: list[str]) -> list[Window]:
    centers, widths = numbers(source, "WindowCenter"), numbers(source, "WindowWidth")
    names = texts(source, "WindowCenterWidthExplanation")
    function = voi_function(text(source, "VOILUTFunction"), notes)
    if len(centers) != len(widths):
        notes.append(f"{len(centers)} Window Center but {len(widths)} Window Width values")
    windows = []
    for index, (center, width) in enumerate(zip(centers, widths, strict=False)):
        window = Window(center, width, function, names[index] if index < len(names) else "")
        if is_usable(window):
            windows.append(window)
        else:
            notes.append(f"Window Width {width:g} cannot be used with {function}")
    return windows


def voi_function(value: str, notes: list[str] | None = None) -> VOILUTFunction:
    """Return the VOI LUT Function of a text, LINEAR for anything unknown (B13)."""
    name = value.strip().upper()
    if name in VOILUTFunction.__members__:
        return VOILUTFunction(name)
    if name and notes is not None:
        notes.append(f"VOI LUT Function {name[:16]} is unknown; LINEAR used")
    return VOILUTFunction.LINEAR


def _is_inverse(ds: Dataset, fmt: PixelFormat, notes: list[str]) -> bool:
    """Let Photometric Interpretation decide the polarity; note a Presentation LUT Shape that disagrees (B24)."""
    inverse = fmt.photometric == "MONOCHROME1"
    shape = text(ds, "PresentationLUTShape").upper()
    if shape in ("IDENTITY", "INVERSE") and (shape == "INVERSE") != inverse and fmt.samples_per_pixel == 1:
        notes.append(f"Presentation LUT Shape {shape} contradicts {fmt.photometric}; the latter decides")
    return inverse


def _is_raw(ds: Dataset, notes: list[str]) -> bool:
    """Whether the image is FOR PROCESSING (B35)."""
    raw = text(ds, "PresentationIntentType").upper() == "FOR PROCESSING"
    if raw:
        notes.append("raw – not for presentation")
    return raw
