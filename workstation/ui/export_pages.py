"""The options of each kind of export: formats, values, rates, and which DICOM objects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QGridLayout,
    QHeaderView,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from workstation.dicom.profiles import NAMES
from workstation.ui import theme
from workstation.ui.export_choices import MOVIES, PICTURES, TARGETS, VOLUMES, tr
from workstation.ui.number_boxes import DecimalBox
from workstation.ui.widgets import plain_label, tooltip

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workstation.dicom.identity import Instance
    from workstation.loading.collection import Catalogue

INSTANCES = Qt.ItemDataRole.UserRole
ROW = 24
"""Height of a row of the tree, logical pixels."""
VALUES = (
    ("display", "As shown, 8 bits"),
    ("stored", "Stored values, 16 bits"),
    ("modality", "Modality values, 16 bits"),
)


class Page(QWidget):
    """Options in two columns; ``changed`` tells that what is written, or its name, is another now."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.form = QGridLayout()
        self.form.setContentsMargins(0, 0, 0, 0)
        self.form.setHorizontalSpacing(2 * theme.GAP)
        self.form.setVerticalSpacing(theme.GAP)
        self.form.setColumnStretch(1, 1)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(theme.GAP)
        self.column.addLayout(self.form)

    @property
    def suffix(self) -> str:
        """The ending of what is written, empty for a folder."""
        return ""

    def add_choice(self, label: str, choices: Sequence[tuple[str, str]]) -> QComboBox:
        """Add a row with a list to choose from."""
        box = QComboBox()
        for value, text in choices:
            box.addItem(tr(text), value)
        box.currentIndexChanged.connect(self.changed)
        self.add_row(label, box)
        return box

    def add_row(self, label: str, editor: QWidget) -> None:
        """Add a row."""
        row = self.form.rowCount()
        name = plain_label(label)
        name.setBuddy(editor)
        name.setMinimumWidth(72)
        editor.setAccessibleName(label)
        editor.setMinimumWidth(230)
        self.form.addWidget(name, row, 0)
        self.form.addWidget(editor, row, 1, Qt.AlignmentFlag.AlignLeft)

    def add_check(self, text: str, on: bool) -> QCheckBox:
        """Add a box to tick below the rows."""
        box = QCheckBox(text)
        box.setChecked(on)
        box.toggled.connect(self.changed)
        self.column.addWidget(box)
        return box

    def add_sentence(self, text: str) -> None:
        """Add an explanation."""
        self.column.addWidget(plain_label(text, "dim", wrap=True))


class PicturePage(Page):
    """Pictures: format, and what their numbers are or what is drawn over them."""

    def __init__(self, *, of_view: bool) -> None:
        super().__init__()
        self.format = self.add_choice(self.tr("Format"), PICTURES[:2] if of_view else PICTURES)
        self.values: QComboBox | None = None
        self.text: QCheckBox | None = None
        if of_view:
            self.text = self.add_check(self.tr("Text and lines over the picture"), True)
            self.add_sentence(
                self.tr(
                    "The pane's own pixels. Names and numbers of the patient are left out of the text unless "
                    "“With identity” is on; what is burnt into the image stays."
                )
            )
        else:
            self.values = self.add_choice(self.tr("Values"), VALUES)
            self.values.currentIndexChanged.connect(self._exclude)
            self.add_sentence(
                self.tr(
                    "The stored pixels, neither enlarged nor turned, with the pane's window and colours. 16 bits keep "
                    "the values themselves, in PNG and TIFF; the file says how they are read."
                )
            )
        self.column.addStretch(1)

    @property
    def suffix(self) -> str:
        return str(self.format.currentData())

    @property
    def kind(self) -> str:
        """What the numbers are: "display", "stored" or "modality"."""
        return "display" if self.values is None else str(self.values.currentData())

    def set_color(self, color: bool) -> None:
        """Offer values only where there are some."""
        if self.values is None:
            return
        for row in (1, 2):
            _enable(self.values, row, "" if not color else self.tr("Colour has no values of 16 bits."))
        if color:
            self.values.setCurrentIndex(0)

    def _exclude(self) -> None:
        wide = self.kind != "display"
        _enable(self.format, 1, self.tr("JPEG holds 8 bits only.") if wide else "")
        if wide and self.suffix == ".jpg":
            self.format.setCurrentIndex(0)


class MoviePage(Page):
    """Movies: format and rate."""

    def __init__(self) -> None:
        super().__init__()
        self.format = self.add_choice(self.tr("Format"), MOVIES)
        self.fps = DecimalBox()
        self.fps.setRange(0.1, 240.0)
        self.fps.setDecimals(1)
        self.fps.setValue(15.0)
        self.fps.setSuffix(self.tr(" per second"))
        self.fps.lineEdit().setTextMargins(6, 0, 0, 0)
        self.fps.valueChanged.connect(self.changed)
        self.add_row(self.tr("Frames"), self.fps)
        self.add_sentence(
            self.tr(
                "Every image of the series with the pane's window and colours. MP4 loses a little, GIF keeps greys "
                "exactly and plays at most 50 frames per second."
            )
        )
        self.column.addStretch(1)

    @property
    def suffix(self) -> str:
        return str(self.format.currentData())


