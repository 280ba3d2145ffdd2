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
    from workstation.transfers.jobs import Job
    from workstation.ui.window_api import WindowApi

_LOG = log.get("network")


def _searchable(nodes: Sequence[Node]) -> tuple[Node, ...]:
    return tuple(node for node in nodes if "query" in node.services)


class NodeAccess(QObject):
    """Nodes are read on a thread at first; after that the desk of the network tells of changes."""

    changed = Signal()
    """Other nodes are known, or other saved queries."""
    _read = Signal(object, object)

    def __init__(self, window: WindowApi, parent: QObject) -> None:
        super().__init__(parent)
        self._window = window
        self._nodes: tuple[Node, ...] = ()
        self._queries: tuple[SavedQuery, ...] = ()
        self._thread: threading.Thread | None = None
        self._follows = False
        self._read.connect(self._take)

    def nodes(self) -> tuple[Node, ...]:
        """Return the nodes that may be asked for studies."""
        return self._nodes

    def node(self, name: str) -> Node | None:
        """Return a node by its name, None where there is none any more."""
        return next((node for node in self._nodes if node.name == name), None)

    def queries(self) -> tuple[SavedQuery, ...]:
        """Return the queries that were saved for servers."""
        return self._queries

    def load(self) -> None:
        """Read them; :attr:`changed` tells when it is done."""
        self._thread = threading.Thread(target=self._load, name="nodes", daemon=True)
        self._thread.start()

    def _load(self) -> None:
        from workstation.network.nodes import NodeBook
        from workstation.network.saved_queries import QueryBook

        try:
            nodes, queries = _searchable(tuple(NodeBook())), tuple(QueryBook())
        except Exception:
            _LOG.exception("the nodes could not be read")
            return
        self._read.emit(nodes, queries)

    def _take(self, nodes: tuple[Node, ...], queries: tuple[SavedQuery, ...]) -> None:
        if not self._follows:
            self._follows = True
            self._window.network.nodes_changed.connect(self._follow)
        if (nodes, queries) != (self._nodes, self._queries):
            self._nodes, self._queries = nodes, queries
            self.changed.emit()

    def _follow(self) -> None:
        self._take(_searchable(tuple(self._window.network.book)), self._queries)

    def retrieve(
        self, node: str, level: str, uids: Mapping[str, str | Sequence[str]], title: str, *, first: bool = False
    ) -> Job:
        """Put a retrieval into the queue: by DICOMweb where the node has no application entity.

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
        network = self._window.network
        known = self.node(node)
        kind = "web_retrieve" if known is not None and known.uses_web else "retrieve"
        for job in network.queue.jobs():
            if not job.is_over and job.kind == kind and dict(job.parameters) == parameters:
                if job.state == "paused":
                    network.resume(job.key, first=first)
                elif first:
                    network.queue.move_to_front(job.key)
                return job  # asked for twice, it is fetched once
        return network.add(kind, node, title, parameters, first=first)

    def listen(self, listener: Callable[[Job], None]) -> Callable[[], None]:
        """Call ``listener`` after each change of a job, on whatever thread; returns what ends that."""
        return self._window.network.queue.listen(listener)

    def close(self) -> None:
        """Wait for what is being read."""
        if self._thread is not None:
            self._thread.join(2.0)
