"""What of the window can be printed, and what it says of itself at the top of a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from workstation.dicom import display_names
from workstation.ui.print_plates import FramePlate, Plate, pane_plate

if TYPE_CHECKING:
    from workstation.dicom.identity import Instance
    from workstation.ui.window_api import WindowApi

GRIDS = ((1, 1), (2, 1), (2, 2), (2, 3), (3, 3), (3, 4), (4, 5))
"""Columns and rows that are suggested for so many images and fewer."""


def tr(text: str) -> str:
    """Return a text in the user's language."""
    return QCoreApplication.translate("PrintPage", text)


class Source:
    """Reads the window; everything here is asked on its thread and reads no file."""

    def __init__(self, window: WindowApi) -> None:
        self._window = window

    def length(self) -> int:
        """Return how many images the series of the active pane has."""
        stack = self._window.workspace.stack()
        return len(stack.frames) if stack is not None else 0

    def key_places(self) -> tuple[int, ...]:
        """Return which of them are key images, by index."""
        stack = self._window.workspace.stack()
        return self._window.workspace.stars.places(stack) if stack is not None else ()

    def in_color(self) -> bool:
        """Tell whether a pane on screen shows colours: its picture has them, or a map gives them."""
        return any(
            pane.viewport.state.color_map is not None or (pane.picture is not None and pane.picture.values.ndim == 3)
            for pane in self._window.shown_panes()
        )

    def why_not(self, kind: str) -> str:
        """Return why a kind cannot be printed, empty where it can."""
        window = self._window
        if kind == "layout":
            shown = any(pane.picture is not None for pane in window.shown_panes())
            return "" if shown else tr("No pane shows an image.")
        pane, stack = window.active_pane(), window.workspace.stack()
        if kind == "view":
            return "" if pane.picture is not None else tr("The active pane shows no image.")
        if stack is None or not stack.frames or stack.kind != "image":
            return tr("The active pane shows no image.")
        if kind == "image" and window.workspace.state().section is not None:
            return tr("The pane shows a section: no stored image looks like it. Its view can be printed.")
        return "" if any(frame.instance.has_pixels for frame in stack.frames) else tr("There is no pixel data.")

    def grid(self, kind: str, count: int) -> tuple[int, int]:
        """Return columns and rows for a sheet of a kind."""
        if kind == "layout":
            layout = self._window.workspace.layout
            cells = layout.cells()
            return max(cell[2] for cell in cells) + 1, max(cell[1] for cell in cells) + 1
        if kind != "frames":
            return 1, 1
        return next((grid for grid in GRIDS if grid[0] * grid[1] >= count), GRIDS[-1])

    def plates(self, kind: str, places: Sequence[int], text: str) -> tuple[object, list[Plate]]:
        """Return what is printed, and a key by which it is the same as before; None where that is not known."""
        window = self._window
        if not kind or self.why_not(kind):
            return None, []
        if kind == "view":
            return None, [pane_plate(window.active_pane(), text)]
        if kind == "layout":
            return None, [pane_plate(pane, text) for pane in window.shown_panes()]
        from workstation.ui.view_picture import appearance_of

        stack, options = window.workspace.stack(), window.workspace.options
        assert stack is not None
        appearance = appearance_of(window.active_pane())
        state = appearance.state
        if kind == "image":
            places = [min(state.index, len(stack.frames) - 1)]
        # where the pane stands in the series, and how large it shows it, changes nothing on its own grid
        state = replace(state, index=0, scale=None, centre=None, section=None)
        appearance = replace(appearance, state=state)
        plates: list[Plate] = [
            FramePlate(stack, index, appearance, text, options.ideographic_first) for index in places
        ]
        looks = (state, appearance.overlays, appearance.shutter, id(appearance.statistics))
        return (stack.id, len(stack.frames), tuple(places), text, options.ideographic_first, looks), plates

    def heading(self, kind: str, text: str) -> str:
        """Return the line at the top of pages: of whom only where that is asked for, and of all who are printed."""
        if text == "none":
            return ""
        instances = self._instances(kind)
        names = self._window.workspace.options.ideographic_first
        parts = _agreed([_patient(instance, names) for instance in instances]) if text == "patient" else []
        patients = {tuple(_patient(instance, names)) for instance in instances}
        if len(patients) > 1 and text == "patient":
            # several patients on one sheet: each by name and number, and nothing that would seem to hold for all
            parts = [" / ".join(sorted(" ".join(part for part in patient[:2] if part) for patient in patients))]
        parts += _agreed([_study(instance, with_day=text == "patient") for instance in instances])
        return "   ·   ".join(display_names.plain(part, 96) for part in parts if part)

    def _instances(self, kind: str) -> list[Instance]:
        workspace = self._window.workspace
        panes = workspace.visible() if kind == "layout" else (workspace.active,)
        found = []
        for pane in panes:
            stack = workspace.stack(pane)
            if stack is not None and stack.frames:
                found.append(stack.frames[min(workspace.state(pane).index, len(stack.frames) - 1)].instance)
        return found


def _agreed(lines: Sequence[Sequence[str]]) -> list[str]:
    """Return what all lines have in common, place by place."""
    return [several[0] for several in zip(*lines, strict=True) if len(set(several)) == 1]


def _patient(instance: Instance, ideographic_first: bool) -> list[str]:
    values = instance.values
    name = display_names.person_name(str(values.get("PatientName", "")), ideographic_first)
    birth = display_names.date(str(values.get("PatientBirthDate", "")))
    return [name, str(values.get("PatientID", "")), birth]


def _study(instance: Instance, *, with_day: bool) -> list[str]:
    values = instance.values
    day = str(values.get("StudyDate", ""))
    number = values.get("SeriesNumber")
    series = " ".join(str(part) for part in (number, values.get("SeriesDescription", "")) if part is not None)
    # a day names a patient to whoever has the list of that day; the year does not
    return [str(values.get("StudyDescription", "")), display_names.date(day) if with_day else day[:4], series.strip()]