class VolumePage(Page):
    """Volumes: format."""

    def __init__(self) -> None:
        super().__init__()
        self.format = self.add_choice(self.tr("Format"), VOLUMES)
        self.add_sentence(
            self.tr(
                "Modality values (HU and the like) as 32-bit floats, with their place in the patient in mm. Nothing is "
                "resampled; the window does not matter."
            )
        )
        self.column.addStretch(1)

    @property
    def suffix(self) -> str:
        return str(self.format.currentData())


class DicomPage(Page):
    """DICOM files: which, and on what kind of medium."""

    def __init__(self) -> None:
        super().__init__()
        self.target = self.add_choice(self.tr("Write as"), TARGETS)
        self.profile = self.add_choice(self.tr("Profile"), [(name, name) for name in NAMES])
        self.target.currentIndexChanged.connect(self._exclude)
        self.tree = QTreeWidget()
        self.tree.setColumnCount(2)
        self.tree.setHeaderHidden(True)
        self.tree.setUniformRowHeights(True)
        self.tree.setMinimumHeight(150)
        self.tree.setAccessibleName(self.tr("What is written"))
        self.tree.header().setStretchLastSection(False)
        self.tree.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.tree.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self.tree.itemChanged.connect(lambda item, column: self.changed.emit() if column == 0 else None)
        self.column.addWidget(self.tree, 1)
        self.unpack = self.add_check(self.tr("Unpack what the profile does not allow"), True)
        self.unpack.setToolTip(
            tooltip(self.tr("Such files are written as Explicit VR Little Endian; without it they are left out."))
        )
        self._catalogue: Catalogue | None = None

    @property
    def suffix(self) -> str:
        return ".zip" if str(self.target.currentData()).endswith(".zip") else ""

    @property
    def profile_name(self) -> str:
        """The application profile, empty for plain files."""
        return str(self.profile.currentData()) if str(self.target.currentData()).startswith("fileset") else ""

    def set_catalogue(self, catalogue: Catalogue, series_uid: str, *, hidden: bool) -> None:
        """List what is open; the study that holds a series is ticked at first."""
        if catalogue is self._catalogue:
            return
        self._catalogue = catalogue
        from workstation.ui.study_rows import RowWriter

        writer = RowWriter()
        writer.hidden = hidden
        self.tree.blockSignals(True)
        self.tree.clear()
        branches = writer.tree(catalogue.patients, catalogue.stacks)
        for patient, branch in zip(catalogue.patients, branches, strict=True):
            top = _item(f"{branch.value.title}  ·  {branch.value.detail}", "")
            for study, row in zip(patient.studies, branch.children, strict=True):
                middle = _item(row.value.title, row.value.detail)
                top.addChild(middle)
                held = any(series.series_instance_uid == series_uid for series in study.series)
                for series, leaf in zip(study.series, row.children, strict=True):
                    count = len(series.instances)
                    text = self.tr("1 file") if count == 1 else self.tr("{0} files").format(count)
                    item = _item(f"{leaf.value.badge}  {leaf.value.title}", text)
                    item.setData(0, INSTANCES, series.instances)
                    middle.addChild(item)
                    item.setCheckState(0, Qt.CheckState.Checked if held else Qt.CheckState.Unchecked)
            self.tree.addTopLevelItem(top)
            top.setFirstColumnSpanned(True)
            top.setExpanded(True)
            for number in range(top.childCount()):
                child = top.child(number)
                assert child is not None
                child.setExpanded(child.checkState(0) != Qt.CheckState.Unchecked)
        self.tree.blockSignals(False)
        self.changed.emit()

    def instances(self) -> tuple[Instance, ...]:
        """Return what is ticked."""
        found: list[Instance] = []
        for item in self.tree.findItems("", Qt.MatchFlag.MatchContains | Qt.MatchFlag.MatchRecursive):
            held = item.data(0, INSTANCES)
            if held and item.checkState(0) == Qt.CheckState.Checked:
                found += held
        return tuple(found)

    def _exclude(self) -> None:
        plain = not str(self.target.currentData()).startswith("fileset")
        why = self.tr("Plain files are copied as they are, whatever their Transfer Syntax.") if plain else ""
        for widget in (self.profile, self.unpack):
            widget.setEnabled(not plain)
        self.profile.setToolTip(tooltip(why))


def _item(text: str, count: str) -> QTreeWidgetItem:
    item = QTreeWidgetItem([text, count])
    item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable | Qt.ItemFlag.ItemIsAutoTristate)
    item.setCheckState(0, Qt.CheckState.Unchecked)
    item.setToolTip(0, tooltip(text))
    item.setSizeHint(0, QSize(0, ROW))
    item.setForeground(1, theme.current()["text-dim"])
    return item


def _enable(box: QComboBox, row: int, why_not: str) -> None:
    model = box.model()
    assert isinstance(model, QStandardItemModel)
    item = model.item(row)
    item.setEnabled(not why_not)
    item.setToolTip(tooltip(why_not))
