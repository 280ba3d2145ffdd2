"""The series doctor: why a stack is in this order, and what is odd about it."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QListWidget, QListWidgetItem, QStackedLayout, QVBoxLayout, QWidget

from workstation.geometry.order_report import OrderEvent, OrderReport
from workstation.ui import theme
from workstation.ui.order_plot import TONES, OrderPlot
from workstation.ui.widgets import ElidedLabel, EmptyNote, plain, plain_label

_PLACE = Qt.ItemDataRole.UserRole
_ICONS = {"error": "error", "warning": "warning", "info": "info"}


class OrderPanel(QWidget):
    """Plot, what the pointer is on, and every event as a sentence. A click goes to the image."""

    slice_requested = Signal(int)
    """Index in the ordered stack, from 0."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._report: OrderReport | None = None
        self.title = ElidedLabel()
        self.summary = plain_label("", "dim", wrap=True)
        self.plot = OrderPlot()
        self.readout = plain_label("", "dim")
        self.events = QListWidget()
        self.events.setAccessibleName(self.tr("What was noticed"))
        self.events.setWordWrap(True)
        self.events.setIconSize(QSize(16, 16))
        self.events.setUniformItemSizes(False)
        self._lay_out()
        self.plot.slice_requested.connect(self.slice_requested)
        self.plot.pointed.connect(self._describe)
        self.events.itemClicked.connect(self._go_to)
        self.events.itemActivated.connect(self._go_to)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the list beside the plot where the panel is wide and low, as at the bottom of the window."""
        way = QBoxLayout.Direction
        self._halves.setDirection(way.LeftToRight if self.width() > 1.8 * self.height() else way.TopToBottom)
        super().resizeEvent(event)

    def show_report(self, title: str, report: OrderReport, current: int = 0) -> None:
        """Explain a stack; ``current`` is the index of the image in the pane."""
        self._report = report
        self.title.set_text(title)
        self.summary.setText(self._summarised(report))
        self.plot.setVisible(len(report.positions) > 1)
        self.readout.setVisible(len(report.positions) > 1)
        self.plot.set_report(report, current)
        self.events.clear()
        for event in report.events:
            self.events.addItem(self._item(event))
        if not report.events:
            item = QListWidgetItem(self.tr("Nothing odd was found."))
            item.setFlags(Qt.ItemFlag.NoItemFlags)
            self.events.addItem(item)
        self._describe(-1)
        self._pages.setCurrentIndex(0)

    def set_current(self, index: int) -> None:
        """Follow the pane."""
        self.plot.set_current(index)
        self._describe(-1)

    def clear(self) -> None:
        """Show that no stack is looked at."""
        self._report = None
        self._pages.setCurrentIndex(1)

    def event_title(self, code: str) -> str:
        """Return the name of an event in words."""
        names = {
            "gap": self.tr("Gap"),
            "duplicate": self.tr("Same position twice"),
            "uneven": self.tr("Uneven spacing"),
            "tilt": self.tr("Tilted stack"),
            "irregular": self.tr("Off the line"),
            "mixed_orientation": self.tr("Mixed orientations"),
            "missing_position": self.tr("Position missing"),
        }
        return names.get(code, code.replace("_", " "))

    def _summarised(self, report: OrderReport) -> str:
        keys = {
            "position": self.tr("Sorted by position along the normal"),
            "time": self.tr("Sorted by time"),
            "frame_number": self.tr("Sorted by frame number"),
            "instance_number": self.tr("Sorted by instance number"),
        }
        parts = [keys.get(report.key, report.key), self.tr("{} images").format(len(report.order))]
        if report.spacing is not None:
            even = self.tr("{:.2f} mm apart") if report.uniform else self.tr("mostly {:.2f} mm apart")
            parts.append(even.format(report.spacing))
        if report.tilt_degrees:
            parts.append(self.tr("tilt {:.1f}°").format(report.tilt_degrees))
        if not report.positions:
            parts.append(self.tr("no positions to plot"))
        return " · ".join(parts)

    def _item(self, event: OrderEvent) -> QListWidgetItem:
        tone = TONES.get(event.code, "info")
        text = f"{self.event_title(event.code)}: {plain(event.detail)}"
        if len(event.at) > 2:
            text += " · " + self.tr("{} places").format(len(event.at))
        ratio = self.devicePixelRatioF()
        item = QListWidgetItem(QIcon(theme.pixmap(_ICONS[tone], 16, ratio, tone)), text)
        item.setData(_PLACE, event.at[-1] if event.code == "gap" else event.at[0] if event.at else -1)
        return item

    def _go_to(self, item: QListWidgetItem) -> None:
        place = item.data(_PLACE)
        if isinstance(place, int) and place >= 0:
            self.plot.set_current(place)
            self.slice_requested.emit(place)

    def _describe(self, index: int) -> None:
        report = self._report
        if report is None or len(report.positions) < 2:
            return
        if index < 0:
            self.readout.setText(self.tr("Click a point or a finding to go to that image."))
            return
        text = self.tr("Image {} of {} · {:.2f} mm").format(index + 1, len(report.positions), report.positions[index])
        if index:
            step = abs(report.positions[index] - report.positions[index - 1])
            text += " · " + self.tr("step {:.2f} mm").format(step)
        self.readout.setText(text)

    def _lay_out(self) -> None:
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(theme.GAP, theme.GAP, theme.GAP, 0)
        column.setSpacing(4)
        column.addWidget(self.title)
        column.addWidget(self.summary)
        self._halves = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._halves.setSpacing(theme.GAP)
        drawn = QVBoxLayout()
        drawn.setSpacing(2)
        drawn.addWidget(self.plot, 1)
        drawn.addWidget(self.readout)
        self._halves.addLayout(drawn, 3)
        self._halves.addWidget(self.events, 2)
        column.addLayout(self._halves, 1)
        self._pages = QStackedLayout(self)
        self._pages.addWidget(content)
        advice = self.tr("Show a series in a pane: its order is explained here.")
        self._pages.addWidget(EmptyNote("series-doctor", self.tr("No stack to explain"), advice))
        self._pages.setCurrentIndex(1)
