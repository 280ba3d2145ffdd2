"""The page of an empty window: what to do first."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from workstation.ui import theme
from workstation.ui.widgets import IconLabel, plain, plain_label, tooltip

RECENT_SHOWN = 6


class EmptyState(QWidget):
    """Drop, open, or look at the demo study."""

    open_requested = Signal()
    folder_requested = Signal()
    demo_requested = Signal()
    list_requested = Signal()
    recent_requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._dropping = False
        self._hidden = False
        self._paths: tuple[str, ...] = ()
        self.title = plain_label(self.tr("Drop files, a folder, a ZIP or a disc here"))
        self.title.setFont(theme.resized(self.font(), 5, bold=True))
        self.advice = plain_label(
            self.tr("Any DICOM object opens, whatever its name. Nothing is copied or changed."), "dim"
        )
        self.files = self._button("open", self.tr("Open files…"), "Ctrl+O", self.open_requested)
        self.files.setProperty("primary", True)
        theme.give_icon(self.files, "open", "accent-text")
        self.folder = self._button("folder", self.tr("Open folder…"), "Ctrl+Shift+O", self.folder_requested)
        self.demo = self._button("demo", self.tr("Show the demo study"), "", self.demo_requested)
        self.list = QPushButton(self.tr("Study list: what you keep, found by any piece of a name (Ctrl+L)"))
        self.list.setProperty("flat", True)
        self.list.setCursor(Qt.CursorShape.PointingHandCursor)
        self.list.clicked.connect(lambda: self.list_requested.emit())
        self.notice = plain_label(self.tr("Not for diagnostic use."), "dim")
        self._recent = QVBoxLayout()
        self._recent.setSpacing(0)
        self._lay_out()

    def set_recent(self, paths: Sequence[str]) -> None:
        """List what was opened lately."""
        self._paths = tuple(paths)
        while (item := self._recent.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        if paths:
            label = plain_label(self.tr("Opened lately"), "dim")
            self._recent.addWidget(label, 0, Qt.AlignmentFlag.AlignHCenter)
        for place, path in enumerate(paths[:RECENT_SHOWN], 1):
            self._recent.addWidget(self._recent_button(path, place), 0, Qt.AlignmentFlag.AlignHCenter)
        self._fit_recent()

    def set_identity_hidden(self, hidden: bool) -> None:
        """Folders are often named after patients: number them instead, or name them again."""
        if hidden != self._hidden:
            self._hidden = hidden
            self.set_recent(self._paths)

    def set_dropping(self, dropping: bool) -> None:
        """Show that what is held over the window may be dropped."""
        if dropping != self._dropping:
            self._dropping = dropping
            self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_recent()

    def _names(self) -> list[QWidget]:
        """Return the heading of what was opened lately, and the names below it."""
        items = (self._recent.itemAt(place) for place in range(self._recent.count()))
        return [widget for item in items if item is not None and (widget := item.widget()) is not None]

    def _fit_recent(self) -> None:
        """Name as many as there is room for, the latest first: a name cut in half is worse than none."""
        names = self._names()
        layout = self.layout()
        if layout is None or not names:
            return
        for name in names:
            name.show()
        self._recent.invalidate()
        layout.invalidate()
        lacking = layout.totalHeightForWidth(self.width()) - self.height()
        for name in reversed(names):
            if lacking <= 0:
                break
            lacking -= name.sizeHint().height()
            name.hide()
        if len(names) > 1 and names[1].isHidden():
            names[0].hide()

    def minimumSizeHint(self) -> QSize:
        """Return what the page needs without the names of what was opened lately."""
        whole = super().minimumSizeHint()
        listed = sum(name.sizeHint().height() for name in self._names() if not name.isHidden())
        return QSize(whole.width(), whole.height() - listed)

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.current()
        painter = QPainter(self)
        painter.fillRect(self.rect(), colours["window"])
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = colours["accent" if self._dropping else "border"]
        painter.setPen(QPen(colour, 2 if self._dropping else 1.5, Qt.PenStyle.DashLine))
        painter.drawRoundedRect(self.rect().toRectF().adjusted(14, 14, -14, -14), 10, 10)

    def _button(self, icon: str, text: str, keys: str, wanted: object) -> QPushButton:
        button = QPushButton(text)
        theme.give_icon(button, icon)
        button.setIconSize(QSize(20, 20))
        button.setMinimumHeight(36)
        button.setToolTip(tooltip(f"{text} ({keys})" if keys else text))
        button.clicked.connect(lambda: wanted.emit())  # type: ignore[attr-defined]
        return button

    def _recent_button(self, path: str, place: int) -> QPushButton:
        name = self.tr("Number {}, name hidden").format(place) if self._hidden else PurePath(path).name or path
        button = QPushButton(plain(name, 60).replace("&", "&&"))
        button.setProperty("flat", True)
        button.setToolTip("" if self._hidden else tooltip(path))
        button.setAccessibleName(self.tr("Open {} again").format(name if self._hidden else plain(path, 200)))
        button.setCursor(Qt.CursorShape.PointingHandCursor)
        button.clicked.connect(lambda: self.recent_requested.emit(path))
        return button

    def _lay_out(self) -> None:
        centre = Qt.AlignmentFlag.AlignHCenter
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.GAP)
        buttons.addStretch(1)
        for button in (self.files, self.folder, self.demo):
            buttons.addWidget(button)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(32, 32, 32, 32)
        column.setSpacing(theme.GAP)
        column.addStretch(3)
        column.addWidget(IconLabel("folder", 56, "text-off"), 0, centre)
        column.addSpacing(theme.GAP)
        for label in (self.title, self.advice):
            label.setWordWrap(True)
            label.setAlignment(centre)
            column.addWidget(label)
        column.addSpacing(2 * theme.GAP)
        column.addLayout(buttons)
        column.addWidget(self.list, 0, centre)
        column.addSpacing(2 * theme.GAP)
        column.addLayout(self._recent)
        column.addStretch(4)
        column.addWidget(self.notice, 0, centre)
