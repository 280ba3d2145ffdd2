"""The chip in a pane that shows key images only: which of them is on screen, and one click to see all again."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QWidget

STYLE = """
QPushButton { color: #ffd166; background: rgba(48, 40, 18, 235); border: 1px solid #8a6a1a;
  border-radius: 8px; padding: 1px 8px; font-size: 10px; min-height: 13px; text-align: left; }
QPushButton:hover { background: rgba(84, 70, 30, 240); }
"""


class KeyChip(QPushButton):
    """A small button over the picture, in the colour of a star."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setToolTip(self.tr("Show every image of the series again"))
        self.hide()

    def say(self, place: int, keys: int, count: int, room: int) -> None:
        """Say which key image is shown, from 1, of how many, and of how many images, within ``room`` pixels."""
        if not self.styleSheet():
            self.setStyleSheet(STYLE)
        long = self.tr("★ Key images only: {0} of {1}, of {2} images  ✕").format(place, keys, count)
        short = self.tr("★ Key images {0}/{1}  ✕").format(place, keys)
        looking = self.tr("★ Key images only: looking for them…  ✕")
        for text in (long, short) if keys else (looking, self.tr("★ …  ✕")):
            if text != self.text():
                self.setText(text)
                self.adjustSize()
            if self.width() <= room:
                break
