"""How long a pixel is, and how far that may be believed (D31-D35).

Sources in the order of PS3.3 10.7.1: ultrasound regions, Pixel Spacing, Imager Pixel Spacing with or without a
magnification, Nominal Scanned Pixel Spacing, Pixel Aspect Ratio, nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workstation.dicom.spacing import usable_sizes

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from workstation.dicom.identity import Frame, Instance, Region

PROJECTION = frozenset({"CR", "DX", "MG", "XA", "RF", "RG", "IO", "PX", "RTIMAGE", "DR"})
"""Modalities whose pixels are shadows: a length in them depends on the distance from the detector."""
CROSS_SECTIONAL = frozenset({"CT", "MR", "PT", "NM", "OPT", "RTDOSE"})
"""Modalities whose Pixel Spacing holds in the patient."""
MOST_MAGNIFICATION = 20.0
"""Factor beyond which distances in a header cannot be true."""
LOW_PRIORITY = 1
"""Bit 0 of Region Flags: another region's pixels overwrite this one's (PS3.3 C.8.5.5.1.3)."""
TWO_D, M_MODE, SPECTRAL = 1, 2, 3
CENTIMETRES, SECONDS, CENTIMETRES_PER_SECOND = 3, 4, 7
UNIT_NAMES = {3: ("mm", 10.0), 4: ("s", 1.0), 7: ("cm/s", 1.0)}

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Calibration:
    """Size of a pixel down a column (``row_mm``) and along a row (``column_mm``), in ``unit``.

    ``unit`` is ``"mm"``, ``"px"`` (then the sizes only carry the aspect), or ``""`` where the two directions have
    different units, named by ``row_unit`` and ``column_unit`` (M-mode, spectral Doppler). ``source`` is shown with
    every length. ``plain`` sizes need no remark: they hold in the patient.
    """

    row_mm: float
    column_mm: float
    unit: str
    source: str
    plain: bool = False
    row_unit: str = ""
    column_unit: str = ""

    @property
    def aspect(self) -> float:
        """Height of a pixel divided by its width (D31)."""
        return self.row_mm / self.column_mm


UNCALIBRATED = Calibration(1.0, 1.0, "px", "no calibration")


def calibration_of(
    instance: Instance,
    frame: Frame | None = None,
    points: Iterable[Point] | None = None,
    user: Calibration | None = None,
) -> Calibration:
    """Return what a length on a frame means.

    Parameters
    ----------
    instance, frame
        Facts of the header; the frame's spacing wins over the instance's.
    points
        Pixels (column, row) the measurement touches; they choose the ultrasound region (D35). None: none known,
        an ultrasound image is then calibrated only if all of its 2-D regions agree.
    user
        A calibration the user made for this image; it wins and says so (D34).
    """
    if user is not None:
        return user
    regions: Sequence[Region] = instance.values.get("UltrasoundRegions", ())
    if regions:
        return _by_region(regions, None if points is None else list(points), instance)
    spacing = (frame.spacing if frame is not None else None) or usable_sizes(instance.values.get("PixelSpacing"))
    if instance.modality in PROJECTION:
        return _projection(instance, spacing)
    if spacing is not None:
        placed = frame is not None and frame.orientation is not None
        return _sized(spacing, "Pixel Spacing", plain=placed or instance.modality in CROSS_SECTIONAL)
    return _projection(instance, None)


def user_calibration(known_mm: float, row_pixels: float, column_pixels: float, aspect: float = 1.0) -> Calibration:
    """Return the calibration under which a drawn line is ``known_mm`` long (D34).

    ``aspect`` is a pixel's height by its width, kept from the header.
    """
    size = known_mm / ((row_pixels * aspect) ** 2 + column_pixels**2) ** 0.5
    return Calibration(size * aspect, size, "mm", "user")


def pixel_aspect(instance: Instance, frame: Frame | None = None) -> tuple[float, float]:
    """Return (row size, column size) of a pixel in any common unit, for drawing true shapes (D31, D32)."""
    calibration = calibration_of(instance, frame)
    if calibration.unit not in {"mm", "px"} or instance.values.get("UltrasoundRegions"):
        calibration = _without_size(instance)
    return calibration.row_mm, calibration.column_mm


def _sized(spacing: tuple[float, float], source: str, plain: bool = False) -> Calibration:
    return Calibration(spacing[0], spacing[1], "mm", source, plain)


def _projection(instance: Instance, spacing: tuple[float, float] | None) -> Calibration:
    """Apply the rules for projections (D33, PS3.3 10.7.1.2 and 10.7.1.3)."""
    values = instance.values
    imager = usable_sizes(values.get("ImagerPixelSpacing"))
    kind = str(values.get("PixelSpacingCalibrationType") or "")
    if spacing is not None:
        if kind:
            return _sized(spacing, f"calibrated ({kind})")
        if imager is None:
            return _sized(spacing, "Pixel Spacing, calibration not stated")
        if _equal(spacing, imager):
            return _magnified(values, imager) or _sized(spacing, "at detector")
        return _sized(spacing, "calibrated")
    if imager is not None:
        return _magnified(values, imager) or _sized(imager, "at detector")
    film = usable_sizes(values.get("NominalScannedPixelSpacing"))
    if film is not None:
        return _sized(film, "on film")
    return _without_size(instance)


def _magnified(values: Any, imager: tuple[float, float]) -> Calibration | None:
    """Divide by the estimated magnification of the object, where the header gives it or both distances."""
    factor = values.get("EstimatedRadiographicMagnificationFactor") or 0.0
    detector, patient = values.get("DistanceSourceToDetector") or 0.0, values.get("DistanceSourceToPatient") or 0.0
    if factor <= 0 and detector > 0 and patient > 0:
        factor = detector / patient
    if not 1 <= factor <= MOST_MAGNIFICATION:
        return None
    sizes = imager[0] / factor, imager[1] / factor
    return _sized(sizes, f"÷ magnification {factor:.3g} (estimated)")


def _without_size(instance: Instance) -> Calibration:
    ratio = usable_sizes(instance.values.get("PixelAspectRatio"))
    if ratio is None or ratio[0] == ratio[1]:
        return UNCALIBRATED
    # The ratio is vertical\horizontal: a pixel of 6\5 is 1.2 times as high as wide (D32).
    return Calibration(ratio[0] / ratio[1], 1.0, "px", "aspect-corrected")


def _equal(a: tuple[float, float], b: tuple[float, float]) -> bool:
    return all(abs(x - y) <= 1e-4 * max(x, y) for x, y in zip(a, b, strict=True))


def _by_region(regions: Sequence[Region], points: Sequence[Point] | None, instance: Instance) -> Calibration:
    if points is None:
        sizes = [_of_region(region) for region in regions if region.spatial_format == TWO_D]
        known = {(c.row_mm, c.column_mm, c.unit) for c in sizes if c is not None}
        return sizes[0] or UNCALIBRATED if len(known) == 1 and None not in sizes else _without_size(instance)
    region = region_of(regions, points)
    found = _of_region(region) if region is not None else None
    if found is None:
        return _without_size(instance)
    return found


def region_of(regions: Sequence[Region], points: Sequence[Point]) -> Region | None:
    """Return the region whose scale holds for all points, None where there is none (D35).

    All points lie within its inclusive bounds; where it overlaps others that also hold them all, one of high
    priority wins. A high-priority region that holds only some of the points spoils the low ones beneath it.
    """
    holding = [region for region in regions if all(_inside(region, point) for point in points)]
    high = [region for region in holding if not region.flags & LOW_PRIORITY]
    if high:
        return high[0]
    over = (region for region in regions if not region.flags & LOW_PRIORITY)
    if any(_inside(region, point) for region in over for point in points):
        return None
    return holding[0] if holding else None


def _inside(region: Region, point: Point) -> bool:
    column, row = point
    # Bounds name pixels, and a pixel reaches half its size around its centre.
    return region.x0 - 0.5 <= column <= region.x1 + 0.5 and region.y0 - 0.5 <= row <= region.y1 + 0.5


def _of_region(region: Region | None) -> Calibration | None:
    if region is None or region.units_x not in UNIT_NAMES or region.units_y not in UNIT_NAMES:
        return None
    (x_name, x_factor), (y_name, y_factor) = UNIT_NAMES[region.units_x], UNIT_NAMES[region.units_y]
    row, column = abs(region.delta_y) * y_factor, abs(region.delta_x) * x_factor
    if not row or not column:
        return None
    if region.spatial_format == TWO_D:
        if x_name != "mm" or y_name != "mm":
            return None
        return Calibration(row, column, "mm", "ultrasound region", plain=True)
    if region.spatial_format not in {M_MODE, SPECTRAL}:
        return None
    name = "M-mode" if region.spatial_format == M_MODE else "spectral Doppler"
    return Calibration(row, column, "", f"{name} region", row_unit=y_name, column_unit=x_name)


def physical_value(region: Region, point: Point) -> tuple[float, float]:
    """Return (x, y) of a pixel in the region's own units, from its reference pixel (PS3.3 C.8.5.5.1.16).

    The reference pixel counts from the region's corner; Physical Delta Y may be negative, as in spectral Doppler
    where velocity rises upwards.
    """
    x = point[0] - region.x0 - (region.reference_x or 0)
    y = point[1] - region.y0 - (region.reference_y or 0)
    return x * region.delta_x, y * region.delta_y
