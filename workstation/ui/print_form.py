"""The fields of the print page: what is printed, on what sheet, and what only a film printer or only paper knows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from workstation.network import film
from workstation.ui import theme
from workstation.ui.number_boxes import IntegerBox
from workstation.ui.widgets import plain_label, tooltip

if TYPE_CHECKING:
    from workstation.network.film import FilmOptions

KINDS = ("view", "layout", "image", "frames")
PAPERS = ("A4", "A3", "8_5INX11IN", "11INX17IN")
FIELD = 128
"""Least width of a field, logical pixels."""


class Fields(QWidget):
    """A grid of labels and fields, two to a row."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.grid = QGridLayout(self)
        self.grid.setContentsMargins(0, 0, 0, 0)
        self.grid.setHorizontalSpacing(theme.GAP)
        self.grid.setVerticalSpacing(theme.GAP - 2)
        for column in (1, 3):
            self.grid.setColumnStretch(column, 1)
            self.grid.setColumnMinimumWidth(column, FIELD)
        for column in (0, 2):
            self.grid.setColumnMinimumWidth(column, 84)
        self._at = (0, 0)

    def add(self, label: str, field: QWidget, *, whole: bool = False) -> QLabel:
        """Put a field in the next place, or in a row of its own."""
        row, column = self._at
        if whole and column:
            row, column = row + 1, 0
        name = plain_label(label)
        name.setBuddy(field)
        field.setAccessibleName(label.replace("&", ""))
        self.grid.addWidget(name, row, column)
        self.grid.addWidget(field, row, column + 1, 1, 3 if whole else 1)
        self._at = (row + 1, 0) if whole or column else (row, 2)
        return name

    def choice(self, label: str, choices: Sequence[tuple[str, str]]) -> QComboBox:
        """Add a list to choose from, (value, words)."""
        box = QComboBox()
        box.setMinimumWidth(FIELD)
        for value, words in choices:
            box.addItem(words, value)
        box.currentIndexChanged.connect(self.changed)
        self.add(label, box)
        return box

    def number(self, label: str, value: int, most: int) -> QSpinBox:
        """Add a number from 1."""
        box = IntegerBox()
        box.setRange(1, most)
        box.setValue(value)
        box.valueChanged.connect(self.changed)
        self.add(label, box)
        return box

    def check(self, text: str, on: bool = False) -> QCheckBox:
        """Add a box to tick, in a row with the next."""
        row, column = self._at
        box = QCheckBox(text)
        box.setChecked(on)
        box.toggled.connect(self.changed)
        self.grid.addWidget(box, row, column, 1, 2)
        self._at = (row + 1, 0) if column else (row, 2)
        return box

    def new_row(self) -> None:
        """Begin a row."""
        row, column = self._at
        if column:
            self._at = row + 1, 0


