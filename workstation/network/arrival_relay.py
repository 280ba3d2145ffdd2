"""Hands what a receiver tells on to the retrievals that wait for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from workstation.network.receiver_events import Event
    from workstation.network.spool import Kept


class ArrivalSource(Protocol):
    """Knows of every object that comes to our receiver, the moment it is whole on the disk."""

    def arrivals(self, tell: Callable[[Kept], None]) -> AbstractContextManager[object]:
        """Call ``tell``, from whatever thread, for every object that comes during a ``with`` block.

        Objects of other senders may be among them.
        """
        ...

    def why_not(self, calling: str, called: str) -> str:
        """Return why a caller that calls us by a title is refused, as a sentence; nothing where it is not."""
        ...


class ArrivalRelay:
    """An :class:`ArrivalSource` over a receiver: ``Receiver(options, relay.deliver)``.

    ``others`` gets every event too.
    """

    def __init__(self, others: Callable[[Event], None] | None = None) -> None:
        self._others = others
        self._tells: tuple[Callable[[Kept], None], ...] = ()

    def deliver(self, event: Event) -> None:
        """Take an event of the receiver, on its thread."""
        from workstation.network.receiver_events import Arrived

        if isinstance(event, Arrived):
            for tell in self._tells:
                tell(event.kept)
        if self._others is not None:
            self._others(event)

    @contextmanager
    def arrivals(self, tell: Callable[[Kept], None]) -> Iterator[None]:
        """Call ``tell`` for every object during the block."""
        # tuples, replaced whole: the receiver's thread may be walking through the old one
        self._tells = (*self._tells, tell)
        try:
            yield
        finally:
            self._tells = tuple(one for one in self._tells if one is not tell)

    def why_not(self, calling: str, called: str) -> str:
        """Return nothing: a receiver for one job is made for its node."""
        return ""
