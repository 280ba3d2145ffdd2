"""Saves and prints what the report panel shows; the work is done away from the window."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QApplication, QFileDialog, QWidget

from workstation.ui import theme

if TYPE_CHECKING:
    from PySide6.QtPrintSupport import QPrinter

    from workstation.loading.report_view import ReportView
    from workstation.objects.pdf_pages import Pdf
    from workstation.ui.window_api import WindowApi

POINTS_PER_INCH = 72.0
FINEST = 600
"""Dots per inch at which a page of a PDF is drawn for a printer at most."""


class ReportOutput:
    """Asks where to, then lets the window's worker write or print."""

    def __init__(self, window: WindowApi, parent: QWidget) -> None:
        self._window, self._parent = window, parent

    def save(self, view: ReportView) -> None:
        """Ask where, and save: a document as it is, a report as text. Names are never taken from the file."""
        name = "report.txt" if view.document is None else f"document.{view.document.suffix}"
        dialog = QFileDialog(self._parent, self._window.tr("Save as"), self._window.exports.home())
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.selectFile(name)
        dialog.fileSelected.connect(lambda path: self.save_to(Path(path), view))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def save_to(self, path: Path, view: ReportView) -> None:
        """Save in the background; the file is whole or not there."""

        def work() -> str:
            from workstation.export.saving import saved

            data = view.document.data if view.document is not None else view.page.text.encode()
            with saved(path, replace=True) as part:
                part.write_bytes(data)
            return path.name

        told = self._window.tr("Saved as {0}.")
        self._window.exports.ask(work, lambda name: self._window.say("info", told.format(name)))

    def print(self, view: ReportView) -> None:
        """Ask for a printer, and print."""
        from PySide6.QtPrintSupport import QPrintDialog, QPrinter

        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        dialog = QPrintDialog(printer, self._parent)
        dialog.accepted.connect(lambda: self.print_on(printer, view))
        dialog.finished.connect(dialog.deleteLater)
        dialog.setWindowModality(Qt.WindowModality.WindowModal)
        dialog.show()

    def print_on(self, printer: QPrinter, view: ReportView, done: Callable[[], object] = lambda: None) -> None:
        """Print in the background."""
        font = QApplication.font()

        def work() -> bool:
            if view.pdf is not None:
                print_pdf(printer, view.pdf)
            else:
                print_page(printer, view, font)
            return True

        def answer(_: object) -> None:
            self._window.say("info", self._window.tr("Printed."))
            done()

        self._window.exports.ask(work, answer)


def print_pdf(printer: QPrinter, pdf: Pdf) -> None:
    """Print the pages chosen at the printer's resolution, each as large as the paper allows."""
    from workstation.objects.pdf_pages import drawn_page
    from workstation.ui.pdf_view import image_of

    first = max(printer.fromPage(), 1)
    last = min(printer.toPage() or len(pdf.sizes), len(pdf.sizes))
    with QPainter(printer) as painter:
        for number in range(first - 1, last):
            if number >= first:
                printer.newPage()
            area = painter.viewport()
            width, height = pdf.sizes[number]
            scale = min(area.width() / width, area.height() / height)
            finest = min(scale, FINEST / POINTS_PER_INCH)
            image = image_of(drawn_page(pdf, number, round(width * finest)))
            across, down = round(width * scale), round(height * scale)
            painter.drawImage(area.adjusted(0, 0, across - area.width(), down - area.height()), image)


def print_page(printer: QPrinter, view: ReportView, font: object) -> None:
    """Print a page in dark ink, whatever the theme on screen."""
    from PySide6.QtGui import QFont, QTextDocument

    from workstation.ui.report_page_view import write_whole

    document = QTextDocument()
    document.setUndoRedoEnabled(False)
    write_whole(document, view.page, theme.load("light"), QFont(font))  # type: ignore[call-overload]
    document.print_(printer)
