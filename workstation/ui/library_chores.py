"""What is done to a library now and then: check, rebuild, empty the bin, watch folders, read left-out files again."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from workstation.library.importer import ImportReport, import_paths
from workstation.library.reading import CRASHES
from workstation.library.rebuild import check, rebuild
from workstation.library.records import Records
from workstation.library.removal import empty_bin
from workstation.library.search import StudyQuery, count
from workstation.library.watching import Watcher
from workstation.ui.study_list_model import plural

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from threading import Event

    from workstation.library.store import Library
    from workstation.ui.library_desk import LibraryDesk

PERIOD = 5000
"""Milliseconds between two looks at the folders that are watched."""
FEW = 3


class LibraryChores(QObject):
    """Runs chores on the library's workers and says how they went."""

    changed = Signal()
    """The study list may look otherwise now."""
    bin_counted = Signal(int)

    def __init__(self, desk: LibraryDesk) -> None:
        super().__init__(desk)
        self._desk = desk
        self._watcher = Watcher()
        self.rebuilding = False
        """Whether what is being added is what was there before."""
        self._clock = QTimer(self, interval=PERIOD)
        self._clock.timeout.connect(self.look)

    def check(self) -> None:
        """Look whether everything the index says is true."""

        def work(library: Library) -> None:
            found = check(library)
            if not found:
                self._desk.said.emit("info", self.tr("The library is in order: every file is where it should be."))
                return
            text = plural(len(found), self.tr("1 thing is not in order"), self.tr("{0} things are not in order"))
            first = "" if self._desk.nameless() else ": " + "  ·  ".join(found[:FEW])
            self._desk.said.emit("warning", text + first)

        self._desk.submit(work)

    def rebuild(self) -> None:
        """Make the index again from the files."""

        def work(library: Library, stop: Event) -> Iterator[ImportReport]:
            yield from rebuild(library, stop=stop)

        self.rebuilding = True
        self._desk.run(work)

    def count_bin(self) -> None:
        """Ask how many studies are in the bin."""
        self._desk.submit(lambda library: self.bin_counted.emit(count(library, StudyQuery(binned=True))))

    def empty_bin(self) -> None:
        """Forget what is in the bin: copies are deleted, linked files stay where they lie."""

        def work(library: Library) -> None:
            number = empty_bin(library)
            text = plural(number, self.tr("1 study was forgotten"), self.tr("{0} studies were forgotten"))
            self._desk.said.emit("info", text + self.tr("; linked files stay where they are."))
            self.changed.emit()

        self._desk.submit(work)

    def release(self) -> None:
        """Let files that ended the program be read again."""

        def work(library: Library) -> None:
            rows = library.query("SELECT path FROM quarantine WHERE crashes >= ?", (CRASHES,))
            library.write(lambda connection: connection.execute("DELETE FROM quarantine"))
            names = ", ".join(os.path.basename(os.fsdecode(bytes(row["path"]))) for row in rows[:FEW])
            text = plural(len(rows), self.tr("1 file may be read again"), self.tr("{0} files may be read again"))
            text += "" if self._desk.nameless() else f": {names}"
            self._desk.said.emit("info", text if rows else self.tr("No file is left out."))

        self._desk.submit(work)

    def watch(self, folders: Sequence[str]) -> None:
        """Add what comes into these folders from now on, by link."""
        self._watcher.watch(folders)
        if folders:
            self._clock.start()
            chosen = list(folders)
            self._desk.submit(lambda library: Records(library.folder).link(chosen))
            self.look()
        else:
            self._clock.stop()

    def look(self) -> None:
        """Look at the folders that are watched now."""
        if not self._desk.importing:
            self._desk.run(self._incoming, quietly=True)

    def _incoming(self, library: Library, stop: Event) -> Iterator[ImportReport]:
        ready = self._watcher.settled()
        if ready:
            yield from import_paths(library, ready, copy=False, stop=stop, recorded=True)
