"""The page that asks what key images are for, who chose them, and where the document that names them goes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QGridLayout,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from workstation.objects.key_object_writing import LONGEST_TEXT, TITLES, Selection
from workstation.ui import theme
from workstation.ui.stars import still_open
from workstation.ui.widgets import plain_label

if TYPE_CHECKING:
    from workstation.ui.window_api import WindowApi


class KeyImagesPage(QDialog):
    """Writes the Key Object Selections of the images with a star, and opens them beside what is open."""

    def __init__(self, window: WindowApi, parent: QWidget) -> None:
        super().__init__(parent)
        self._window = window
        self.setWindowTitle(self.tr("Save key images"))
        self.purpose = QComboBox()
        for code, title in TITLES.items():
            self.purpose.addItem(self.tr(title), code)
        self.description = QPlainTextEdit()
        self.description.setTabChangesFocus(True)
        self.description.setFixedHeight(4 * self.fontMetrics().lineSpacing() + 10)
        self.observer = QLineEdit()
        self.observer.setMaxLength(64)
        self.observer.setPlaceholderText(self.tr("Family^Given; may be left empty"))
        self.folder = QLineEdit(window.exports.home())
        self.choose = QPushButton(self.tr("&Choose…"))
        self.choose.setAutoDefault(False)
        self.choose.clicked.connect(self._choose)
        self.summary = plain_label("", "dim", wrap=True)
        self.problem = plain_label("", "problem", wrap=True)
        self.problem.hide()
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Cancel)
        self.save = buttons.button(QDialogButtonBox.StandardButton.Save)
        buttons.accepted.connect(self._save)
        buttons.rejected.connect(self.reject)
        self._lay_out(buttons)
        workspace = window.workspace
        workspace.stars.changed.connect(self.follow)
        workspace.catalogue_changed.connect(self.follow)
        self.description.textChanged.connect(self.problem.hide)
        self.folder.textEdited.connect(self.problem.hide)
        self.follow()
        self.resize(520, 310)

    def follow(self, *_: object) -> None:
        """Say how many images there are now."""
        chosen = self._chosen()
        count = sum(max(len(frames), 1) for _, frames in chosen)
        studies = len({instance.study_instance_uid for instance, _ in chosen})
        images = self.tr("1 image") if count == 1 else self.tr("{0} images").format(count)
        spread = (
            self.tr("1 study: one document")
            if studies == 1
            else self.tr("{0} studies: a document for each").format(studies)
        )
        self.summary.setText(
            self.tr("{0} of {1}. Documents carry the patient's name and number, as the images do.").format(
                images, spread
            )
            if count
            else self.tr("No image has a star; K gives one.")
        )
        self.save.setEnabled(bool(chosen))

    def _chosen(self):  # type: ignore[no-untyped-def]
        return still_open(self._window.workspace.stars.refs, self._window.workspace.catalogue)

    def _lay_out(self, buttons: QDialogButtonBox) -> None:
        form = QGridLayout()
        form.setHorizontalSpacing(theme.GAP)
        form.setVerticalSpacing(theme.GAP)
        form.setColumnStretch(1, 1)
        fields = (
            (self.tr("&Purpose"), self.purpose),
            (self.tr("&Description"), self.description),
            (self.tr("&Your name"), self.observer),
            (self.tr("&Folder"), self.folder),
        )
        for row, (text, field) in enumerate(fields):
            label = plain_label(text)
            label.setBuddy(field)
            field.setAccessibleName(text.replace("&", ""))
            form.addWidget(
                label, row, 0, Qt.AlignmentFlag.AlignTop if field is self.description else Qt.AlignmentFlag(0)
            )
            form.addWidget(field, row, 1, 1, 1 if field is self.folder else 2)
        form.addWidget(self.choose, 3, 2)
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * theme.GAP, 2 * theme.GAP, 2 * theme.GAP, 2 * theme.GAP)
        column.setSpacing(theme.GAP)
        column.addLayout(form)
        column.addWidget(self.summary)
        column.addWidget(self.problem)
        column.addStretch(1)
        column.addWidget(buttons)

    def _choose(self) -> None:
        dialog = QFileDialog(self, self.tr("Save key images to"), self.folder.text())
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly, True)
        dialog.fileSelected.connect(self.folder.setText)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setModal(False)
        dialog.show()

    def _save(self) -> None:
        folder = Path(self.folder.text().strip()).expanduser()
        problem = self._problem(folder)
        if problem:
            self.problem.setText(problem)
            self.problem.show()
            return
        chosen = self._chosen()
        selection = Selection(
            self.purpose.currentData(), self.description.toPlainText().strip(), self.observer.text().strip()
        )
        window = self._window
        window.exports.folder = str(folder)

        def work() -> list[Path]:
            from workstation.export.key_objects import write_key_objects

            return write_key_objects(chosen, selection, folder)

        window.exports.ask(work, lambda paths: written(window, paths))
        self.accept()

    def _problem(self, folder: Path) -> str:
        if not folder.is_absolute():
            return self.tr("The folder must be a whole path.")
        if not folder.is_dir():
            return self.tr("The folder {0} is not there.").format(folder)
        if len(self.description.toPlainText()) > LONGEST_TEXT:
            return self.tr("The description is longer than {0} characters.").format(LONGEST_TEXT)
        return ""


def written(window: WindowApi, paths: list[Path]) -> None:
    """Tell what was written, and open it beside what is open."""
    one, many = window.tr("{0} was written to {1}."), window.tr("{0} and {2} more were written to {1}.")
    window.say("info", (one if len(paths) == 1 else many).format(paths[0].name, paths[0].parent, len(paths) - 1))
    window.desk.open_paths([str(path) for path in paths], remember=False)
