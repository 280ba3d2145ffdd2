"""A word at the foot of the window while something is transferred or has failed; it opens the panel."""

from __future__ import annotations

from PySide6.QtWidgets import QPushButton, QWidget

from workstation.ui.widgets import tooltip


class TransferChip(QPushButton):
    """Seen only while there is something to say."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("chip", True)
        self.setObjectName("transferChip")
        self.setToolTip(tooltip(self.tr("Transfers (Ctrl+J)")))
        self.hide()

    def show_state(self, running: str, failed: int) -> None:
        """Say what runs, and how many failed unseen; nothing of both hides the chip."""
        one = self.tr("1 transfer failed")
        fault = (one if failed == 1 else self.tr("{0} transfers failed").format(failed)) if failed else ""
        text = " · ".join(part for part in (running, fault) if part)
        if bool(failed) != bool(self.property("failed")):
            self.setProperty("failed", bool(failed))
            self.style().unpolish(self)
            self.style().polish(self)
        self.setText(text)
        self.setAccessibleName(text)
        self.setVisible(bool(text))
