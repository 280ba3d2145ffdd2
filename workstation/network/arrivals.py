"""The receiver's ledger: a line for each object that a peer was told is stored, written before it was told (G12, G20).

Whatever ends the receiver or the program, the next start finds here who sent what is still waiting in the spool. A line
is written when its file is on the disk; a file without one was kept a moment before the end, or the line was lost with
the power: such a file is read to see that it is whole. Reports of Storage Commitment stand here too: a peer that was
answered does not send them again.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from workstation.network.receiver_events import CommitmentReport, event_from, to_document
from workstation.network.spool import Kept, Spool
from workstation.whole_file import write_whole

FILE_NAME: Final = "arrivals.jsonl"


@dataclass(frozen=True, slots=True)
class Arrival:
    """One object that waits. ``calling`` and ``association`` are empty where the end came before its line."""

    path: Path
    digest: str
    calling: str = ""
    association: str = ""
    sop_instance_uid: str = ""


class Arrivals:
    """Writes the lines; safe from several threads of one process."""

    def __init__(self, spool: Spool, *, sync: bool = True) -> None:
        self._path = spool.folder / FILE_NAME
        self._folder = spool.folder
        self._sync = sync
        self._lock = threading.Lock()
        self._file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        if _is_torn(self._path):
            os.write(self._file, b"\n")

    def note(self, kept: Kept, calling: str, association: str) -> None:
        """Write the line of one object that is on the disk; it outlives any process, not always the power.

        Raises
        ------
        OSError
        """
        self._append(
            {
                "path": kept.path.relative_to(self._folder).as_posix(),
                "calling": calling,
                "association": association,
                "instance": kept.sop_instance_uid,
                "size": kept.size,
                "time": round(time.time(), 3),
            }
        )

    def note_report(self, report: CommitmentReport) -> None:
        """Write a report of Storage Commitment, on the disk when this returns.

        Raises
        ------
        OSError
        """
        self._append({"report": to_document(report)})
        if self._sync:
            os.fsync(self._file)

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)

    def _append(self, line: dict[str, Any]) -> None:
        encoded = (json.dumps(line) + "\n").encode()
        with self._lock:
            if os.write(self._file, encoded) != len(encoded):
                os.write(self._file, b"\n")  # half a line is none
                raise OSError("the line could not be written")


def left_over(spool: Spool) -> list[Arrival]:
    """Return what arrived and was not released, the oldest first, each object once; what is torn is removed.

    Raises
    ------
    OSError
    """
    said = {line["path"]: line for line in _lines(spool) if isinstance(line.get("path"), str)}
    out = []
    for path in spool.waiting():
        line = said.get(path.relative_to(spool.folder).as_posix())
        if line is None and not spool.is_whole(path):
            spool.release(path)
            continue
        line = line or {}
        words = (str(line.get(name, "")) for name in ("calling", "association", "instance"))
        out.append(Arrival(path, path.parent.name + path.stem, *words))
    return out


def reports(spool: Spool) -> list[CommitmentReport]:
    """Return the reports of Storage Commitment since the ledger was settled."""
    found = (event_from(line["report"]) for line in _lines(spool) if isinstance(line.get("report"), dict))
    return [event for event in found if isinstance(event, CommitmentReport)]


def settle(spool: Spool) -> None:
    """Leave only the lines of what still waits; for when no receiver runs and reports were dealt with.

    Raises
    ------
    OSError
    """
    waiting = {path.relative_to(spool.folder).as_posix() for path in spool.waiting()}
    kept = [json.dumps(line) + "\n" for line in _lines(spool) if line.get("path") in waiting]
    write_whole(spool.folder / FILE_NAME, "".join(kept))


def _lines(spool: Spool) -> Iterator[dict[str, Any]]:
    """Yield every whole line; the end of a process may have torn the last one."""
    try:
        content = (spool.folder / FILE_NAME).read_bytes()
    except FileNotFoundError:
        return
    for line in content.splitlines():
        try:
            document = json.loads(line)
        except ValueError:
            continue
        if isinstance(document, dict):
            yield document


def _is_torn(path: Path) -> bool:
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        if not size:
            return False
        file.seek(size - 1)
        return file.read(1) != b"\n"
