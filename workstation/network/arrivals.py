"""What a retrieval by C-MOVE needs to know of whoever receives the objects for us."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from workstation.network.spool import Kept


class ArrivalSource(Protocol):
    """A Storage SCP that listens already, and tells of every object the moment it is whole on the disk."""

    def arrivals(self, tell: Callable[[Kept], None]) -> AbstractContextManager[object]:
        """Call ``tell``, from whatever thread, for every object that comes during a ``with`` block.

        Objects of other senders may be among them.
        """
        ...
