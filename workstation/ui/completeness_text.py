"""What is said of a study's being whole: evidence with its sources, never that it is (N9)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

if TYPE_CHECKING:
    from workstation.library.completeness import Completeness
    from workstation.objects.completeness import Evidence, Light

FEW = 3
"""Counts that agree and are named."""
MOST = 12
"""Lines of a tooltip."""


def sentence(found: Completeness) -> str:
    """Return what speaks for or against it in one line."""
    tr = partial(QCoreApplication.translate, "CompletenessText")
    parts = [
        tr("{0} of {1} {2} – {3}").format(one.have, one.said, one.what, one.source)
        for one in found.evidence
        if one.missing
    ]
    parts += found.gaps
    if len(found.absent_classes) == 1:
        parts.append(tr("a kind of objects named in (0008,0062) is not here"))
    elif found.absent_classes:
        parts.append(tr("{0} kinds of objects named in (0008,0062) are not here").format(len(found.absent_classes)))
    if parts:
        return "△  " + "  ·  ".join(parts)
    if found.evidence:
        said = ", ".join(tr("{0} of {1} {2}").format(one.have, one.said, one.what) for one in found.evidence[:FEW])
        return tr("No evidence of missing images: {0}").format(said)
    return tr("No evidence of missing images; the headers speak of no counts.")


def chip(light: Light) -> str:
    """Return the few words on the row of a study."""
    tr = partial(QCoreApplication.translate, "CompletenessText")
    return tr("{0} missing?").format(light.missing) if light.missing else tr("not all here?")


def summary(light: Light) -> str:
    """Return what all lines together say; it is never said that a study is complete."""
    tr = partial(QCoreApplication.translate, "CompletenessText")
    if light.missing:
        return tr("Something speaks for missing objects: {0} by the source that says most.").format(light.missing)
    if light.doubtful:
        return tr("Something speaks for missing objects.")
    if light.evidence:
        return tr("No evidence of missing images.")
    return tr("No evidence of missing images; nothing that is open speaks of a count.")


def count(one: Evidence) -> str:
    """Return how many there are of how many, or both where there are more."""
    tr = partial(QCoreApplication.translate, "CompletenessText")
    return (
        tr("{0} of {1}").format(one.have, one.said)
        if one.have <= one.said
        else tr("{0}, where {1} are said").format(one.have, one.said)
    )


def detail(one: Evidence, *, hidden: bool) -> str:
    """Return which ones; names of files may be those of people."""
    return "" if hidden and one.code == "records" else one.detail


def lines(light: Light, *, hidden: bool, most: int = MOST) -> list[str]:
    """Return what speaks for missing images, a line for each source."""
    tr = partial(QCoreApplication.translate, "CompletenessText")
    found = [one for one in light.evidence if one.missing]
    told = [line(one, hidden=hidden) for one in found[:most]]
    if len(found) > most:
        told.append(tr("… and {0} more under What is missing?").format(len(found) - most))
    return told


def line(one: Evidence, *, hidden: bool) -> str:
    """Return one count with its source."""
    tr = partial(QCoreApplication.translate, "CompletenessText")
    text = tr("{0} {1} – {2}").format(count(one), one.what, one.source)
    which = detail(one, hidden=hidden)
    return f"{text}; {which}" if which else text
