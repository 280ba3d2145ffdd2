"""The line at the foot of the window: the pixel under the pointer, what is going on, memory, the stance."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QLabel, QStatusBar

from workstation.ui import theme
from workstation.ui.later import Later
from workstation.ui.memory_meter import MemoryMeter
from workstation.ui.receiving_chip import ReceivingChip
from workstation.ui.transfer_chip import TransferChip
from workstation.ui.widgets import icon_button, tooltip

if TYPE_CHECKING:
    from workstation.loading.loader import Loader
    from workstation.ui.image_pane import ImagePane
    from workstation.ui.workspace import Workspace


PROBE_AGAIN = 60
"""Milliseconds from a new picture to the words on the pixel a resting pointer now stands on."""


class StatusLine(QObject):
    """Fills a status bar."""

    def __init__(
        self, bar: QStatusBar, loader: Loader, workspace: Workspace, dispatch: Callable[[str], object]
    ) -> None:
        super().__init__(bar)
        self.probe, self.progress = QLabel(), QLabel()
        for label in (self.probe, self.progress):
            label.setTextFormat(Qt.TextFormat.PlainText)
        self.probe.setToolTip(
            tooltip(
                self.tr(
                    "The pixel under the pointer: its column and row, counted from 0; the stored value, what slope and "
                    "intercept make of it (HU in CT), and the grey the window gives it; its place in the patient: "
                    "millimetres to the left (L), to the back (P) and to the head (H)."
                )
            )
        )
        self.memory = MemoryMeter(loader, workspace)
        self.memory.clicked.connect(lambda: dispatch("view.performance"))
        self.stop = icon_button("close", self.tr("Stop opening (Ctrl+.)"))
        self.stop.clicked.connect(lambda: dispatch("file.stop"))
        self.stop.hide()
        self.transfers = TransferChip()
        self.transfers.clicked.connect(lambda: dispatch("network.show_transfers"))
        self.receiving = ReceivingChip()
        self.receiving.off_wanted.connect(lambda: dispatch("network.receive"))
        self.receiving.settings_wanted.connect(lambda: dispatch("edit.preferences"))
        stance = QLabel(self.tr("Not for diagnostic use"))
        stance.setObjectName("stance")
        self.probe.setContentsMargins(theme.GAP, 0, 0, 0)
        self._probed: ImagePane | None = None
        self._again = Later(self._probe_again, self, PROBE_AGAIN)
        bar.addWidget(self.probe, 1)
        for widget in (self.progress, self.stop, self.receiving, self.transfers, self.memory, stance):
            bar.addPermanentWidget(widget)

    def follow(self, pane: ImagePane) -> None:
        """Tell what is under the pointer of a pane, also when its picture changes below it (D45)."""
        pane.probed.connect(lambda text: self._tell(pane, text))
        pane.painted.connect(lambda _: self._again.ask() if pane is self._probed else None)

    def _tell(self, pane: ImagePane, text: str) -> None:
        self._probed = pane
        self.probe.setText(text)

    def _probe_again(self) -> None:
        if self._probed is not None:
            self._probed.text.probe_again()
