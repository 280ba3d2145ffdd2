"""What the files do not say, in append-only lines beside the index: linked paths, and what a person wrote of a study.

With these and the files the index can be made again at any time; nothing else is kept only there.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from workstation.library.store import LibraryError, reason_of

NAME: Final = "records.jsonl"


@dataclass(frozen=True, slots=True)
class StudyName:
    """What tells a study apart whatever its number in the index."""

    patient_key: str
    study_uid: str


class Records:
    """The lines of one library."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / NAME

    def link(self, paths: Iterable[str | os.PathLike[str]]) -> None:
        """Remember paths whose files are linked; bytes that are no UTF-8 stay what they are."""
        self._append({"link": os.fsencode(os.path.abspath(path)).hex()} for path in paths)

    def say(self, studies: Iterable[StudyName], **said: Any) -> None:
        """Remember what was said of studies: ``status``, ``comment``, ``opened``, ``binned`` or ``forgotten``."""
        self._append({"patient": one.patient_key, "study": one.study_uid, **said} for one in studies)

    def links(self) -> list[str]:
        """Return every linked path that was ever remembered, once, in the order it came."""
        found = dict.fromkeys(line["link"] for line in self._lines() if isinstance(line.get("link"), str))
        return [os.fsdecode(bytes.fromhex(text)) for text in found if _is_hex(text)]

    def said(self) -> dict[StudyName, dict[str, Any]]:
        """Return the last that was said of every study."""
        out: dict[StudyName, dict[str, Any]] = {}
        for line in self._lines():
            if isinstance(line.get("study"), str) and isinstance(line.get("patient"), str):
                name = StudyName(line["patient"], line["study"])
                out.setdefault(name, {}).update({k: v for k, v in line.items() if k not in ("patient", "study")})
        return out

    def _append(self, lines: Iterable[dict[str, Any]]) -> None:
        text = "".join(json.dumps(line, ensure_ascii=True) + "\n" for line in lines)
        if not text:
            return
        try:
            with self.path.open("ab") as stream:
                if stream.tell() and not self._ends_a_line():
                    stream.write(b"\n")  # what a crash cut off spoils one line, not the next as well
                stream.write(text.encode())
                stream.flush()
                os.fsync(stream.fileno())
        except OSError as error:
            raise LibraryError(f"The library's records cannot be written ({reason_of(error)}).") from error

    def _ends_a_line(self) -> bool:
        with self.path.open("rb") as stream:
            stream.seek(-1, os.SEEK_END)
            return stream.read(1) == b"\n"

    def _lines(self) -> Iterator[dict[str, Any]]:
        """Yield the lines that can be read; one that was cut off is passed over."""
        try:
            text = self.path.read_bytes()
        except FileNotFoundError:
            return
        except OSError as error:
            raise LibraryError(f"The library's records cannot be read ({reason_of(error)}).") from error
        for line in text.splitlines():
            try:
                found = json.loads(line)
            except ValueError:
                continue
            if isinstance(found, dict):
                yield found


def _is_hex(text: str) -> bool:
    try:
        bytes.fromhex(text)
    except ValueError:
        return False
    return True
