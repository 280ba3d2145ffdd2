"""The one transform between image points and pane pixels, used by painting, picking and every tool (D54).

Image points are (column, row), corner based: the centre of pixel (c, r) is (c + 0.5, r + 0.5). Pane pixels are
logical, (0, 0) at the top left. Pixels are drawn with their physical shape (D31, D32).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from workstation.viewing.view_state import ViewState

_TURNS = {0: (1, 0, 0, 1), 90: (0, -1, 1, 0), 180: (-1, 0, 0, -1), 270: (0, 1, -1, 0)}
MARGIN = 1.0


@dataclass(frozen=True, slots=True)
class DisplayTransform:
    """Affine map ``x = a*col + b*row + tx``, ``y = c*col + d*row + ty``."""

    a: float
    b: float
    c: float
    d: float
    tx: float
    ty: float
    scale: float

    @classmethod
    def of(
        cls,
        state: ViewState,
        rows: int,
        columns: int,
        aspect: tuple[float, float],
        width: float,
        height: float,
    ) -> DisplayTransform:
        """Build the map for a state in a pane of ``width`` x ``height``.

        ``aspect`` is (row size, column size) of a pixel in any common unit, mm for sections; the smaller becomes one
        display unit.
        """
        unit = min(aspect)
        dy, dx = aspect[0] / unit, aspect[1] / unit
        m11, m12, m21, m22 = _TURNS[state.rotation % 360]
        if state.flip_horizontal:
            m11, m12 = -m11, -m12
        if state.flip_vertical:
            m21, m22 = -m21, -m22
        scale = state.scale if state.scale is not None else fit_scale(state, rows, columns, aspect, width, height)
        a, b, c, d = m11 * dx * scale, m12 * dy * scale, m21 * dx * scale, m22 * dy * scale
        col, row = state.centre if state.centre is not None else (columns / 2, rows / 2)
        return cls(a, b, c, d, width / 2 - a * col - b * row, height / 2 - c * col - d * row, scale)

    def through(self, a: float, d: float, tx: float, ty: float) -> DisplayTransform:
        """Return the map for points that become image points by ``a * column + tx``, ``d * row + ty``."""
        x, y = self.to_screen(tx, ty)
        return DisplayTransform(self.a * a, self.b * d, self.c * a, self.d * d, x, y, self.scale * min(a, d))

    def to_screen(self, column: float, row: float) -> tuple[float, float]:
        """Return the pane pixel of an image point."""
        return self.a * column + self.b * row + self.tx, self.c * column + self.d * row + self.ty

    def to_image(self, x: float, y: float) -> tuple[float, float]:
        """Return the image point under a pane pixel."""
        det = self.a * self.d - self.b * self.c
        x, y = x - self.tx, y - self.ty
        return (self.d * x - self.b * y) / det, (self.a * y - self.c * x) / det


def fit_scale(
    state: ViewState, rows: int, columns: int, aspect: tuple[float, float], width: float, height: float
) -> float:
    """Return the scale at which the whole image just fits the pane."""
    unit = min(aspect)
    shown = state.fitted or (columns * aspect[1], rows * aspect[0])
    image_width, image_height = shown[0] / unit, shown[1] / unit
    if state.rotation % 180:
        image_width, image_height = image_height, image_width
    usable = max(width - 2 * MARGIN, 1.0), max(height - 2 * MARGIN, 1.0)
    return min(usable[0] / max(image_width, 1e-9), usable[1] / max(image_height, 1e-9))


def zoomed_at(
    state: ViewState,
    transform: DisplayTransform,
    factor: float,
    x: float,
    y: float,
    width: float,
    height: float,
) -> ViewState:
    """Return the state zoomed by ``factor`` with the image point under (x, y) staying there."""
    scale = min(max(transform.scale * factor, 0.02), 64.0)
    applied = scale / transform.scale
    # the pane's middle moves towards the cursor by what the zoom takes away
    centre = transform.to_image(x + (width / 2 - x) / applied, y + (height / 2 - y) / applied)
    return replace(state, scale=scale, centre=centre)


def panned(
    state: ViewState, transform: DisplayTransform, dx: float, dy: float, width: float, height: float
) -> ViewState:
    """Return the state with the image moved by (dx, dy) logical pixels."""
    return replace(state, scale=transform.scale, centre=transform.to_image(width / 2 - dx, height / 2 - dy))
