"""What speaks for or against one study being all there, each count with its source (N9)."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QGuiApplication, QIcon, QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QPushButton,
    QStackedLayout,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from workstation.objects.completeness import Evidence, Light
from workstation.ui import completeness_text, theme
from workstation.ui.widgets import ElidedLabel, EmptyNote, plain, plain_label, tooltip

TONE = Qt.ItemDataRole.UserRole
MOST_LINES = 2000


class CompletenessPanel(QWidget):
    """The lines of one study, what speaks for missing images first."""

    seen = Signal()
    """It is on screen and wants its lines."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._light: Light | None = None
        self._hidden = False
        self.title = ElidedLabel()
        self.summary = plain_label("", "dim", wrap=True)
        self.copying = QPushButton(self.tr("Copy as text"))
        self.copying.clicked.connect(self.copy)
        self.tree = QTreeWidget()
        self.tree.setHeaderLabels(
            [self.tr("Of what"), self.tr("Open"), self.tr("Said by"), self.tr("Which are missing")]
        )
        self.tree.setRootIsDecorated(False)
        self.tree.setUniformRowHeights(True)
        self.tree.setAllColumnsShowFocus(True)
        self.tree.setAccessibleName(self.tr("What speaks for missing images"))
        for column in range(self.tree.columnCount()):
            self.tree.headerItem().setTextAlignment(column, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        width = self.tree.fontMetrics().horizontalAdvance("0")
        for column, letters in enumerate((50, 14, 28)):
            self.tree.header().resizeSection(column, letters * width)
        self._lay_out()

    def show_light(self, title: str, light: Light) -> None:
        """Show what is known of a study."""
        self._light = light
        self.title.set_text(title)
        self._renew()

    def wait(self, title: str) -> None:
        """Say that the study is being read: what is not here yet is not missing."""
        self._light = None
        self.title.set_text(title)
        self.summary.setText(self.tr("Being read…"))
        self.copying.setEnabled(False)
        self.tree.clear()
        self._pages.setCurrentIndex(0)

    def clear(self) -> None:
        """Show that no study is looked at."""
        self._light = None
        self.tree.clear()
        self._pages.setCurrentIndex(1)

    def set_identity_hidden(self, hidden: bool) -> None:
        """Hide the names of files, which may be those of people, or show them again."""
        if hidden != self._hidden:
            self._hidden = hidden
            self._renew()

    def text(self) -> str:
        """Return everything as plain text."""
        if self._light is None:
            return ""
        told = [completeness_text.line(one, hidden=self._hidden) for one in self._light.evidence]
        return "\n".join([self.title.text(), completeness_text.summary(self._light), *told]) + "\n"

    def copy(self) -> None:
        """Copy everything as plain text."""
        if self._light is not None:
            QGuiApplication.clipboard().setText(self.text())

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            for place in range(self.tree.topLevelItemCount()):
                if (item := self.tree.topLevelItem(place)) is not None:
                    _mark(item)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.seen.emit()

    def _renew(self) -> None:
        light = self._light
        if light is None:
            return
        self.summary.setText(completeness_text.summary(light))
        self.copying.setEnabled(True)
        self.tree.clear()
        self.tree.addTopLevelItems([self._item(one) for one in light.evidence[:MOST_LINES]])
        rest = len(light.evidence) - MOST_LINES
        if rest > 0:
            self.tree.addTopLevelItem(QTreeWidgetItem([self.tr("… and {0} more in the copy").format(rest)]))
        self._pages.setCurrentIndex(0)

    def _item(self, one: Evidence) -> QTreeWidgetItem:
        detail = completeness_text.detail(one, hidden=self._hidden)
        texts = (one.what, completeness_text.count(one), one.source, detail)
        item = QTreeWidgetItem([plain(text) for text in texts])
        for column, text in enumerate(texts):
            item.setToolTip(column, tooltip(text))
        item.setData(0, TONE, ("info" if one.aside else "warning") if one.missing else "")
        _mark(item)
        return item

    def _lay_out(self) -> None:
        bar = QWidget()
        bar.setObjectName("panelBar")
        bar.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        row = QHBoxLayout(bar)
        row.setContentsMargins(theme.GAP, 5, 6, 5)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.title)
        words.addWidget(self.summary)
        row.addLayout(words, 1)
        row.addWidget(self.copying)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(bar)
        column.addWidget(self.tree, 1)
        self._pages = QStackedLayout(self)
        self._pages.addWidget(content)
        advice = self.tr(
            "Show a series in a pane or click a study in the tree: what speaks for missing images is listed here."
        )
        self._pages.addWidget(EmptyNote("check", self.tr("No study to look at"), advice))
        self._pages.setCurrentIndex(1)


def _mark(item: QTreeWidgetItem) -> None:
    """Draw the mark of a line in the colours of the theme; counts that agree get none that would praise."""
    tone = item.data(0, TONE)
    if tone is not None:
        name = tone or "check"
        item.setIcon(0, QIcon(theme.pixmap(name, 16, 2.0, tone or "text-off")))
