"""F1 on a row of the header leads to what the element means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QAction, QKeyEvent

from workstation.dicom.plain_words import Described

if TYPE_CHECKING:
    from PySide6.QtWidgets import QTreeView

    from workstation.ui.header_model import HeaderModel


class RowWords(QObject):
    """Takes F1 from the window's sheet of keys while a row has the keyboard, and stands in the row's menu."""

    def __init__(self, table: QTreeView, model: HeaderModel) -> None:
        super().__init__(table)
        self._table, self._model = table, model
        # no shortcut of the action's own: two for one key would silence each other
        action = QAction(f"{self.tr('What is this?')}\tF1", table)
        action.triggered.connect(self.show_words)
        table.addAction(action)
        table.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() not in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress):
            return False
        if not isinstance(event, QKeyEvent) or event.key() != Qt.Key.Key_F1 or self._element() is None:
            return False
        if event.type() == QEvent.Type.KeyPress:
            self.show_words()
        event.accept()
        return True

    def show_words(self) -> None:
        """Open the page with the words of the current row."""
        from workstation.ui.words_page import words_page

        element = self._element()
        if element is not None:
            words_page(self._table.window()).show_element(element)

    def _element(self) -> Described | None:
        index = self._table.currentIndex()
        row = self._model.lines[index.row()].row if index.isValid() else None
        if row is None or row.tag.startswith("(FFFE"):
            return None
        return Described(row.keyword, row.name, row.tag, row.vr)
