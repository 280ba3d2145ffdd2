"""Where is looked: the library, one server, or all of them; one button is down, what finds no place is in a menu."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QMenu, QPushButton, QSizePolicy, QWidget

from workstation.transfers.study_places import ALL, LIBRARY
from workstation.ui.widgets import plain, tooltip

SPACE = 4
LONGEST = 24
"""Characters of a name on a button."""


class SourceChips(QWidget):
    """Hidden while there are no servers."""

    chosen = Signal(str)
    """A person chose a source."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._group = QButtonGroup(self)
        self.more = QPushButton(self)
        self.more.setProperty("chip", True)
        self.more.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.more.setToolTip(self.tr("Other servers"))
        self.more.clicked.connect(self._offer)
        self._menu = QMenu(self.more)
        self._menu.aboutToShow.connect(self._fill)
        self._buttons: dict[str, QPushButton] = {}
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Where to look"))
        self.set_nodes(())

    @property
    def source(self) -> str:
        """The source that is chosen."""
        return next((source for source, button in self._buttons.items() if button.isChecked()), LIBRARY)

    def nodes(self) -> tuple[str, ...]:
        """Return the names of the servers on offer."""
        return tuple(name for name in self._buttons if name not in (LIBRARY, ALL))

    def set_nodes(self, names: Sequence[str]) -> None:
        """Offer these servers; a source that is gone leaves the library chosen."""
        source = self.source
        for button in self._buttons.values():
            self._group.removeButton(button)
            button.hide()
            button.deleteLater()
        offers = [
            (LIBRARY, self.tr("Library"), self.tr("What is here; no server is asked")),
            (ALL, self.tr("All"), self.tr("Library and every server, as one list")),
            *((name, name, self.tr("What {0} has; asked when you press Enter").format(name)) for name in names),
        ]
        self._buttons = {value: self._button(value, text, tip) for value, text, tip in offers}
        self._buttons.get(source, self._buttons[LIBRARY]).setChecked(True)
        self.setVisible(bool(names))
        self._place()

    def sizeHint(self) -> QSize:
        return QSize(200, self.more.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._place()

    def left_out(self) -> tuple[str, ...]:
        """Return the sources that are in the menu."""
        return tuple(source for source, button in self._buttons.items() if button.isHidden())

    def _place(self) -> None:
        """Put as many side by side as there is room for, what is chosen among them."""
        self.more.setText(f"+{len(self._buttons)}")
        widths = {source: button.sizeHint().width() + SPACE for source, button in self._buttons.items()}
        room = self.width() - (0 if sum(widths.values()) <= self.width() else self.more.sizeHint().width())
        first = [*dict.fromkeys((LIBRARY, ALL, self.source))]
        used, shown = sum(widths[source] for source in first), set(first)
        for source, width in widths.items():
            if source not in shown and used + width <= room:
                used, shown = used + width, shown | {source}
        left = 0
        for source, button in self._buttons.items():
            button.setVisible(source in shown)
            if source in shown:
                button.setGeometry(left, 0, widths[source] - SPACE, button.sizeHint().height())
                left += widths[source]
        self.more.setText(f"+{len(self._buttons) - len(shown)}")
        self.more.move(left, 0)
        self.more.resize(self.more.sizeHint())
        self.more.setVisible(len(shown) < len(self._buttons))

    def _offer(self) -> None:
        self._menu.popup(self.more.mapToGlobal(self.more.rect().bottomLeft()))

    def _fill(self) -> None:
        self._menu.clear()
        for source in self.left_out():
            self._menu.addAction(self._buttons[source].text(), self._buttons[source].click)

    def choose(self, source: str) -> None:
        """Press one, as far as it is on offer."""
        if source in self._buttons:
            self._buttons[source].setChecked(True)

    def button(self, source: str) -> QPushButton:
        """Return the button of a source."""
        return self._buttons[source]

    def _button(self, value: str, text: str, tip: str) -> QPushButton:
        button = QPushButton(_short(text).replace("&", "&&"), self)
        button.setCheckable(True)
        button.setProperty("chip", True)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keyboard where it is
        button.setToolTip(tooltip(tip))
        button.setAccessibleDescription(plain(tip))
        button.clicked.connect(lambda: self.chosen.emit(value))
        button.toggled.connect(lambda down: self._place() if down and value in self._buttons else None)
        self._group.addButton(button)
        return button


def _short(name: str) -> str:
    """Return a name that fits a button; names of one house differ at their ends, so the middle goes."""
    text = plain(name)
    return text if len(text) <= LONGEST else f"{text[: LONGEST // 2].rstrip()}…{text[-LONGEST // 2 + 1 :].lstrip()}"
