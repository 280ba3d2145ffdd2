"""Retrieving as the window does it: into its library, over its receiver where that is on."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

if TYPE_CHECKING:
    from workstation.network.nodes import Node
    from workstation.network.progress import Progress
    from workstation.transfers.receiving import Receiving

LIST_EVERY = 1000
"""Milliseconds between two looks at the library while objects come in."""


class RetrieveRunner(QObject):
    """Does jobs of kind "retrieve", each with a library of its own: its thread waits for no other."""

    listed = Signal()
    """The library has got something; at most once a second."""
    _arrived = Signal()

    def __init__(
        self,
        node: Callable[[str], Node],
        receiver: Callable[[], Receiving | None],
        port: Callable[[], int],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._node, self._receiver, self._port = node, receiver, port
        self._clock = QTimer(self, singleShot=True, interval=LIST_EVERY)
        self._clock.timeout.connect(self.listed)
        self._arrived.connect(lambda: None if self._clock.isActive() else self._clock.start())

    def run(self, parameters: Mapping[str, Any], stop: threading.Event) -> Iterator[Progress]:
        """Retrieve, on the thread of the job.

        Raises
        ------
        WorkstationError
        """
        from workstation.library.store import Library
        from workstation.paths import data_folder
        from workstation.transfers.retrieve_job import Surroundings, retrieve_job

        def arrived(_study: str, _paths: list[Path]) -> None:
            self._arrived.emit()

        node = self._node(str(parameters["node"]))

        def receiver() -> Receiving | None:
            found = self._receiver()
            return found if found is not None and found.options.may_call(node.ae_title) else None

        with Library(data_folder() / "library") as library:
            around = Surroundings(
                lambda: library, data_folder() / "retrieved", receiver=receiver, move_port=self._port, arrived=arrived
            )
            yield from retrieve_job(node, parameters, stop, around)
