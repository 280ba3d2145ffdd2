"""The preferences page, made from the table in :mod:`workstation.settings`. A choice takes effect at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication, QSignalBlocker, Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from workstation.settings import SETTINGS, Setting, Settings
from workstation.ui import theme
from workstation.ui.number_boxes import DecimalBox, IntegerBox
from workstation.ui.widgets import WheelGuard, plain_label

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent


class Preferences(QWidget):
    """Every visible setting under the heading of its group."""

    def __init__(self, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setWindowTitle(self.tr("Preferences"))
        self._settings = settings
        self._wheel = WheelGuard(self)
        self._show: dict[str, Callable[[Any], None]] = {}
        self.editors: dict[str, QWidget] = {}
        self._cautions: dict[str, QLabel] = {}
        self._headings: dict[str, QLabel] = {}
        self._lay_out()
        self.destroyed.connect(settings.listen(self._follow))
        self.resize(620, 680)

    def show_group(self, name: str) -> None:
        """Bring a group into view, its first editor with the keyboard."""
        heading = self._headings.get(name)
        if heading is not None:
            if (page := self._area.widget()) is not None and (column := page.layout()) is not None:
                column.activate()
            self._area.verticalScrollBar().setValue(heading.y() - theme.GAP)
            first = next(setting.key for setting in SETTINGS if setting.group == name and not setting.hidden)
            self.editors[first].setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)

    def _follow(self, key: str, value: Any) -> None:
        if key in self._show:
            with QSignalBlocker(self.editors[key]):
                self._show[key](value)
        self._mind(key)

    def _mind(self, key: str) -> None:
        """Show the caution of a setting while it is not as it was."""
        if key in self._cautions:
            default = next(setting.default for setting in SETTINGS if setting.key == key)
            self._cautions[key].setVisible(self._settings[key] != default)

    def _editor(self, setting: Setting) -> QWidget:
        make = {bool: self._check, int: self._number, float: self._number}.get(setting.kind, self._line)
        editor = (self._choice if setting.choices else make)(setting)
        editor.setAccessibleName(_tr(setting.title))
        editor.setAccessibleDescription(_tr(setting.sentence))
        editor.installEventFilter(self._wheel)
        editor.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.editors[setting.key] = editor
        self._show[setting.key](self._settings[setting.key])
        return editor

    def _check(self, setting: Setting) -> QWidget:
        box = QCheckBox(_tr(setting.title))
        self._show[setting.key] = box.setChecked
        box.toggled.connect(lambda on: self._settings.set(setting.key, on))
        return box

    def _choice(self, setting: Setting) -> QWidget:
        box = QComboBox()
        for value, label in setting.choices:
            box.addItem(_tr(label), value)
        self._show[setting.key] = lambda value: box.setCurrentIndex(box.findData(value))
        box.currentIndexChanged.connect(lambda _number: self._settings.set(setting.key, box.currentData()))
        return box

    def _number(self, setting: Setting) -> QWidget:
        box: QSpinBox | QDoubleSpinBox = IntegerBox() if setting.kind is int else DecimalBox()
        low = setting.low if setting.low is not None else 0
        high = setting.high if setting.high is not None else 1_000_000
        if isinstance(box, QSpinBox):
            box.setRange(int(low), int(high))
        else:
            box.setRange(low, high)
            box.setDecimals(1)
        box.setSuffix(f" {setting.unit}" if setting.unit else "")
        box.setSpecialValueText(_tr(setting.zero) if setting.zero else "")
        box.setKeyboardTracking(False)
        self._show[setting.key] = box.setValue
        box.valueChanged.connect(lambda value: self._settings.set(setting.key, value))
        return box

    def _line(self, setting: Setting) -> QWidget:
        line = QLineEdit()
        self._show[setting.key] = line.setText
        line.editingFinished.connect(lambda: self._settings.set(setting.key, line.text()))
        return line

    def _lay_out(self) -> None:
        page = QWidget()
        page.setObjectName("panel")
        page.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        column = QVBoxLayout(page)
        column.setContentsMargins(2 * theme.GAP, theme.GAP, 2 * theme.GAP, 2 * theme.GAP)
        column.setSpacing(theme.GAP)
        visible = [setting for setting in SETTINGS if not setting.hidden]
        for group in dict.fromkeys(setting.group for setting in visible):
            column.addSpacing(theme.GAP)
            self._headings[group] = plain_label(_tr(group), "groupTitle")
            column.addWidget(self._headings[group])
            column.addLayout(self._form([setting for setting in visible if setting.group == group]))
        column.addStretch(1)
        self._area = area = QScrollArea()
        area.setWidget(page)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        defaults = QPushButton(self.tr("Restore defaults"))
        defaults.clicked.connect(self._settings.reset)
        bar = QHBoxLayout()
        bar.setContentsMargins(2 * theme.GAP, theme.GAP, 2 * theme.GAP, theme.GAP)
        bar.addWidget(plain_label(self.tr("Preferences"), "panelTitle"), 1)
        bar.addWidget(defaults)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(bar)
        whole.addWidget(area, 1)

    def _form(self, settings: list[Setting]) -> QGridLayout:
        form = QGridLayout()
        form.setHorizontalSpacing(2 * theme.GAP)
        form.setVerticalSpacing(3)
        form.setColumnStretch(1, 1)
        labels = [s for s in SETTINGS if not s.hidden and s.kind is not bool]
        width = max(self.fontMetrics().horizontalAdvance(_tr(s.title)) for s in labels) + 2 * theme.GAP
        for setting in settings:
            label = plain_label("" if setting.kind is bool else _tr(setting.title))
            label.setMinimumWidth(width)
            editor = self._editor(setting)
            editor.setMinimumWidth(
                300 if setting.kind is str and not setting.choices else max(editor.sizeHint().width(), 170)
            )
            label.setBuddy(editor)
            row = form.rowCount()
            form.addWidget(label, row, 0)
            form.addWidget(editor, row, 1, Qt.AlignmentFlag.AlignLeft)
            if setting.sentence:
                form.addWidget(_sentence(_tr(setting.sentence)), row + 1, 1)
            if setting.caution:
                self._cautions[setting.key] = caution = plain_label(_tr(setting.caution), "caution", wrap=True)
                caution.setMinimumWidth(300)
                caution.setContentsMargins(0, 0, 0, 8)
                form.addWidget(caution, row + 2, 1)
                self._mind(setting.key)
        return form


def _sentence(text: str) -> QWidget:
    label = plain_label(text, "dim", wrap=True)
    label.setMinimumWidth(300)
    label.setContentsMargins(0, 0, 0, 8)
    return label


def _tr(text: str) -> str:
    return QCoreApplication.translate("Settings", text) if text else ""
