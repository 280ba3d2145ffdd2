"""What the study list needs of nodes and the queue of transfers, in one place."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from workstation import log

if TYPE_CHECKING:
    from workstation.network.nodes import Node
    from workstation.network.saved_queries import SavedQuery
    from workstation.transfers.jobs import Job, JobQueue

_LOG = log.get("network")


class NodeAccess(QObject):
    """Nodes are read on a thread; the queue is made when something is first retrieved."""

    changed = Signal()
    """Other nodes are known, or other saved queries."""
    _read = Signal(object, object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._nodes: tuple[Node, ...] = ()
        self._queries: tuple[SavedQuery, ...] = ()
        self._queue: JobQueue | None = None
        self._thread: threading.Thread | None = None
        self._read.connect(self._take)

    def nodes(self) -> tuple[Node, ...]:
        """Return the nodes that may be asked for studies."""
        return self._nodes

    def queries(self) -> tuple[SavedQuery, ...]:
        """Return the queries that were saved for servers."""
        return self._queries

    def load(self) -> None:
        """Read them again; :attr:`changed` tells when it is done."""
        self._thread = threading.Thread(target=self._load, name="nodes", daemon=True)
        self._thread.start()

    def _load(self) -> None:
        from workstation.network.nodes import NodeBook
        from workstation.network.saved_queries import QueryBook

        try:
            nodes = tuple(node for node in NodeBook().offering("query") if node.speaks_dimse)
            queries = tuple(QueryBook())
        except Exception:
            _LOG.exception("the nodes could not be read")
            return
        self._read.emit(nodes, queries)

    def _take(self, nodes: tuple[Node, ...], queries: tuple[SavedQuery, ...]) -> None:
        if (nodes, queries) != (self._nodes, self._queries):
            self._nodes, self._queries = nodes, queries
            self.changed.emit()

    def retrieve(
        self, node: str, level: str, uids: Mapping[str, str | Sequence[str]], title: str, *, first: bool = False
    ) -> Job:
        """Put a retrieval into the queue.

        Parameters
        ----------
        node
            Name of the server.
        level
            STUDY, SERIES or IMAGE.
        uids
            ``study`` one UID; ``series`` and ``instances`` lists, empty for all of them.
        title
            For the user alone; it may name a patient.
        first
            Whether it goes before all that wait.
        """
        parameters = {
            "node": node,
            "level": level,
            "study": str(uids["study"]),
            "series": list(uids.get("series", ())),
            "instances": list(uids.get("instances", ())),
        }
        return self.queue.add("retrieve", node, title, parameters, first=first)

    def listen(self, listener: Callable[[Job], None]) -> Callable[[], None]:
        """Call ``listener`` after each change of a job, on whatever thread; returns what ends that."""
        return self.queue.listen(listener)

    @property
    def queue(self) -> JobQueue:
        """The queue of transfers."""
        if self._queue is None:
            from workstation.paths import data_folder
            from workstation.transfers.jobs import JobQueue

            self._queue = JobQueue(data_folder(), {})
        return self._queue

    def close(self) -> None:
        """End what is under way."""
        if self._thread is not None:
            self._thread.join(2.0)
        if self._queue is not None:
            self._queue.close(5.0)
