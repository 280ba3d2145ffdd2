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
        self._opened.clear()
        self._window.messages.withdraw(KEY)

    def _look(self) -> None:
        paths, self._opened = list(dict.fromkeys(self._opened)), []
        if not paths or self._window.settings["copy_discs"] == "never":
            return
        instances = tuple(self._window.workspace.catalogue.instances.values())
        library, number = self._library(), self._asked
        self._window.exports.ask(
            lambda: unknown_discs(paths, instances, library), lambda discs: self._offer(discs, number)
        )

    def _offer(self, discs: list[str], number: int) -> None:
        fresh = [disc for disc in discs if disc not in self._told]
        if not fresh or number != self._asked:
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


def unknown_discs(
    paths: Sequence[str], instances: Sequence[Instance], library: Callable[[], Library] | None
) -> list[str]:
    """Return the discs among paths that hold something the library has not."""
    from workstation.dicom.discs import disc_of
    from workstation.library.known import lacks

    unknown = []
    for disc in dict.fromkeys(filter(None, map(disc_of, paths))):
        inside = (disc, os.path.join(os.path.abspath(disc), ""))
        uids = [one.sop_instance_uid for one in instances if _lies_in(one.locator.path, *inside)]
        if uids and (library is None or lacks(library(), uids)):
            unknown.append(disc)
    return unknown


def _lies_in(path: str, disc: str, folder: str) -> bool:
    return path == disc or os.path.abspath(path).startswith(folder)
