"""Modalities as buttons to press: studies with at least one of those that are down."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from workstation.ui.widgets import plain

MOST = 24


class ModalityChips(QWidget):
    """A row of buttons, made anew when other modalities are there; those that are down stay so."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._buttons: dict[str, QPushButton] = {}
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(4)
        self._row.addStretch(1)

    def set_modalities(self, found: Sequence[str]) -> None:
        """Offer these modalities."""
        names = list(found[:MOST])
        if names == list(self._buttons):
            return
        chosen = set(self.chosen())
        for button in self._buttons.values():
            self._row.removeWidget(button)
            button.deleteLater()
        self._buttons = {name: self._button(name, name in chosen) for name in names}
        for place, button in enumerate(self._buttons.values()):
            self._row.insertWidget(place, button)

    def chosen(self) -> tuple[str, ...]:
        """Return the modalities that are down."""
        return tuple(name for name, button in self._buttons.items() if button.isChecked())

    def choose(self, names: Sequence[str]) -> None:
        """Press exactly these."""
        for name, button in self._buttons.items():
            button.blockSignals(True)
            button.setChecked(name in names)
            button.blockSignals(False)

    def _button(self, name: str, down: bool) -> QPushButton:
        button = QPushButton(plain(name, 8).replace("&", "&&"))
        button.setCheckable(True)
        button.setChecked(down)
        button.setProperty("chip", True)
        button.setAccessibleName(self.tr("Only studies with {0}").format(plain(name, 8)))
        button.setToolTip(self.tr("Only studies with {0}").format(plain(name, 8)))
        button.toggled.connect(lambda: self.changed.emit())
        return button
