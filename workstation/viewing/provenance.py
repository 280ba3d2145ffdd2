"""One pixel, stage by stage: from the bits in a file, or the voxels of a section, to what is on the screen."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from workstation.viewing.origin_lines import Line, origin_lines
from workstation.wording import phrase

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

    ``voi`` is what the state asks for; ``cover`` what is drawn over the pixel, its name and grey. ``voi_came`` is how
    the window came to the pane where it was not chosen in it, as in ``ViewState.voi_came``.
    """

    voi: Voi = None
    color_map: str | None = None
    cover: tuple[str, int] | None = None
    voi_came: str = ""


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
        lines.append(Line(VALUE, phrase("Stored value"), _number(stored), phrase("the bits behind it are being read")))
    return replace(
        _shown(phrase("Column {0}, row {1}", column, row), lines, pipeline, stored, look),
        place=_place(column, row, plane),
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
        lines.append(
            Line(
                VOXELS,
                phrase("Reduced"),
                phrase("1:{0}", reduced),
                phrase("each voxel is a mean of {0} × {0} pixels", reduced),
            )
        )
    value = values[row, column]
    lines.append(Line(VALUE, phrase("Modality value"), _number(value) + unit, _combined(made_of)))
    return replace(
        _shown(phrase("Column {0}, row {1}", column, row), lines, pipeline, value, look),
        place=_place(column, row, plane),
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
    lines += _stage_lines(reports, pipeline, look)
    output = reports[-1].output
    screen = tuple(int(part) for part in output) if isinstance(output, tuple) else (int(output),)
    if look.color_map is not None and not pipeline.is_color and len(screen) == 1:
        screen = _mapped(screen[0], look.color_map)
        lines.append(Line(SCREEN, phrase("Colour map"), _number(screen), look.color_map.replace("_", " ")))
    if look.cover is not None:
        screen = (look.cover[1],)
        lines.append(Line(SCREEN, look.cover[0], str(look.cover[1]), phrase("drawn over the picture")))
    red, green, blue = screen if len(screen) == 3 else screen * 3
    shown = " ".join(f"{part:02X}" for part in screen)
    what = phrase("the same in red, green and blue" if len(screen) == 1 else "red, green, blue")
    lines.append(
        Line(
            SCREEN,
            phrase("On the screen"),
            _number(screen),
            phrase("0x{0}: {1}", shown, what),
            swatch=(red, green, blue),
        )
    )
    return Explanation(heading, tuple(lines), screen)


def _mapped(grey: int, color_map: str) -> tuple[int, ...]:
    from workstation.imaging.color_maps import ramp_of

    word = int(ramp_of(color_map)[grey])
    return word >> 16 & 255, word >> 8 & 255, word & 255


def _stage_lines(reports: list[StageReport], pipeline: Pipeline, look: Look) -> list[Line]:
    """Return a line for each stage; what chose the VOI stands before it."""
    rendering, lines = pipeline.rendering, []
    unit = f" {rendering.unit}" if rendering.unit and not pipeline.is_color else ""
    for number, report in enumerate(reports):
        meaning = number == 0 and report.name in ("Rescale", "Modality LUT")
        if report.name == "VOI LUT":
            lines.append(
                Line(SCREEN, phrase("VOI"), _voi_text(pipeline), voi_source(look.voi, pipeline, look.voi_came))
            )
        shown = _number(report.output) + (unit if meaning else "")
        lines.append(Line(VALUE if meaning else SCREEN, report.name, shown, report.sentence))
    return lines


def _voi_text(pipeline: Pipeline) -> str:
    window = pipeline.window
    if window is None:
        return pipeline.voi_name or "VOI LUT"
    return f"C {window.center:g}  W {window.width:g}".replace("-", "−")


_TAKEN = {
    "": "{0} in this pane: comes before the header",
    "made": "{0}, taken over from the pane it was made from: comes before the header",
    "kept": "{0}, taken over from what this pane showed before: comes before the header",
    "alike": "{0}, as in the other panes of this volume: comes before the header",
    "picture": "{0}, from the picture that was opened: comes before the header",
}
_CHOSEN = {
    "": "{0}, chosen in this pane",
    "made": "{0}, taken over from the pane it was made from",
    "kept": "{0}, taken over from what this pane showed before",
    "alike": "{0}, as in the other panes of this volume",
    "picture": "{0}, from the picture that was opened",
}
"""Where a window is from that is not the header's first, by how it came to the pane."""


def voi_source(voi: Voi, pipeline: Pipeline, came: str = "") -> str:
    """Say where the window or VOI LUT in use comes from, and why it won (B20); ``came`` as in :class:`Look`."""
    from workstation.imaging.auto_window import CT_DEFAULT, full_range_window
    from workstation.imaging.presets import presets_for
    from workstation.imaging.window import Window

    rendering = pipeline.rendering
    if isinstance(voi, Window):
        names = {preset.name for preset in presets_for(rendering.modality, rendering.unit)}
        named = phrase("preset {0}", voi.name) if voi.name in names else f"“{voi.name}”" if voi.name else ""
        return phrase(_TAKEN[came], named or phrase("window" if came else "set by hand"))
    if voi == "auto":
        if not came:
            return phrase("automatic, from the values: chosen in this pane, comes before the header")
        return phrase(_TAKEN[came], phrase("automatic, from the values"))
    if isinstance(voi, int) and voi < len(rendering.voi):
        return phrase(_CHOSEN[came], _of_header(rendering, voi))
    if rendering.voi:
        others = len(rendering.voi) > 1
        return phrase("{0}: the first one wins" if others else "{0}", _of_header(rendering, 0))
    if pipeline.voi == CT_DEFAULT:
        return phrase("none in the header: the usual one for CT in HU")
    if pipeline.voi == full_range_window(rendering):
        return phrase("none in the header: every value its bits allow")
    return phrase("none in the header: automatic, from the values of the series")


def _of_header(rendering: Rendering, place: int) -> str:
    """Say which of the header's windows or VOI LUTs one is, by its own kind's count."""
    chosen = rendering.voi[place]
    alike = [choice for choice in rendering.voi if type(choice) is type(chosen)]
    window = type(chosen).__name__ == "Window"
    number = next(n for n, choice in enumerate(alike, 1) if choice is chosen)
    name = f" “{chosen.name}”" if chosen.name and chosen.name != "VOI LUT" else ""
    template = "window {0} of {1} in the header{2}" if window else "VOI LUT {0} of {1} in the header{2}"
    return phrase(template, number, len(alike), name)


# voxels


def _voxel_lines(made_of: Contributions, unit: str, file_of: Callable[[int], str]) -> list[Line]:
    samples, known = made_of.samples, made_of.known
    if not known:
        why = phrase(samples[0].why_none if len(samples) == 1 else "no sample of the slab lies in the volume")
        return [
            Line(
                VOXELS,
                phrase("No voxel"),
                phrase("{0}{1}", f"{made_of.background:g}", unit),
                phrase("{0}: background", why),
            )
        ]
    if len(samples) == 1:
        return _neighbours(samples[0], unit, file_of)
    span = phrase("{0} to {1} mm", _offset(samples[0]), _offset(samples[-1]))
    lines = [
        Line(
            VOXELS,
            phrase("Slab"),
            phrase("{0} of {1} samples", len(known), len(samples)),
            phrase("{0} along the normal", span),
        )
    ]
    if made_of.chosen is not None:
        best = made_of.chosen
        stage = phrase("Greatest sample" if made_of.projection == "max" else "Least sample")
        value = f"{best.value:.6g}{unit}".replace("-", "−")
        lines.append(Line(VOXELS, stage, value, phrase("at {0} mm", _offset(best))))
        return lines + _neighbours(best, unit, file_of)
    return lines + _mean_lines(known, unit, file_of)


def _neighbours(sample: Sample, unit: str, file_of: Callable[[int], str]) -> list[Line]:
    lines = []
    for voxel in sample.voxels:
        value = f"{voxel.value:.6g}{unit}".replace("-", "−")
        how = phrase("× {0} · col {1}, row {2}", f"{voxel.weight:.4f}", voxel.column, voxel.row)
        place = phrase("Slice {0}", voxel.slice + 1)
        lines.append(Line(VOXELS, place, value, how, file=file_of(voxel.slice), slice=voxel.slice))
    return lines


def _mean_lines(known: tuple[Sample, ...], unit: str, file_of: Callable[[int], str]) -> list[Line]:
    """Return one line for each sample of a mean, or for each slice where they are many."""
    lines = []
    for sample in known[:MOST_SAMPLES]:
        nearest = sample.voxels[0]
        value = f"{sample.value:.6g}{unit}".replace("-", "−")
        how = phrase(
            "× 1/{0} · of {1} voxels, the nearest in slice {2}", len(known), len(sample.voxels), nearest.slice + 1
        )
        place = phrase("At {0} mm", _offset(sample))
        lines.append(Line(VOXELS, place, value, how, file=file_of(nearest.slice), slice=nearest.slice))
    if len(known) > MOST_SAMPLES:
        rest = known[MOST_SAMPLES:]
        slices = sorted({voxel.slice + 1 for sample in rest for voxel in sample.voxels})
        how = phrase("slices {0} to {1}; weight 1/{2} each", slices[0], slices[-1], len(known))
        lines.append(Line(VOXELS, phrase("{0} more samples", len(rest)), "", how))
    return lines


def _combined(made_of: Contributions) -> str:
    if not made_of.known:
        return phrase("background")
    if made_of.chosen is not None:
        greatest = made_of.projection == "max"
        return phrase("the greatest of {0} samples" if greatest else "the least of {0} samples", len(made_of.known))
    if len(made_of.samples) > 1:
        return phrase("the mean of {0} samples", len(made_of.known))
    count = len(made_of.known[0].voxels)
    return phrase("the voxel itself") if count == 1 else phrase("weighted sum of {0} voxels", count)


def _offset(sample: Sample) -> str:
    return f"{sample.offset:+.2f}".replace("-", "−")


def _number(value: Any) -> str:
    from workstation.imaging.stage import number_text

    if isinstance(value, tuple):
        return ", ".join(str(part) for part in value)
    return number_text(value)
