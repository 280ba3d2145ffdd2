"""Where is looked: the library, one server, or all of them; one button is down."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QSizePolicy, QWidget

from workstation.transfers.study_places import ALL, LIBRARY
from workstation.ui.widgets import plain, tooltip

SPACE = 4


class SourceChips(QWidget):
    """Hidden while there are no servers."""

    chosen = Signal(str)
    """A person chose a source."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(SPACE)
        self._row.addStretch(1)
        self._group = QButtonGroup(self)
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

    def choose(self, source: str) -> None:
        """Press one, as far as it is on offer."""
        if source in self._buttons:
            self._buttons[source].setChecked(True)

    def button(self, source: str) -> QPushButton:
        """Return the button of a source."""
        return self._buttons[source]

    def _button(self, value: str, text: str, tip: str) -> QPushButton:
        button = QPushButton(plain(text, 24).replace("&", "&&"), self)
        button.setCheckable(True)
        button.setProperty("chip", True)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keyboard where it is
        button.setToolTip(tooltip(tip))
        button.setAccessibleDescription(plain(tip))
        button.clicked.connect(lambda: self.chosen.emit(value))
        self._group.addButton(button)
        self._row.insertWidget(self._row.count() - 1, button)
        return button
