"""Headers of many files, quickly: by templates where the structure is known, the tolerant way everywhere else."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from workstation.dicom.facts import instance_from, read_header
from workstation.dicom.strict import IrregularError
from workstation.dicom.template import Template

if TYPE_CHECKING:
    from workstation.dicom.identity import Instance, Locator
    from workstation.dicom.read import ReadResult

PIECE = 4096
FIRST_READ, LARGEST_READ = 1 << 14, 1 << 18
SLACK = 512
"""Bytes by which a header may be longer than its template's and still be read at once."""
MOST_TEMPLATES = 12
PATIENCE = 24
"""Files in a row without a template's help after which only every eighth is offered as one."""
_OPEN = os.O_RDONLY | getattr(os, "O_BINARY", 0)


class QuickReader:
    """Reads the facts of one file after another; equal to :func:`~workstation.dicom.facts.read_instance`."""

    def __init__(self) -> None:
        self._templates: list[Template] = []
        self._offer: tuple[bytes, ReadResult, Instance] | None = None
        self._want, self._failures = FIRST_READ, 0
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
                    instance = self._by_template(descriptor, head, locator)
                finally:
                    os.close(descriptor)
            except (OSError, ValueError):
                # Whatever it is, the tolerant way meets it too and has the words for it.
                instance = None
            if instance is not None:
                self._failures = 0
                return instance
        self.tolerant += 1
        result = read_header(locator)
        instance = instance_from(locator, result)
        self._failures += 1
        if head and (self._failures < PATIENCE or self._failures % 8 == 0):
            self._offer = (head, result, instance)
        return instance

    def _by_template(self, descriptor: int, head: bytes, locator: Locator) -> Instance | None:
        if self._offer is not None:
            self._take(*self._offer)
            self._offer = None
        if not self._templates:
            return None
        size = os.lseek(descriptor, 0, os.SEEK_END)

        def last() -> bytes:
            os.lseek(descriptor, size - 8, os.SEEK_SET)
            return os.read(descriptor, 8)

        for index, template in enumerate(self._templates):
            found = template.read(head, size, last, locator)
            if found is not None:
                if index:
                    self._templates.insert(0, self._templates.pop(index))
                return found
        for template in self._templates:
            if template.learn(head) and (found := template.read(head, size, last, locator)) is not None:
                return found
        return None

    def _take(self, head: bytes, result: ReadResult, instance: Instance) -> None:
        """Make a template of a file that was read the tolerant way."""
        place = instance.pixel_data
        if place is None or place.offset + PIECE > LARGEST_READ:
            return
        wanted = min(-(-(place.offset + SLACK) // PIECE) * PIECE, LARGEST_READ)
        try:
            if len(head) < min(place.offset + 4, place.file_size):
                descriptor = os.open(result.locator.path, _OPEN)
                try:
                    head = os.read(descriptor, wanted)
                finally:
                    os.close(descriptor)
            template = Template(head[: place.offset + 4], result, instance)
        except (OSError, ValueError, IrregularError):
            return
        self._templates.insert(0, template)
        del self._templates[MOST_TEMPLATES:]
        self._want = max(-(-(one.size + SLACK) // PIECE) * PIECE for one in self._templates)
