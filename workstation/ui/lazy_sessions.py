"""What keeps sessions, made when it is first asked for: no start waits for it."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workstation.ui.session_keeper import SessionKeeper


class LazySessions:
    """Part of the main window."""

    @cached_property
    def sessions(self) -> SessionKeeper:
        """Saves sessions, brings them back, keeps the journal."""
        from workstation.ui.session_keeper import SessionKeeper

        return SessionKeeper(self, self)  # type: ignore[arg-type]
