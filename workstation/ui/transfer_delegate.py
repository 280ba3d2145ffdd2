"""Draws the rows of the transfers: icon, title and node, then a bar with what is told of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from workstation.ui import theme
from workstation.ui.transfer_model import TransferModel
from workstation.ui.transfer_words import TONES, details, failed_words, kind_icon, sentence, share

if TYPE_CHECKING:
    from workstation.transfers.jobs import Job

INSET = 5
ICON = 20
BAR = 150
THICK = 4
LINE = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft


class TransferDelegate(QStyledItemDelegate):
    """Asks the model for jobs and faults and paints them; nothing is a widget of its own."""

    def __init__(self, model: TransferModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._model = model

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        line = option.fontMetrics.height()
        return QSize(260, line + 6 if self._model.fault(index) else 2 * line + 3 + 2 * INSET)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        job = self._model.job(index)
        if job is None:
            return
        painter.save()
        painter.setClipRect(option.rect)
        self._ground(painter, option)
        fault = self._model.fault(index)
        area = option.rect.adjusted(2, 0, -INSET - 4, 0)
        if fault is not None:
            self._fault(painter, area, fault)
        else:
            self._job(painter, area.adjusted(0, INSET, 0, -INSET), job, option)
        painter.restore()

    @staticmethod
    def _ground(painter: QPainter, option: QStyleOptionViewItem) -> None:
        colours, state = theme.current(), option.state
        if state & QStyle.StateFlag.State_Selected:
            active = bool(state & QStyle.StateFlag.State_Active)
            painter.fillRect(option.rect, colours["accent-soft" if active else "accent-faint"])
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(option.rect, colours["hover"])

    @staticmethod
    def _fault(painter: QPainter, area: QRect, fault: tuple[str, str]) -> None:
        colours = theme.current()
        name, said = fault
        width = max(painter.fontMetrics().horizontalAdvance(name + "  "), 84)
        painter.setPen(colours["text-dim"])
        painter.drawText(area, LINE, name)
        painter.setPen(colours["text"])
        _draw(painter, area.adjusted(width, 0, 0, 0), said)

    def _job(self, painter: QPainter, area: QRect, job: Job, option: QStyleOptionViewItem) -> None:
        colours, metrics = theme.current(), painter.fontMetrics()
        widget = option.widget
        ratio = widget.devicePixelRatioF() if isinstance(widget, QWidget) else 1.0
        tone = TONES.get(job.state, "icon")
        drawn = theme.pixmap(kind_icon(job.kind), ICON, ratio, tone)
        painter.drawPixmap(area.left(), area.center().y() - ICON // 2, drawn)
        text = area.adjusted(ICON + 9, 0, 0, 0)
        first = QRect(text.left(), text.top(), text.width(), metrics.height())
        second = first.translated(0, metrics.height() + 3)
        node = min(metrics.horizontalAdvance(job.node) + 18, first.width() // 2)
        painter.setPen(colours["text-dim"])
        right = QRect(first.right() - node + 12, first.top(), node - 12, first.height())
        shown = metrics.elidedText(job.node, Qt.TextElideMode.ElideRight, right.width())
        painter.drawText(right, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, shown)
        bold = theme.resized(option.font, 0.0, bold=True)
        painter.setFont(bold)
        painter.setPen(colours["text"])
        _draw(painter, first.adjusted(0, 0, -node, 0), self._model.title(job))
        painter.setFont(option.font)
        self._progress(painter, second, job)

    def _progress(self, painter: QPainter, line: QRect, job: Job) -> None:
        colours, metrics = theme.current(), painter.fontMetrics()
        left = line.left()
        if not job.is_over:
            bar = QRect(left, line.center().y() - THICK // 2 + 1, min(BAR, line.width() // 3), THICK)
            _bar(painter, bar, job)
            left = bar.right() + 11
        # numbers of a running job say that it runs; any other state is named first
        words = [] if job.state == "running" else [(sentence(job, self.tr), TONES.get(job.state, "text-dim"))]
        words += [(one, "text-dim") for one in details(job, self.tr)]
        if job.progress.failed:
            words.append((failed_words(job, self.tr), "error"))
        if not words:
            words = [(self.tr("Beginning…"), "text-dim")]
        if job.sentence and job.is_over:
            # a reason is longer than a number: numbers stand before it
            words = [*words[1:], words[0]]
        for number, (text, tone) in enumerate(words):
            if number:
                painter.setPen(colours["text-off"])
                painter.drawText(QRect(left, line.top(), 14, line.height()), Qt.AlignmentFlag.AlignCenter, "·")
                left += 14
            painter.setPen(colours[tone])
            _draw(painter, QRect(left, line.top(), line.right() - left, line.height()), text)
            left += metrics.horizontalAdvance(text)
            if left >= line.right():
                break


def _bar(painter: QPainter, bar: QRect, job: Job) -> None:
    colours = theme.current()
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colours["border"])
    painter.drawRoundedRect(bar, 2, 2)
    part, total = share(job), job.progress.total
    if part:
        painter.setBrush(colours["accent" if job.state == "running" else "text-dim"])
        painter.drawRoundedRect(QRect(bar.left(), bar.top(), max(round(bar.width() * part), 2), bar.height()), 2, 2)
        if total and job.progress.failed:
            # what failed is the red end of what was done
            red = max(round(bar.width() * job.progress.failed / total), 3)
            end = bar.left() + max(round(bar.width() * part), red)
            painter.setBrush(colours["error"])
            painter.drawRoundedRect(QRect(end - red, bar.top(), red, bar.height()), 2, 2)
    painter.restore()


def _draw(painter: QPainter, area: QRect, text: str) -> None:
    metrics: QFontMetrics = painter.fontMetrics()
    painter.drawText(area, LINE, metrics.elidedText(text, Qt.TextElideMode.ElideRight, max(area.width(), 0)))
