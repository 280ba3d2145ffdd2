"""What a retrieval expects, what came and what did not: one line of JSON for each, so that it goes on after anything.

The file is only appended to. Lines are not forced to the disk: what a power cut takes is asked for again, and an
object that is there already is found by its path or by the library.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, Final

from workstation.network.nodes import Node
from workstation.network.wishes import HeldInstance, Wish
from workstation.paths import data_folder

ENDING: Final = ".jsonl"
KEPT_FOR: Final = 30 * 86400
"""Seconds after which the ledger of a retrieval that nobody goes on with is removed."""


def ledger_folder() -> Path:
    """Return where the ledgers are, among the user's data."""
    return data_folder() / "retrievals"


class Ledger:
    """The ledger of one wish at one node; the same wish finds it again.

    ``expected`` maps an SOP Instance UID to what the node said of it, ``arrived`` to the file, ``failed`` to why.
    """

    def __init__(self, node: Node, wish: Wish, folder: Path | None = None) -> None:
        """Read what is known already.

        Raises
        ------
        OSError
        """
        folder = folder or ledger_folder()
        folder.mkdir(parents=True, exist_ok=True)
        # a hash: neither a title nor a UID of a peer becomes a name on the disk (A24)
        named = json.dumps(
            [node.ae_title, node.host, node.port, wish.study, sorted(wish.series), sorted(wish.instances)]
        )
        self.path = folder / f"{hashlib.sha256(named.encode()).hexdigest()[:32]}{ENDING}"
        self.expected: dict[str, HeldInstance] = {}
        self.arrived: dict[str, str] = {}
        self.failed: dict[str, str] = {}
        _remove_old(folder)
        self._read()
        self._stream = self.path.open("a", encoding="utf-8", newline="\n")
        if self.path.stat().st_size == 0:
            self._write({"node": node.name, "wish": asdict(wish)})
        elif not self._whole:
            # what was being written when the program was killed must not swallow the next line
            self._stream.write("\n")

    def expect(self, instances: Iterable[HeldInstance]) -> None:
        """Note what the node says it has."""
        new = [one for one in instances if self.expected.get(one.uid) != one]
        if new:
            self.expected.update((one.uid, one) for one in new)
            self._write({"expected": [[one.uid, one.sop_class_uid, one.number] for one in new]})

    def arrive(self, uid: str, path: str) -> None:
        """Note that an object lies there, whole."""
        self.arrived[uid] = path
        self.failed.pop(uid, None)
        self._write({"arrived": uid, "path": path})

    def fail(self, uid: str, why: str) -> None:
        """Note why an object did not come."""
        self.failed[uid] = why
        self._write({"failed": uid, "why": why})

    def lies_at(self, uid: str) -> str:
        """Return where an object that arrived before still lies, or nothing."""
        path = self.arrived.get(uid, "")
        return path if path and Path(path).is_file() else ""

    def close(self) -> None:
        """Close the file."""
        self._stream.close()

    def __enter__(self) -> Ledger:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _write(self, entry: dict[str, Any]) -> None:
        self._stream.write(json.dumps(entry) + "\n")
        self._stream.flush()

    def _read(self) -> None:
        try:
            text = self.path.read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            text = ""
        self._whole = not text or text.endswith("\n")
        for line in text.splitlines():
            try:
                self._take(json.loads(line))
            except (ValueError, TypeError, KeyError):
                continue  # half a line: what it told is found out anew

    def _take(self, entry: dict[str, Any]) -> None:
        if "expected" in entry:
            for uid, sop_class, number in entry["expected"]:
                self.expected[str(uid)] = HeldInstance(str(uid), str(sop_class), int(number))
        elif "arrived" in entry:
            self.arrived[str(entry["arrived"])] = str(entry["path"])
            self.failed.pop(str(entry["arrived"]), None)
        elif "failed" in entry:
            self.failed[str(entry["failed"])] = str(entry["why"])


def _remove_old(folder: Path) -> None:
    oldest = time.time() - KEPT_FOR
    for path in folder.glob(f"*{ENDING}"):
        if path.stat().st_mtime < oldest:
            path.unlink(missing_ok=True)
