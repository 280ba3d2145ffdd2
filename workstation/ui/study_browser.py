"""The study browser: Patient > Study > Series > stacks with thumbnails.

Nothing here moves by itself: while files arrive, what is selected, open or in view stays where it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QMimeData, QModelIndex, QPersistentModelIndex, QPoint, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QDrag, QImage, QKeyEvent, QMouseEvent, QPainter, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLineEdit,
    QStackedLayout,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from workstation.dicom.identity import Patient
from workstation.ui import theme
from workstation.ui.keyed_tree import KeyedTreeModel, Node
from workstation.ui.study_delegate import Marks, StudyDelegate
from workstation.ui.study_rows import BrowserRow, RowWriter
from workstation.ui.widgets import EmptyNote, plain_label, tooltip

if TYPE_CHECKING:
    from workstation.geometry.stack import Stack
    from workstation.objects.completeness import Light

STACK_MIME = "application/x-dicom-workstation-stack"
_NOTHING = BrowserRow("", "", "", "")


class StudyModel(KeyedTreeModel):
    """Rows as text for views, screen readers and drags."""

    def row_at(self, index: QModelIndex | QPersistentModelIndex) -> BrowserRow:
        return self.value(index) or _NOTHING

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.row_at(index).title
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return str(self.row_at(index))
        if role == Qt.ItemDataRole.ToolTipRole:
            return tooltip(self.row_at(index).tip)
        return None

    def flags(self, index: QModelIndex | QPersistentModelIndex) -> Qt.ItemFlag:
        flags = super().flags(index)
        return flags | Qt.ItemFlag.ItemIsDragEnabled if self.row_at(index).stack_id else flags

    def mimeTypes(self) -> list[str]:
        return [STACK_MIME]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        data = QMimeData()
        if indexes:
            data.setData(STACK_MIME, self.row_at(indexes[0]).stack_id.encode())
        return data


class StudyTree(QTreeView):
    """The view; tells which row was activated and whether a new pane is meant."""

    row_activated = Signal(QModelIndex, bool)
    looked_elsewhere = Signal()

    def __init__(self, marks: Marks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._marks = marks
        self.setHeaderHidden(True)
        self.setIndentation(13)
        self.setMouseTracking(True)
        self.setExpandsOnDoubleClick(False)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setDragEnabled(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setAcceptDrops(False)
        self.viewport().setAcceptDrops(False)
        self.setAccessibleName(self.tr("Studies"))
        self.verticalScrollBar().valueChanged.connect(self.looked_elsewhere)
        self.expanded.connect(self.looked_elsewhere)
        self.collapsed.connect(self.looked_elsewhere)

    def study_model(self) -> StudyModel:
        model = self.model()
        assert isinstance(model, StudyModel)
        return model

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.row_activated.emit(self.currentIndex(), bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier))
            return
        super().keyPressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and event.button() == Qt.MouseButton.LeftButton:
            self.row_activated.emit(index, bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier))
            return
        super().mouseDoubleClickEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and event.button() == Qt.MouseButton.MiddleButton:
            self.row_activated.emit(index, True)
            return
        super().mouseReleaseEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.looked_elsewhere.emit()

    def startDrag(self, supportedActions: Qt.DropAction) -> None:
        index = self.currentIndex()
        stack_id = self.study_model().row_at(index).stack_id
        if not stack_id:
            return
        drag = QDrag(self)
        drag.setMimeData(self.study_model().mimeData([index]))
        if (drawn := self._marks.thumbnail(stack_id, self.devicePixelRatioF())) is not None:
            drag.setPixmap(drawn)
            drag.setHotSpot(QPoint(12, 12))
        drag.exec(Qt.DropAction.CopyAction)

    def drawBranches(self, painter: QPainter, rect: QRect, index: QModelIndex | QPersistentModelIndex) -> None:
        kind = self.study_model().row_at(index).kind
        if kind == "patient":
            painter.fillRect(rect, theme.current()["raised"])
        if not self.model().rowCount(index):
            return
        name = "chevron-down" if self.isExpanded(index) else "chevron-right"
        corner = QPoint(rect.right() - 11, rect.center().y() - 6)
        painter.drawPixmap(corner, theme.pixmap(name, 12, self.devicePixelRatioF(), "text-dim"))

    def visible_rows(self) -> list[QModelIndex]:
        """Return the rows in view, top to bottom."""
        rows = []
        index = self.indexAt(QPoint(2, 1))
        bottom = self.viewport().height()
        while index.isValid() and self.visualRect(index).top() < bottom:
            rows.append(index)
            index = self.indexBelow(index)
        return rows


class StudyBrowser(QWidget):
    """The tree with its filter line."""

    stack_activated = Signal(str, bool)
    """Stack id, and whether a new pane is meant."""
    object_activated = Signal(str)
    """Key of a series without images."""
    thumbnails_wanted = Signal(list)
    """Ids of the stacks in view that have no thumbnail yet, top to bottom."""
    menu_requested = Signal(object, QPoint)
    """The :class:`BrowserRow` under the pointer and the place on the screen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._writer = RowWriter()
        self._marks = Marks()
        self._patients: tuple[Patient, ...] = ()
        self._stacks: Mapping[str, tuple[Stack, ...]] = {}
        self._asked: list[str] = []
        self._narrowed = False
        self.model = StudyModel(self)
        self.tree = StudyTree(self._marks)
        self.tree.setModel(self.model)
        self.tree.setItemDelegate(StudyDelegate(self.model.row_at, self._marks, self.tree))
        self.filter = QLineEdit()
        self.filter.setPlaceholderText(self.tr("Filter series"))
        self.filter.setAccessibleName(self.tr("Filter series"))
        self.filter.setClearButtonEnabled(True)
        self.count = plain_label("", "dim")
        self._lay_out()
        self._later = QTimer(self, singleShot=True, interval=40)
        self._later.timeout.connect(self._ask_for_thumbnails)
        self.filter.textChanged.connect(self._apply_filter)
        self.tree.looked_elsewhere.connect(self._later.start)
        self.tree.row_activated.connect(self._activate)
        self.model.rowsInserted.connect(self._open_new)
        self.tree.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.tree.customContextMenuRequested.connect(self._ask_for_menu)

    def set_patients(self, patients: tuple[Patient, ...], stacks: Mapping[str, tuple[Stack, ...]]) -> None:
        """Show what is open. ``stacks`` maps the key of a series to its stacks."""
        self._patients, self._stacks = patients, stacks
        self._marks.keep_only({stack.id for group in stacks.values() for stack in group})
        self._renew()

    def set_thumbnail(self, stack_id: str, image: QImage) -> None:
        """Give the thumbnail of a stack; any size, shown by its aspect."""
        self._marks.set_thumbnail(stack_id, image)
        self.tree.viewport().update()

    def set_shown(self, labels: Mapping[str, str]) -> None:
        """Mark the stacks that panes show: stack id -> pane label. What was shown once stays marked viewed."""
        self._marks.shown = dict(labels)
        self._marks.viewed.update(labels)
        self.tree.viewport().update()

    def set_lights(self, lights: Mapping[str, Light]) -> None:
        """Mark the studies of which something speaks for missing images: key of the study -> all that is known."""
        doubtful = {key: light for key, light in lights.items() if light.doubtful}
        if doubtful != self._writer.lights:
            self._writer.lights = doubtful
            self._renew()

    def set_identity_hidden(self, hidden: bool) -> None:
        """Show names and numbers, or keep them off the screen."""
        self._writer.hidden = hidden
        self._renew()

    def set_ideographic_first(self, first: bool) -> None:
        """Show a name in its own characters before the alphabetic form."""
        self._writer.ideographic_first = first
        self._renew()

    def current_row(self) -> BrowserRow | None:
        """Return the selected row."""
        index = self.tree.currentIndex()
        return self.model.row_at(index) if index.isValid() else None

    def select_stack(self, stack_id: str) -> None:
        """Select the row of a stack, for keys that step through the series."""
        for node in self.model.walk():
            row: BrowserRow = node.branch.value
            if row.stack_id == stack_id and row.pictured:
                self.tree.setCurrentIndex(self.model.index_of(node))
                return

    def _renew(self) -> None:
        bar = self.tree.verticalScrollBar()
        held = QPersistentModelIndex(self.tree.indexAt(QPoint(2, 1))) if bar.maximum() else QPersistentModelIndex()
        before = self.tree.visualRect(held).top() if held.isValid() else 0
        self.model.set_tree(self._writer.tree(self._patients, self._stacks))
        self._apply_filter()
        if held.isValid():
            moved = self.tree.visualRect(held).top() - before
            if moved:
                bar.setValue(bar.value() + moved)
        self._pages.setCurrentIndex(0 if self._patients else 1)
        self._later.start()

    def _open_new(self, parent: QModelIndex, first: int, last: int) -> None:
        """Open rows as they come; what the user closed later stays closed."""
        if self.model.rowCount(parent) == last - first + 1:
            self.tree.expand(parent)
        for place in range(first, last + 1):
            self.tree.expandRecursively(self.model.index(place, 0, parent))

    def _apply_filter(self) -> None:
        words = self.filter.text().casefold().split()
        series = [node for node in self.model.walk() if node.branch.value.kind == "series"]
        shown = self._narrow(series, words) if words or self._narrowed else len(series)
        self._narrowed = bool(words)
        text = self.tr("{} of {} shown").format(shown, len(series)) if words else self.tr("{} series").format(shown)
        self.count.setText(text if series else "")
        self._later.start()

    def _narrow(self, series: Sequence[Node], words: Sequence[str]) -> int:
        """Hide the series that lack a word, and what holds only such; return how many are left."""
        filled: set[int] = set()
        for node in series:
            text = _words(node)
            fits = all(word in text for word in words)
            self._hide(node, not fits)
            step = node if fits else None
            while step is not None:
                filled.add(step.number)
                step = step.parent
        for node in self.model.walk():
            if node.branch.value.kind in {"patient", "study"}:
                self._hide(node, bool(words) and node.number not in filled)
        return sum(node.number in filled for node in series)

    def _hide(self, node: Node, hidden: bool) -> None:
        above = self.model.index_of(node.parent) if node.parent else QModelIndex()
        if self.tree.isRowHidden(node.row, above) != hidden:
            self.tree.setRowHidden(node.row, above, hidden)

    def _activate(self, index: QModelIndex, new_pane: bool) -> None:
        row = self.model.row_at(index)
        if row.stack_id:
            self.stack_activated.emit(row.stack_id, new_pane)
        elif row.kind == "series":
            self.object_activated.emit(row.key)
        else:
            self.tree.setExpanded(index, not self.tree.isExpanded(index))

    def _ask_for_menu(self, place: QPoint) -> None:
        index = self.tree.indexAt(place)
        if index.isValid():
            self.menu_requested.emit(self.model.row_at(index), self.tree.viewport().mapToGlobal(place))

    def _ask_for_thumbnails(self) -> None:
        if not self.isVisible():
            return
        rows = [self.model.row_at(index) for index in self.tree.visible_rows()]
        wanted = [row.stack_id for row in rows if row.pictured and row.stack_id]
        wanted = [stack_id for stack_id in wanted if not self._marks.has_thumbnail(stack_id)]
        if wanted != self._asked:
            self._asked = wanted
            self.thumbnails_wanted.emit(list(wanted))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.filter.text():
            self.filter.clear()
        elif event.key() == Qt.Key.Key_Down and self.filter.hasFocus():
            self.tree.setFocus()
        else:
            super().keyPressEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._later.start()

    def _lay_out(self) -> None:
        bar = QWidget()
        bar.setObjectName("panelBar")
        bar.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        row = QHBoxLayout(bar)
        row.setContentsMargins(6, 5, 8, 5)
        row.setSpacing(theme.GAP)
        row.addWidget(self.filter, 1)
        row.addWidget(self.count)
        listed = QWidget()
        column = QVBoxLayout(listed)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(bar)
        column.addWidget(self.tree, 1)
        self.empty = EmptyNote(
            "folder",
            self.tr("Nothing is open"),
            self.tr("Drop files, a folder, a ZIP or a disc here, or press Ctrl+O."),
        )
        self.setFocusProxy(self.tree)
        self._pages = QStackedLayout(self)
        self._pages.addWidget(listed)
        self._pages.addWidget(self.empty)
        self._pages.setCurrentIndex(1)


def _words(node: Node) -> str:
    """Return what a series is found by: its own words and those of the rows above."""
    words = ""
    step: Node | None = node
    while step is not None and step.branch.value is not None:
        words += f" {step.branch.value.search}"
        step = step.parent
    return words.casefold()
