"""Which objects of a job a node has taken: a line of JSON each, so that another try sends only the others.

The file is only appended to; a torn last line costs one object sent twice. It goes when everything was taken, or after
thirty days.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Final, TextIO

from workstation.errors import WorkstationError
from workstation.paths import data_folder

ENDING: Final = ".jsonl"
KEPT_FOR: Final = 30 * 86400
"""Seconds after which the ledger of a job that nobody goes on with is removed."""


class SentLedger:
    """The ledger of one job, found again by its token."""

    def __init__(self, token: str, folder: Path | None = None) -> None:
        """Read what was taken before.

        Raises
        ------
        WorkstationError
            If the token is none of ours.
        OSError
        """
        if not re.fullmatch(r"[0-9a-f]{8,64}", token):
            raise WorkstationError("This transfer was written down in a way this version does not know.")
        folder = folder or data_folder() / "sendings"
        folder.mkdir(parents=True, exist_ok=True)
        _remove_old(folder)
        self.path = folder / f"{token}{ENDING}"
        self._taken: set[str] = set()
        self._unasked: dict[tuple[str, str], None] = {}
        self._whole = self._read()
        self._stream: TextIO | None = None

    def has(self, place: str) -> bool:
        """Tell whether the object that lies at a place was taken."""
        return _key(place) in self._taken

    def take(self, place: str, sop_class_uid: str, sop_instance_uid: str) -> None:
        """Write down that the node took an object."""
        self._write({"taken": _key(place), "class": sop_class_uid, "instance": sop_instance_uid})

    @property
    def unasked(self) -> tuple[tuple[str, str], ...]:
        """What was taken and no commitment was asked for yet: (SOP Class UID, SOP Instance UID) each."""
        return tuple(self._unasked)

    def asked(self) -> None:
        """Write down that a commitment was asked for everything that was taken so far."""
        self._write({"asked": True})

    def remove(self) -> None:
        """Forget the job: everything was taken."""
        self.close()
        with contextlib.suppress(OSError):
            self.path.unlink(missing_ok=True)

    def close(self) -> None:
        """Close the file."""
        if self._stream is not None:
            self._stream.close()
            self._stream = None

    def __enter__(self) -> SentLedger:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _write(self, entry: dict[str, Any]) -> None:
        self._know(entry)
        if self._stream is None:
            self._stream = self.path.open("a", encoding="utf-8", newline="\n")
            if not self._whole:
                self._stream.write("\n")
        self._stream.write(json.dumps(entry) + "\n")
        self._stream.flush()

    def _read(self) -> bool:
        """Read every whole line; return whether the last one is."""
        try:
            content = self.path.read_bytes()
        except FileNotFoundError:
            return True
        for line in content.splitlines():
            with contextlib.suppress(ValueError):
                entry = json.loads(line)
                if isinstance(entry, dict):
                    self._know(entry)
        return not content or content.endswith(b"\n")

    def _know(self, entry: dict[str, Any]) -> None:
        if entry.get("asked"):
            self._unasked.clear()
        elif "taken" in entry:
            self._taken.add(str(entry["taken"]))
            self._unasked[str(entry.get("class", "")), str(entry.get("instance", ""))] = None


def _key(place: str) -> str:
    """Return a hash: a path may name a patient."""
    return hashlib.sha256(os.fsencode(place)).hexdigest()[:32]


def _remove_old(folder: Path) -> None:
    oldest = time.time() - KEPT_FOR
    for path in folder.glob(f"*{ENDING}"):
        with contextlib.suppress(OSError):
            if path.stat().st_mtime < oldest:
                path.unlink()
