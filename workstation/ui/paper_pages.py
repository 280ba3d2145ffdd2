"""Pages of paper: where images, header and footer stand, in tenths of a millimetre, and their way onto a device.

One function draws a page for the preview, a PDF and a printer, so that they show the same. Images keep their stored
pixels and are scaled by the device; text and lines stay vectors where the device has such (features N5x).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from PySide6.QtCore import QLineF, QMarginsF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPageLayout, QPageSize, QPainter, QPen

from workstation.ui.print_painting import font_of

if TYPE_CHECKING:
    from PySide6.QtGui import QFont, QPagedPaintDevice
    from PySide6.QtPrintSupport import QPrinter

    from workstation.network.film import FilmOptions
    from workstation.ui.export_jobs import Job, Outcome
    from workstation.ui.print_plates import PlateMaker, Read

MM = 10.0
"""Units of a page for a millimetre."""
MARGIN = 100.0
HEAD, FOOT = 70.0, 60.0
GAP = 20.0
LETTER_HEIGHT = 30.0
INK, FAINT = QColor("#101214"), QColor("#55595e")
RESOLUTION = 600
"""Dots per inch in which a PDF counts; its images are scaled by whoever shows it."""


@dataclass(frozen=True, slots=True)
class PageOptions:
    """How pages are made: sheet and grid as for films; ``heading`` is the line at the top, ``warning`` at the foot.

    ``page_words`` has places for the number of the page and of all pages.
    """

    film: FilmOptions
    heading: str = ""
    warning: str = ""
    page_words: str = "{0} / {1}"
    copies: int = 1

    @property
    def size(self) -> tuple[float, float]:
        """Width and height of the page in units."""
        width, height = self.film.sheet
        return width * MM, height * MM

    def boxes(self) -> list[QRectF]:
        """Return the places of the images of one page, by rows."""
        width, height = self.size
        top = MARGIN + (HEAD if self.heading else 0.0)
        wide = (width - 2 * MARGIN - GAP * (self.film.columns - 1)) / self.film.columns
        high = (height - top - MARGIN - FOOT - GAP * (self.film.rows - 1)) / self.film.rows
        return [
            QRectF(MARGIN + column * (wide + GAP), top + row * (high + GAP), wide, high)
            for row in range(self.film.rows)
            for column in range(self.film.columns)
        ]

    def pages(self, count: int) -> int:
        """Return how many pages images take."""
        return -(-count // self.film.boxes)


def draw_page(painter: QPainter, options: PageOptions, number: int, maker: PlateMaker, read: Read, font: QFont) -> None:
    """Draw a page, counted from 0, on a painter whose unit is a dot and whose origin is the corner of the paper.

    Raises
    ------
    WorkstationError
        What reading an image may raise; nothing is left out unseen.
    """
    total, boxes = options.pages(len(maker.plates)), options.boxes()
    painter.setFont(font_of(font, LETTER_HEIGHT))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setRenderHint(QPainter.RenderHint.LosslessImageRendering)
    width, height = options.size
    line = QFontMetricsF(painter.font()).lineSpacing()
    across = QRectF(MARGIN, MARGIN - 10, width - 2 * MARGIN, line)
    if options.heading:
        painter.setPen(INK)
        shown = QFontMetricsF(painter.font()).elidedText(options.heading, Qt.TextElideMode.ElideRight, across.width())
        painter.drawText(across, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)
        painter.setPen(QPen(FAINT, 2))
        painter.drawLine(QLineF(across.bottomLeft(), across.bottomRight()).translated(0, 6))
    foot = QRectF(MARGIN, height - MARGIN - line + 10, width - 2 * MARGIN, line)
    painter.setPen(FAINT)
    painter.drawText(foot, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, options.warning)
    page = options.page_words.format(number + 1, total)
    painter.drawText(foot, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, page)
    first = number * options.film.boxes
    for place, box in zip(range(first, len(maker.plates)), boxes, strict=False):
        maker.draw(painter, place, box, read, mm=MM, true_size=options.film.true_size)


def page_preview(
    options: PageOptions, number: int, maker: PlateMaker, read: Read, font: QFont, dots_per_mm: float
) -> QImage:
    """Return a page as an image."""
    width, height = (max(round(side / MM * dots_per_mm), 1) for side in options.size)
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    with QPainter(image) as painter:
        painter.scale(width / options.size[0], height / options.size[1])
        draw_page(painter, options, number, maker, read, font)
    return image


def _page_layout(options: PageOptions) -> QPageLayout:
    from workstation.network.film import SIZES

    size = QPageSize(QSizeF(*SIZES[options.film.size]), QPageSize.Unit.Millimeter)
    landscape = options.film.orientation == "LANDSCAPE"
    way = QPageLayout.Orientation.Landscape if landscape else QPageLayout.Orientation.Portrait
    layout = QPageLayout(size, way, QMarginsF(0, 0, 0, 0))
    layout.setMode(QPageLayout.Mode.FullPageMode)
    return layout


def _draw_pages(
    device: QPagedPaintDevice, options: PageOptions, maker: PlateMaker, font: QFont, stop: Event
) -> Iterator[int]:
    from workstation.export.reading import picture_reader
    from workstation.export.saving import ExportError

    dots = device.logicalDpiX() / 25.4 / MM
    painter = QPainter()
    if not painter.begin(device):
        raise ExportError("The printer could not be started.")
    try:
        with picture_reader() as read:
            for number in range(options.pages(len(maker.plates))):
                if stop.is_set():
                    return
                if number:
                    device.newPage()
                painter.save()
                painter.scale(dots, dots)
                draw_page(painter, options, number, maker, read, font)
                painter.restore()
                yield number + 1
    finally:
        painter.end()


def pdf_job(path: Path, options: PageOptions, maker: PlateMaker, font: QFont) -> Job:
    """Return the job that writes pages as a PDF that is whole or not there."""

    def run(progress: Callable[[int], None], cancel: Event) -> Outcome:
        from PySide6.QtGui import QPdfWriter

        from workstation.export.saving import ExportCancelled, saved
        from workstation.ui.export_jobs import Outcome

        outcome = Outcome(path, "page", options.pages(len(maker.plates)))
        with saved(path) as part:
            writer = QPdfWriter(str(part))
            writer.setResolution(RESOLUTION)
            writer.setCreator("DICOM Workstation")
            writer.setTitle("")
            writer.setPageLayout(_page_layout(options))
            for done in _draw_pages(writer, options, maker, font, cancel):
                progress(done)
                outcome.written = done
            if outcome.written < outcome.total:
                raise ExportCancelled("The print was stopped; nothing was written.")
        return outcome

    return run


def paper_job(printer_name: str, options: PageOptions, maker: PlateMaker, font: QFont) -> Job:
    """Return the job that prints pages on a printer of the system."""

    def run(progress: Callable[[int], None], cancel: Event) -> Outcome:
        from workstation.ui.export_jobs import Outcome

        printer = system_printer(printer_name)
        printer.setDocName("DICOM Workstation")
        printer.setFullPage(True)
        printer.setPageLayout(_page_layout(options))
        printer.setCopyCount(options.copies)
        outcome = Outcome(Path(), "page", options.pages(len(maker.plates)), printer=printer_name)
        for done in _draw_pages(printer, options, maker, font, cancel):
            progress(done)
            outcome.written = done
        outcome.cancelled = cancel.is_set() and outcome.written < outcome.total
        if outcome.cancelled:
            printer.abort()
        return outcome

    return run


def system_printer(name: str) -> QPrinter:
    """Return a printer of the system.

    Raises
    ------
    ExportError
        Where it is not there.
    """
    from PySide6.QtPrintSupport import QPrinter

    from workstation.export.saving import ExportError

    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setPrinterName(name)
    # Qt takes no name it does not know, and may write a PDF somewhere instead
    if not printer.isValid() or printer.printerName() != name:
        raise ExportError("That printer is not there any more.")
    return printer


def printer_names() -> list[str]:
    """Return the printers of the system, the usual one first; asking may take a while."""
    from PySide6.QtPrintSupport import QPrinterInfo

    names = list(QPrinterInfo.availablePrinterNames())
    usual = QPrinterInfo.defaultPrinterName()
    return sorted(names, key=lambda name: name != usual)
