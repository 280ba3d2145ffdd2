"""Composes what a pane's overlay draws: text, letters, ruler, lines, measurements, notices, and the probe line."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import QWidget

from workstation.dicom.display_names import plain
from workstation.geometry.image_plane import dot
from workstation.geometry.orientation import edge_letters, edge_letters_from_patient_orientation
from workstation.imaging.window import Window
from workstation.ui.annotation_painting import (
    Pixels,
    draft_pixels,
    handle_strokes,
    kept,
    labels_of,
    measured,
    strokes_of,
)
from workstation.ui.key_chip import KeyChip
from workstation.ui.pane_lines import PaneLines
from workstation.ui.pane_overlay import PAD, ColorBar, Label, OverlayContent, Ruler, SliceBar, Stroke
from workstation.ui.reference_graphics import reference_graphics
from workstation.ui.stars import frame_shown
from workstation.viewing.corner_text import ESSENTIAL, LONGEST, NONE, corner_text, number
from workstation.viewing.probe import probe_line
from workstation.viewing.sections import slab_text, tilt

KEPT_PIXEL = 5.0
"""Least logical pixels from the middle of a kept pixel to the frame around it."""

if TYPE_CHECKING:
    from workstation.geometry.stack import Stack
    from workstation.measurements.measurement import Measurement
    from workstation.tools.tool import Draft
    from workstation.ui.pane_api import PaneApi
    from workstation.viewing.display_transform import DisplayTransform
    from workstation.viewing.view_state import Section

SMALL = (300, 230)
"""Logical pixels of width and height below which only the essential text is written."""
RULER_STEPS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200)
_letters_of = lru_cache(maxsize=64)(edge_letters)
"""The letters are the same from slice to slice."""
SERIOUS = frozenset({"gap", "duplicate", "uneven", "missing_position", "mixed_orientation"})


class PaneText(QObject):
    """Reads a pane and its workspace; changes nothing but the overlay and the probe line."""

    def __init__(self, pane: PaneApi, parent: QWidget) -> None:
        super().__init__(parent)
        self._pane = pane
        self.key_chip: KeyChip | None = None
        self._over = parent
        self._pointer: tuple[float, float] | None = None
        self.lines = PaneLines(pane, self)

    def content(self) -> OverlayContent:
        """Return everything to draw over the picture."""
        pane, workspace = self._pane, self._pane.workspace
        stack = workspace.catalogue.stack(pane.viewport.state.stack_id)
        active = workspace.active == pane.number
        alone = len(workspace.visible()) == 1
        if stack is None:
            notice = self.tr("Drag a series here") if workspace.catalogue.patients else ""
            return OverlayContent(notice=notice, quiet=True, active=active, focus_shown=not alone)
        options = workspace.options
        small = pane.width() < SMALL[0] or pane.height() < SMALL[1]
        corners = corner_text(
            stack,
            pane.viewport.state.index,
            level=min(options.corner_level, ESSENTIAL) if small else options.corner_level,
            hidden=options.identity_hidden,
            display=self._display_lines() if options.corner_level else (),
            section=self._section_lines(stack),
            phases=len(workspace.catalogue.phases(stack)),
            ideographic_first=options.ideographic_first,
        )
        transform, section = pane.transform(), pane.viewport.state.section
        strokes, handles = self.lines.content(transform)
        pointed, named = reference_graphics(pane, transform)
        notice, detail = self._notice()
        return OverlayContent(
            corners=corners,
            letters=self._letters(stack) if pane.picture is not None else ("", "", "", ""),
            ruler=self._ruler(transform) if pane.picture is not None and options.corner_level != NONE else None,
            color_bar=self._color_bar(),
            bar=self._bar(stack),
            strokes=(*strokes, *pointed, *self._measure_strokes(transform), *self._kept_pixel()),
            handles=handles,
            tab=section.orientation if section is not None else "",
            labels=(*named, *self._measure_labels(transform), *self.lines.labels()),
            notice=notice,
            notice_detail=detail,
            banner=self._banner(),
            starred=frame_shown(pane.viewport.state, stack) in workspace.stars.refs,
            active=active,
            focus_shown=not alone,
        )

    def _section_lines(self, stack: Stack) -> tuple[str, ...]:
        """Return what a reformatted plane says of itself: its place, and what was done to get it."""
        section = self._pane.viewport.state.section
        axis = self._pane.workspace.axis(self._pane.number)
        if section is None or axis is None:
            return ()
        at = number(dot(section.point, axis.normal), 1)
        place = self.tr("{0} of {1}").format(axis.index_of(section.point) + 1, axis.count)
        lines = [f"MPR {self._plane_name(section)}", f"{place} · {at} mm"]
        if section.standard:
            lines = [f"MPR {section.orientation} {lines[1]}"]
        if self._slab():
            lines.append(self._slab())
        if abs(stack.tilt_degrees) > 0.1:
            lines.append(self.tr("tilt {0}° corrected").format(number(abs(stack.tilt_degrees), 1)))
        if axis.grid.origins is not None:
            lines.append(self.tr("uneven slices, by position"))
        return tuple(lines)

    def _slab(self) -> str:
        """Return the slab in words; one no thicker than a voxel is the plane itself (D41)."""
        section, axis = self._pane.viewport.state.section, self._pane.workspace.axis(self._pane.number)
        if section is None or axis is None or section.slab_mm <= min(axis.grid.voxel_sizes):
            return ""
        return slab_text(section)

    def _plane_name(self, section: Section) -> str:
        """Return how a turned plane lies."""
        name, angle = tilt(section)
        if angle:
            return self.tr("oblique, tilted {0}° from {1}").format(number(angle, 1 if angle < 10 else 0), name)
        return self.tr("{0}, turned").format(name)

    def _display_lines(self) -> tuple[str, ...]:
        pane = self._pane
        state = pane.viewport.state
        lines = []
        pipeline = pane.pipeline()
        if pipeline is not None and pane.picture is not None:
            window = pipeline.voi
            if not pipeline.rendering.has_window:
                pass
            elif isinstance(window, Window):
                unit = f" {pane.picture.rendering.unit}" if pane.picture.rendering.unit else ""
                name = f" · {window.name}" if window.name else ""
                digits = 0 if window.width >= 20 else 3
                lines.append(f"W {number(window.width, digits)} L {number(window.center, digits)}{unit}{name}")
            else:
                lines.append(window.name or self.tr("VOI LUT"))
            if state.inverted:
                lines.append(self.tr("inverted"))
            lines.append(self.tr("Zoom {0} %").format(round(pane.transform().scale * 100)))
        return tuple(lines)

    def _color_bar(self) -> ColorBar | None:
        """Return the value bar of a colour map, its ends in modality units (B37)."""
        pane, state = self._pane, self._pane.viewport.state
        pipeline = pane.pipeline() if state.color_map is not None else None
        if pipeline is None or pane.picture is None or not pipeline.rendering.has_window or state.color_map is None:
            return None
        window = pipeline.voi if isinstance(pipeline.voi, Window) else pipeline.voi.as_window()
        unit = f" {pipeline.rendering.unit}" if pipeline.rendering.unit else ""
        digits = 0 if window.width >= 20 else 3
        low, high = (number(window.center + part * window.width, digits) for part in (-0.5, 0.5))
        inverted = state.inverted != pipeline.rendering.monochrome1
        return ColorBar(state.color_map, low + unit, high + unit, inverted)

    def _letters(self, stack: Stack) -> tuple[str, str, str, str]:
        state, plane = self._pane.viewport.state, self._pane.plane
        values = stack.frames[min(state.index, len(stack.frames) - 1)].instance.values
        quadruped = values.get("AnatomicalOrientationType") == "QUADRUPED"
        if plane is None:
            return self._declared_letters(stack)
        return _letters_of(
            plane.right, plane.down, state.rotation, state.flip_horizontal, state.flip_vertical, quadruped
        )

    def _declared_letters(self, stack: Stack) -> tuple[str, str, str, str]:
        """Without a position the header's Patient Orientation names the edges (D27)."""
        state = self._pane.viewport.state
        place = stack.frames[min(state.index, len(stack.frames) - 1)]
        declared = place.frame.values.get("PatientOrientation") or place.instance.values.get("PatientOrientation")
        if not isinstance(declared, tuple) or len(declared) != 2:
            return ("", "", "", "")
        return edge_letters_from_patient_orientation(
            declared[0],
            declared[1],
            state.rotation,
            state.flip_horizontal,
            state.flip_vertical,
            place.instance.values.get("AnatomicalOrientationType") == "QUADRUPED",
        )

    def _ruler(self, transform: DisplayTransform) -> Ruler | None:
        pane = self._pane
        assert pane.picture is not None
        calibration = pane.picture.calibration
        if calibration is None or calibration.unit != "mm":
            return None
        # a section's pixels are those of its plane, also while a coarser picture of it is shown
        pixel = pane.aspect if pane.picture.is_section else (calibration.row_mm, calibration.column_mm)
        mm_per_screen = min(pixel) / transform.scale
        if mm_per_screen <= 0:
            return None
        room = min(pane.height() * 0.45, 260)
        fitting = [step for step in RULER_STEPS if step / mm_per_screen <= room]
        if not fitting:
            return None
        step = fitting[-1]
        text = f"{number(step / 10, 2)} cm" if step >= 10 else f"{number(step, 1)} mm"
        return Ruler(step / mm_per_screen, text, "" if calibration.plain else calibration.source)

    def _bar(self, stack: Stack) -> SliceBar:
        pane, workspace = self._pane, self._pane.workspace
        count = workspace.length(pane.number)
        if pane.viewport.state.section is not None:
            return SliceBar(count, workspace.place(pane.number))
        loaded = pane.loaded.of(stack)
        marks = workspace.key_places(pane.viewport.state) or tuple(
            sorted({at for event in stack.order.events if event.code in SERIOUS for at in event.at[:1]})
        )
        return SliceBar(count, pane.viewport.state.index, loaded, marks)

    def _notice(self) -> tuple[str, str]:
        pane = self._pane
        if pane.error:
            return self.tr("This image cannot be shown"), self._reason()
        if pane.viewport.state.section is not None and pane.volume is None:
            return self.tr("Building the volume… {0} %").format(round(pane.volume_progress * 100)), ""
        return "", ""

    def _reason(self) -> str:
        """Return why there is no picture, without the file's name where identity is hidden."""
        pane = self._pane
        stack = pane.workspace.catalogue.stack(pane.viewport.state.stack_id)
        if stack is None or not pane.workspace.options.identity_hidden:
            return pane.error
        place = stack.frames[min(pane.viewport.state.index, len(stack.frames) - 1)]
        name = place.instance.locator.name
        return pane.error.replace(name, self.tr("the file")) if name else pane.error

    def _banner(self) -> str:
        picture = self._pane.picture
        if picture is None:
            return ""
        if picture.is_section and picture.notes:
            # what is behind the semicolon explains; here is room for what it is
            more = f" (+{len(picture.notes) - 1})" if len(picture.notes) > 1 else ""
            return plain(picture.notes[0].split(";")[0], LONGEST) + more
        rows = picture.values.shape[0]
        if picture.complete_rows is not None and picture.complete_rows < rows:
            return self.tr("truncated: {0} of {1} rows").format(picture.complete_rows, rows)
        return ""

    def _kept_pixel(self) -> tuple[Stroke, ...]:
        """Return a frame around the pixel that is kept to be explained, large enough to be seen."""
        pixel = self._pane.kept_pixel
        if pixel is None or self._pane.picture is None:
            return ()
        transform = self._pane.picture_transform()
        x, y = transform.to_screen(pixel[0] + 0.5, pixel[1] + 0.5)
        edge = transform.to_screen(pixel[0] + 1.0, pixel[1] + 0.5)
        half = max(((edge[0] - x) ** 2 + (edge[1] - y) ** 2) ** 0.5 + 1.0, KEPT_PIXEL)
        corners = ((x - half, y - half), (x + half, y - half), (x + half, y + half), (x - half, y + half))
        return (Stroke(corners, "accent", closed=True),)

    # measurements

    def _measure_strokes(self, transform: DisplayTransform) -> tuple[Stroke, ...]:
        strokes: list[Stroke] = []
        draft = self._pane.draft
        for measurement, pixels in self._still():
            chosen = self._pane.workspace.selected_measurement == measurement.number
            strokes += strokes_of(measurement.kind, pixels, transform, "selected" if chosen else "measure")
            if chosen:
                strokes += handle_strokes(measurement.kind, pixels, transform)
        if draft is not None:
            strokes += strokes_of(draft.kind, draft_pixels(draft), transform, "measure")
        return tuple(strokes)

    def _still(self) -> list[tuple[Measurement, Pixels]]:
        """Return the measurements on the picture but the one that is being moved."""
        draft = self._pane.draft
        moving = draft.replaces if draft is not None else None
        return [(measurement, pixels) for measurement, pixels in kept(self._pane) if measurement.number != moving]

    def _measure_labels(self, transform: DisplayTransform) -> tuple[Label, ...]:
        labels: list[Label] = []
        for measurement, pixels in self._still():
            labels += labels_of(measurement.kind, pixels, transform, self._pane)
        draft = self._pane.draft
        if draft is not None:
            labels += labels_of(draft.kind, draft_pixels(draft), transform, self._pane)
        return tuple(labels)

    def keep(self, draft: Draft) -> None:
        """Keep a finished measurement as one undo step."""
        workspace = self._pane.workspace
        measurement = measured(draft, self._pane)
        if measurement is None:
            return
        if draft.replaces is None:
            workspace.set_measurements((*workspace.measurements, measurement), self.tr("Measure"))
        else:
            changed = (measurement if m.number == measurement.number else m for m in workspace.measurements)
            workspace.set_measurements(tuple(changed), self.tr("Move measurement"))
        workspace.select_measurement(measurement.number)

    # chip and probe

    def place_chip(self) -> None:
        """Show how the stack is ordered under the top left text, and below it that key images alone are shown."""
        self._place_order_chip()
        pane = self._pane
        state, stack = pane.viewport.state, pane.workspace.catalogue.stack(pane.viewport.state.stack_id)
        if stack is None or not state.key_images or state.section is not None:
            if self.key_chip is not None:
                self.key_chip.hide()
            return
        if self.key_chip is None:
            self.key_chip = KeyChip(self._over)
            self.key_chip.clicked.connect(self._show_every_image)
        places = pane.workspace.key_places(state)
        place = places.index(state.index) + 1 if state.index in places else 0
        self.key_chip.say(place, len(places), len(stack.frames), pane.width() - 32)
        self.key_chip.move(6, self._below_text() + (pane.chip.height() + 3 if pane.chip.isVisible() else 0))
        self.key_chip.show()

    def _show_every_image(self) -> None:
        pane = self._pane
        pane.workspace.set_state(pane.number, replace(pane.viewport.state, key_images=False))

    def _below_text(self) -> int:
        """Return where the top left text ends, in pixels from the top."""
        lines = len(self._pane.overlay.content.corners.top_left)
        return round(PAD + 2 + lines * QFontMetricsF(self._pane.overlay.text_font()).lineSpacing())

    def _place_order_chip(self) -> None:
        pane = self._pane
        stack = pane.workspace.catalogue.stack(pane.viewport.state.stack_id)
        wide = pane.width() > 300
        if stack is None or len(stack.frames) < 2 or pane.workspace.options.corner_level == NONE or not wide:
            pane.chip.hide()
            return
        text, serious = stack.order.sentence, any(event.code in SERIOUS for event in stack.order.events)
        pane.chip.say(text, serious)
        top = self._below_text()
        if pane.chip.y() != top:
            pane.chip.move(6, top)
        pane.chip.show()

    def probe(self, x: float, y: float) -> None:
        """Say what the pixel under the pointer is (D45)."""
        self._pointer = (x, y)
        pane = self._pane
        pipeline = pane.pipeline()
        if pane.picture is None or pipeline is None:
            self.pointer_gone()
            return
        column, row = pane.picture_transform().to_image(x, y)
        section = pane.viewport.state.section
        how = "" if section is None else self._slab() or self.tr("interpolated")
        values, plane = pane.picture.values, pane.picture.plane
        pane.probed.emit(probe_line(values, pipeline, plane, int(column // 1), int(row // 1), how))

    def probe_again(self) -> None:
        """Say it of the picture that has come under a pointer at rest."""
        if self._pointer is not None:
            self.probe(*self._pointer)

    def pointer_gone(self) -> None:
        """Say nothing more: the pointer has left the pane."""
        self._pointer = None
        self._pane.probed.emit("")
