"""Signing in and out of nodes by OpenID Connect: the page is shown by the user's browser, the wait is on a worker."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QDateTime, QLocale, QObject, QUrl, Signal

from workstation.errors import WorkstationError

if TYPE_CHECKING:
    from workstation.network.nodes import Node
    from workstation.network.web.tokens import SignIn
    from workstation.ui.network_api import DeskApi, ErrandApi


def show_page(address: str) -> bool:
    """Let the system's browser show a page; False where it has none."""
    from PySide6.QtGui import QDesktopServices

    return QDesktopServices.openUrl(QUrl(address))


class SignIns(QObject):
    """One sign-in for each node at a time."""

    changed = Signal(str)
    """Someone signed in to the node of this name, or out, or a sign-in began or ended."""
    done = Signal(str)
    """Someone signed in to the node of this name."""
    failed = Signal(str, str)
    """A node and why a sign-in came to nothing."""
    _page = Signal(str, str)

    def __init__(self, desk: DeskApi, parent: QObject) -> None:
        super().__init__(parent)
        self._desk = desk
        self._running: dict[str, ErrandApi] = {}
        self.show_page: Callable[[str], object] = show_page
        """Shows the address of a page in a browser; called on the window's thread."""
        self._page.connect(self._show)

    def running(self, name: str) -> bool:
        """Tell whether somebody is signing in to a node."""
        return name in self._running

    def sign_in(self, node: Node) -> None:
        """Show the page of the node's issuer and wait for what comes of it."""
        if node.name in self._running:
            return
        secrets = self._desk.secrets

        def run(stop: threading.Event) -> Iterator[Any]:
            from workstation.network.web.oidc import sign_in

            sign_in(node, secrets, partial(self._page.emit, node.name), stop=stop)
            yield None

        ended = partial(self._ended, node.name)
        self._running[node.name] = self._desk.follow(run, lambda _nothing: None, ended)
        self.changed.emit(node.name)

    def cancel(self, name: str) -> None:
        """Wait no longer."""
        errand = self._running.pop(name, None)
        if errand is not None:
            errand.stop()
            self.changed.emit(name)

    def sign_out(self, name: str) -> None:
        """Forget the tokens of a node."""
        secrets = self._desk.secrets

        def work() -> None:
            from workstation.network.web.tokens import forget

            forget(secrets, name)

        self._desk.ask(work, lambda _answer: self.changed.emit(name))

    def ask(self, name: str, answer: Callable[[SignIn | None], object]) -> None:
        """Find out who is signed in; the keyring of the system is asked on a thread."""
        secrets = self._desk.secrets

        def work() -> SignIn | None:
            from workstation.network.web.tokens import signed_in

            return signed_in(secrets, name)

        self._desk.ask(work, lambda found: answer(None if isinstance(found, WorkstationError) else found))

    def words(self, found: SignIn | None) -> str:
        """Return who is signed in and until when."""
        if found is None:
            return self.tr("Nobody is signed in.")
        until = QLocale().toString(QDateTime.fromSecsSinceEpoch(int(found.until)), QLocale.FormatType.ShortFormat)
        if not found.is_good:
            return self.tr("The sign-in ended at {0}.").format(until)
        who = self.tr("Signed in as {0}").format(found.who) if found.who else self.tr("Signed in")
        if found.renewed:
            return self.tr("{0} until {1}, then renewed by itself.").format(who, until)
        return self.tr("{0} until {1}.").format(who, until)

    def _show(self, name: str, address: str) -> None:
        if name in self._running and self.show_page(address) is False:
            self.cancel(name)
            self.failed.emit(name, self.tr("The system has no browser to show the page in."))

    def _ended(self, name: str, failure: WorkstationError | None) -> None:
        self._running.pop(name, None)
        self.changed.emit(name)
        if failure is None:
            self.done.emit(name)
        else:
            self.failed.emit(name, str(failure))
