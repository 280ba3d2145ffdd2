"""Parts of the form of a node: a section of rows, each with room for what is wrong with it, and a line for a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from workstation.ui import theme
from workstation.ui.widgets import icon_button, plain_label

LABEL = 148
"""Width of the labels, so that the rows of all sections stand below each other."""
FIELD = 260
TALL = 30
"""Height of the label of a row that is higher than one line."""


class Section(QWidget):
    """Rows under a title; with ``optional`` the title is a box that shows or hides them."""

    switched = Signal(bool)

    def __init__(self, title: str, *, optional: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.switch: QCheckBox | None = None
        self._rows = QWidget()
        self._form = QGridLayout(self._rows)
        self._form.setContentsMargins(0, 0, 0, 0)
        self._form.setHorizontalSpacing(theme.GAP)
        self._form.setVerticalSpacing(4)
        self._form.setColumnMinimumWidth(0, LABEL)
        self._form.setColumnStretch(1, 1)
        self._faults: dict[str, QLabel] = {}
        self._editors: dict[str, QWidget] = {}
        self._labels: dict[str, QLabel] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, theme.GAP)
        column.setSpacing(6)
        column.addWidget(plain_label(title, "groupTitle"))
        if optional:
            self.switch = QCheckBox(optional)
            self.switch.toggled.connect(self._rows.setVisible)
            self.switch.toggled.connect(self.switched)
            self._rows.hide()
            column.addWidget(self.switch)
        column.addWidget(self._rows)

    def row(self, key: str, text: str, editor: QWidget, hint: str = "", *, field: QWidget | None = None) -> None:
        """Add a labelled editor; ``field`` is what the label and the fault belong to, if it is not the editor itself.

        A hint is a sentence below it.
        """
        field = field or editor
        number = self._form.rowCount()
        label = plain_label(text)
        label.setMinimumHeight(min(editor.sizeHint().height(), TALL))
        label.setBuddy(field)
        field.setAccessibleName(text)
        field.setAccessibleDescription(hint)
        self._form.addWidget(label, number, 0, Qt.AlignmentFlag.AlignTop)
        self._form.addWidget(editor, number, 1)
        self._labels[key], self._editors[key] = label, field
        self._faults[key] = fault = plain_label("", "problem", wrap=True)
        fault.hide()
        self._form.addWidget(fault, number + 1, 1)
        if hint:
            self._form.addWidget(plain_label(hint, "dim", wrap=True), number + 2, 1)

    def wide(self, widget: QWidget) -> None:
        """Add something without a label."""
        self._form.addWidget(widget, self._form.rowCount(), 1)

    def show_row(self, key: str, shown: bool) -> None:
        """Show or hide a row."""
        editor = self._editors[key]
        holder = editor if self._form.indexOf(editor) >= 0 else editor.parentWidget()
        self._labels[key].setVisible(shown)
        (holder or editor).setVisible(shown)
        self._faults[key].setVisible(shown and bool(self._faults[key].text()))

    def show_faults(self, faults: Mapping[str, str]) -> None:
        """Say beside each field what is wrong with it."""
        for key, label in self._faults.items():
            said = faults.get(key, "")
            if said == label.text():
                continue
            label.setText(said)
            label.setVisible(bool(said))
            editor = self._editors[key]
            editor.setAccessibleDescription(said)
            editor.setProperty("faulty", bool(said))
            editor.style().unpolish(editor)
            editor.style().polish(editor)


class FileLine(QWidget):
    """The path of a file, typed or chosen."""

    changed = Signal()

    def __init__(self, title: str, kinds: str) -> None:
        super().__init__()
        self._title, self._kinds = title, kinds
        self.line = QLineEdit()
        self.line.textChanged.connect(self.changed)
        choose = icon_button("folder", self.tr("Choose a file: {0}").format(title))
        choose.clicked.connect(self._choose)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self.line, 1)
        row.addWidget(choose)
        self.setFocusProxy(self.line)

    def _choose(self) -> None:
        dialog = QFileDialog(self, self._title)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters([self._kinds, self.tr("All files (*)")])
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self.line.setText)
        dialog.open()


def beside(*widgets: QWidget, stretch: bool = True) -> QWidget:
    """Return widgets in one row."""
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(theme.GAP)
    for widget in widgets:
        row.addWidget(widget)
    if stretch:
        row.addStretch(1)
    return holder


def all_of(widget: QWidget, kind: type[QWidget], use: Callable[[QWidget], object]) -> None:
    """Call ``use`` with every widget of a kind below another."""
    for one in widget.findChildren(kind):
        use(one)
