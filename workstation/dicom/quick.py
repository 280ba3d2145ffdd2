"""Headers of many files, quickly: by what the file before them taught, the tolerant way where that does not help."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from workstation.dicom.cut import Cut
from workstation.dicom.facts import instance_from, read_header
from workstation.dicom.layout import layout_of
from workstation.dicom.read_ahead import ReadAhead
from workstation.dicom.sources import read_range
from workstation.dicom.strict import IrregularError
from workstation.dicom.template import Template
from workstation.errors import UnreadableFile

if TYPE_CHECKING:
    from workstation.dicom.identity import Instance, Locator
    from workstation.dicom.layout import Layout
    from workstation.dicom.read import ReadResult

FIRST_READ, LARGEST_READ = 1 << 14, 1 << 18
MOST_TEMPLATES, MOST_SERIES, MOST_CUTS = 24, 128, 4
MOST_AT_REST = 2
_OPEN = os.O_RDONLY | getattr(os, "O_BINARY", 0)
_SERIES = (b"\x20\0\x0e\0", b"\0\x20\0\x0e")
"""Tag of Series Instance UID, little and big endian."""


_at_rest: list[QuickReader] = []
_resting = threading.Lock()


@contextmanager
def quick_reader() -> Iterator[QuickReader]:
    """Lend a reader that keeps, for the next who asks, what files taught it: the first of a kind take longest."""
    with _resting:
        reader = _at_rest.pop() if _at_rest else QuickReader()
    reader.ahead = ReadAhead()
    try:
        yield reader
    finally:
        reader.let_go()
        with _resting:
            if len(_at_rest) < MOST_AT_REST:
                _at_rest.append(reader)


class QuickReader:
    """Reads the facts of one file after another; equal to :func:`~workstation.dicom.facts.read_instance`.

    A file is first compared with those of what looks like its series, then with all of its structure.
    """

    def __init__(self) -> None:
        self._templates: list[Template] = []
        self._series: dict[bytes, list[Cut]] = {}
        self._first: dict[bytes, Layout] = {}
        self._offer: tuple[bytes, ReadResult, Instance] | None = None
        self._want, self._hint = FIRST_READ, 0
        self._last, self._last_at = b"", 0
        self.ahead = ReadAhead()
        self.tolerant = 0
        """How many files went the tolerant way."""

    def read(self, locator: Locator) -> Instance:
        """Read the facts of one file.

        Raises
        ------
        NotDicom, CorruptFile, UnreadableFile, TooLarge, PasswordNeeded
        """
        head = b""
        if locator.member is None:
            try:
                descriptor = os.open(locator.path, _OPEN)
                try:
                    head = os.read(descriptor, self._want)
                    instance = self._quick(head, descriptor, locator)
                finally:
                    os.close(descriptor)
                if instance is not None:
                    return instance
            except (OSError, ValueError):
                # Whatever it is, the tolerant way meets it too and has the words for it.
                head = b""
        self.tolerant += 1
        result = read_header(locator)
        instance = instance_from(locator, result)
        if head:
            self._offer = (head, result, instance)
        return instance

    def let_go(self) -> None:
        """Forget the file that would be looked at once more: it may lie on another medium than the next one."""
        self._offer = None

    def _quick(self, head: bytes, descriptor: int, locator: Locator) -> Instance | None:
        name = self._name(head)
        whole = len(head) < self._want
        for cut in self._series.get(name, ()):
            if len(head) < cut.need and not whole:
                head, whole = _more(descriptor, head, cut.need)
            instance = cut.read(head, descriptor, locator)
            if instance is None and cut.catch_up():
                instance = cut.read(head, descriptor, locator)
            if instance is not None:
                return instance
        self._take()
        for template in self._templates:
            if len(head) < template.need and not whole:
                head, whole = _more(descriptor, head, template.need)
            followed = template.layout.follow(head)
            if followed is not None and template.accepts(*followed):
                layout, differing = followed
                known = self._learn(template, layout, name)
                if known is not None and (instance := known.read(head, descriptor, locator)) is not None:
                    return instance
                instance = template.read(layout, differing, descriptor, locator)
                if known is None and instance is not None:
                    self._open_series(template, layout, instance, name)
                return instance
        return None

    def _learn(self, template: Template, layout: Layout, name: bytes) -> Cut | None:
        """Let what differs between two files of a series vary; return what reads the series, if it is known."""
        cut = next((one for one in self._series.get(name, ()) if one.template is template), None)
        before = cut.layout if cut is not None else self._first.get(name)
        if before is not None and before.parts is layout.parts:
            template.learn(before, layout)
        if cut is not None:
            cut.catch_up()
        return cut

    def _open_series(self, template: Template, layout: Layout, instance: Instance, name: bytes) -> None:
        """Let the next file of a series be compared with this one."""
        if not template.common:
            _keep(self._first, name, layout)
            return
        cuts = self._series.get(name, [])
        _keep(self._series, name, [Cut(template, layout, instance), *cuts[: MOST_CUTS - 1]])
        self._want = template.need

    def _name(self, head: bytes) -> bytes:
        """Return the first Series Instance UID that can be seen, or what looks like one: files to compare share it."""
        if self._last and head.startswith(self._last, self._last_at):
            return self._last
        at = head.find(_SERIES[0], self._hint, self._hint + 1024)
        if at < 0 and (at := head.find(_SERIES[0])) < 0 and (at := head.find(_SERIES[1])) < 0:
            return b""
        self._hint = max(at - 512, 0)
        explicit = head[at + 4 : at + 6] == b"UI"
        # The length's low byte is first or last; a UID has at most 64.
        length = max(head[at + 6 : at + 8] if explicit else head[at + 4 : at + 8], default=0)
        self._last, self._last_at = head[at : at + 8 + min(length, 64)], at
        return self._last

    def _take(self) -> None:
        """Make a template of the file that was last read the tolerant way."""
        if self._offer is None:
            return
        head, result, instance = self._offer
        self._offer, place = None, instance.pixel_data
        if place is None or place.offset > LARGEST_READ:
            return
        try:
            if len(head) < place.offset + 4:
                head = read_range(instance.locator, 0, place.offset + 4)
            layout = layout_of(head[: place.offset + 4])
            template = Template(layout, result, instance)
        except (IrregularError, UnreadableFile):
            return
        self._templates.insert(0, template)
        del self._templates[MOST_TEMPLATES:]
        _keep(self._first, self._name(head), layout)


def _more(descriptor: int, head: bytes, need: int) -> tuple[bytes, bool]:
    """Return more of an open file, and whether it is all of it."""
    os.lseek(descriptor, len(head), os.SEEK_SET)
    head += os.read(descriptor, need - len(head))
    return head, len(head) < need


def _keep(known: dict[bytes, Any], name: bytes, value: Any) -> None:
    """Remember something of a series; what was learnt first is forgotten when there are too many."""
    known[name] = value
    if len(known) > MOST_SERIES:
        del known[next(iter(known))]
