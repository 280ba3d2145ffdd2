"""What the receiver tells while it listens, and how it goes through a pipe: one JSON document a line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from workstation.network.spool import Kept


@dataclass(frozen=True, slots=True)
class Listening:
    """Peers can connect now."""

    address: str
    port: int


@dataclass(frozen=True, slots=True)
class Arrived:
    """An object lies in the spool and its sender is about to be told so; ``kept.repeated`` if it was there before."""

    kept: Kept
    calling: str
    association: str


@dataclass(frozen=True, slots=True)
class AssociationOpened:
    """A peer may send; ``open`` is how many do now."""

    association: str
    calling: str
    address: str
    open: int


@dataclass(frozen=True, slots=True)
class AssociationClosed:
    """A peer is done, or gone: ``ending`` says how. ``kept``, ``repeated`` and ``refused`` count objects."""

    association: str
    calling: str
    open: int
    kept: int
    repeated: int
    refused: int
    size: int
    released: bool
    ending: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Something a peer wanted was not done; ``sentence`` says what and why, without a value of any data set."""

    sentence: str
    calling: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something is wrong on our side: the disk is full, the receiver ended. ``detail`` is for the log."""

    sentence: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class CommitmentReport:
    """A peer tells what it took responsibility for (PS3.4 J.3.3): SOP Instance UIDs, and failed ones with a reason.

    The reason is (0008,1197), as in :func:`workstation.network.statuses.status`.
    """

    transaction_uid: str
    ok: tuple[str, ...]
    failed: tuple[tuple[str, int], ...]
    calling: str = ""


Event = Listening | Arrived | AssociationOpened | AssociationClosed | Refused | Problem | CommitmentReport
_KINDS: dict[str, type[Any]] = {
    kind.__name__: kind
    for kind in (Listening, Arrived, AssociationOpened, AssociationClosed, Refused, Problem, CommitmentReport)
}


def to_document(event: Event) -> dict[str, Any]:
    """Return an event as what JSON can hold."""
    document = {field.name: getattr(event, field.name) for field in fields(event)}
    if isinstance(event, Arrived):
        kept = {field.name: getattr(event.kept, field.name) for field in fields(event.kept)}
        document["kept"] = kept | {"path": str(event.kept.path)}
    return {"event": type(event).__name__, **document}


def event_from(document: Mapping[str, Any]) -> Event | None:
    """Return the event of a document; None if it is none."""
    values = dict(document)
    kind = _KINDS.get(str(values.pop("event", "")))
    if kind is None:
        return None
    try:
        if kind is Arrived:
            kept = dict(values["kept"])
            values["kept"] = Kept(**kept | {"path": Path(kept["path"])})
        elif kind is CommitmentReport:
            values["ok"] = tuple(str(uid) for uid in values["ok"])
            values["failed"] = tuple((str(uid), int(reason)) for uid, reason in values["failed"])
        event: Event = kind(**values)
    except (TypeError, ValueError, KeyError):
        return None
    return event
