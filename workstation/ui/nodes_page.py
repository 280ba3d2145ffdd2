"""The nodes this program may talk to: a list, a form, a check."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from workstation.ui.network_desk import NetworkDesk


class NodesPage(QWidget):
    """A list of nodes beside the form of one."""

    def __init__(self, desk: NetworkDesk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.desk = desk
        self.setWindowTitle(self.tr("Nodes"))
