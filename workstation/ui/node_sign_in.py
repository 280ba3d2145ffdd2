"""Signing in from the form of a node: the buttons, and who is signed in until when."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:
    from workstation.network.web.tokens import SignIn
    from workstation.ui.network_desk import NetworkDesk
    from workstation.ui.node_entries import Entry
    from workstation.ui.node_form import NodeForm


class NodeSignIn(QObject):
    """Joins the form with the sign-ins of the window; a node is saved before somebody signs in to it."""

    failed = Signal(str)

    def __init__(
        self, desk: NetworkDesk, form: NodeForm, current: Callable[[], Entry | None], save: Callable[[], bool]
    ) -> None:
        super().__init__(form)
        self._desk, self._form, self._current, self._save = desk, form, current, save
        form.sign_in_seen.connect(self._look)
        form.sign_in_wanted.connect(self._sign_in)
        form.sign_out_wanted.connect(self._sign_out)
        desk.sign_ins.changed.connect(self._changed)
        desk.sign_ins.failed.connect(self._failed)

    @property
    def _name(self) -> str:
        entry = self._current()
        return entry.saved.name if entry is not None and entry.saved is not None else ""

    def _sign_in(self) -> None:
        if self._desk.sign_ins.running(self._name):
            self._desk.sign_ins.cancel(self._name)
            return
        entry = self._current()
        if entry is None or (entry.changed and not self._save()) or entry.saved is None:
            return
        self._desk.sign_ins.sign_in(entry.saved)

    def _sign_out(self) -> None:
        if self._name:
            self._desk.sign_ins.sign_out(self._name)

    def _changed(self, name: str) -> None:
        if name == self._name:
            self._look()

    def _failed(self, name: str, why: str) -> None:
        if name == self._name and self._form.isVisible():
            self.failed.emit(why)

    def _look(self) -> None:
        """Find out who is signed in, and say it."""
        name = self._name
        if not name:
            self._form.show_sign_in(self.tr("Nobody is signed in."), running=False, signed_in=False)
            return
        if self._desk.sign_ins.running(name):
            said = self.tr("Sign in on the page that your browser shows; this window waits for it.")
            self._form.show_sign_in(said, running=True, signed_in=False)
            return

        def answer(found: SignIn | None) -> None:
            if name == self._name and not self._desk.sign_ins.running(name):
                said = self._desk.sign_ins.words(found)
                self._form.show_sign_in(said, running=False, signed_in=found is not None)

        self._desk.sign_ins.ask(name, answer)
