"""A disc that was opened is offered to be copied into the library, once: tomorrow it may be gone."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

if TYPE_CHECKING:
    from workstation.dicom.identity import Instance
    from workstation.library.store import Library
    from workstation.ui.window_api import WindowApi

KEY = "disc"


class DiscOffer(QObject):
    """Looks, on a worker, at what was opened once it is there.

    Parameters
    ----------
    library
        Gives the library, opened, on a worker; None where there is none yet.
    copy
        Copies folders and archives into the library in the background.
    """

    def __init__(
        self,
        window: WindowApi,
        library: Callable[[], Callable[[], Library] | None],
        copy: Callable[[Sequence[str]], None],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._window, self._library, self._copy = window, library, copy
        self._opened: list[str] = []
        self.open_disc = ""
        """The disc that was opened last, while something is open."""
        self._told: set[str] = set()
        self._asked = 0
        window.desk.asked.connect(self._begin)
        window.desk.emptied.connect(self._forget)
        window.desk.finished.connect(self._look)

    def _begin(self) -> None:
        self._asked += 1
        self._window.messages.withdraw(KEY)
        self._opened += self._window.desk.chosen

    def _forget(self) -> None:
        self._asked += 1
        self.open_disc = ""
        self._opened.clear()
        self._window.messages.withdraw(KEY)

    def _look(self) -> None:
        paths, self._opened = list(dict.fromkeys(self._opened)), []
        if not paths:
            return
        instances = tuple(self._window.workspace.catalogue.instances.values())
        library, number = self._library(), self._asked
        self._window.exports.ask(
            lambda: looked_at(paths, instances, library), lambda found: self._offer(found[0], found[1], number)
        )

    def _offer(self, discs: list[str], unknown: list[str], number: int) -> None:
        if number != self._asked:
            return
        self.open_disc = discs[-1] if discs else ""
        fresh = [disc for disc in unknown if disc not in self._told]
        if not fresh or self._window.settings["copy_discs"] == "never":
            return
        self._told.update(fresh)
        if self._window.settings["copy_discs"] == "always":
            self._copy(fresh)
            return
        one, many = self.tr("This disc is not in the library."), self.tr("{0} discs are not in the library.")
        self._window.messages.show_message(
            one if len(fresh) == 1 else many.format(len(fresh)),
            "info",
            self.tr("Copy it there") if len(fresh) == 1 else self.tr("Copy them there"),
            lambda: self._copy(fresh),
            key=KEY,
        )


def looked_at(
    paths: Sequence[str], instances: Sequence[Instance], library: Callable[[], Library] | None
) -> tuple[list[str], list[str]]:
    """Return the discs among paths, and those of them that hold something the library has not."""
    from workstation.dicom.discs import disc_of
    from workstation.library.known import lacks

    discs, unknown = list(dict.fromkeys(filter(None, map(disc_of, paths)))), []
    for disc in discs:
        inside = (disc, os.path.join(os.path.abspath(disc), ""))
        uids = [one.sop_instance_uid for one in instances if _lies_in(one.locator.path, *inside)]
        if uids and (library is None or lacks(library(), uids)):
            unknown.append(disc)
    return discs, unknown


def _lies_in(path: str, disc: str, folder: str) -> bool:
    return path == disc or os.path.abspath(path).startswith(folder)
