"""The nodes as they are being edited: what is saved of each, and what is written but not saved yet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from workstation.network.nodes import Node
from workstation.network.secrets import Secrets
from workstation.ui.node_faults import faults, unused

if TYPE_CHECKING:
    from workstation.ui.network_desk import NetworkDesk

SECRET_KINDS = ("password", "token", "refresh", "key")


@dataclass(slots=True)
class Entry:
    """One node of the list; ``saved`` is None for a new one. ``secret`` is (kind, text) that was typed."""

    saved: Node | None
    draft: Node
    secret: tuple[str, str] | None = None

    @property
    def begun(self) -> bool:
        """Tell whether a new node holds more than the name it was given."""
        return bool(self.draft.host or self.draft.ae_title or self.draft.web)

    @property
    def changed(self) -> bool:
        """Tell whether something is to be saved."""
        return self.saved != self.draft or self.secret is not None


class Entries:
    """The list; it writes to the desk."""

    def __init__(self, desk: NetworkDesk) -> None:
        self._desk = desk
        kept = {one.saved.name: one for one in desk.drafts if one.saved is not None}
        self.all = [kept.get(node.name) or Entry(node, node) for node in desk.book]
        self.all += [one for one in desk.drafts if one.saved is None]
        desk.drafts = []

    def faults(self, entry: Entry) -> dict[str, str]:
        """Return what keeps a node from being saved, by field."""
        others = {one.draft.name for one in self.all if one is not entry}
        others |= {one.saved.name for one in self.all if one is not entry and one.saved is not None}
        return faults(entry.draft, others)

    def add(self, name: str, like: Node | None = None) -> int:
        """Put a new node at the end, like another if one is given, and return its place."""
        taken = {one.draft.name for one in self.all} | {one.saved.name for one in self.all if one.saved is not None}
        draft = replace(like, name=unused(name, taken)) if like is not None else Node(name=unused(name, taken))
        self.all.append(Entry(None, draft))
        return len(self.all) - 1

    def save(self, entry: Entry) -> None:
        """Save a node that has no fault, and its secret.

        Raises
        ------
        NodeError
        """
        old = entry.saved
        self._desk.put_node(entry.draft, instead_of=old.name if old is not None else "")
        entry.saved = entry.draft
        name, secret, entry.secret = entry.draft.name, entry.secret, None
        renamed = old.name if old is not None and old.name != name else ""
        if (renamed and old is not None and old.web is not None) or secret is not None:
            secrets = self._desk.secrets
            kept = self._desk.secret_kept.emit if secret is not None else lambda _name: None
            self._desk.ask(lambda: _keep(secrets, name, renamed, secret), lambda _answer: kept(name))

    def remove(self, place: int) -> Entry:
        """Take a node off the list and out of the book; its secrets stay until :meth:`forget_secrets`."""
        entry = self.all.pop(place)
        if entry.saved is not None:
            self._desk.remove_node(entry.saved.name)
        return entry

    def put_back(self, place: int, entry: Entry) -> None:
        """Undo :meth:`remove`.

        Raises
        ------
        NodeError
            Where another node has its name by now.
        """
        if entry.saved is not None:
            before = sum(1 for one in self.all[:place] if one.saved is not None)
            self._desk.put_node(entry.saved, at=before)
        self.all.insert(place, entry)

    def forget_secrets(self, gone: Sequence[Entry]) -> None:
        """Forget the secrets of nodes that were removed, unless a node of that name is there again."""
        names = {one.saved.name for one in gone if one.saved is not None and one.saved.web is not None}
        names -= {one.saved.name for one in self.all if one.saved is not None}
        if names:
            secrets = self._desk.secrets
            self._desk.ask(lambda: _forget(secrets, names), lambda _answer: None)

    def keep_unsaved(self) -> list[Entry]:
        """Leave what cannot be saved with the desk, for the next time the page is opened; return it."""
        self._desk.drafts = [one for one in self.all if one.changed and (one.saved is not None or one.begun)]
        return self._desk.drafts


class Drafted(Secrets):
    """The secrets of a node as it is written: what was typed, and beyond that what its saved name has."""

    def __init__(self, secrets: Secrets, saved: str, typed: tuple[str, str] | None) -> None:
        super().__init__(use_keyring=False)
        self._secrets, self._saved, self._typed = secrets, saved, typed

    def get(self, node: str, kind: str) -> str | None:
        """Return a secret, or None where there is none."""
        if self._typed is not None and self._typed[0] == kind:
            return self._typed[1] or None
        return self._secrets.get(self._saved, kind) if self._saved else None

    def put(self, node: str, kind: str, secret: str) -> bool:
        """Keep a secret under the saved name: a token that was renewed replaces the one it came from."""
        return self._secrets.put(self._saved, kind, secret) if self._saved else super().put(node, kind, secret)

    def forget(self, node: str, kind: str) -> None:
        """Remove a secret."""
        if self._saved:
            self._secrets.forget(self._saved, kind)


def drafted(secrets: Secrets, entry: Entry | None) -> Secrets:
    """Return the secrets of a node as it is written now."""
    if entry is None:
        return secrets
    return Drafted(secrets, entry.saved.name if entry.saved is not None else "", entry.secret)


def _keep(secrets: Secrets, name: str, renamed: str, secret: tuple[str, str] | None) -> None:
    """Move the secrets of a node to its new name, and keep or forget the one that was typed."""
    for kind in SECRET_KINDS if renamed else ():
        old = secrets.get(renamed, kind)
        if old is not None:
            secrets.put(name, kind, old)
            secrets.forget(renamed, kind)
    if secret is not None:
        kind, text = secret
        if text:
            secrets.put(name, kind, text)
        else:
            secrets.forget(name, kind)


def _forget(secrets: Secrets, names: Iterable[str]) -> None:
    for name in names:
        for kind in SECRET_KINDS:
            secrets.forget(name, kind)
