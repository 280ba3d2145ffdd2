"""Which storage commitments were asked for, and what became of them: one JSON file that survives restarts (G16)."""

from __future__ import annotations

import contextlib
import json
import os
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from workstation.errors import WorkstationError
from workstation.paths import data_folder
from workstation.whole_file import hold, write_whole

if TYPE_CHECKING:
    from pydicom import Dataset

FILE_NAME: Final = "commitments.json"
MOST_KEPT: Final = 1000
"""Transactions and orphans that are kept; those settled first go first, what is pending never goes."""
LONGEST_WAIT: Final = 10.0
"""Seconds that another program may hold the file."""
Reference = tuple[str, str]
T = TypeVar("T")


class CommitmentError(WorkstationError):
    """A transaction or its file cannot be used."""

    code = "commitment"


@dataclass(frozen=True, slots=True)
class Report:
    """What a node reports: objects it answers for, and objects it does not with a reason each (PS3.3 C.14)."""

    transaction_uid: str
    committed: tuple[Reference, ...] = ()
    failed: tuple[tuple[str, str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Transaction:
    """One request. ``state`` is pending, done, or orphan for a report nobody asked for; times are ISO 8601, UTC."""

    uid: str
    node: str = ""
    asked: str = ""
    references: tuple[Reference, ...] = ()
    state: str = "pending"
    reported: str = ""
    committed: tuple[Reference, ...] = ()
    failed: tuple[tuple[str, str, int], ...] = ()

    @property
    def unanswered(self) -> tuple[Reference, ...]:
        """Objects asked for of which the report says nothing."""
        told = {uid for _class, uid in self.committed} | {uid for _class, uid, _reason in self.failed}
        return tuple(one for one in self.references if one[1] not in told) if self.state == "done" else ()


class Commitments:
    """The book of transactions; several programs may use it at a time."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or data_folder() / FILE_NAME

    def __iter__(self) -> Iterator[Transaction]:
        return iter(self._read().values())

    def pending(self) -> tuple[Transaction, ...]:
        """Return what was asked and not reported yet."""
        return tuple(one for one in self if one.state == "pending")

    def orphans(self) -> tuple[Transaction, ...]:
        """Return reports that belong to no request of ours."""
        return tuple(one for one in self if one.state == "orphan")

    def committed(self) -> frozenset[str]:
        """Return the SOP Instance UIDs that a node answers for, asked by us."""
        return frozenset(uid for one in self if one.state == "done" for _class, uid in one.committed)

    def transaction(self, uid: str) -> Transaction:
        """Return a transaction.

        Raises
        ------
        CommitmentError
        """
        if (found := self._read().get(uid)) is None:
            raise CommitmentError("There is no such transaction.")
        return found

    def begin(self, node: str, references: Sequence[Reference]) -> Transaction:
        """Keep a new request under a UID of its own (PS3.5 B.2)."""
        if not references:
            raise CommitmentError("There is nothing to ask a commitment for.")
        made = Transaction(f"2.25.{uuid.uuid4().int}", node, _now(), tuple(references))

        def add(known: dict[str, Transaction]) -> Transaction:
            known[made.uid] = made
            return made

        return self._change(add)

    def forget(self, uid: str) -> None:
        """Remove a request that no node heard of."""
        self._change(lambda known: known.pop(uid, None))

    def settle(self, report: Report) -> Transaction:
        """Put a report to its request, or keep it as an orphan; return what it became.

        An object is committed only if it was asked for. A second report of a transaction changes nothing.

        Raises
        ------
        CommitmentError
            If it names no transaction.
        OSError
        """
        if not report.transaction_uid:
            raise CommitmentError("The report names no transaction.")

        def put(known: dict[str, Transaction]) -> Transaction:
            asked = known.get(report.transaction_uid)
            if asked is None:
                found = Transaction(report.transaction_uid, state="orphan")
            elif asked.state != "pending":
                return asked
            else:
                found = replace(asked, state="done")
            wanted = {uid for _class, uid in found.references}
            failed = tuple(one for one in report.failed if found.state == "orphan" or one[1] in wanted)
            bad = {uid for _class, uid, _reason in failed}
            committed = tuple(
                one for one in report.committed if one[1] not in bad and (found.state == "orphan" or one[1] in wanted)
            )
            known[found.uid] = replace(found, reported=_now(), committed=committed, failed=failed)
            return known[found.uid]

        return self._change(put)

    def _change(self, change: Callable[[dict[str, Transaction]], T]) -> T:
        with self._held():
            known = self._read()
            result = change(known)
            settled = [uid for uid, one in known.items() if one.state != "pending"]
            for uid in settled[: max(0, len(known) - MOST_KEPT)]:
                del known[uid]
            document = {"transactions": [asdict(one) for one in known.values()]}
            write_whole(self.path, json.dumps(document, indent=1) + "\n")
        return result

    @contextlib.contextmanager
    def _held(self) -> Iterator[None]:
        """Keep other programs and threads from changing the file between reading and writing."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            end = time.monotonic() + LONGEST_WAIT
            while not hold(descriptor):
                if time.monotonic() > end:
                    raise CommitmentError("Another program holds the list of storage commitments.")
                time.sleep(0.01)
            yield
        finally:
            os.close(descriptor)

    def _read(self) -> dict[str, Transaction]:
        try:
            listed = json.loads(self.path.read_text(encoding="utf-8"))["transactions"]
            return {one["uid"]: _transaction(one) for one in listed}
        except FileNotFoundError:
            return {}
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise CommitmentError(f"{self.path.name} cannot be read; mend or remove it.") from error


def reference(item: Dataset) -> Reference:
    """Return the class and instance that an item of a sequence names."""
    return str(item.get("ReferencedSOPClassUID") or ""), str(item.get("ReferencedSOPInstanceUID") or "")


def _transaction(document: dict[str, Any]) -> Transaction:
    lists = {key: tuple(tuple(one) for one in document.get(key, ())) for key in ("references", "committed", "failed")}
    known: dict[str, Any] = {**document, **lists}
    return Transaction(**known)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
