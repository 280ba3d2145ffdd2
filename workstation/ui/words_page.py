"""Plain words: subjects and elements of DICOM on a small page beside the window's work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from workstation.dicom.plain_words import Described, Topic, described, glossary, topic_for, topics, words_for
from workstation.ui import theme
from workstation.ui.spoken import WORDS, spoken, told
from workstation.ui.widgets import plain, plain_label

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent

MOST = 60
"""Elements listed for a search; more are found by a longer word."""
KEY = Qt.ItemDataRole.UserRole


class WordsPage(QWidget):
    """A list with a filter on the left, what was chosen on the right; a window of its own that Esc closes."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Dialog)
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Plain words"))
        self.filter = QLineEdit()
        self.filter.setPlaceholderText(self.tr("Find a subject or an element"))
        self.filter.setAccessibleName(self.tr("Find a subject or an element"))
        self.filter.setClearButtonEnabled(True)
        self.list = QListWidget()
        self.list.setAccessibleName(self.tr("Subjects and elements"))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setSpacing(2)
        self.list.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.page = QScrollArea()
        self.page.setWidgetResizable(True)
        self.page.setFrameShape(QFrame.Shape.NoFrame)
        self.page.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.shown: list[str] = []
        """What the page says, heading by heading and paragraph by paragraph."""
        self._topics = {topic.id: topic for topic in topics()}
        self._lay_out()
        self.filter.textChanged.connect(self._list)
        self.filter.returnPressed.connect(self._choose_first)
        self.list.currentItemChanged.connect(self._choose)
        self._list()
        self.resize(820, 600)

    def show_topic(self, topic_id: str = "") -> None:
        """Show a subject, the first where none is named."""
        self.filter.clear()
        self._mark(topic_id or next(iter(self._topics)))

    def show_element(self, element: Described) -> None:
        """Show an element, also a private one, and the subject it belongs to."""
        self.filter.clear()
        topic = topic_for(element.keyword) or (None if element.keyword else self._topics.get("private"))
        with QSignalBlocker(self.list):
            self._mark(topic.id if topic is not None else "")
        self._write(element, topic)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            if self.filter.text():
                self.filter.clear()
            else:
                self.close()
        elif event.key() == Qt.Key.Key_Down and self.filter.hasFocus():
            self._choose_first()
        else:
            super().keyPressEvent(event)

    # the list

    def _list(self, text: str = "") -> None:
        """List subjects, and below them the elements that hold every word of the filter."""
        words = text.casefold().split()
        blocker = QSignalBlocker(self.list)
        self.list.clear()
        for topic in self._topics.values():
            text = " ".join(told(WORDS, part) for part in (topic.title, *topic.paragraphs)).casefold()
            if all(word in text for word in words):
                self._entry(told(WORDS, topic.title), topic.id)
        found = [each for each, searched in glossary() if words and all(word in searched for word in words)]
        if found:
            heading = QListWidgetItem(self.tr("Elements"), self.list)
            heading.setFlags(Qt.ItemFlag.NoItemFlags)
            heading.setFont(theme.resized(self.list.font(), 0, bold=True))
        for each in found[:MOST]:
            self._entry(each.name, each.keyword, element=True)
        if not self.list.count():
            nothing = QListWidgetItem(self.tr("Nothing found"), self.list)
            nothing.setFlags(Qt.ItemFlag.NoItemFlags)
        blocker.unblock()

    def _choose_first(self) -> None:
        if self.filter.text():
            rows = (row for row in range(self.list.count()) if self.list.item(row).data(KEY))
            first = next(rows, None)
            if first is not None:
                self.list.setFocus()
                self.list.setCurrentRow(first)

    def _entry(self, text: str, key: str, *, element: bool = False) -> None:
        item = QListWidgetItem(text, self.list)
        item.setData(KEY, (key, element))
        item.setToolTip(text)

    def _mark(self, topic_id: str) -> None:
        rows = range(self.list.count())
        row = next((row for row in rows if self.list.item(row).data(KEY) == (topic_id, False)), -1)
        if row < 0:
            self.list.clearSelection()
        self.list.setCurrentRow(row)

    def _choose(self, item: QListWidgetItem | None, *_: object) -> None:
        if item is None or item.data(KEY) is None:
            return
        key, element = item.data(KEY)
        if element:
            self._write(described(key), topic_for(key))
        else:
            self._write(None, self._topics[key])

    # the page

    def _lay_out(self) -> None:
        left = QVBoxLayout()
        left.setSpacing(theme.GAP)
        left.addWidget(self.filter)
        left.addWidget(self.list, 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.GAP, theme.GAP, theme.GAP, theme.GAP)
        row.setSpacing(2 * theme.GAP)
        row.addLayout(left, 5)
        row.addWidget(self.page, 8)

    def _write(self, element: Described | None, topic: Topic | None) -> None:
        """Write an element and its subject, or one of the two."""
        self.shown = []
        inside = QWidget()
        inside.setObjectName("panel")
        inside.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        column = QVBoxLayout(inside)
        column.setContentsMargins(theme.GAP, theme.GAP // 2, 2 * theme.GAP, theme.GAP)
        column.setSpacing(theme.GAP)
        if element is not None:
            self._write_element(column, element)
        if topic is not None:
            self._write_topic(column, topic)
        column.addStretch(1)
        self.page.setWidget(inside)

    def _write_element(self, column: QVBoxLayout, element: Described) -> None:
        column.addWidget(self._heading(element.name or element.keyword or element.tag))
        facts = plain_label(
            plain("   ".join(part for part in (element.tag, element.vr, element.keyword) if part)), "dim"
        )
        facts.setFont(theme.fixed_font(-0.5))
        column.addWidget(facts)
        none = self.tr("Nothing is written about this element.")
        private = self.tr("A private element: only its maker can say what it means.")
        column.addWidget(
            self._paragraph(told(WORDS, words_for(element.keyword)) or (none if element.keyword else private))
        )

    def _write_topic(self, column: QVBoxLayout, topic: Topic) -> None:
        if column.count():
            line = QFrame()
            line.setObjectName("dividingLine")
            line.setFixedHeight(1)
            column.addWidget(line)
        column.addWidget(self._heading(told(WORDS, topic.title)))
        for paragraph in topic.paragraphs:
            column.addWidget(self._paragraph(told(WORDS, paragraph)))
        if topic.ranges:
            column.addLayout(self._table(topic))

    def _table(self, topic: Topic) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(3 * theme.GAP)
        grid.setVerticalSpacing(theme.GAP // 2)
        grid.setColumnStretch(2, 1)
        for row, each in enumerate(topic.ranges):
            name, values = told(WORDS, each.name), plain_label(spoken(WORDS, each.text(topic.unit)))
            grid.addWidget(plain_label(name, "dim"), row, 0)
            grid.addWidget(values, row, 1, Qt.AlignmentFlag.AlignRight)
            self.shown.append(f"{name} {values.text()}")
        return grid

    def _heading(self, text: str) -> QLabel:
        label = plain_label(plain(text, 200), "panelTitle", wrap=True)
        label.setFont(theme.resized(label.font(), 2, bold=True))
        self.shown.append(label.text())
        return label

    def _paragraph(self, text: str) -> QLabel:
        label = plain_label(text, wrap=True)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.shown.append(text)
        return label


def words_page(parent: QWidget) -> WordsPage:
    """Return the page of a window, in front; it is made where it is not open."""
    there = next((page for page in parent.findChildren(WordsPage) if page.isVisible()), None)
    page = there if there is not None else WordsPage(parent)
    page.show()
    page.raise_()
    page.activateWindow()
    return page
