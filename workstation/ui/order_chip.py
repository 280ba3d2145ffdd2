"""The chip in a pane that says how its stack is ordered; a click opens the series doctor."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QWidget

from workstation.ui.widgets import plain

_STYLE = """
QPushButton {{ color: {color}; background: rgba(24, 26, 28, 225); border: 1px solid {border};
  border-radius: 8px; padding: 1px 8px; font-size: 10px; min-height: 13px; text-align: left; }}
QPushButton:hover {{ background: rgba(60, 64, 68, 230); }}
"""


class OrderChip(QPushButton):
    """A small button over the picture; amber where the order is doubtful."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._said: tuple[str, bool] | None = None
        self.move(6, 0)
        self.setToolTip(self.tr("Open the series doctor: position against index, with every event"))

    def say(self, text: str, warning: bool) -> None:
        """Show a sentence."""
        if self._said == (text, warning):
            return
        self._said = (text, warning)
        self.setText(plain(text))
        color, border = ("#f0b429", "#8a6a1a") if warning else ("#b9b6ae", "#44484c")
        self.setStyleSheet(_STYLE.format(color=color, border=border))
        self.adjustSize()
