"""Referenced File ID -> file: tolerant of case and ISO 9660 leftovers, never outside the File-set (A26, E11)."""

from __future__ import annotations

import os
import re
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from workstation.dicom.identity import Locator
from workstation.dicom.sources import members_of

if TYPE_CHECKING:
    from collections.abc import Sequence

_VERSION = re.compile(r";\d+\Z")
_DRIVE = re.compile(r"[A-Za-z]:")


class RefusedFileIDError(Exception):
    """A Referenced File ID that would lead out of the File-set; ``str`` is the reason."""


class FileSet(Protocol):
    """Where the files that a DICOMDIR names are looked for."""

    def find(self, components: Sequence[str]) -> Locator | None:
        """Return the file, None where it is missing; raise :class:`RefusedFileIDError` where it lies outside."""


def file_set_of(dicomdir: Locator) -> FileSet:
    """Return the File-set around a DICOMDIR on disk or in a ZIP archive."""
    if dicomdir.member is not None:
        return ArchiveFileSet(dicomdir)
    return FolderFileSet(os.path.dirname(os.path.abspath(dicomdir.path)))


def safe_components(file_id: Sequence[str]) -> tuple[str, ...]:
    r"""Return the path components of a Referenced File ID (PS3.10 8.2).

    A single value joined by back-slashes or slashes is split.

    Raises
    ------
    RefusedFileIDError
        For ``..``, an absolute path, a drive letter or a UNC path.
    """
    joined = "/".join(file_id).replace("\\", "/")
    if joined.startswith("/") or _DRIVE.match(joined):
        raise RefusedFileIDError("it names an absolute path")
    parts = tuple(part.strip() for part in joined.split("/"))
    if ".." in parts:
        raise RefusedFileIDError("it leads out of the File-set")
    if "\0" in joined:
        raise RefusedFileIDError("it holds a NUL character")
    return tuple(part for part in parts if part not in ("", "."))


def is_below(path: str, root: str) -> bool:
    """Tell whether a true path is a folder or lies in it; on Windows it may be on another drive."""
    try:
        return os.path.commonpath([path, root]) == root
    except ValueError:
        return False


def _plain(name: str) -> str:
    """Fold case and drop a version number and a trailing dot, as ISO 9660 drivers show or hide them."""
    return _VERSION.sub("", name).rstrip(".").casefold()


def _stem(name: str) -> str:
    plain = _plain(name)
    return plain[:-4] if plain.endswith(".dcm") else plain


class FolderFileSet:
    """Files on disk under one folder."""

    def __init__(self, root: str) -> None:
        self._root = root
        self._real_root = os.path.realpath(root)
        self._listings: dict[str, _Names] = {}

    def find(self, components: Sequence[str]) -> Locator | None:
        """Return the file that the components name."""
        path = self._root
        for component in components:
            name = self._names(path).match(component)
            if name is None:
                return None
            path = os.path.join(path, name)
        real = os.path.realpath(path)
        if not is_below(real, self._real_root):
            raise RefusedFileIDError("a link leads out of the File-set")
        return Locator(path) if os.path.isfile(path) else None

    def _names(self, folder: str) -> _Names:
        if folder not in self._listings:
            try:
                names = sorted(os.listdir(folder))
            except OSError:
                names = []
            self._listings[folder] = _Names(names)
        return self._listings[folder]


class ArchiveFileSet:
    """Members of a ZIP archive beside a DICOMDIR in it."""

    def __init__(self, dicomdir: Locator) -> None:
        self._dicomdir = dicomdir
        parts = (dicomdir.member or "").replace("\\", "/").split("/")[:-1]
        self._prefix = tuple(part for part in parts if part)

    @cached_property
    def _tree(self) -> dict[tuple[str, ...], tuple[dict[str, str], _Names]]:
        folders: dict[tuple[str, ...], dict[str, str]] = {}
        for info in members_of(self._dicomdir.path):
            parts = tuple(part for part in info.filename.replace("\\", "/").split("/") if part)
            for depth in range(len(parts)):
                member = info.filename if depth == len(parts) - 1 else ""
                folders.setdefault(parts[:depth], {})[parts[depth]] = member
        return {folder: (names, _Names(sorted(names))) for folder, names in folders.items()}

    def find(self, components: Sequence[str]) -> Locator | None:
        """Return the member that the components name."""
        folder, member = self._prefix, ""
        for component in components:
            names, folded = self._tree.get(folder, ({}, _Names([])))
            name = folded.match(component)
            if name is None:
                return None
            folder, member = (*folder, name), names[name]
        return Locator(self._dicomdir.path, member, self._dicomdir.password) if member else None


class _Names:
    """The names in one folder, indexed once by each way to fold them."""

    def __init__(self, names: Sequence[str]) -> None:
        self._exact = frozenset(names)
        self._folded = [{key(name): name for name in reversed(names)} for key in (_plain, _stem)]

    def match(self, wanted: str) -> str | None:
        if wanted in self._exact:
            return wanted
        for key, index in zip((_plain, _stem), self._folded, strict=True):
            if (found := index.get(key(wanted))) is not None:
                return found
        return None
