"""Bytes of a file on disk or of a ZIP member, under caps; nothing is ever extracted to disk.

Files are read, never mapped: a medium may be ejected at any time (A39).
"""

from __future__ import annotations

import io
import os
import threading
import zipfile
import zlib
from collections import OrderedDict
from typing import IO, TYPE_CHECKING, BinaryIO, cast

from workstation.errors import CorruptFile, PasswordNeeded, TooLarge, UnreadableFile

if TYPE_CHECKING:
    from workstation.dicom.identity import Locator

MEMBER_LIMIT = 4 << 30
"""Greatest size of one ZIP member, bytes."""
RATIO = 200
"""Greatest ratio of inflated to compressed bytes that is believed; images rarely reach 20, bombs 1000 (A4, A33)."""
MEMBER_FLOOR = 256 << 20
"""A ZIP member up to this size is opened whatever its ratio: empty images do compress well."""
MEMBER_COUNT = 500_000
"""Greatest number of members of one archive."""
INFLATE_FLOOR, INFLATE_LIMIT = 64 << 20, 1 << 30
"""Bytes an inflated data set may have whatever its ratio, and at most (A4)."""
KEPT_MEMBERS = 64 << 20
"""Bytes of whole ZIP members kept for reading frames."""
_ENCRYPTED = 0x1
_AES = 99


def file_size(locator: Locator) -> int:
    """Return the number of bytes of a file or member.

    Raises
    ------
    UnreadableFile
        If the system refuses.
    """
    if locator.member is None:
        try:
            return os.stat(locator.path).st_size
        except (OSError, ValueError) as error:
            raise UnreadableFile(f"{locator.name}: {_why(error)}") from error
    return member_info(locator).file_size


def open_stream(locator: Locator) -> BinaryIO:
    """Open for reading forwards; a ZIP member is inflated only as far as it is read.

    Raises
    ------
    UnreadableFile, TooLarge, PasswordNeeded, CorruptFile
    """
    if locator.member is None:
        try:
            return open(locator.path, "rb")
        except (OSError, ValueError) as error:
            raise UnreadableFile(f"{locator.name}: {_why(error)}") from error
    info = member_info(locator)
    if info.file_size > min(MEMBER_LIMIT, max(MEMBER_FLOOR, RATIO * info.compress_size)):
        raise TooLarge(f"{locator.name}: the archive announces {info.file_size} bytes, more than is opened.")
    try:
        return cast("BinaryIO", _archive(locator.path).open(info, pwd=locator.password))
    except RuntimeError as error:
        raise PasswordNeeded(f"{locator.name}: the archive member needs its password.") from error
    except NotImplementedError as error:
        raise UnreadableFile(f"{locator.name}: {error}.") from error
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError) as error:
        raise CorruptFile(f"{locator.name}: the archive member cannot be read ({error}).") from error


def open_binary(locator: Locator) -> BinaryIO:
    """Open for reading with seeks; a ZIP member is held in memory.

    Raises
    ------
    UnreadableFile, TooLarge, PasswordNeeded, CorruptFile
    """
    if locator.member is None:
        return open_stream(locator)
    return io.BytesIO(_members.get(locator))


def read_range(locator: Locator, offset: int, length: int) -> bytes:
    """Return up to ``length`` bytes from ``offset``; fewer where the file ends."""
    with open_binary(locator) as stream:
        try:
            stream.seek(offset)
            return stream.read(length)
        except OSError as error:
            raise UnreadableFile(f"{locator.name}: {_why(error)}") from error


def read_some(stream: IO[bytes], length: int, locator: Locator) -> bytes:
    """Read from a stream of :func:`open_stream`, faults turned into sentences."""
    try:
        return stream.read(length)
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        if locator.member is not None and member_info(locator).flag_bits & _ENCRYPTED:
            raise PasswordNeeded(f"{locator.name}: the password does not open it.") from error
        raise CorruptFile(f"{locator.name}: the archive member is damaged ({error}).") from error
    except OSError as error:
        raise UnreadableFile(f"{locator.name}: {_why(error)}") from error


def member_info(locator: Locator) -> zipfile.ZipInfo:
    """Return the directory entry of a ZIP member."""
    try:
        info = _archive(locator.path).getinfo(locator.member or "")
    except KeyError as error:
        raise UnreadableFile(f"{locator.name}: not in the archive any more.") from error
    if info.flag_bits & _ENCRYPTED:
        if info.compress_type == _AES:
            raise UnreadableFile(f"{locator.name}: AES-encrypted members cannot be opened.")
        if not locator.password:
            raise PasswordNeeded(f"{locator.name}: the archive member needs a password.")
    return info


