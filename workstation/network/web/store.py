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
    """Send a batch; one that is refused as a whole is sent in halves, so that one file cannot cost the others."""
    body = Body(batch)
    path = "studies" + "".join(f"/{word}" for word in segments(study) if word)
    try:
        with web.post(path, body.opened, body.headers) as answer:
            rows = _reply(web, answer)
            refusal = None if 200 <= answer.status < 300 or rows else http_failure(web.node, answer.status)
            if answer.status in _ENDS_ALL:
                raise http_failure(web.node, answer.status)
    finally:
        body.close()
    if refusal is not None:
        if len(batch) > 1:
            half = len(batch) // 2
            yield from _sent(web, batch[:half], study, counts)
            yield from _sent(web, batch[half:], study, counts)
            return
        counts.told.append(Outcome(batch[0].uid, "failed", _for_one(refusal, answer.status), str(batch[0].path)))
    else:
        assert rows is not None
        counts.size += sum(file.size for file in batch)
        counts.told.extend(_outcome(file, rows, answer.status) for file in batch)
    yield from _told(counts)


def _for_one(refusal: NetworkFailure, code: int) -> str:
    if code in (400, 409):
        return f"It refused the object without a reason (HTTP {code})."
    return refusal.sentence.partition(": ")[2][:1].upper() + refusal.sentence.partition(": ")[2][1:]


def _reply(web: WebSession, answer: Response) -> dict[str, dict[str, Any]] | None:
    """Return what the answer says of each instance by UID, None where it says nothing."""
    if answer.status >= 400 and "json" not in answer.media_type.name:
        return None
    try:
        document = answer.json()
    except NetworkFailure as failure:
        if failure.cause != "not_dicomweb":
            raise
        # an answer in words or XML: its status alone speaks
        return None if answer.status >= 400 else {}
    if isinstance(document, list):
        document = document[0] if document else {}
    told: dict[str, dict[str, Any]] = {}
    for tag in (_STORED, _FAILED):
        element = document.get(tag) if isinstance(document, dict) else None
        for item in (element.get("Value") if isinstance(element, dict) else None) or ():
            if isinstance(item, dict) and first_value(item, _INSTANCE):
                told[first_value(item, _INSTANCE)] = {"list": tag, "item": item}
    return told if told or answer.status < 400 else None


def _outcome(file: _File, rows: dict[str, dict[str, Any]], code: int) -> Outcome:
    told = rows.get(file.uid)
    path = str(file.path)
    if told is None:
        if code == 200:
            return Outcome(file.uid, "done", "", path)
        return Outcome(file.uid, "failed", "It does not say what became of the object.", path)
    item = told["item"]
    if told["list"] == _STORED:
        reason = _code(item, _WARNING)
        if not reason:
            return Outcome(file.uid, "done", "", path)
        return Outcome(file.uid, "warning", str(status(reason, "store")), path)
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
    """What ``requests`` reads from and asks for its length."""

    def __init__(self, files: Sequence[_File], boundary: str) -> None:
        self._head = f"--{boundary}\r\nContent-Type: application/dicom\r\n\r\n".encode("ascii")
        self._tail = f"--{boundary}--\r\n".encode("ascii")
        self._length = sum(len(self._head) + file.size + 2 for file in files) + len(self._tail)
        self._file: IO[bytes] | None = None
        self._source = self._pieces(files)
        self._held = b""

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[bytes]:
        while piece := self.read(1 << 18):
            yield piece

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, at most ``size``."""
        while not self._held or size < 0:
            piece = next(self._source, None)
            if piece is None:
                break
            self._held += piece
        taken, self._held = (self._held, b"") if size < 0 else (self._held[:size], self._held[size:])
        return taken

    def close(self) -> None:
        if self._file is not None:
            self._file.close()

    def _pieces(self, files: Sequence[_File]) -> Iterator[bytes]:
        for file in files:
            yield self._head
            left = file.size
            with file.path.open("rb") as self._file:
                while left and (piece := self._file.read(min(left, 1 << 18))):
                    left -= len(piece)
                    yield piece
            if left:
                raise OSError(0, "the file became shorter while it was sent", str(file.path))
            yield b"\r\n"
        yield self._tail
