"""Draws what a report points to over the pane it leads to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workstation.dicom.display_names import plain
from workstation.objects.picture import FrameKey
from workstation.ui.pane_overlay import Label, Stroke
from workstation.viewing.pointed import Shape, shapes_on

if TYPE_CHECKING:
    from workstation.ui.pane_api import PaneApi
    from workstation.viewing.display_transform import DisplayTransform

COLOR = "report"
MARK = 6.0
"""Logical pixels from the middle of a mark to its ends."""
LABEL_LENGTH = 48
LETTER, EDGE = 7.0, 24.0
"""Logical pixels of a letter at most, and those the ruler and the slice bar take at the right edge."""


def reference_graphics(pane: PaneApi, transform: DisplayTransform) -> tuple[tuple[Stroke, ...], tuple[Label, ...]]:
    """Return strokes and labels of what a report points to on the picture of a pane."""
    pointed, picture = pane.workspace.pointed, pane.picture
    if pointed is None or picture is None or pointed.pane != pane.number:
        return (), ()
    ref = picture.key.ref if isinstance(picture.key, FrameKey) else None
    strokes: list[Stroke] = []
    labels: list[Label] = []
    for shape in shapes_on(pointed, ref, pane.plane, _thickness(pane)):
        drawn = _strokes(shape, transform)
        strokes += drawn
        if shape.label and drawn:
            labels.append(_label(shape.label, drawn, pane))
    return tuple(strokes), tuple(labels)


def _thickness(pane: PaneApi) -> float:
    stack = pane.workspace.catalogue.stack(pane.viewport.state.stack_id)
    return stack.spacing[0] if stack is not None and stack.spacing is not None and len(stack.frames) > 1 else 0.0


def _strokes(shape: Shape, transform: DisplayTransform) -> list[Stroke]:
    strokes = []
    if shape.points:
        strokes.append(
            Stroke(tuple(transform.to_screen(*point) for point in shape.points), COLOR, 1.6, False, shape.closed)
        )
    for x, y in (transform.to_screen(*point) for point in shape.marks):
        strokes.append(Stroke(((x - MARK, y), (x + MARK, y)), COLOR, 1.6))
        strokes.append(Stroke(((x, y - MARK), (x, y + MARK)), COLOR, 1.6))
    return strokes


def _label(text: str, drawn: list[Stroke], pane: PaneApi) -> Label:
    """Return the words beside a graphic: right of it, where there is no room below or above it."""
    across = [point[0] for stroke in drawn for point in stroke.points]
    down = [point[1] for stroke in drawn for point in stroke.points]
    shown = plain(text, LABEL_LENGTH)
    widest = LETTER * len(shown)
    x, y = max(across) + 8, (min(down) + max(down)) / 2 + 4
    if x + widest > pane.width() - EDGE:
        x = min(max(min(across), 8.0), pane.width() - widest - EDGE)
        y = max(down) + 18 if max(down) + 24 < pane.height() else min(down) - 8
    return Label(max(x, 8.0), min(max(y, 16.0), pane.height() - 8.0), shown, COLOR)
