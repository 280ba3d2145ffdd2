"""Folders that are watched: what comes into them is imported once nobody writes to it any more (features A15)."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MOST: Final = 200_000
"""Files of one folder that are looked at: more is no incoming folder."""
Mark = tuple[int, int]
"""(size, mtime in ns)."""


@dataclass(slots=True)
class Watcher:
    """Looks at folders from time to time; each file is handed over once, and again when it has changed."""

    folders: tuple[str, ...] = ()
    _seen: dict[str, Mark] = field(default_factory=dict)
    _handed: dict[str, Mark] = field(default_factory=dict)

    def watch(self, folders: Sequence[str]) -> None:
        """Watch these folders, and no others."""
        self.folders = tuple(dict.fromkeys(os.path.abspath(folder) for folder in folders))

    def settled(self) -> list[str]:
        """Return the files that are as they were when last looked at and were not handed over so."""
        now = {path: mark for folder in self.folders for path, mark in _files(folder)}
        ready = [
            path
            for path, mark in now.items()
            if mark[0] and self._seen.get(path) == mark and self._handed.get(path) != mark
        ]
        self._seen = now
        self._handed = {path: mark for path, mark in self._handed.items() if path in now}
        self._handed.update({path: now[path] for path in ready})
        return sorted(ready)


def _files(folder: str) -> Iterator[tuple[str, Mark]]:
    """Yield regular files below a folder; links are not followed, what cannot be read is passed over."""
    pending, count = [folder], 0
    while pending:
        try:
            entries = sorted(os.scandir(pending.pop()), key=lambda entry: entry.name)
        except OSError:
            continue
        for entry in entries:
            try:
                if entry.is_dir(follow_symlinks=False):
                    pending.append(entry.path)
                elif entry.is_file(follow_symlinks=False):
                    status = entry.stat(follow_symlinks=False)
                    count += 1
                    yield entry.path, (status.st_size, status.st_mtime_ns)
            except OSError:
                continue
            if count >= MOST:
                return
