"""What the text over a picture means, when the pointer rests on it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QToolTip

from workstation.ui.spoken import WORDS
from workstation.ui.spoken import told as in_words
from workstation.ui.widgets import tooltip

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from workstation.ui.pane_overlay import PaneOverlay

_ELEMENTS = (
    (re.compile(r"W \S+ L "), ("WindowWidth", "WindowCenter")),
    (re.compile(r"T \S+ mm"), ("SliceThickness",)),
    (re.compile(r"T[RE] .* ms"), ("RepetitionTime", "EchoTime")),
    (re.compile(r"\S+ kV"), ("KVP", "XRayTubeCurrent")),
    (re.compile(r"[HF]F[SPD][RL]?$"), ("PatientPosition",)),
    (re.compile(r"LOSSY"), ("LossyImageCompression",)),
    (re.compile(r"burned-in"), ("BurnedInAnnotation",)),
)
"""Lines that show elements: how they begin, and what they show."""


class PaneWords(QObject):
    """Answers a pane's tooltip requests over corner text and the star."""

    def __init__(self, pane: QWidget, overlay: PaneOverlay) -> None:
        super().__init__(pane)
        self._pane, self._overlay = pane, overlay
        pane.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() != QEvent.Type.ToolTip or not isinstance(event, QHelpEvent):
            return False
        at = event.pos()
        on_star = self._overlay.star_place().contains(at.toPointF())
        line = "" if on_star else self._overlay.line_at(at)
        words = self.tr("A key image: K takes the star away.") if on_star else self.words_of(line)
        if not words:
            QToolTip.hideText()
            return False
        QToolTip.showText(event.globalPos(), tooltip(words), self._pane)
        return True

    def words_of(self, line: str) -> str:
        """Return what a line of corner text means, empty where it speaks for itself."""
        from workstation.dicom.plain_words import words_for

        told = []
        for part in line.split(" · "):
            if part.startswith("Pos "):
                told.append(
                    self.tr(
                        "Where the slice lies along the direction in which slices are stacked, from their positions."
                    )
                )
            keywords = next((keywords for begins, keywords in _ELEMENTS if begins.match(part)), ())
            told += [in_words(WORDS, words_for(keyword)) for keyword in keywords]
        if line.startswith("W ") and " HU" in line:
            told.append(self.tr("HU are Hounsfield units: air is −1000, water 0, soft tissue about 20 to 70."))
        return "\n".join(told)
