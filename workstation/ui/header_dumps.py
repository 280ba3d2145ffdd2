"""Takes a header out of the inspector: the path of an element, and the whole header as text, JSON or CSV."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QStandardPaths
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

if TYPE_CHECKING:
    from workstation.dicom.header_tree import HeaderRow

SUFFIXES = {"text": ".txt", "json": ".json", "csv": ".csv"}


class HeaderDumps(QObject):
    """Actions for the inspector's menus; disabled while identity is hidden, as a dump holds all of it."""

    def __init__(self, panel: QWidget, chosen: Callable[[], list[HeaderRow]]) -> None:
        super().__init__(panel)
        self._panel, self._chosen = panel, chosen
        self._dump: Callable[[str], str] | None = None
        self._name = ""
        self.path = QAction(self.tr("Copy path"), panel)
        self.path.triggered.connect(self.copy_paths)
        self.menu = QMenu(self.tr("Whole header"), panel)
        names = {"text": self.tr("Copy as text"), "json": self.tr("Copy as JSON"), "csv": self.tr("Copy as CSV")}
        for form, name in names.items():
            self.menu.addAction(name).triggered.connect(lambda _=False, form=form: self.copy(form))
        self.menu.addSeparator()
        self.menu.addAction(self.tr("Save…")).triggered.connect(self.ask)
        self.show_header("", None)

    def show_header(self, name: str, dump: Callable[[str], str] | None) -> None:
        """Take another header; ``dump(form)`` writes it, None where it may not be taken."""
        self._name, self._dump = name, dump
        self.menu.setEnabled(dump is not None)

    def copy_paths(self) -> None:
        """Copy where the chosen elements stand, in keywords."""
        QGuiApplication.clipboard().setText("\n".join(path_of(row) for row in self._chosen()))

    def copy(self, form: str) -> None:
        """Copy the whole header."""
        if self._dump is not None:
            QGuiApplication.clipboard().setText(self._dump(form))

    def ask(self) -> None:
        """Ask for a file and write the header there, in the form its ending names."""
        if self._dump is None:
            return
        kinds = ";;".join((self.tr("Text (*.txt)"), self.tr("DICOM JSON (*.json)"), self.tr("CSV (*.csv)")))
        folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        dialog = QFileDialog(self._panel.window(), self.tr("Save the header"), folder, kinds)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.selectFile(f"{Path(self._name).stem or 'header'}.txt")
        dialog.fileSelected.connect(self.save)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def save(self, target: str) -> None:
        """Write the header; the ending names the form, text where it names none."""
        form = next((form for form, suffix in SUFFIXES.items() if target.lower().endswith(suffix)), "text")
        if self._dump is None:
            return
        try:
            Path(target).write_text(self._dump(form), encoding="utf-8", errors="replace", newline="")
        except OSError as error:
            self._dump_failed(target, error)

    def _dump_failed(self, target: str, error: OSError) -> None:
        from PySide6.QtWidgets import QMessageBox

        why = error.strerror or str(error)
        QMessageBox(
            QMessageBox.Icon.Warning,
            self.tr("Save the header"),
            self.tr("{0} could not be written: {1}").format(Path(target).name, why),
            parent=self._panel.window(),
        ).open()


def path_of(row: HeaderRow) -> str:
    """Return where a row stands, in keywords: ``RequestAttributesSequence[1].ScheduledProcedureStepID``."""
    from workstation.dicom.header_paths import path_keyword, step_of

    if not row.tag.startswith("(") or not row.path:
        return row.keyword or row.name
    steps = [(part + 1, "") if number % 2 else (part, "") for number, part in enumerate(row.path)]
    last = steps[-1][0]
    if row.private_creator and len(row.path) % 2:
        steps[-1] = step_of(last, {last >> 16 << 16 | (last & 0xFFFF) >> 8: row.private_creator})
    return path_keyword(tuple(steps))
