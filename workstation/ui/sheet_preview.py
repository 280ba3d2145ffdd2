"""A sheet as it will come out, with the others a step away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from workstation.ui import theme
from workstation.ui.widgets import icon_button, plain_label

if TYPE_CHECKING:
    from PySide6.QtWidgets import QToolButton

MARGIN = 12


class SheetView(QWidget):
    """Shows one sheet in the middle, or a sentence where there is none."""

    resized = Signal()
    turned = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.setMinimumSize(260, 300)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Preview"))
        self.image: QImage | None = None
        self.sentence = ""
        self.sheet = (1.0, 1.0)

    def show_sheet(self, image: QImage | None, sheet: tuple[float, float], sentence: str = "") -> None:
        """Show an image of a sheet whose size is given in mm, or a sentence."""
        self.image, self.sheet, self.sentence = image, sheet, sentence
        self.update()

    def dots_per_mm(self, sheet: tuple[float, float]) -> float:
        """Return how many device pixels a millimetre of the sheet has here."""
        room = max(self.width() - 2 * MARGIN, 1) / sheet[0], max(self.height() - 2 * MARGIN, 1) / sheet[1]
        return min(room) * self.devicePixelRatioF()

    def sizeHint(self) -> QSize:
        return QSize(470, 560)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.resized.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.current()
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), colours["raised"])
            if self.image is not None:
                scale = self.dots_per_mm(self.sheet) / self.devicePixelRatioF()
                wide, high = self.sheet[0] * scale, self.sheet[1] * scale
                area = QRectF((self.width() - wide) / 2, (self.height() - high) / 2, wide, high)
                painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
                painter.drawImage(area, self.image)
                painter.setPen(colours["border"])
                painter.drawRect(area)
            elif self.sentence:
                painter.setPen(colours["text-dim"])
                flags = int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextWordWrap)
                painter.drawText(QRectF(self.rect()).adjusted(30, 30, -30, -30), flags, self.sentence)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        ways = {
            Qt.Key.Key_PageDown: 1,
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_Down: 1,
            Qt.Key.Key_PageUp: -1,
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Up: -1,
        }
        way = ways.get(Qt.Key(event.key()))
        if way is None:
            super().keyPressEvent(event)
        else:
            self.turned.emit(way)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.angleDelta().y():
            self.turned.emit(-1 if event.angleDelta().y() > 0 else 1)


class SheetPreview(QWidget):
    """A sheet, and below it which of how many it is."""

    wanted = Signal()
    """Another sheet, or the same in another size, is to be shown."""

    def __init__(self) -> None:
        super().__init__()
        self.number = 0
        self.count = 0
        self.view = SheetView()
        self.back: QToolButton = icon_button("chevron-left", self.tr("Sheet before"))
        self.on: QToolButton = icon_button("chevron-right", self.tr("Next sheet"))
        self.back.clicked.connect(lambda: self.turn(-1))
        self.on.clicked.connect(lambda: self.turn(1))
        self.view.turned.connect(self.turn)
        self.view.resized.connect(self.wanted)
        self.which = plain_label("", "dim")
        foot = QHBoxLayout()
        foot.addStretch(1)
        for widget in (self.back, self.which, self.on):
            foot.addWidget(widget)
        foot.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GAP // 2)
        column.addWidget(self.view, 1)
        column.addLayout(foot)

    def set_count(self, count: int) -> None:
        """Say how many sheets there are."""
        self.count = count
        self.number = min(self.number, max(count - 1, 0))
        self.which.setText(self.tr("Sheet {0} of {1}").format(self.number + 1, count) if count else "")
        self.back.setEnabled(self.number > 0)
        self.on.setEnabled(self.number < count - 1)

    def turn(self, way: int) -> None:
        """Go some sheets on."""
        number = min(max(self.number + way, 0), max(self.count - 1, 0))
        if number != self.number:
            self.number = number
            self.set_count(self.count)
            self.wanted.emit()
