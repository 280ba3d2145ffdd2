"""What is to be sent: where the bytes of each data set lie, in which syntax, and which contexts they need (G10).

A file goes as it is where its structure is plain: a meta information that is true, a data set that is whole. Any other
is read by the tolerant reader and written anew, its values and UIDs unchanged.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import TYPE_CHECKING, BinaryIO, Final

from workstation.dicom import vocabulary as v
from workstation.dicom.facts import read_instance
from workstation.dicom.fragments import complete_fragments
from workstation.dicom.identity import Instance, Locator, Skipped
from workstation.dicom.parser import CUT_SHORT, IRREGULAR
from workstation.dicom.scan import Duplicate, Found, Missing, NotDicomFile, scan
from workstation.dicom.scan import Progress as Scanned
from workstation.dicom.sniff import Encoding
from workstation.dicom.sources import file_size, read_some
from workstation.dicom.uids import is_valid
from workstation.errors import UnreadableFile, WorkstationError
from workstation.network.association import MOST_CONTEXTS, Proposal
from workstation.network.progress import Outcome
from workstation.wording import template_of

if TYPE_CHECKING:
    from threading import Event

NATIVE: Final = (v.EXPLICIT_LITTLE, v.IMPLICIT_LITTLE)
"""What may be sent in place of a syntax that the peer does not take; it chooses one."""
HEAD, LONGEST_META = 1 << 12, 1 << 16
_META_AT: Final = 132
_AFTER_PIXELS: Final = frozenset({0xFFFAFFFA, v.TRAILING_PADDING})
"""Digital Signatures and Data Set Trailing Padding: all that follows pixel data by the Standard (PS3.10 7.2)."""


class NotSent(WorkstationError):
    """An object cannot be sent; the sentence says why."""

    code = "not_sent"


def gathered(
    items: Iterable[Instance | Locator | str | os.PathLike[str]], stop: Event | None = None
) -> Iterator[Instance | Outcome | None]:
    """Yield what can be sent of files, folders, DICOMDIRs and archives, and an outcome for what cannot.

    None is yielded now and then, while files are read.
    """
    paths: list[Locator | str | os.PathLike[str]] = []
    for item in items:
        if isinstance(item, Instance):
            yield item
        else:
            paths.append(item)
    named = {os.fspath(path) for path in paths if not isinstance(path, Locator)}
    for event in scan(paths, stop=stop):
        if isinstance(event, Found):
            # a scan gives a name of its own to what has another object's UID; a peer is told the true one
            named_anew = "SOPInstanceUID" in event.instance.synthetic
            yield _read(event.instance.locator) if named_anew else event.instance
        elif isinstance(event, Scanned):
            yield None
        elif isinstance(event, NotDicomFile):
            kind = "failed" if event.path in named else "skipped"
            yield Outcome("", kind, "It is not DICOM.", event.path)
        elif isinstance(event, Duplicate):
            yield Outcome("", "skipped", f"The same file as {event.of}.", event.path)
        elif isinstance(event, (Skipped, Missing)):
            yield Outcome("", "failed", event.reason, event.path)


def _read(locator: Locator) -> Instance | Outcome:
    try:
        return read_instance(locator)
    except WorkstationError as error:
        return Outcome("", "failed", str(error), str(locator))


@dataclass(slots=True)
class Batch:
    """What goes over one association: at most 128 contexts, each with one syntax or the native ones."""

    proposals: list[Proposal] = field(default_factory=list)
    instances: list[Instance] = field(default_factory=list)


def batches(instances: Sequence[Instance], *, transcode: bool) -> list[Batch]:
    """Group instances by what fits into one association, in the order given within each.

    One context per SOP Class and syntax: of several syntaxes in one context the peer would pick one for all (G10).
    """
    syntaxes: dict[str, dict[str, None]] = {}
    for one in instances:
        syntaxes.setdefault(one.sop_class_uid, {})[one.transfer_syntax_uid] = None
    out: list[Batch] = []
    place: dict[tuple[str, str], Batch] = {}
    for sop_class, used in syntaxes.items():
        fallback = tuple(uid for uid in NATIVE if uid not in used) if transcode else ()
        wanted = list(used)
        while wanted:
            room = MOST_CONTEXTS - len(out[-1].proposals) - bool(fallback) if out else 0
            if room < min(len(wanted), MOST_CONTEXTS - 1):
                out.append(Batch())
                room = MOST_CONTEXTS - bool(fallback)
            batch = out[-1]
            for uid in wanted[:room]:
                batch.proposals.append(Proposal(sop_class, (uid,)))
                place[sop_class, uid] = batch
            if fallback:
                batch.proposals.append(Proposal(sop_class, fallback))
            wanted = wanted[room:]
    for one in instances:
        place[one.sop_class_uid, one.transfer_syntax_uid].instances.append(one)
    return out


def refusal(instance: Instance) -> str:
    """Return why an object cannot be sent to anyone, or nothing."""
    if "SOPInstanceUID" in instance.synthetic:
        return "It has no SOP Instance UID; one is never made up for sending."
    if not is_valid(instance.sop_class_uid):
        return "It has no SOP Class UID, or none that is valid."
    if not is_valid(instance.transfer_syntax_uid):
        return "Its Transfer Syntax is not known."
    if any(template_of(note) in CUT_SHORT for note in instance.deviations) or _is_cut(instance):
        return "The file is cut short; a part of an object is not sent."
    return ""


def is_irregular(instance: Instance) -> bool:
    """Tell whether the elements of a data set had better be written anew, though its bytes could be sent.

    Peers may break off where elements do not follow one another as they should.
    """
    return any(template_of(note) in IRREGULAR for note in instance.deviations)


def _is_cut(instance: Instance) -> bool:
    pixels = instance.pixel_data
    if pixels is None or pixels.deflated or pixels.available is None:
        return False
    if pixels.length >= 0:
        return pixels.available < pixels.length
    return complete_fragments(instance.locator, pixels.offset, pixels.file_size) is not None


@dataclass(frozen=True, slots=True)
class Extent:
    """Where a data set lies in its file, bytes; ``padded`` where a byte is added to make it even (PS3.5 A.5)."""

    offset: int
    length: int
    padded: bool = False


def extent(instance: Instance, stream: BinaryIO) -> Extent | None:
    """Return where the data set lies, None where the file is not a plain one of PS3.10 and has to be written anew.

    Raises
    ------
    WorkstationError
        If the file cannot be read.
    """
    locator = instance.locator
    size = file_size(locator)
    found = meta(read_some(stream, HEAD, locator))
    if found is None:
        stream.seek(0)
        found = meta(read_some(stream, LONGEST_META, locator))
    if found is None or found[1] != instance.transfer_syntax_uid:
        return None
    offset, syntax = found
    if syntax == v.DEFLATED:
        return Extent(offset, size - offset, bool((size - offset) % 2)) if size > offset else None
    if Encoding.of(_at(stream, offset, 8, locator), 0) != Encoding.of_syntax(syntax):
        return None
    length = _end(instance, stream, size) - offset
    # every value is even in length (PS3.5 7.1.1), so is the whole: peers break off where it is not
    return Extent(offset, length) if length % 2 == 0 else None


def _end(instance: Instance, stream: BinaryIO, size: int) -> int:
    """Return where the data set ends: what follows pixel data and is no element of it is left out."""
    pixels = instance.pixel_data
    if pixels is None or pixels.length < 0:
        return size
    end = pixels.offset + pixels.length
    if end >= size:
        return size
    order = ">" if instance.transfer_syntax_uid == v.EXPLICIT_BIG else "<"
    following = _at(stream, end, 4, instance.locator)
    if len(following) < 4:
        return end
    group, number = struct.unpack(f"{order}HH", following)
    return size if group << 16 | number in _AFTER_PIXELS else end


def _at(stream: BinaryIO, offset: int, length: int, locator: Locator) -> bytes:
    try:
        stream.seek(offset)
    except OSError as error:
        raise UnreadableFile(f"{locator.name}: the system refused it ({error.strerror or error}).") from error
    return read_some(stream, length, locator)


def meta(head: bytes | memoryview) -> tuple[int, str] | None:
    """Return where the data set starts and its Transfer Syntax UID (PS3.10 7.1); None where that is not plain to see.

    ``head`` is the start of the file.
    """
    if bytes(head[128:_META_AT]) != b"DICM":
        return None
    at, syntax = _META_AT, ""
    while at + 8 <= len(head):
        group, number, code, short = struct.unpack_from("<HH2sH", head, at)
        if group != 0x0002:
            return (at, syntax) if syntax else None
        if code in v.LONG:
            if at + 12 > len(head):
                return None
            (length,), value = struct.unpack_from("<L", head, at + 8), at + 12
        elif code in v.SHORT:
            length, value = short, at + 8
        else:
            return None
        if number == 0x0010:
            syntax = bytes(head[value : value + length]).decode("ascii", "replace").strip("\0 ")
        at = value + length
    return None


def open_extent(stream: BinaryIO, place: Extent, locator: Locator) -> tuple[BinaryIO, int]:
    """Return a stream that stands at the data set, and its length.

    Raises
    ------
    WorkstationError
        If the file cannot be read.
    """
    if place.padded:
        return BytesIO(_at(stream, place.offset, place.length, locator) + b"\0"), place.length + 1
    _at(stream, place.offset, 0, locator)
    return stream, place.length