def members_of(path: str) -> list[zipfile.ZipInfo]:
    """Return the files of a ZIP archive.

    Raises
    ------
    CorruptFile, UnreadableFile, TooLarge
    """
    infos = [info for info in _archive(path).infolist() if not info.is_dir()]
    if len(infos) > MEMBER_COUNT:
        raise TooLarge(f"{os.path.basename(path)}: {len(infos)} members are more than are opened.")
    return infos


def is_zip(path: str) -> bool:
    """Tell whether a file starts as a ZIP archive."""
    try:
        with open(path, "rb") as stream:
            return stream.read(4) in (b"PK\x03\x04", b"PK\x05\x06")
    except (OSError, ValueError):
        return False


def inflate_budget(compressed: int) -> int:
    """Return how many bytes a deflated data set may become (A4)."""
    return min(INFLATE_LIMIT, max(INFLATE_FLOOR, RATIO * compressed))


def inflater(stream: IO[bytes], locator: Locator, limit: int = INFLATE_LIMIT) -> BinaryIO:
    """Return a forward stream of the inflated rest of ``stream`` that stops at ``limit`` bytes (A4)."""
    return cast("BinaryIO", io.BufferedReader(_Inflater(stream, locator, limit), 1 << 16))


class _Inflater(io.RawIOBase):
    """Raw deflate (PS3.5 A.5) piece by piece; never holds more than one piece."""

    def __init__(self, stream: IO[bytes], locator: Locator, limit: int) -> None:
        self._stream, self._locator, self._left = stream, locator, limit
        self._engine = zlib.decompressobj(-zlib.MAX_WBITS)
        self._tail = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:  # type: ignore[no-untyped-def]
        while not self._engine.eof:
            piece = self._tail or read_some(self._stream, 1 << 15, self._locator)
            try:
                out = self._engine.decompress(piece, len(buffer))
            except zlib.error:
                return 0
            self._tail = self._engine.unconsumed_tail
            if out:
                self._left -= len(out)
                if self._left < 0:
                    raise TooLarge(f"{self._locator.name}: the deflated data set is over the size budget.")
                buffer[: len(out)] = out
                return len(out)
            if not piece:
                return 0
        return 0


class _Archives:
    """The few ZIP archives opened last, so that members do not re-read the directory."""

    def __init__(self, count: int) -> None:
        self._count, self._lock = count, threading.Lock()
        self._open: OrderedDict[tuple[str, int, int], zipfile.ZipFile] = OrderedDict()

    def get(self, path: str) -> zipfile.ZipFile:
        name = os.path.basename(path)
        try:
            status = os.stat(path)
            key = (path, status.st_size, status.st_mtime_ns)
            with self._lock:
                if key not in self._open:
                    self._open[key] = zipfile.ZipFile(path)
                    if len(self._open) > self._count:
                        self._open.popitem(last=False)
                self._open.move_to_end(key)
                return self._open[key]
        except zipfile.BadZipFile as error:
            raise CorruptFile(f"{name}: the ZIP archive cannot be read ({error}).") from error
        except (OSError, ValueError, NotImplementedError) as error:
            raise UnreadableFile(f"{name}: {_why(error)}") from error


class _Members:
    """Whole members inflated last, bounded by bytes."""

    def __init__(self, limit: int) -> None:
        self._limit, self._lock = limit, threading.Lock()
        self._kept: OrderedDict[tuple[str, str | None], bytes] = OrderedDict()

    def get(self, locator: Locator) -> bytes:
        key = (locator.path, locator.member)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        with open_stream(locator) as stream:
            data = read_some(stream, MEMBER_LIMIT, locator)
        with self._lock:
            self._kept[key] = data
            while len(self._kept) > 1 and sum(map(len, self._kept.values())) > self._limit:
                self._kept.popitem(last=False)
        return data


_archives = _Archives(4)
_members = _Members(KEPT_MEMBERS)


def _archive(path: str) -> zipfile.ZipFile:
    return _archives.get(path)


def _why(error: BaseException) -> str:
    if isinstance(error, FileNotFoundError):
        return "there is no such file or folder."
    reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return f"the system refused it ({reason})."
