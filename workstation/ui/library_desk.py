"""The library as the window uses it: one worker thread asks, one imports, signals bring the answers."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from workstation import log
from workstation.errors import WorkstationError
from workstation.library import marks
from workstation.library.batches import ImportReport
from workstation.library.importer import import_paths
from workstation.library.places import common_folder, files_of, parted
from workstation.library.reading import take_stock
from workstation.library.rebuild import is_unfinished
from workstation.library.search import StudyQuery, count, series_of, studies
from workstation.library.store import Library

_LOG = log.get("library")


class LibraryDesk(QObject):
    """Asks and changes the library; answers arrive as signals on the window's thread, the latest question's only."""

    listed = Signal(object, int)
    """Rows of the study list, and how many there are in all."""
    described = Signal(int, object)
    """Id of a study and its series."""
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
                self.listed.emit(studies(library, query), count(library, query))

        self._do(answer)

    def describe(self, study: int) -> None:
        """Ask for the series of a study."""
        self._do(lambda library: self.described.emit(study, series_of(library, study)))

    def locate(self, chosen: Sequence[int]) -> None:
        """Ask for the files of some studies, and remember that they were opened."""

        def answer(library: Library) -> None:
            there, gone = parted(path for study in chosen for path in files_of(library, study))
            if gone:
                self._say_gone(gone, len(there))
            self.located.emit(there)
            if there and not library.read_only:
                marks.opened(library, chosen)

        self._do(answer)

    def put_into_bin(self, chosen: Sequence[int]) -> None:
        """Take studies off the list; their files stay."""
        self._do(lambda library: marks.put_into_bin(library, chosen))

    def take_out(self, chosen: Sequence[int]) -> None:
        """Bring studies back from the bin."""
        self._do(lambda library: marks.take_out(library, chosen))

    def add(self, paths: Sequence[str], *, copy: bool) -> None:
        """Import paths in the background, after those that are being imported."""
        if self._closed:
            return
        if not self.importing:
            self._stop.clear()
        with self._guard:
            self._imports += 1
        self._importer.submit(self._import, list(paths), copy)

    def stop(self) -> None:
        """End the import; what it brought stays."""
        self._stop.set()

    def close(self) -> None:
        """Stop and wait for the workers."""
        self._closed = True
        self._stop.set()
        self._importer.shutdown(wait=True, cancel_futures=True)
        self._worker.shutdown(wait=True, cancel_futures=True)
        self._library.close()

    def _say_gone(self, gone: Sequence[str], left: int) -> None:
        what = self.tr("{0} of {1} files are not where they were: {2}.").format(
            len(gone), len(gone) + left, common_folder(gone) or gone[0]
        )
        hint = self.tr("Put the disc or stick back, or add them again from where they are now.")
        rest = self.tr("The others are opened.") if left else ""
        self.said.emit("warning", " ".join(filter(None, (what, rest, hint))))

    def _import(self, paths: list[str], copy: bool) -> None:
        report = ImportReport()
        try:
            self._opened()
            for _ in import_paths(self._library, paths, copy=copy, stop=self._stop, report=report):
                self.imported.emit(report, False)
        except WorkstationError as error:
            self.said.emit("warning", str(error))
        except Exception:
            _LOG.exception("an import failed")
            self.said.emit("error", self.tr("The import ended early; the log says why (Help › Open log folder)."))
        with self._guard:
            self._imports -= 1
        self.imported.emit(report, not self.importing)

    def _do(self, work: Callable[[Library], Any]) -> None:
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
        if is_unfinished(self._library):
            self.said.emit("warning", self.tr("A rebuild of the library has not ended: not all studies are listed."))
        left_out = take_stock(self._library)
        if left_out:
            names = ", ".join(os.path.basename(os.fsdecode(path)) for path in left_out[:3])
            self.said.emit(
                "warning", self.tr("Left out from now on, as the program ended while reading it: {0}").format(names)
            )


_OPENING = threading.Lock()
