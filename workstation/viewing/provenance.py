"""One pixel, stage by stage: from the bits in a file, or the voxels of a section, to what is on the screen."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from workstation.viewing.origin_lines import Line, origin_lines

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from workstation.geometry.contributions import Contributions, Sample
    from workstation.geometry.image_plane import ImagePlane
    from workstation.imaging.frame_origin import FrameOrigin
    from workstation.imaging.pipeline import Pipeline
    from workstation.imaging.rendering import Rendering
    from workstation.imaging.stage import StageReport
    from workstation.imaging.window import Window

    Voi = Window | int | str | None

VALUE, SCREEN, VOXELS = "Value", "Screen", "Voxels"
MOST_SAMPLES: Final = 12
"""Samples of a mean told one by one; more are summed up."""


@dataclass(frozen=True, slots=True)
class Look:
    """How a picture is shown besides its pipeline.

    ``voi`` is what the state asks for; ``cover`` what is drawn over the pixel, its name and grey.
    """

    voi: Voi = None
    color_map: str | None = None
    cover: tuple[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """The lines of a pixel; ``screen`` is what is on the screen: one grey, or red, green and blue.

    ``place`` is where the pixel lies in the patient, "" where that is not known.
    """

    heading: str
    lines: tuple[Line, ...]
    screen: tuple[int, ...]
    place: str = ""

    def text(self) -> str:
        """Return the lines as text, columns parted by tabs, for copying."""
        rows = ("\t".join((line.stage, line.value, line.how)).rstrip() for line in self.lines)
        return "\n".join(filter(None, (self.heading, self.place, *rows)))


def frame_pixel(
    values: NDArray[Any],
    pipeline: Pipeline,
    column: int,
    row: int,
    look: Look,
    *,
    origin: FrameOrigin | None = None,
    name: str = "",
    plane: ImagePlane | None = None,
) -> Explanation:
    """Explain a pixel (0-based column and row) of a stored frame.

    Without ``origin``, which takes reading the frame once more, the lines begin at the stored value.
    """
    lines: list[Line] = list(origin_lines(origin, column, row, name)) if origin is not None else []
    value = values[row, column]
    stored = tuple(int(part) for part in value) if value.ndim else value
    if origin is None:
        lines.append(Line(VALUE, "Stored value", _number(stored), "the bits behind it are being read"))
    return replace(
        _shown(f"Column {column}, row {row}", lines, pipeline, stored, look), place=_place(column, row, plane)
    )


def section_pixel(
    values: NDArray[Any],
    pipeline: Pipeline,
    column: int,
    row: int,
    look: Look,
    made_of: Contributions,
    file_of: Callable[[int], str],
    *,
    plane: ImagePlane | None = None,
    reduced: int = 1,
) -> Explanation:
    """Explain a pixel of a section; ``file_of`` names the file of a slice, which counts from 0.

    ``reduced`` is how many rows and columns of the stored frames were averaged into one of the volume's.
    """
    unit = f" {pipeline.rendering.unit}" if pipeline.rendering.unit else ""
    lines = list(_voxel_lines(made_of, unit, file_of))
    if reduced > 1:
        lines.append(Line(VOXELS, "Reduced", f"1:{reduced}", f"each voxel is a mean of {reduced} × {reduced} pixels"))
    value = values[row, column]
    lines.append(Line(VALUE, "Modality value", _number(value) + unit, _combined(made_of)))
    return replace(
        _shown(f"Column {column}, row {row}", lines, pipeline, value, look), place=_place(column, row, plane)
    )


def _place(column: int, row: int, plane: ImagePlane | None) -> str:
    if plane is None:
        return ""
    x, y, z = plane.patient_point(column, row)
    return f"L {x:.1f}   P {y:.1f}   H {z:.1f} mm".replace("-", "−")


def _shown(heading: str, lines: list[Line], pipeline: Pipeline, stored: Any, look: Look) -> Explanation:
    reports = pipeline.explain(stored)
    if any(line.group == VOXELS for line in lines):
        # a section's values already are modality values
        reports = [report for report in reports if report.name != "Rescale"]
    lines += _stage_lines(reports, pipeline, look.voi)
    output = reports[-1].output
    screen = tuple(int(part) for part in output) if isinstance(output, tuple) else (int(output),)
    if look.color_map is not None and not pipeline.is_color and len(screen) == 1:
        screen = _mapped(screen[0], look.color_map)
        lines.append(Line(SCREEN, "Colour map", _number(screen), look.color_map.replace("_", " ")))
    if look.cover is not None:
        screen = (look.cover[1],)
        lines.append(Line(SCREEN, look.cover[0], str(look.cover[1]), "drawn over the picture"))
    red, green, blue = screen if len(screen) == 3 else screen * 3
    shown = " ".join(f"{part:02X}" for part in screen)
    what = "the same in red, green and blue" if len(screen) == 1 else "red, green, blue"
    lines.append(Line(SCREEN, "On the screen", _number(screen), f"0x{shown}: {what}", swatch=(red, green, blue)))
    return Explanation(heading, tuple(lines), screen)


def _mapped(grey: int, color_map: str) -> tuple[int, ...]:
    from workstation.imaging.color_maps import ramp_of

    word = int(ramp_of(color_map)[grey])
    return word >> 16 & 255, word >> 8 & 255, word & 255


def _stage_lines(reports: list[StageReport], pipeline: Pipeline, voi: Voi) -> list[Line]:
    """Return a line for each stage; what chose the VOI stands before it."""
    rendering, lines = pipeline.rendering, []
    unit = f" {rendering.unit}" if rendering.unit and not pipeline.is_color else ""
    for number, report in enumerate(reports):
        meaning = number == 0 and report.name in ("Rescale", "Modality LUT")
        if report.name == "VOI LUT":
            lines.append(Line(SCREEN, "VOI", _voi_text(pipeline), voi_source(voi, pipeline)))
        shown = _number(report.output) + (unit if meaning else "")
        lines.append(Line(VALUE if meaning else SCREEN, report.name, shown, report.sentence))
    return lines


def _voi_text(pipeline: Pipeline) -> str:
    window = pipeline.window
    if window is None:
        return pipeline.voi_name or "VOI LUT"
    return f"C {window.center:g}  W {window.width:g}".replace("-", "−")


def voi_source(voi: Voi, pipeline: Pipeline) -> str:
    """Say where the window or VOI LUT in use comes from, and why it won (B20)."""
    from workstation.imaging.auto_window import CT_DEFAULT, full_range_window
    from workstation.imaging.presets import presets_for
    from workstation.imaging.window import Window

    rendering = pipeline.rendering
    if isinstance(voi, Window):
        names = {preset.name for preset in presets_for(rendering.modality, rendering.unit)}
        named = f"preset {voi.name}" if voi.name in names else f"“{voi.name}”" if voi.name else "set by hand"
        return f"{named} in this pane: comes before the header"
    if voi == "auto":
        return "automatic, from the values: chosen in this pane, comes before the header"
    if isinstance(voi, int) and voi < len(rendering.voi):
        return f"{_of_header(rendering, voi)}, chosen in this pane"
    if rendering.voi:
        others = len(rendering.voi) > 1
        return f"{_of_header(rendering, 0)}{': the first one wins' if others else ''}"
    if pipeline.voi == CT_DEFAULT:
        return "none in the header: the usual one for CT in HU"
    if pipeline.voi == full_range_window(rendering):
        return "none in the header: every value its bits allow"
    return "none in the header: automatic, from the values of the series"


def _of_header(rendering: Rendering, place: int) -> str:
    """Say which of the header's windows or VOI LUTs one is, by its own kind's count."""
    chosen = rendering.voi[place]
    alike = [choice for choice in rendering.voi if type(choice) is type(chosen)]
    kind = "window" if type(chosen).__name__ == "Window" else "VOI LUT"
    number = next(n for n, choice in enumerate(alike, 1) if choice is chosen)
    name = f" “{chosen.name}”" if chosen.name and chosen.name != "VOI LUT" else ""
    return f"{kind} {number} of {len(alike)} in the header{name}"


# voxels


def _voxel_lines(made_of: Contributions, unit: str, file_of: Callable[[int], str]) -> list[Line]:
    samples, known = made_of.samples, made_of.known
    if not known:
        why = samples[0].why_none if len(samples) == 1 else "no sample of the slab lies in the volume"
        return [Line(VOXELS, "No voxel", f"{made_of.background:g}{unit}", f"{why}: background")]
    if len(samples) == 1:
        return _neighbours(samples[0], unit, file_of)
    span = f"{samples[0].offset:+.2f} to {samples[-1].offset:+.2f} mm".replace("-", "−")
    lines = [Line(VOXELS, "Slab", f"{len(known)} of {len(samples)} samples", f"{span} along the normal")]
    if made_of.chosen is not None:
        best = made_of.chosen
        word = "Greatest" if made_of.projection == "max" else "Least"
        value = f"{best.value:.6g}{unit}".replace("-", "−")
        lines.append(Line(VOXELS, f"{word} sample", value, f"at {best.offset:+.2f} mm".replace("-", "−")))
        return lines + _neighbours(best, unit, file_of)
    return lines + _mean_lines(known, unit, file_of)


def _neighbours(sample: Sample, unit: str, file_of: Callable[[int], str]) -> list[Line]:
    lines = []
    for voxel in sample.voxels:
        value = f"{voxel.value:.6g}{unit}".replace("-", "−")
        how = f"× {voxel.weight:.4f} · col {voxel.column}, row {voxel.row}"
        place = f"Slice {voxel.slice + 1}"
        lines.append(Line(VOXELS, place, value, how, file=file_of(voxel.slice), slice=voxel.slice))
    return lines


def _mean_lines(known: tuple[Sample, ...], unit: str, file_of: Callable[[int], str]) -> list[Line]:
    """Return one line for each sample of a mean, or for each slice where they are many."""
    lines = []
    for sample in known[:MOST_SAMPLES]:
        nearest = sample.voxels[0]
        value = f"{sample.value:.6g}{unit}".replace("-", "−")
        how = f"× 1/{len(known)} · of {len(sample.voxels)} voxels, the nearest in slice {nearest.slice + 1}"
        place = f"At {sample.offset:+.2f} mm".replace("-", "−")
        lines.append(Line(VOXELS, place, value, how, file=file_of(nearest.slice), slice=nearest.slice))
    if len(known) > MOST_SAMPLES:
        rest = known[MOST_SAMPLES:]
        slices = sorted({voxel.slice + 1 for sample in rest for voxel in sample.voxels})
        how = f"slices {slices[0]} to {slices[-1]}; weight 1/{len(known)} each"
        lines.append(Line(VOXELS, f"{len(rest)} more samples", "", how))
    return lines


def _combined(made_of: Contributions) -> str:
    if not made_of.known:
        return "background"
    if made_of.chosen is not None:
        return f"the {'greatest' if made_of.projection == 'max' else 'least'} of {len(made_of.known)} samples"
    if len(made_of.samples) > 1:
        return f"the mean of {len(made_of.known)} samples"
    count = len(made_of.known[0].voxels)
    return "the voxel itself" if count == 1 else f"weighted sum of {count} voxels"


def _number(value: Any) -> str:
    from workstation.imaging.stage import number_text

    if isinstance(value, tuple):
        return ", ".join(str(part) for part in value)
    return number_text(value)
