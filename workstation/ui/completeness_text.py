"""What is said of a study's being whole: evidence with its sources, never that it is (N9)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

if TYPE_CHECKING:
    from workstation.library.completeness import Completeness

FEW = 3
"""Counts that agree and are named."""


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
