"""The series of the study one is on: pictures in a row, with what they are and how many images they have."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QAbstractScrollArea, QMenu, QWidget

from workstation.library.search import SeriesRow
from workstation.ui import theme
from workstation.ui.study_list_model import counted
from workstation.ui.widgets import plain, tooltip

if TYPE_CHECKING:
    from workstation.library.stacks import StackRow

SIDE = 84
CELL = QSize(132, SIDE + 44)
_ICONS = {"SR": "series-report", "DOC": "series-document", "KO": "series-key", "PR": "series-presentation"}


class SeriesStrip(QAbstractScrollArea):
    """Scrolls sideways; a double-click or Enter opens the study at that series."""

    activated = Signal(str)
    """Series Instance UID."""
    send_wanted = Signal(object)
    """A series of the library that is to be sent."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._series: tuple[SeriesRow, ...] = ()
        self._pictures: dict[int, list[QImage]] = {}
        self._reasons: dict[int, str] = {}
        self._current = 0
        self.setFixedHeight(CELL.height() + 14)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Series of the study"))
        self.viewport().setMouseTracking(True)

    def set_series(self, series: Sequence[SeriesRow]) -> None:
        """Show other series, without pictures until they come; of one that has not changed it stays."""
        same = {one.id for one in self._series if one in series}
        if not same:
            self._current = 0
            self.horizontalScrollBar().setValue(0)
        self._series = tuple(series)
        self._current = min(self._current, max(0, len(series) - 1))
        self._pictures = {one: images for one, images in self._pictures.items() if one in same}
        self._reasons = {one: said for one, said in self._reasons.items() if one in same}
        self._span()
        self.viewport().update()

    def set_stacks(self, series: int, stacks: Sequence[StackRow]) -> None:
        """Show the picture of a series; more than one stack is told."""
        images = [QImage.fromData(stack.picture) for stack in stacks if stack.picture]
        self._pictures[series] = [image for image in images if not image.isNull()]
        words = [f"{plain(stack.label or stack.kind, 60)}: {stack.frames}" for stack in stacks]
        self._reasons[series] = "\n".join(words) if len(stacks) > 1 else ""
        self.viewport().update()

    def current(self) -> SeriesRow | None:
        """Return the series the keyboard is on."""
        return self._series[self._current] if self._current < len(self._series) else None

    def texts(self) -> list[tuple[str, str]]:
        """Return what stands under each picture, in two lines."""
        return [self._lines(one) for one in self._series]

    def pictured(self) -> int:
        """Return how many series have a picture."""
        return sum(bool(self._pictures.get(one.id)) for one in self._series)

    # events

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.fillRect(self.viewport().rect(), theme.current()["panel"])
        for place in range(len(self._series)):
            cell = self._cell(place)
            if cell.intersects(event.rect()):
                self._paint(painter, place, cell)

    def _paint(self, painter: QPainter, place: int, cell: QRect) -> None:
        colours, one = theme.current(), self._series[place]
        if place == self._current and self.hasFocus():
            painter.setPen(QPen(colours["accent"], 1))
            painter.setBrush(colours["accent-faint"])
            painter.drawRoundedRect(cell.adjusted(2, 2, -3, -3), 4, 4)
        box = QRect(cell.left() + (cell.width() - SIDE) // 2, cell.top() + 5, SIDE, SIDE)
        painter.fillRect(box, colours["image"])
        images = self._pictures.get(one.id)
        if images:
            self._picture(painter, box, images[0])
        else:
            drawn = theme.pixmap(_ICONS.get(one.modality, "series-image"), 28, self.devicePixelRatioF(), "text-off")
            painter.drawPixmap(box.center() - QPoint(14, 14), drawn)
        first, second = self._lines(one)
        line = self.fontMetrics().height()
        area = QRect(cell.left() + 5, box.bottom() + 3, cell.width() - 10, line)
        for text, colour in ((first, "text"), (second, "text-dim")):
            painter.setPen(colours["warning" if colour == "text-dim" and _lacks(one) else colour])
            shown = self.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, area.width())
            painter.drawText(area, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter, shown)
            area.translate(0, line)

    def _picture(self, painter: QPainter, box: QRect, image: QImage) -> None:
        size = image.size().scaled(box.size(), Qt.AspectRatioMode.KeepAspectRatio)
        corner = box.topLeft() + QPoint((box.width() - size.width()) // 2, (box.height() - size.height()) // 2)
        painter.drawImage(QRect(corner, size), image)

    def _lines(self, one: SeriesRow) -> tuple[str, str]:
        number = f"{one.number}. " if one.number is not None else ""
        title = plain(one.description, 60) or plain(one.body_part, 40) or self.tr("no description")
        count = counted(one.instance_count, one.declared_instances)
        frames = f" · {one.frame_count} {self.tr('frames')}" if one.frame_count > one.instance_count else ""
        return f"{number}{title}", f"{one.modality} · {count}{frames}"

    def mousePressEvent(self, event: QMouseEvent) -> None:
        place = self._at(event.position().toPoint())
        if place is not None:
            self._go(place)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        place = self._at(event.position().toPoint())
        if place is not None:
            self.activated.emit(self._series[place].uid)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        keys = event.reason() == QContextMenuEvent.Reason.Keyboard
        place = self._current if keys else self._at(event.pos())
        if place is None or place >= len(self._series):
            return
        menu = self.menu(place)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.viewport().mapToGlobal(self._cell(place).center()) if keys else event.globalPos())

    def menu(self, place: int) -> QMenu:
        """Return the menu of a series."""
        one = self._series[place]
        menu = QMenu(self)
        menu.addAction(self.tr("Open"), lambda: self.activated.emit(one.uid))
        if one.id >= 0:  # those of servers are not here
            menu.addAction(self.tr("Send this series…"), lambda: self.send_wanted.emit(one))
        return menu

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        place = self._at(event.position().toPoint())
        if place is None:
            self.viewport().setToolTip("")
            return
        one = self._series[place]
        lines = [*self._lines(one), self._reasons.get(one.id, "")]
        self.viewport().setToolTip(tooltip("\n".join(line for line in lines if line)))

    def wheelEvent(self, event: QWheelEvent) -> None:
        bar = self.horizontalScrollBar()
        delta = event.angleDelta().y() or event.angleDelta().x()
        bar.setValue(bar.value() - delta)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Right: 1, Qt.Key.Key_Left: -1}
        if event.key() in steps and self._series:
            self._go(min(max(self._current + steps[event.key()], 0), len(self._series) - 1))  # type: ignore[index]
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._series:
            self.activated.emit(self._series[self._current].uid)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QEvent) -> None:
        self.viewport().update()

    def focusOutEvent(self, event: QEvent) -> None:
        self.viewport().update()

    def resizeEvent(self, event: QEvent) -> None:
        self._span()

    def _go(self, place: int) -> None:
        self._current = place
        bar, cell = self.horizontalScrollBar(), self._cell(place)
        if cell.left() < 0:
            bar.setValue(bar.value() + cell.left())
        elif cell.right() >= self.viewport().width():
            bar.setValue(bar.value() + cell.right() + 1 - self.viewport().width())
        self.setAccessibleDescription(" ".join(self._lines(self._series[place])))
        self.viewport().update()

    def _span(self) -> None:
        bar, width = self.horizontalScrollBar(), self.viewport().width()
        bar.setPageStep(width)
        bar.setSingleStep(CELL.width())
        bar.setRange(0, max(0, len(self._series) * CELL.width() - width))

    def _cell(self, place: int) -> QRect:
        return QRect(place * CELL.width() - self.horizontalScrollBar().value(), 0, CELL.width(), CELL.height())

    def _at(self, point: QPoint) -> int | None:
        place = (point.x() + self.horizontalScrollBar().value()) // CELL.width()
        return place if 0 <= place < len(self._series) and point.y() < CELL.height() else None


def _lacks(one: SeriesRow) -> bool:
    return one.instance_count >= 0 and (one.declared_instances or 0) > one.instance_count
