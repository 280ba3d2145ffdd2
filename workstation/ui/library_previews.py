"""What the study one rests on is made of: series, completeness, pictures; the latest wish only."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from workstation import log
from workstation.errors import WorkstationError
from workstation.library.search import series_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from workstation.library.store import Library

_LOG = log.get("library")
MOST = 60
"""Series of a study that get a picture."""


class LibraryPreviews(QObject):
    """A worker of its own: reading files for pictures must not keep a search waiting."""

    described = Signal(int, object, object)
    """Id of a study, its series, and what is known of its completeness."""
    pictured = Signal(int, int, object)
    """Ids of a study and of a series, and the stacks of the series."""

    def __init__(self, opened: Callable[[], Library], parent: QObject) -> None:
        super().__init__(parent)
        self._opened = opened
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="previews")
        self._wanted = 0
        self._closed = False

    def want(self, study: int) -> None:
        """Ask for a study; an older wish is dropped between two series."""
        if self._closed:
            return
        self._wanted += 1
        self._worker.submit(self._describe, study, self._wanted)

    def close(self) -> None:
        """Stop and wait for the worker."""
        self._closed = True
        self._wanted += 1
        self._worker.shutdown(wait=True, cancel_futures=True)

    def _describe(self, study: int, number: int) -> None:
        def wanted() -> bool:
            return number == self._wanted

        if not wanted():
            return
        try:
            library = self._opened()
            from workstation.library.completeness import completeness
            from workstation.library.stacks import stacks

            found = series_of(library, study)
            self.described.emit(study, found, completeness(library, study))
            for series in found[:MOST]:
                if not wanted():
                    return
                self.pictured.emit(study, series.id, stacks(library, series.id, read=wanted))
        except WorkstationError as error:
            _LOG.info("no preview: %s", error.code)
        except Exception:
            _LOG.exception("a preview failed")
