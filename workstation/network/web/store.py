"""STOW-RS (PS3.18 10.5): files as they are, streamed in batches, an outcome for each (G10, G18)."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from workstation.errors import NotDicom
from workstation.network.failures import NetworkFailure
from workstation.network.part10 import LONGEST_HEAD, object_of_file
from workstation.network.progress import Outcome, Progress
from workstation.network.statuses import status
from workstation.network.web.faults import http_failure
from workstation.network.web.media import DICOM_JSON
from workstation.network.web.qido import first_value
from workstation.network.web.session import segments

if TYPE_CHECKING:
    from workstation.network.web.responses import Response
    from workstation.network.web.session import WebSession

BATCH_SIZE: Final = 32 << 20
"""Bytes sent at once; a larger file goes alone. Many servers and proxies bound a request."""
BATCH_COUNT: Final = 100
DUPLICATE: Final = 0x0111
"""Stored already: no fault where the same was sent before and only the answer got lost."""
MEDIA_DIRECTORY: Final = "1.2.840.10008.1.3.10"
_ENDS_ALL: Final = frozenset({401, 403, 404, 405, 501})
_FAILED: Final = "00081198"
_OTHERS: Final = "0008119A"
_STORED: Final = "00081199"
_INSTANCE: Final = "00081155"
_REASON: Final = "00081197"
_WARNING: Final = "00081196"


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    size: int
    uid: str


@dataclass(slots=True)
class _Counts:
    total: int
    done: int = 0
    warning: int = 0
    failed: int = 0
    size: int = 0
    told: list[Outcome] = field(default_factory=list)


def store(
    web: WebSession, paths: Sequence[Path], *, study: str = "", batch_size: int = BATCH_SIZE
) -> Iterator[Progress]:
    """Send files and yield what became of each; with ``study`` only its objects are taken by the service.

    Files that are no DICOM or cannot be read are told and left out.

    Raises
    ------
    NetworkFailure
        If the service cannot be talked to; what it told before stays told.
    Cancelled
    """
    counts = _Counts(len(paths))
    yield _progress(counts)
    for batch in _batches(paths, batch_size, counts):
        yield from _told(counts)
        web.demand_going_on()
        yield from _sent(web, batch, study, counts)
    yield from _told(counts)


def _batches(paths: Iterable[Path], batch_size: int, counts: _Counts) -> Iterator[list[_File]]:
    batch: list[_File] = []
    size = 0
    for path in paths:
        try:
            file = _looked_at(path)
        except (NotDicom, OSError) as error:
            why = str(error) if isinstance(error, NotDicom) else f"It cannot be read: {error.strerror or error}."
            counts.told.append(Outcome("", "failed", why, str(path)))
            continue
        # a UID twice in one request could not be told apart in the answer
        if batch and (
            size + file.size > batch_size or len(batch) >= BATCH_COUNT or any(file.uid == b.uid for b in batch)
        ):
            yield batch
            batch, size = [], 0
        batch.append(file)
        size += file.size
    if batch:
        yield batch


def _looked_at(path: Path) -> _File:
    with path.open("rb") as stream:
        sop_class, uid, _syntax = object_of_file(stream.read(LONGEST_HEAD))
    if sop_class == MEDIA_DIRECTORY:
        raise NotDicom("It is a DICOMDIR, which belongs to its disc and is not sent.")
    return _File(path, path.stat().st_size, uid)


def _sent(web: WebSession, batch: list[_File], study: str, counts: _Counts) -> Iterator[Progress]:
    """Send a batch; what the answer leaves open is sent again in smaller ones, so that one file costs no other.

    Orthanc ends at the first object it cannot store and answers with success, leaving out all that come after it.
    """
    if not batch:
        return
    body = Body(batch)
    path = "studies" + "".join(f"/{word}" for word in segments(study) if word)
    try:
        with web.post(path, body.opened, body.headers) as answer:
            told = _reply(web, answer)
            code = answer.status
    except _Unreadable as error:
        sentence = "The file became shorter or could not be read while it was sent."
        counts.told.append(Outcome(error.file.uid, "failed", sentence, str(error.file.path)))
        yield from _told(counts)
        yield from _sent(web, [file for file in batch if file is not error.file], study, counts)
        return
    finally:
        body.close()
    if code in _ENDS_ALL:
        raise http_failure(web.node, code)
    settled = [file for file in batch if file.uid in told.items or (told.is_silent and code == 200)]
    left = [file for file in batch if file not in settled]
    counts.size += sum(file.size for file in settled)
    counts.told.extend(_outcome(file, told.items.get(file.uid)) for file in settled)
    yield from _told(counts)
    web.demand_going_on()
    if len(batch) > 1:
        half = len(left) // 2 if len(left) == len(batch) else len(left)
        yield from _sent(web, left[:half], study, counts)
        yield from _sent(web, left[half:], study, counts)
    elif left:
        why = _for_one(web, code) if code >= 300 else "It does not say what became of the object."
        counts.told.append(Outcome(left[0].uid, "failed", why, str(left[0].path)))
        yield from _told(counts)


def _for_one(web: WebSession, code: int) -> str:
    if code in (400, 409):
        return f"It refused the object without a reason (HTTP {code})."
    words = http_failure(web.node, code).sentence.removeprefix(f"{web.node.name}: ")
    return words[:1].upper() + words[1:]


@dataclass(frozen=True, slots=True)
class _Told:
    """What an answer says: of each instance by UID, the list it is in and its item; silent where it has no lists."""

    items: dict[str, tuple[str, dict[str, Any]]]
    is_silent: bool


def _reply(web: WebSession, answer: Response) -> _Told:
    """Read the lists of an answer (PS3.18 10.5.3); one in words or XML says no more than its status."""
    items: dict[str, tuple[str, dict[str, Any]]] = {}
    if answer.status >= 400 and "json" not in answer.media_type.name:
        return _Told(items, is_silent=True)
    try:
        document = answer.json()
    except NetworkFailure as failure:
        if failure.cause != "not_dicomweb":
            raise
        return _Told(items, is_silent=True)
    if isinstance(document, list):
        document = document[0] if document else {}
    lists = {tag: document[tag] for tag in (_STORED, _FAILED) if isinstance(document, dict) and tag in document}
    for tag, element in lists.items():
        values = element.get("Value") if isinstance(element, dict) else None
        for item in values if isinstance(values, list) else ():
            if isinstance(item, dict) and first_value(item, _INSTANCE):
                items[first_value(item, _INSTANCE)] = tag, item
    return _Told(items, is_silent=not lists)


def _outcome(file: _File, told: tuple[str, dict[str, Any]] | None) -> Outcome:
    path = str(file.path)
    if told is None:
        return Outcome(file.uid, "done", "", path)
    tag, item = told
    if tag == _STORED:
        reason = _code(item, _WARNING)
        return Outcome(file.uid, "warning" if reason else "done", str(status(reason, "store")) if reason else "", path)
    reason = _code(item, _REASON)
    if reason == DUPLICATE:
        return Outcome(file.uid, "done", "It had the object already.", path)
    return Outcome(file.uid, "failed", str(status(reason, "store")) if reason else "It gives no reason.", path)


def _code(item: dict[str, Any], tag: str) -> int:
    text = first_value(item, tag)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0


def _told(counts: _Counts) -> Iterator[Progress]:
    for outcome in counts.told:
        if outcome.kind == "failed":
            counts.failed += 1
        else:
            counts.done += 1
            counts.warning += outcome.kind == "warning"
        yield _progress(counts, outcome)
    counts.told.clear()


def _progress(counts: _Counts, outcome: Outcome | None = None) -> Progress:
    return Progress(
        done=counts.done,
        total=counts.total,
        warnings=counts.warning,
        failed=counts.failed,
        size=counts.size,
        outcome=outcome,
    )


class Body:
    """The body of a request made of files, read while it is sent; its length is known before."""

    def __init__(self, files: Sequence[_File]) -> None:
        self._boundary = secrets.token_hex(16)
        self._files = files
        self._open: _Stream | None = None

    @property
    def headers(self) -> dict[str, str]:
        """The headers that go with it."""
        return {
            "Content-Length": str(_Stream(self._files, self._boundary).length),
            "Content-Type": f'multipart/related; type="application/dicom"; boundary={self._boundary}',
            "Accept": DICOM_JSON,
            "Accept-Encoding": "identity",
        }

    def opened(self) -> _Stream:
        """Return the body from its beginning."""
        self.close()
        self._open = _Stream(self._files, self._boundary)
        return self._open

    def close(self) -> None:
        """Close the file that is being read."""
        if self._open is not None:
            self._open.close()
            self._open = None


class _Stream:
    """The bytes of a body, one after the other."""

    def __init__(self, files: Sequence[_File], boundary: str) -> None:
        self._head = f"--{boundary}\r\nContent-Type: application/dicom\r\n\r\n".encode("ascii")
        self._tail = f"--{boundary}--\r\n".encode("ascii")
        self.length = sum(len(self._head) + file.size + 2 for file in files) + len(self._tail)
        self._file: IO[bytes] | None = None
        self._files = files

    def __iter__(self) -> Iterator[bytes]:
        return self._pieces(self._files)

    def close(self) -> None:
        if self._file is not None:
            self._file.close()

    def _pieces(self, files: Sequence[_File]) -> Iterator[bytes]:
        for file in files:
            yield self._head
            left = file.size
            try:
                self._file = file.path.open("rb")
            except OSError as error:
                raise _Unreadable(file) from error
            with self._file as stream:
                while left:
                    piece = _read(stream, min(left, 1 << 18), file)
                    left -= len(piece)
                    yield piece
            yield b"\r\n"
        yield self._tail


class _Unreadable(Exception):
    """A file ended or failed while it was sent; the request is of no use then."""

    def __init__(self, file: _File) -> None:
        super().__init__("a file cannot be read to its end")
        self.file = file


def _read(stream: IO[bytes], size: int, file: _File) -> bytes:
    try:
        piece = stream.read(size)
    except OSError as error:
        raise _Unreadable(file) from error
    if not piece:
        raise _Unreadable(file)
    return piece
