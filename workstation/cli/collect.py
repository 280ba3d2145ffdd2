"""Paths given on the command line -> everything below them, organised."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING

from workstation.errors import BadUsage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workstation.dicom.identity import Instance
    from workstation.dicom.scan import Duplicate, Missing
    from workstation.geometry.stack import Stack
    from workstation.loading.collection import Catalogue


@dataclass(frozen=True, slots=True)
class Collected:
    """What a scan of the paths gave; duplicates are not in the catalogue (E4)."""

    catalogue: Catalogue
    duplicates: tuple[Duplicate, ...]
    missing: tuple[Missing, ...]

    @property
    def instances(self) -> tuple[Instance, ...]:
        """Every instance, in the order of the tree."""
        return tuple(
            instance
            for patient in self.catalogue.patients
            for study in patient.studies
            for series in study.series
            for instance in series.instances
        )

    def report_faults(self) -> int:
        """Name on stderr what could not be listed; return the exit code of a command that did the rest."""
        for skipped in self.catalogue.skipped:
            complain(skipped.path, skipped.reason)
        for missing in self.missing:
            complain(missing.path, missing.reason)
        return 1 if self.catalogue.skipped or self.missing else 0


def collect(paths: Sequence[str]) -> Collected:
    """Scan the paths and organise what is found."""
    from workstation.dicom.scan import Duplicate, Missing, scan
    from workstation.loading.collection import Collection

    collection = Collection()
    duplicates: list[Duplicate] = []
    missing: list[Missing] = []
    for item in scan(paths):
        if isinstance(item, Duplicate):
            duplicates.append(item)
        elif isinstance(item, Missing):
            missing.append(item)
        else:
            collection.add(item)
    return Collected(collection.snapshot(finished=True), tuple(duplicates), tuple(missing))


def complain(path: object, reason: object) -> None:
    """Write one line ``path: reason`` to stderr."""
    name, sentence = printable(str(path)), printable(" ".join(str(reason).split()))
    # Reasons name their file, as the window shows them without its path: once is enough here.
    sentence = sentence.removeprefix(f"{PurePath(name.rpartition('!')[2]).name}: ")
    sys.stderr.write(f"{name}: {sentence}\n")


def printable(text: str) -> str:
    """Return text that any terminal may be given: no control characters, no lone surrogates of odd names."""
    clean = "".join(c if c.isprintable() else "�" for c in text)
    return clean.encode("utf-8", "replace").decode("utf-8")


def images_of(collected: Collected, series: str | None, what: str) -> list[Stack]:
    """Return the image stacks, of one series if asked.

    Raises
    ------
    BadUsage
        If there is none.
    """
    stacks = [s for s in collected.catalogue.ordered_stacks() if any(f.instance.has_pixels for f in s.frames)]
    if series is not None:
        stacks = [s for s in stacks if s.series_instance_uid == series]
        if not stacks:
            raise BadUsage(f"{what}: no series {series} with pixel data.")
    if not stacks:
        raise BadUsage(f"{what}: no object with pixel data.")
    return stacks
