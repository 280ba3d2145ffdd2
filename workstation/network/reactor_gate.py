"""Holds the thread of an association still while another one asks and waits for the answer.

pynetdicom pauses that thread by an event and a flag; between the two it may slip through and take the answer for a
request of the peer, about once in a hundred associations on a busy computer. Whoever asked then waits in vain.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pynetdicom.association import Association


class ReactorGate:
    """Stands in for the event ``Association._reactor_checkpoint``: ``clear`` returns once the thread stands still."""

    def __init__(self, association: Association) -> None:
        self._association = association
        self._change = threading.Condition()
        self._open = True
        self._standing = False

    def is_set(self) -> bool:
        """Tell whether the thread may pass."""
        return self._open

    def set(self) -> None:
        """Let the thread pass."""
        with self._change:
            self._open = True
            self._change.notify_all()

    def clear(self) -> None:
        """Stop the thread; it stands still when this returns, unless it has ended or is the one that calls."""
        with self._change:
            self._open = False
            if threading.current_thread() is self._association:
                return
            while not self._standing and self._association.is_alive() and not self._association._kill:
                self._change.wait(0.01)

    def wait(self, timeout: float | None = None) -> bool:
        """Let the thread wait here until it may pass."""
        with self._change:
            self._standing = True
            self._change.notify_all()
            passed = self._change.wait_for(lambda: self._open, timeout)
            self._standing = False
            return passed