class WhatFields(QWidget):
    """What is printed: a pane or all as on screen, one image, or chosen images of the series."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        titles = {
            "view": self.tr("This &pane as on screen"),
            "layout": self.tr("&All panes as on screen"),
            "image": self.tr("This &image, on its own grid"),
            "frames": self.tr("Images of this &series, on their own grid"),
        }
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        group = QButtonGroup(self)
        self.kinds: dict[str, QRadioButton] = {}
        for kind, title in titles.items():
            button = QRadioButton(title)
            group.addButton(button)
            button.toggled.connect(lambda on: self.changed.emit() if on else None)
            column.addWidget(button)
            self.kinds[kind] = button
        self.which = QComboBox()
        for value, words in (("all", self.tr("All")), ("nth", self.tr("Every")), ("key", self.tr("Key images"))):
            self.which.addItem(words, value)
        self.which.setAccessibleName(self.tr("Which images"))
        self.every = _spin(2, 1, 999, self.tr("Every how many"))
        self.first = _spin(1, 1, 1, self.tr("From image"))
        self.last = _spin(1, 1, 1, self.tr("To image"))
        self.nth_word = plain_label(self.tr("th"), "dim")
        row = QHBoxLayout()
        row.setContentsMargins(23, 2, 0, 0)
        row.setSpacing(theme.GAP // 2)
        for widget in (self.which, self.every, self.nth_word):
            row.addWidget(widget)
        row.addSpacing(theme.GAP)
        for widget in (plain_label(self.tr("from"), "dim"), self.first, plain_label(self.tr("to"), "dim"), self.last):
            row.addWidget(widget)
        row.addStretch(1)
        self.range_row = QWidget()
        self.range_row.setLayout(row)
        column.addWidget(self.range_row)
        self.which.currentIndexChanged.connect(self._show_row)
        self.which.currentIndexChanged.connect(self.changed)
        for box in (self.every, self.first, self.last):
            box.valueChanged.connect(self.changed)
        for button in self.kinds.values():
            button.toggled.connect(self._show_row)
        self._show_row()

    @property
    def kind(self) -> str:
        """One of :data:`KINDS`, empty where nothing is chosen."""
        return next((kind for kind, button in self.kinds.items() if button.isChecked()), "")

    def set_length(self, count: int) -> None:
        """Say how many images the series has; a range over all of it goes on covering all."""
        for box in (self.first, self.last):
            box.blockSignals(True)
        whole = self.last.value() == self.last.maximum()
        self.first.setRange(1, max(count, 1))
        self.last.setRange(1, max(count, 1))
        if whole:
            self.last.setValue(count)
        for box in (self.first, self.last):
            box.blockSignals(False)

    def places(self, count: int, keys: Sequence[int]) -> list[int]:
        """Return the indices of the chosen images among ``count``."""
        first, last = self.first.value() - 1, min(self.last.value(), count)
        which = str(self.which.currentData())
        if which == "key":
            return [place for place in keys if first <= place < last]
        return list(range(first, last, self.every.value() if which == "nth" else 1))

    def _show_row(self, *_: object) -> None:
        self.range_row.setEnabled(self.kind == "frames")
        nth = self.which.currentData() == "nth"
        self.every.setVisible(nth)
        self.nth_word.setVisible(nth)


class SheetFields(Fields):
    """Sheet and grid, and what is written on images; for film and paper alike."""

    def __init__(self) -> None:
        super().__init__()
        self.sheet_size = self.choice(self.tr("Size"), ())
        self.way = self.choice(
            self.tr("Orientation"), [("PORTRAIT", self.tr("Upright")), ("LANDSCAPE", self.tr("Lying"))]
        )
        self.columns = self.number(self.tr("Columns"), 1, 20)
        self.rows = self.number(self.tr("Rows"), 1, 20)
        self.text = self.choice(
            self.tr("Text"),
            [
                ("image", self.tr("Without patient")),
                ("patient", self.tr("With patient")),
                ("none", self.tr("None")),
            ],
        )
        self.copies = self.number(self.tr("Copies"), 1, 100)
        self.true_size = self.check(self.tr("&True size"))
        self.color = self.check(self.tr("&Colour"))
        self.new_row()
        self.burnt = plain_label("", "dim")
        self.grid.addWidget(self.burnt, self._at[0], 0, 1, 4)
        self.text.currentIndexChanged.connect(self._tell_burnt)
        self._tell_burnt()

    def _tell_burnt(self) -> None:
        asked = self.text.currentData() == "patient"
        self.burnt.setText("" if asked else self.tr("Names that are burnt into images stay."))

    def offer_sizes(self, names: Sequence[str], chosen: str) -> None:
        """Offer other sheets."""
        if [self.sheet_size.itemData(row) for row in range(self.sheet_size.count())] == list(names):
            return
        self.sheet_size.blockSignals(True)
        self.sheet_size.clear()
        for name in names:
            self.sheet_size.addItem(size_words(name), name)
        self.sheet_size.setCurrentIndex(max(list(names).index(chosen) if chosen in names else 0, 0))
        self.sheet_size.blockSignals(False)

    def hide_identity(self, hidden: bool) -> None:
        """Offer no names while the window hides them."""
        why = self.tr("Identity is hidden in this window.") if hidden else ""
        item = self.text.model().item(1)  # type: ignore[attr-defined]
        item.setEnabled(not hidden)
        item.setToolTip(tooltip(why))
        if hidden and self.text.currentData() == "patient":
            self.text.setCurrentIndex(0)


class FilmFields(Fields):
    """What a film printer can be told."""

    def __init__(self) -> None:
        super().__init__()
        printers = self.tr("The printer's own")
        self.node = QComboBox()
        self.node.setPlaceholderText(self.tr("none"))
        self.node.currentIndexChanged.connect(self.changed)
        self.ask = QPushButton(self.tr("As&k printer"))
        self.ask.setAutoDefault(False)
        self.answer = plain_label("", "dim", wrap=True)
        self.answer.hide()
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.node, 1)
        row.addWidget(self.ask)
        self.add(self.tr("Printer"), holder, whole=True).setBuddy(self.node)
        self.node.setAccessibleName(self.tr("Printer"))
        self.grid.addWidget(self.answer, 1, 1, 1, 3)
        self._at = (2, 0)
        self.medium = self.choice(self.tr("Medium"), _offered(film.MEDIA, printers))
        self.destination = self.choice(self.tr("Destination"), _offered(film.DESTINATIONS, printers))
        self.magnification = self.choice(self.tr("Enlarging"), _offered(film.MAGNIFICATIONS, printers))
        priorities = {"MED": self.tr("Medium"), "HIGH": self.tr("High"), "LOW": self.tr("Low")}
        self.priority = self.choice(self.tr("Priority"), list(priorities.items()))
        self.lut = self.choice(self.tr("Greys"), _offered(film.PRESENTATION_LUTS, printers))
        self.border = self.choice(self.tr("Border"), [("BLACK", self.tr("Black")), ("WHITE", self.tr("White"))])
        self.lut.setToolTip(tooltip(self.tr("Presentation LUT: how pixel values become densities")))
        self.line = QLineEdit()
        self.line.setMaxLength(64)
        self.line.setPlaceholderText(self.tr("for a printer that has a box for it"))
        self.line.textChanged.connect(self.changed)
        self.add(self.tr("Line of text"), self.line, whole=True)
        self.trim = self.check(self.tr("Line around each image (trim)"))

    def say(self, words: str) -> None:
        """Say something of the printer, or nothing."""
        self.answer.setText(words)
        self.answer.setVisible(bool(words))

    def options(self, sheet: SheetFields) -> FilmOptions:
        """Return what is chosen."""
        border = str(self.border.currentData())
        return film.FilmOptions(
            columns=sheet.columns.value(),
            rows=sheet.rows.value(),
            size=str(sheet.sheet_size.currentData()),
            orientation=str(sheet.way.currentData()),
            magnification=str(self.magnification.currentData()),
            medium=str(self.medium.currentData()),
            destination=str(self.destination.currentData()),
            priority=str(self.priority.currentData()),
            copies=sheet.copies.value(),
            border=border,
            empty=border,
            trim=self.trim.isChecked(),
            presentation_lut=str(self.lut.currentData()),
            annotation=self.line.text().strip(),
            true_size=sheet.true_size.isChecked(),
            color=sheet.color.isChecked(),
        )


class PaperFields(Fields):
    """Where pages go: a printer of the system, or a file."""

    def __init__(self) -> None:
        super().__init__()
        self.printer = QComboBox()
        self.printer.setPlaceholderText(self.tr("none"))
        self.printer.currentIndexChanged.connect(self.changed)
        self.printer_name = self.add(self.tr("Printer"), self.printer, whole=True)
        self.path = QLineEdit()
        self.path.textEdited.connect(self.changed)
        self.choose = QPushButton(self.tr("C&hoose…"))
        self.choose.setAutoDefault(False)
        self.holder = QWidget()
        row = QHBoxLayout(self.holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.path, 1)
        row.addWidget(self.choose)
        self.path_name = self.add(self.tr("File"), self.holder, whole=True)
        self.path.setAccessibleName(self.tr("File"))
        self.heading = self.check(self.tr("&Heading on each page"), True)

    def show_target(self, target: str) -> None:
        """Show the fields of paper or of a PDF."""
        shown: dict[QWidget, bool] = {
            self.printer: target == "paper",
            self.printer_name: target == "paper",
            self.holder: target == "pdf",
            self.path_name: target == "pdf",
        }
        for widget, on in shown.items():
            widget.setVisible(on)


def size_words(name: str) -> str:
    """Return a Film Size ID in words: ``14 × 17 in``, ``A4``."""
    if name == "8_5INX11IN":
        return "8.5 × 11 in"
    for unit in ("IN", "CM"):
        if unit in name:
            return f"{name.replace(unit, '').replace('X', ' × ')} {unit.lower()}"
    return name


def _offered(values: Sequence[str], own: str) -> list[tuple[str, str]]:
    return [(value, value.capitalize().replace(" od", " OD") if value else own) for value in values]


def _spin(value: int, least: int, most: int, name: str) -> QSpinBox:
    box = IntegerBox()
    box.setRange(least, most)
    box.setValue(value)
    box.setAccessibleName(name)
    return box
