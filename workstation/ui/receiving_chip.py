"""A word at the foot of the window while this program listens; its menu ends that."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMenu, QPushButton, QWidget

from workstation.ui.widgets import tooltip


class ReceivingChip(QPushButton):
    """Seen only while receiving is on, or being switched on or off."""

    off_wanted = Signal()
    settings_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("chip", True)
        self.setObjectName("receivingChip")
        menu = QMenu(self)
        menu.addAction(self.tr("Receive nothing more"), self.off_wanted.emit)
        menu.addAction(self.tr("Preferences of receiving…"), self.settings_wanted.emit)
        self.setMenu(menu)
        self.hide()

    def show_state(self, text: str, explained: str) -> None:
        """Say what goes on; nothing hides the chip."""
        self.setText(text)
        self.setAccessibleName(text)
        self.setToolTip(tooltip(explained))
        self.setVisible(bool(text))
