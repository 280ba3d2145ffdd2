"""The meter in the status bar: how much memory images take, and whose it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QToolTip, QWidget

from workstation.loading.memory_report import Holding, holdings, total_of
from workstation.ui import theme
from workstation.ui.widgets import plain, tooltip

if TYPE_CHECKING:
    from workstation.loading.collection import Catalogue
    from workstation.loading.loader import Loader
    from workstation.ui.workspace import Workspace

FULL = 0.9
"""Share of the budget from which the meter warns."""
PAUSE = 250
"""Milliseconds between two looks while images come in."""
MOST_ROWS = 8
"""Stacks that the tooltip names; the rest is summed."""
LEAST_SHOWN = 1 << 20
"""Bytes below which a stack is summed with others."""
UNIT = 1 << 30


def size_text(size: float) -> str:
    """Return bytes as ``1.2 GB``, ``310 MB`` or ``0.4 MB``; a GB is 1024 MB, as in the settings."""
    if size >= UNIT:
        return f"{size / UNIT:.1f} GB"
    return f"{size / (1 << 20):.0f} MB" if size >= 1 << 20 or not size else f"{max(size / (1 << 20), 0.1):.1f} MB"


def stack_name(catalogue: Catalogue, stack_id: str) -> str:
    """Return ``CT 3 · 500 × 512 × 512``, nothing that tells whose it is; empty for what is closed."""
    stack = catalogue.stack(stack_id)
    if stack is None or not stack.frames:
        return ""
    instance = stack.frames[0].instance
    number = instance.values.get("SeriesNumber")
    named = f"{instance.modality} {number}" if number is not None else instance.modality
    return plain(f"{named} · {len(stack.frames)} × {stack.rows} × {stack.columns}", 60)


class MemoryMeter(QAbstractButton):
    """Text over a thin bar; a click opens the performance panel."""

    def __init__(self, loader: Loader, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._loader, self._workspace = loader, workspace
        self.share = 0.0
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._later = QTimer(self, singleShot=True, interval=PAUSE)
        self._later.timeout.connect(self.look)
        self.look()

    def refresh(self, *_: object) -> None:
        """Look again soon; cheap enough for every image that arrives."""
        if not self._later.isActive():
            self._later.start()

    def look(self) -> None:
        """Show what is kept now."""
        memory = self._loader.memory()
        self.share = memory.used / memory.budget if memory.budget else 0.0
        used, budget = size_text(memory.used), size_text(memory.budget)
        if used[-2:] == budget[-2:]:
            used = used[:-3]
        text = self.tr("{0} of {1}").format(used, budget)
        if text != self.text():
            self.setText(text)
            self.setAccessibleName(self.tr("Images take {0} of memory").format(text))
            self.updateGeometry()
        self.update()

    @property
    def warns(self) -> bool:
        """Whether little of the budget is left."""
        return self.share > FULL

    # drawing

    def sizeHint(self) -> QSize:
        # the width does not follow the digits: what stands beside it must not move
        widest = max((self.text(), "8888 MB of 88.8 GB"), key=self.fontMetrics().horizontalAdvance)
        return QSize(self.fontMetrics().horizontalAdvance(widest) + 10, self.fontMetrics().height() + 6)

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.current()
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            area = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
            if self.underMouse() or self.hasFocus():
                painter.setPen(colours["accent"] if self.hasFocus() else Qt.PenStyle.NoPen)
                painter.setBrush(colours["hover"] if self.underMouse() else Qt.BrushStyle.NoBrush)
                painter.drawRoundedRect(area, 4, 4)
            painter.setPen(colours["warning" if self.warns else "text-dim"])
            painter.drawText(area.adjusted(0, 0, 0, -4), Qt.AlignmentFlag.AlignCenter, self.text())
            draw_bar(painter, QRectF(5, self.height() - 5, self.width() - 10, 3), self.share, self.warns)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), tooltip("\n".join(self.explained())), self)
            return True
        if event.type() in (QEvent.Type.HoverEnter, QEvent.Type.HoverLeave, QEvent.Type.Enter, QEvent.Type.Leave):
            self.update()
        return super().event(event)

    def explained(self) -> list[str]:
        """Return the lines of the tooltip: sums, then the stacks that hold most."""
        rows = holdings(self._workspace.catalogue, self._loader.sizes())
        lines = [self.tr("Memory for images: {0}").format(self.text()), self._parts(total_of(rows))]
        shown = tuple(row for row in rows[:MOST_ROWS] if row.total >= LEAST_SHOWN) or rows[:1]
        for row in shown:
            name = stack_name(self._workspace.catalogue, row.stack_id) or self.tr("other")
            lines.append(f"{name}: {size_text(row.total)}")
        rest = rows[len(shown) :]
        if rest:
            lines.append(self.tr("{0} more: {1}").format(len(rest), size_text(total_of(rest).total)))
        return [*(line for line in lines if line), self.tr("Click for performance.")]

    def _parts(self, total: Holding) -> str:
        named = (
            (self.tr("frames"), total.frames),
            (self.tr("volumes"), total.volumes),
            (self.tr("second copies"), total.copies),
            (self.tr("sections"), total.sections),
        )
        return ", ".join(f"{name} {size_text(size)}" for name, size in named if size)


def draw_bar(painter: QPainter, area: QRectF, share: float, warns: bool) -> None:
    """Paint a bar that is full at 1."""
    colours = theme.current()
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colours["border"])
    painter.drawRoundedRect(area, 1.5, 1.5)
    if share > 0:
        painter.setBrush(colours["warning" if warns else "accent"])
        filled = QRectF(area)
        filled.setWidth(max(min(share, 1.0) * area.width(), 3.0))
        painter.drawRoundedRect(filled, 1.5, 1.5)
