"""What no start waits for: sessions and the network, each made when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from workstation.ui.network_desk import NetworkDesk
    from workstation.ui.receiving_desk import ReceivingDesk
    from workstation.ui.session_keeper import SessionKeeper
    from workstation.ui.status_line import StatusLine
    from workstation.ui.workspace import Workspace


class LazySessions:
    """Part of the main window."""

    panels: dict[str, QWidget]
    status: StatusLine
    workspace: Workspace
    _closed: bool
    update_later: Callable[[], None]

    @cached_property
    def sessions(self) -> SessionKeeper:
        """Saves sessions, brings them back, keeps the journal."""
        from workstation.ui.session_keeper import SessionKeeper

        return SessionKeeper(self, self)  # type: ignore[arg-type]

    @cached_property
    def network(self) -> NetworkDesk:
        """Owns nodes, secrets and the queue of transfers."""
        from workstation.ui.network_desk import NetworkDesk
        from workstation.ui.transfers_follower import TransfersFollower

        desk = NetworkDesk(self, self)  # type: ignore[arg-type]
        TransfersFollower(desk, self.panels["transfers"], self.status.transfers, self.workspace)  # type: ignore[arg-type]
        desk.credentials.begin()
        desk.credentials.waits_changed.connect(self.update_later)
        return desk

    @property
    def has_network(self) -> bool:
        """Whether anything of the network was asked for."""
        return "network" in self.__dict__

    @cached_property
    def receiving(self) -> ReceivingDesk:
        """Takes what other applications send, while it is switched on."""
        from workstation.ui.receiving_desk import ReceivingDesk

        return ReceivingDesk(self, self, self.status.receiving)  # type: ignore[arg-type]

    @property
    def receives(self) -> bool:
        """Whether receiving is switched on."""
        return "receiving" in self.__dict__ and self.receiving.on

    def begin_network(self) -> None:
        """Have what shows transfers made once their panel is seen."""
        from PySide6.QtCore import QTimer

        def look() -> None:
            if not self._closed:
                self.network.jobs_changed.emit()

        # a panel that a saved layout brings back is seen at the start, which waits for nothing
        later = QTimer(self.panels["transfers"], singleShot=True, interval=0)
        later.timeout.connect(look)
        self.panels["transfers"].wanted.connect(later.start)  # type: ignore[attr-defined]

    def close_network(self) -> None:
        """Pause transfers, end what is being asked of nodes and receive nothing more; the library is still open."""
        if "receiving" in self.__dict__:
            self.receiving.close()
        if self.has_network:
            self.network.close()
