"""The library as the window uses it: one worker thread asks, one imports, signals bring the answers."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from workstation import log
from workstation.errors import WorkstationError
from workstation.library.places import common_folder, files_of, parted
from workstation.library.reading import take_stock
from workstation.library.search import StudyQuery, count, modalities, studies
from workstation.library.store import Library
from workstation.ui.library_previews import LibraryPreviews

if TYPE_CHECKING:
    from workstation.library.batches import ImportReport

_LOG = log.get("library")


class LibraryDesk(QObject):
    """Asks and changes the library; answers arrive as signals on the window's thread, the latest question's only."""

    listed = Signal(object, int)
    """Rows of the study list, and how many there would be unless something was looked for."""
    modalities_found = Signal(object)
    """Every modality there is."""
    changed = Signal()
    """Something came into the library that nobody asked for just now."""
    located = Signal(list)
    """Files of studies that were asked for."""
    imported = Signal(object, bool)
    """How far an import is, and whether it has ended."""
    said = Signal(str, str)
    """A level and a sentence for the message bar."""

    def __init__(self, folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._library = Library(folder)
        self._open = False
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="library")
        self._importer = ThreadPoolExecutor(1, thread_name_prefix="import")
        self._asked = 0
        self._stop = threading.Event()
        self._imports = 0
        self._guard = threading.Lock()
        self._closed = False
        self.nameless: Callable[[], bool] = lambda: False
        """Whether identity is hidden: folders are often named after patients."""
        self.previews = LibraryPreviews(self.opened_library, self)

    @property
    def importing(self) -> bool:
        """Whether an import goes on or waits."""
        with self._guard:
            return self._imports > 0

    def ask(self, query: StudyQuery) -> None:
        """Ask for a study list; an older question that was not answered yet is dropped."""
        self._asked += 1
        number = self._asked

        def answer(library: Library) -> None:
            if number == self._asked:
                everything = StudyQuery(binned=query.binned)
                self.listed.emit(studies(library, query), count(library, everything))
                self.modalities_found.emit(modalities(library, binned=query.binned))

        self.submit(answer)

    def mark(self, chosen: Sequence[int], status: str) -> None:
        """Mark studies as unread or reviewed, "" takes the mark away."""
        self.submit(lambda library: _marks().set_status(library, chosen, status))

    def comment(self, study: int, text: str) -> None:
        """Write the comment of a study."""
        self.submit(lambda library: _marks().set_comment(library, study, text))

    def locate(self, chosen: Sequence[int]) -> None:
        """Ask for the files of some studies, and remember that they were opened."""

        def answer(library: Library) -> None:
            there, gone = parted(path for study in chosen for path in files_of(library, study))
            if gone:
                self._say_gone(gone, len(there))
            self.located.emit(there)
            if there and not library.read_only:
                _marks().opened(library, chosen)

        self.submit(answer)

    def put_into_bin(self, chosen: Sequence[int]) -> None:
        """Take studies off the list; their files stay."""
        self.submit(lambda library: _marks().put_into_bin(library, chosen))

    def take_out(self, chosen: Sequence[int]) -> None:
        """Bring studies back from the bin."""
        self.submit(lambda library: _marks().take_out(library, chosen))

    def add(self, paths: Sequence[str], *, copy: bool) -> None:
        """Import paths in the background, after those that are being imported."""
        chosen = list(paths)
        self.run(lambda library, stop: _import_paths(library, chosen, copy=copy, stop=stop))

    def run(self, work: Callable[[Library, threading.Event], Iterable[ImportReport]], *, quietly: bool = False) -> None:
        """Run something that writes many files into the index, after what is running; quietly nobody waits for it."""
        if self._closed:
            return
        if not self.importing:
            self._stop.clear()
        with self._guard:
            self._imports += not quietly
        self._importer.submit(self._import, work, quietly)

    def stop(self) -> None:
        """End the import; what it brought stays."""
        self._stop.set()

    def close(self) -> None:
        """Stop and wait for the workers."""
        self._closed = True
        self._stop.set()
        self.previews.close()
        self._importer.shutdown(wait=True, cancel_futures=True)
        self._worker.shutdown(wait=True, cancel_futures=True)
        self._library.close()

    def _say_gone(self, gone: Sequence[str], left: int) -> None:
        what = self.tr("{0} of {1} files are not where they were: {2}.").format(
            len(gone), len(gone) + left, self.tr("path hidden") if self.nameless() else common_folder(gone) or gone[0]
        )
        hint = self.tr("Put the disc or stick back, or add them again from where they are now.")
        rest = self.tr("The others are opened.") if left else ""
        self.said.emit("warning", " ".join(filter(None, (what, rest, hint))))

    def opened_library(self) -> Library:
        """Return the library, opened: for other workers, never for the window's thread."""
        self._opened()
        return self._library

    def _import(self, work: Callable[[Library, threading.Event], Iterable[ImportReport]], quietly: bool) -> None:
        from workstation.library.batches import ImportReport

        report = ImportReport()
        try:
            self._opened()
            for report in work(self._library, self._stop):
                if not quietly:
                    self.imported.emit(report, False)
        except WorkstationError as error:
            self.said.emit("warning", str(error))
        except Exception:
            _LOG.exception("an import failed")
            self.said.emit("error", self.tr("The import ended early; the log says why (Help › Open log folder)."))
        if quietly:
            if report.added or report.changed:
                self.changed.emit()
            return
        with self._guard:
            self._imports -= 1
        self.imported.emit(report, not self.importing)

    def submit(self, work: Callable[[Library], Any]) -> None:
        """Do something on the worker that asks."""
        if not self._closed:  # what was asked for as the window went away
            self._worker.submit(self._done, work)

    def _done(self, work: Callable[[Library], Any]) -> None:
        try:
            self._opened()
            work(self._library)
        except WorkstationError as error:
            self.said.emit("warning", str(error))
        except Exception:
            _LOG.exception("the library failed")
            self.said.emit("error", self.tr("The library did not answer; the log says why (Help › Open log folder)."))

    def _opened(self) -> None:
        """Open the library when it is first needed, on a worker."""
        with _OPENING:
            if self._open:
                return
            self._library.open()
            self._open = True
        if self._library.damaged is not None:
            self.said.emit(
                "warning", self.tr("The library's index was damaged and put aside. Rebuild it to see all studies.")
            )
        if self._library.read_only:
            self.said.emit(
                "warning",
                self.tr(
                    "Nothing can be written to the library ({0}): studies are found and opened, nothing is added."
                ).format(self._library.read_only),
            )
        from workstation.library.rebuild import is_unfinished

        if is_unfinished(self._library):
            self.said.emit("warning", self.tr("A rebuild of the library has not ended: not all studies are listed."))
        left_out = take_stock(self._library)
        if left_out:
            names = ", ".join(os.path.basename(os.fsdecode(path)) for path in left_out[:3])
            self.said.emit(
                "warning", self.tr("Left out from now on, as the program ended while reading it: {0}").format(names)
            )


# what reads and imports files is loaded by the workers: that takes some tenths of a second, which no window waits for


def _marks() -> ModuleType:
    from workstation.library import marks

    return marks


def _import_paths(
    library: Library, paths: Sequence[str], *, copy: bool, stop: threading.Event
) -> Iterable[ImportReport]:
    from workstation.library.importer import import_paths

    return import_paths(library, paths, copy=copy, stop=stop)


_OPENING = threading.Lock()
