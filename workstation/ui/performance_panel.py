"""The performance panel: how quick the program is here and now, and whose the memory is (features N13)."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from workstation.stopwatch import Summary
from workstation.ui import theme
from workstation.ui.frame_plot import FramePlot
from workstation.ui.memory_meter import FULL, draw_bar, size_text
from workstation.ui.widgets import ElidedLabel, plain_label

NONE = "–"
RIGHT = Qt.AlignmentFlag.AlignRight
MOST_STACKS = 12


@dataclass(frozen=True, slots=True)
class Reading:
    """What the counters say now; times in ms, sizes in bytes."""

    frames: tuple[float, ...] = ()
    frame: Summary | None = None
    graphics: Summary | None = None
    per_second: float = 0.0
    longest_gap: float = 0.0
    first_image: float | None = None
    decode: Summary | None = None
    section: Summary | None = None
    volume: Summary | None = None
    queue: tuple[tuple[str, int], ...] = ()
    cine_shown: int = 0
    cine_dropped: int = 0
    kernels: tuple[int, int] = (0, 0)
    resident: int = 0
    used: int = 0
    budget: int = 0
    volumes: int = 0
    copies: int = 0
    stacks: tuple[tuple[str, int], ...] = ()


class PerformancePanel(QWidget):
    """Shows a reading; asks for the next one only while it is on screen."""

    seen = Signal(bool)
    """The panel came on screen, or left it."""
    save_wanted = Signal()
    reset_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setMinimumWidth(260)
        self.setAccessibleName(self.tr("Performance"))
        self._built = False

    def _build(self) -> None:
        """Make what is inside when it is first seen: most runs of the program never show it."""
        self._built = True
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.plot = FramePlot()
        column.addWidget(self.plot)
        self._numbers: dict[str, list[QLabel]] = {}
        self._values: dict[str, ElidedLabel] = {}
        column.addWidget(self._scrolled(), 1)
        column.addLayout(self._buttons())

    def _scrolled(self) -> QScrollArea:
        page = QWidget()
        page.setObjectName("panel")
        rows = QVBoxLayout(page)
        rows.setContentsMargins(10, 8, 10, 8)
        rows.setSpacing(6)
        rows.addLayout(self._table())
        self.bar = _MemoryBar()
        rows.addWidget(self.bar)
        self.stacks = _Stacks()
        rows.addWidget(self.stacks)
        rows.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(page)
        return area

    def _table(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(4)
        for column, name in enumerate((self.tr("ms"), self.tr("last"), self.tr("median"), self.tr("p99"))):
            grid.addWidget(plain_label(name, "dim"), 0, column, RIGHT if column else Qt.AlignmentFlag.AlignLeft)
            grid.setColumnStretch(column, 1 if column else 2)
        for row, (key, name, hint) in enumerate(self._timed(), start=1):
            self._name(grid, row, name, hint)
            for column in range(1, 4):
                label = plain_label(NONE)
                grid.addWidget(label, row, column, RIGHT)
                self._numbers.setdefault(key, []).append(label)
        for row, (key, name, hint) in enumerate(self._told(), start=grid.rowCount()):
            self._name(grid, row, name, hint)
            self._values[key] = ElidedLabel(NONE)
            grid.addWidget(self._values[key], row, 1, 1, 3)
        return grid

    @staticmethod
    def _name(grid: QGridLayout, row: int, name: str, hint: str) -> None:
        label = plain_label(name, "dim")
        label.setToolTip(hint)
        grid.addWidget(label, row, 0)

    def _timed(self) -> tuple[tuple[str, str, str], ...]:
        return (
            ("frame", self.tr("Picture"), self.tr("To paint a new picture")),
            ("graphics", self.tr("Text and lines"), self.tr("To paint what lies over the picture")),
            ("decode", self.tr("Read and decode"), self.tr("One image, on a worker")),
            ("section", self.tr("Section"), self.tr("One plane or slab through a volume, on a worker")),
            ("volume", self.tr("Volume"), self.tr("To build a volume, on workers")),
        )

    def _told(self) -> tuple[tuple[str, str, str], ...]:
        return (
            ("first", self.tr("First image"), self.tr("From asking for paths to the first picture on screen")),
            ("rate", self.tr("Scrolling"), self.tr("Pictures a second in the latest run, and its longest wait")),
            ("queue", self.tr("Waiting"), self.tr("What workers have yet to fetch: on screen, thumbnails, ahead")),
            ("cine", self.tr("Cine"), self.tr("Pictures are left out to keep to the header's rate")),
            ("kernels", self.tr("Machine code"), self.tr("Compiled kernels; numpy serves until they are there")),
            ("process", self.tr("Program"), self.tr("Memory of the whole process, images included")),
            ("volumes", self.tr("Volumes"), self.tr("Memory of volumes, and of their copies in a second order")),
            ("images", self.tr("Images"), self.tr("Memory for images, volumes included, and the most it may be")),
        )

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(10, 6, 10, 8)
        row.setSpacing(8)
        self.save = QPushButton(self.tr("Save report…"))
        self.save.setToolTip(self.tr("Write these figures as JSON: no names, identifiers, paths or dates"))
        self.save.clicked.connect(self.save_wanted)
        self.again = QPushButton(self.tr("Start again"))
        self.again.setToolTip(self.tr("Forget the times so far"))
        self.again.clicked.connect(self.reset_wanted)
        row.addWidget(self.save)
        row.addWidget(self.again)
        row.addStretch(1)
        return row

    def value(self, key: str) -> str:
        """Return the text of one row."""
        if key in self._numbers:
            return " ".join(label.text() for label in self._numbers[key])
        return self._values[key].text()

    def show_reading(self, reading: Reading) -> None:
        """Show what the counters say."""
        if not self._built:
            self._build()
        self.plot.set_times(reading.frames)
        for key, labels in self._numbers.items():
            times: Summary | None = getattr(reading, key)
            shown = (times.last, times.median, times.p99) if times is not None else ()
            for label, text in zip(labels, [_number(ms) for ms in shown] or [NONE] * 3, strict=True):
                if label.text() != text:
                    label.setText(text)
        for key, text in self._texts(reading).items():
            if self._values[key].text() != text:
                self._values[key].set_text(text)
        self.bar.set_share(reading.used / reading.budget if reading.budget else 0.0)
        self.stacks.set_rows(reading.stacks[:MOST_STACKS])

    def _texts(self, reading: Reading) -> dict[str, str]:
        ready, declared = reading.kernels
        first, rate = reading.first_image, self.tr("{0:.0f}/s · longest wait {1:.0f} ms")
        volumes = self.tr("{0} · copies {1}").format(size_text(reading.volumes), size_text(reading.copies))
        return {
            "first": NONE if first is None else f"{first:.0f} ms" if first < 10_000 else f"{first / 1000:.1f} s",
            "rate": rate.format(reading.per_second, reading.longest_gap) if reading.per_second else NONE,
            "queue": " · ".join(f"{count} {name}" for name, count in reading.queue if count) or self.tr("nothing"),
            "cine": self.tr("{0} shown · {1} left out").format(reading.cine_shown, reading.cine_dropped)
            if reading.cine_shown
            else NONE,
            "kernels": self.tr("ready")
            if declared and ready == declared
            else self.tr("{0} of {1} · numpy serves").format(ready, declared),
            "process": size_text(reading.resident),
            "volumes": volumes if reading.copies else size_text(reading.volumes),
            "images": self.tr("{0} of {1}").format(size_text(reading.used), size_text(reading.budget)),
        }

    # events

    def sizeHint(self) -> QSize:
        return QSize(320, 460)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._built:
            self._build()
        self.seen.emit(True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.seen.emit(False)


def _number(ms: float) -> str:
    return f"{ms:.1f}" if ms < 100 else f"{ms:.0f}"


class _MemoryBar(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self._share = 0.0
        self.setFixedHeight(6)

    def set_share(self, share: float) -> None:
        if share != self._share:
            self._share = share
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            draw_bar(painter, QRectF(self.rect()), self._share, self._share > FULL)


class _Stacks(QWidget):
    """What each stack takes, as names over bars relative to the largest."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: tuple[tuple[str, int], ...] = ()

    def set_rows(self, rows: tuple[tuple[str, int], ...]) -> None:
        if rows != self.rows:
            self.rows = rows
            self.setFixedHeight(len(rows) * self._pitch())
            self.setAccessibleName(", ".join(f"{name} {size_text(size)}" for name, size in rows))
            self.update()

    def _pitch(self) -> int:
        return self.fontMetrics().height() + 8

    def paintEvent(self, event: QPaintEvent) -> None:
        colours, pitch = theme.current(), self._pitch()
        most = max((size for _, size in self.rows), default=0) or 1
        with QPainter(self) as painter:
            for place, (name, size) in enumerate(self.rows):
                line = QRectF(0, place * pitch, self.width(), pitch)
                bar = QRectF(line.left(), line.top() + 1, max(size / most * line.width(), 2), pitch - 3)
                painter.fillRect(bar, colours["accent-faint"])
                amount = size_text(size)
                painter.setPen(colours["text-dim"])
                painter.drawText(line.adjusted(0, 0, -5, -1), Qt.AlignmentFlag.AlignRight | _MIDDLE, amount)
                room = line.adjusted(5, 0, -painter.fontMetrics().horizontalAdvance(amount) - 14, -1)
                shown = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, int(room.width()))
                painter.setPen(colours["text"])
                painter.drawText(room, Qt.AlignmentFlag.AlignLeft | _MIDDLE, shown)


_MIDDLE = Qt.AlignmentFlag.AlignVCenter
