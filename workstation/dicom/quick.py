"""Headers of many files, quickly: by what the file before them taught, the tolerant way where that does not help."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from workstation.dicom.cut import Cut, place_like
from workstation.dicom.facts import instance_from, read_header
from workstation.dicom.layout import layout_of
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
_OPEN = os.O_RDONLY | getattr(os, "O_BINARY", 0)
_SERIES = (b"\x20\0\x0e\0", b"\0\x20\0\x0e")
"""Tag of Series Instance UID, little and big endian."""


class QuickReader:
    """Reads the facts of one file after another; equal to :func:`~workstation.dicom.facts.read_instance`.

    A file is first compared with those of what looks like its series, then with all of its structure.
    """

    def __init__(self) -> None:
        self._templates: list[Template] = []
        self._series: dict[bytes, list[Cut]] = {}
        self._seen: dict[bytes, Layout] = {}
        self._offer: tuple[bytes, ReadResult, Instance] | None = None
        self._want = FIRST_READ
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

    def _quick(self, head: bytes, descriptor: int, locator: Locator) -> Instance | None:
        name = series_of(head)
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
            if followed is not None:
                return self._learn(template, *followed, name, descriptor, locator)
        return None

    def _learn(
        self, template: Template, layout: Layout, differing: list[int], name: bytes, descriptor: int, locator: Locator
    ) -> Instance | None:
        """Read a file by the template of its structure, and let the next of its series go quicker."""
        if not template.accepts(layout, differing):
            return None
        place = place_like(template.place, layout.offset, layout.head, descriptor)
        if place is None:
            return None
        values = [layout.value(index) for index in differing]
        instance = template.patches(template.layout, template.instance, differing).apply(values, locator, place)
        if instance is None:
            return None
        cuts = self._series.setdefault(name, [])
        cut = next((one for one in cuts if one.template is template), None)
        before = cut.layout if cut is not None else self._seen.get(name)
        if before is not None and before.parts is layout.parts:
            template.learn(before, layout)
            if cut is not None:
                cut.catch_up()
            else:
                cuts.insert(0, Cut(template, layout, instance))
                del cuts[MOST_CUTS:]
                self._want = cuts[0].need
                _bound(self._series, MOST_SERIES)
        self._see(name, layout)
        return instance

    def _see(self, name: bytes, layout: Layout) -> None:
        self._seen[name] = layout
        _bound(self._seen, MOST_SERIES)

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
        self._see(series_of(head), layout)


def series_of(head: bytes) -> bytes:
    """Return the first Series Instance UID that can be seen, or what looks like one: a name for files to compare."""
    at = head.find(_SERIES[0])
    if at < 0 and (at := head.find(_SERIES[1])) < 0:
        return b""
    explicit = head[at + 4 : at + 6] == b"UI"
    # The length's low byte is first or last; a UID has at most 64.
    length = max(head[at + 6 : at + 8] if explicit else head[at + 4 : at + 8], default=0)
    return head[at : at + 8 + min(length, 64)]


def _more(descriptor: int, head: bytes, need: int) -> tuple[bytes, bool]:
    """Return more of an open file, and whether it is all of it."""
    os.lseek(descriptor, len(head), os.SEEK_SET)
    head += os.read(descriptor, need - len(head))
    return head, len(head) < need


def _bound(known: dict[bytes, Any], most: int) -> None:
    """Forget what was learnt first."""
    if len(known) > most:
        del known[next(iter(known))]
