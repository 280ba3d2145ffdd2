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
    points = [point for stroke in drawn for point in stroke.points]
    shown = plain(text, LABEL_LENGTH)
    x = min(max(point[0] for point in points) + 8, pane.width() - 7.0 * len(shown) - 16)
    y = min(max(sum(point[1] for point in points) / len(points), 16.0), pane.height() - 16.0)
    return Label(max(x, 8.0), y, shown, COLOR)
