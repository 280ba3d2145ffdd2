"""A table header with a field under each title: what is typed there is looked for in that column."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHeaderView, QLineEdit, QTableView

PAUSE = 120
"""Milliseconds of rest before what is typed is looked for."""
MARGIN = 3


class FilterHeader(QHeaderView):
    """Fields stand in the lower part; they move with the sections."""

    filters_changed = Signal()
    entered = Signal()
    """Enter was pressed in a field."""
    left = Signal()
    """A key leads from a field to the table."""

    def __init__(self, table: QTableView) -> None:
        super().__init__(Qt.Orientation.Horizontal, table)
        self._fields: dict[int, QLineEdit] = {}
        self.escaped: Callable[[], object] = lambda: False
        """Says whether Esc in a field was of use elsewhere."""
        self._shown = True
        self.setSectionsClickable(True)
        self.setHighlightSections(False)
        self.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self._later = QTimer(self, singleShot=True, interval=PAUSE)
        self._later.timeout.connect(self.filters_changed)
        for signal in (self.sectionResized, self.sectionMoved, self.geometriesChanged):
            signal.connect(self.place_fields)
        table.horizontalScrollBar().valueChanged.connect(self.place_fields)

    def set_fields(self, columns: Mapping[int, tuple[str, str]]) -> None:
        """Put a field under some columns: a hint and what assistive technology calls it."""
        for column, (hint, name) in columns.items():
            field = QLineEdit(self)
            field.setPlaceholderText(hint)
            field.setAccessibleName(name)
            field.setClearButtonEnabled(True)
            field.setProperty("small", True)
            field.setAcceptDrops(False)
            field.installEventFilter(self)
            field.textChanged.connect(lambda: self._later.start())
            self._fields[column] = field
        self.place_fields()

    def field(self, column: int) -> QLineEdit:
        """Return the field of a column."""
        return self._fields[column]

    def texts(self) -> dict[int, str]:
        """Return what is typed, by column."""
        return {column: field.text().strip() for column, field in self._fields.items() if field.text().strip()}

    def set_texts(self, texts: Mapping[int, str]) -> None:
        """Fill the fields, and empty all others."""
        for column, field in self._fields.items():
            field.setText(texts.get(column, ""))
        self._later.stop()

    def set_doubtful(self, column: int, reason: str) -> None:
        """Mark a field whose text is not understood, "" for one that is."""
        field = self._fields[column]
        if field.toolTip() != reason:
            field.setToolTip(reason)
            field.setProperty("doubtful", bool(reason))
            field.style().unpolish(field)
            field.style().polish(field)

    def sizeHint(self) -> QSize:
        size = super().sizeHint()
        return QSize(size.width(), size.height() + self._field_height() + 2 * MARGIN)

    def _field_height(self) -> int:
        return next((field.sizeHint().height() for field in self._fields.values()), 0)

    def place_fields(self, *_: object) -> None:
        """Put each field under its title."""
        height = self._field_height()
        top = self.height() - height - MARGIN
        for column, field in self._fields.items():
            left, width = self.sectionViewportPosition(column), self.sectionSize(column)
            field.setGeometry(left + MARGIN, top, max(0, width - 2 * MARGIN), height)
            field.setVisible(width > 2 * MARGIN and not self.isSectionHidden(column))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let Down and Enter lead to the table, Esc empty the field."""
        if isinstance(watched, QLineEdit) and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter):
                if event.key() != Qt.Key.Key_Down:
                    self.entered.emit()
                self.left.emit()
                return True
            if event.key() == Qt.Key.Key_Escape:
                if self.escaped():
                    pass
                elif watched.text():
                    watched.clear()
                else:
                    self.left.emit()
                return True
        return super().eventFilter(watched, event)
