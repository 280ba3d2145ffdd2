"""What differs: along a series, from one image to the next, between two images or series (features N8)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QFontMetrics, QGuiApplication, QKeyEvent, QKeySequence, QMouseEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QStackedLayout,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from workstation.ui import theme
from workstation.ui.differ_model import DifferModel, Row, label_of
from workstation.ui.heat_strip import HeatStrip, slice_at
from workstation.ui.widgets import ElidedLabel, EmptyNote, icon_button, plain, plain_label

if TYPE_CHECKING:
    from workstation.objects.header_differences import Difference, Variation

FILTER_DELAY = 120
STRIP = 5
"""Column of the heat strip."""
SHARE = 0.72
"""Most of the table's width that the other columns take at first."""


class DifferTable(QTreeView):
    """The lines; a click into a strip asks for that image."""

    slice_requested = Signal(int)

    def __init__(self, model: DifferModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lines = model
        self.setModel(model)
        self.setRootIsDecorated(False)
        self.setIndentation(0)
        self.setUniformRowHeights(True)
        self.setAllColumnsShowFocus(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.header().setStretchLastSection(True)
        self.header().setSectionsClickable(True)
        self.header().setSortIndicatorShown(False)
        self.header().sectionClicked.connect(self._sort)
        self._sorted: tuple[int, bool] = (-1, False)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        self._ask(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._ask(event)

    def _ask(self, event: QMouseEvent) -> None:
        at = event.position().toPoint()
        index = self.indexAt(at)
        if not index.isValid() or index.column() != STRIP:
            return
        variation = self.lines.rows[index.row()].variation
        if variation is not None:
            cell: QRect = self.visualRect(index)
            self.slice_requested.emit(slice_at(cell, at.x(), len(variation.strip)))

    def _sort(self, column: int) -> None:
        """Sort by a column, then the other way, then in tag order again."""
        was, down = self._sorted
        if column == STRIP or (column == was and down):
            self._sorted = (-1, False)
        else:
            self._sorted = (column, column == was)
        order = Qt.SortOrder.DescendingOrder if self._sorted[1] else Qt.SortOrder.AscendingOrder
        self.header().setSortIndicatorShown(self._sorted[0] >= 0)
        self.header().setSortIndicator(self._sorted[0], order)
        self.lines.sort(self._sorted[0], order)


class DifferPanel(QWidget):
    """Shows what it is given; what is compared with what is chosen here."""

    seen = Signal()
    chosen = Signal()
    """Something else is to be compared."""
    slice_requested = Signal(int)
    """Index in the ordered stack, from 0."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(self.tr("Differences"))
        self.model = DifferModel(self.tr("hidden"), self)
        self.table = DifferTable(self.model)
        self.table.setAccessibleName(self.tr("What differs"))
        self.strip = HeatStrip(self)
        self.table.setItemDelegateForColumn(STRIP, self.strip)
        self.title = ElidedLabel()
        self.summary = plain_label("", "dim")
        self.what = QComboBox()
        self.what.setAccessibleName(self.tr("What is compared"))
        self.what.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.what.setMinimumContentsLength(12)
        self.filter = QLineEdit()
        self.filter.setPlaceholderText(self.tr("Filter by keyword, tag or value"))
        self.filter.setAccessibleName(self.tr("Filter the differences"))
        self.filter.setClearButtonEnabled(True)
        self.uids = QCheckBox(self.tr("UIDs"))
        self.uids.setToolTip(self.tr("Show unique identifiers too, which differ in every image"))
        self._widths: tuple[str, ...] = ()
        self._lay_out()
        self._make_copying()
        self._later = QTimer(self, singleShot=True, interval=FILTER_DELAY)
        self._later.timeout.connect(self._apply_filter)
        self.filter.textChanged.connect(self._later.start)
        self.what.activated.connect(self.chosen)
        self.uids.toggled.connect(self.chosen)
        self.table.slice_requested.connect(self.slice_requested)

    # what is compared

    def set_choices(self, choices: Sequence[tuple[str, object]]) -> None:
        """Offer what can be compared, names with their data; the choice stays where it is still there."""
        now = [(self.what.itemText(n), self.what.itemData(n)) for n in range(self.what.count())]
        if now == list(choices):
            return
        kept = self.choice()
        self.what.blockSignals(True)
        self.what.clear()
        for name, data in choices:
            self.what.addItem(plain(name, 80), data)
        place = next((n for n, (_, data) in enumerate(choices) if data == kept), 0)
        self.what.setCurrentIndex(place)
        self.what.blockSignals(False)

    def choice(self) -> object:
        """Return the data of what is chosen."""
        return self.what.currentData()

    def choose(self, data: object) -> None:
        """Choose what is compared, as a click does."""
        for number in range(self.what.count()):
            if self.what.itemData(number) == data:
                self.what.setCurrentIndex(number)
                self.chosen.emit()

    # showing

    def show_varying(self, title: str, variations: Sequence[Variation], here: Sequence[str], current: int) -> None:
        """Show what varies along a series; ``here`` are the values of the image ``current``."""
        rows = []
        for variation, value in zip(variations, here, strict=True):
            element = variation.element
            if element.vr == "UI" and not self.uids.isChecked():
                continue
            count = str(variation.distinct)
            if variation.missing:
                count += " " + self.tr("({} without)").format(variation.missing)
            cells = (label_of(element), element.tag, value, count, variation.shown, "")
            rows.append(Row(element, cells, variation))
        titles = (self.tr("Attribute"), self.tr("Tag"), self.tr("This image"), self.tr("Values"), self.tr("Range"))
        self.strip.current = current
        self._show(title, (*titles, self.tr("Along the images")), rows)
        self.table.viewport().update()

    def show_differences(self, title: str, sides: tuple[str, str], found: Sequence[Difference]) -> None:
        """Show two values for each element that has two."""
        rows = []
        for one in found:
            if one.element.vr == "UI" and not self.uids.isChecked():
                continue
            sign = {"added": "+ ", "removed": "− "}.get(one.kind, "")
            cells = (sign + label_of(one.element), one.element.tag, one.left, one.right)
            rows.append(Row(one.element, cells, kind=one.kind))
        self._show(title, (self.tr("Attribute"), self.tr("Tag"), *(plain(side, 60) for side in sides)), rows)

    def set_current(self, current: int, here: Sequence[str] | None = None) -> None:
        """Mark another image in the strips."""
        self.strip.current = current
        self.table.viewport().update()

    def clear(self, why: str = "") -> None:
        """Show that nothing is compared."""
        self.model.set_rows((), ())
        self._note.advice.setText(why or self.advice)
        self._pages.setCurrentIndex(1)

    def set_identity_hidden(self, hidden: bool) -> None:
        """Leave identity out, or show it again."""
        if hidden != self.model.hidden:
            self.model.hidden = hidden
            self.chosen.emit()
            self.table.viewport().update()

    def copy(self) -> None:
        """Copy every line the filter leaves."""
        QGuiApplication.clipboard().setText(f"{self.title.text()}\n{self.model.text()}")

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.seen.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.filter.text():
            self.filter.clear()
        else:
            super().keyPressEvent(event)

    def _show(self, title: str, titles: tuple[str, ...], rows: Sequence[Row]) -> None:
        self.title.set_text(title)
        self.model.set_rows(titles, rows)
        self._pages.setCurrentIndex(0)
        self._say_found()
        if titles != self._widths:
            self._fit_columns(titles)

    def _say_found(self) -> None:
        left, total = len(self.model.rows), self.model.total
        if not total:
            self.summary.setText(self.tr("nothing differs"))
        elif left != total:
            self.summary.setText(self.tr("{} of {} elements").format(left, total))
        else:
            self.summary.setText(self.tr("1 element") if total == 1 else self.tr("{} elements").format(total))

    def _apply_filter(self) -> None:
        self.model.set_filter(self.filter.text())
        self._say_found()

    def _fit_columns(self, titles: tuple[str, ...]) -> None:
        """Give columns their widths when others are shown; until then they are the reader's."""
        self._widths = titles
        digit = self.fontMetrics().horizontalAdvance("0")
        tag = QFontMetrics(theme.fixed_font(-0.5)).horizontalAdvance("(0028,0010)") + 18
        firm = {1: tag, 3: 9 * digit} if len(titles) > STRIP else {1: tag}
        soft = {0: 30 * digit, 2: 24 * digit, 4: 30 * digit} if len(titles) > STRIP else {0: 34 * digit, 2: 36 * digit}
        room = SHARE * max(self.table.viewport().width(), 400) - sum(firm.values())
        narrow = min(1.0, max(room, 100) / sum(soft.values()))
        for column, width in (firm | {column: round(width * narrow) for column, width in soft.items()}).items():
            self.table.header().resizeSection(column, width)

    def _make_copying(self) -> None:
        action = QAction(self.tr("Copy all shown"), self)
        action.setShortcut(QKeySequence(QKeySequence.StandardKey.Copy))
        action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        action.triggered.connect(self.copy)
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self.table.addAction(action)

    def _lay_out(self) -> None:
        copying = icon_button("copy", self.tr("Copy all shown"))
        copying.clicked.connect(self.copy)
        bar = QWidget()
        bar.setObjectName("panelBar")
        bar.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        row = QHBoxLayout(bar)
        row.setContentsMargins(6, 5, 6, 5)
        row.setSpacing(6)
        row.addWidget(self.what, 1)
        row.addWidget(self.filter, 2)
        row.addWidget(self.uids)
        row.addWidget(copying)
        heading = QHBoxLayout()
        heading.setContentsMargins(theme.GAP, 6, theme.GAP, 2)
        heading.addWidget(self.title, 1)
        heading.addWidget(self.summary)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(heading)
        column.addWidget(bar)
        column.addWidget(self.table, 1)
        for table_header in (self.table.header(),):
            table_header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.advice = self.tr("Open a series: every element that is not the same in all of its images is listed here.")
        self._note = EmptyNote("report", self.tr("Nothing to compare"), self.advice)
        self._pages = QStackedLayout(self)
        self._pages.addWidget(content)
        self._pages.addWidget(self._note)
        self._pages.setCurrentIndex(1)
