"""Where a File-set is written: a folder or a ZIP archive. What was begun and did not end is taken away again."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from workstation.library.store import LibraryError, reason_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from io import BufferedRandom, FileIO

PIECE: Final = 1 << 20
UNFINISHED: Final = ".unfinished"
IN_MEMORY: Final = 32 << 20


class Target(Protocol):
    """Takes files by the components of their names, below one root."""

    shown: str
    """The target's own name, for messages."""

    def put(self, parts: tuple[str, ...], pieces: Iterable[bytes]) -> str:
        """Write one file and return the SHA-256 of what was handed over."""

    def finish(self) -> None:
        """Make what was put final."""

    def abandon(self) -> None:
        """Take away what was put."""

    def digests(self, names: Iterable[tuple[str, ...]]) -> Iterator[str]:
        """Read files back from where they now lie and yield the SHA-256 of each."""


def target_at(path: Path) -> Target:
    """Return a ZIP archive for a name that ends in ``.zip``, else a folder.

    Raises
    ------
    LibraryError
        When something is there already that would be overwritten.
    """
    try:
        if path.suffix.lower() == ".zip":
            return ZipTarget(path)
        return FolderTarget(path)
    except OSError as error:
        raise LibraryError(f"{path.name} cannot be written ({reason_of(error)}).") from error


class FolderTarget:
    """A folder that is new or empty, or one that has neither a DICOMDIR nor a file of the names that are written."""

    def __init__(self, root: Path) -> None:
        self.shown = root.name or str(root)
        self._root = root
        self._made: list[Path] = []
        self._folders: list[Path] = []
        self._new_folder(root)
        names = {name.upper() for name in os.listdir(root)}
        if "DICOMDIR" in names or "DICOM" in names:
            raise LibraryError(f"{self.shown} holds a File-set already; nothing there is overwritten.")

    def put(self, parts: tuple[str, ...], pieces: Iterable[bytes]) -> str:
        """Write one file; it is on the disk when this returns."""
        path = self._root.joinpath(*parts)
        self._new_folder(path.parent)
        engine = hashlib.sha256()
        try:
            with path.open("xb", buffering=0) as file:
                for piece in pieces:
                    engine.update(piece)
                    _write_all(file, piece)
                os.fsync(file.fileno())
        except BaseException:
            with contextlib.suppress(OSError):
                path.unlink()
            raise
        self._made.append(path)
        return engine.hexdigest()

    def _new_folder(self, folder: Path) -> None:
        missing = [one for one in (folder, *folder.parents) if not one.exists()]
        for one in reversed(missing):
            one.mkdir()
            self._folders.append(one)

    def finish(self) -> None:
        """Nothing is left to be done: files lie where they belong."""

    def abandon(self) -> None:
        """Remove the files and folders that were made, and nothing else."""
        for path in reversed(self._made):
            with contextlib.suppress(OSError):
                path.unlink()
        for folder in reversed(self._folders):
            with contextlib.suppress(OSError):
                folder.rmdir()

    def digests(self, names: Iterable[tuple[str, ...]]) -> Iterator[str]:
        """Read files back, from the medium rather than from memory where the system allows it."""
        for parts in names:
            with self._root.joinpath(*parts).open("rb", buffering=0) as file:
                if hasattr(os, "posix_fadvise"):
                    os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
                yield hashlib.file_digest(file, "sha256").hexdigest()


class ZipTarget:
    """A ZIP archive, under another name until it is whole; its members are stored as they are."""

    def __init__(self, path: Path) -> None:
        self.shown = path.name
        if path.exists():
            raise LibraryError(f"{path.name} is there already; it is not overwritten.")
        self._path = path
        self._made = not path.parent.exists()
        path.parent.mkdir(parents=True, exist_ok=True)
        self._part = path.with_name(path.name + UNFINISHED)
        self._file: BufferedRandom = self._part.open("x+b")
        self._archive = zipfile.ZipFile(self._file, "w", allowZip64=True)

    def put(self, parts: tuple[str, ...], pieces: Iterable[bytes]) -> str:
        """Write one member."""
        engine = hashlib.sha256()
        info = zipfile.ZipInfo("/".join(parts))
        info.external_attr = 0o644 << 16
        with tempfile.SpooledTemporaryFile(IN_MEMORY) as whole:  # a member that was begun cannot be taken back
            for piece in pieces:
                engine.update(piece)
                whole.write(piece)
            whole.seek(0)
            with self._archive.open(info, "w", force_zip64=True) as member:
                shutil.copyfileobj(whole, member, PIECE)
        return engine.hexdigest()

    def finish(self) -> None:
        """Write the directory of the archive and give it its name."""
        self._archive.close()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        os.replace(self._part, self._path)

    def abandon(self) -> None:
        """Remove the archive, whole or not."""
        with contextlib.suppress(OSError, ValueError):
            self._archive.close()
        with contextlib.suppress(OSError):
            self._file.close()
        for path in (self._part, self._path):
            with contextlib.suppress(OSError):
                path.unlink()

    def digests(self, names: Iterable[tuple[str, ...]]) -> Iterator[str]:
        """Read members back; the CRC of each is checked on the way."""
        with zipfile.ZipFile(self._path) as archive:
            for parts in names:
                with archive.open("/".join(parts)) as member:
                    engine = hashlib.sha256()
                    while piece := member.read(PIECE):
                        engine.update(piece)
                    yield engine.hexdigest()


def _write_all(file: FileIO, piece: bytes) -> None:
    view = memoryview(piece)
    while view:
        view = view[file.write(view) or 0 :]
