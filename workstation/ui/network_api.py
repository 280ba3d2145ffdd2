"""What parts of the network desk may use of it: the desk makes them, they know only this."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from PySide6.QtCore import SignalInstance

    from workstation.network.nodes import Node, NodeBook
    from workstation.network.secrets import Secrets
    from workstation.transfers.jobs import JobQueue


class ErrandApi(Protocol):
    """Something that is being found out."""

    def stop(self) -> None: ...


class SignInsApi(Protocol):
    """Signing in to nodes."""

    done: SignalInstance
    failed: SignalInstance

    def sign_in(self, node: Node) -> None: ...

    def cancel(self, name: str) -> None: ...


class DeskApi(Protocol):
    """Nodes, secrets, the queue, and threads to ask on."""

    jobs_changed: SignalInstance
    secret_kept: SignalInstance

    @property
    def book(self) -> NodeBook: ...

    @property
    def secrets(self) -> Secrets: ...

    @property
    def queue(self) -> JobQueue: ...

    @property
    def has_queue(self) -> bool: ...

    @property
    def sign_ins(self) -> SignInsApi: ...

    def ask(self, work: Callable[[], Any], answer: Callable[[Any], object]) -> ErrandApi: ...

    def follow(self, run: Any, item: Callable[[Any], object], ended: Callable[[Any], object]) -> ErrandApi: ...
