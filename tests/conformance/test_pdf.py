"""Encapsulated PDFs: every page is drawn as Poppler, an independent reader, draws it."""

from __future__ import annotations

import csv
import subprocess
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pypdfium2
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QBuffer, QIODevice, QMarginsF, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFont, QImage, QLinearGradient, QPageSize, QPainter, QPainterPath, QPdfWriter, QPen
from scipy.ndimage import gaussian_filter, uniform_filter

from workstation.dicom.facts import instance_from, read_header
from workstation.dicom.identity import Locator
from workstation.loading.report_view import ReportView, report_view
from workstation.objects.pdf_pages import drawn_page
from workstation.phantoms.documents import write_pdf_report

DPI = 100
FINER = 4
"""Times the resolution at which the oracle draws once more: it sets glyphs on whole pixels, up to a pixel too high."""
BLUR = 2
"""Standard deviation in pixels, or pixels from the middle of a box to its edge."""
NEAR = 32
ALIKE = 0.98
"""Share of a page that has to be near the other's."""
INK_ALIKE = 0.9
"""The same of what is not paper, of which most pages have little: two readers may set a line of text one row apart."""
FINELY_ALIKE = 0.99
"""Both shares against a page that the oracle drew finer and averaged."""
A4 = (595.0, 842.0)

Picture = NDArray[Any]


def painted(paint: Callable[[QPainter, int], None], size: tuple[float, float] = A4, pages: int = 1) -> bytes:
    """Return a PDF with its fonts embedded, painted in points from the upper left corner."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setPageSize(QPageSize(QSizeF(*size), QPageSize.Unit.Point, "", QPageSize.SizeMatchPolicy.ExactMatch))
    writer.setPageMargins(QMarginsF(0, 0, 0, 0))
    painter = QPainter(writer)
    painter.scale(writer.resolution() / 72, writer.resolution() / 72)
    for page in range(pages):
        if page:
            writer.newPage()
        paint(painter, page)
    painter.end()
    return bytes(buffer.data().data())


def changed(data: bytes, change: Callable[[Any], object]) -> bytes:
    """Return a PDF whose first page is turned or cropped."""
    document, out = pypdfium2.PdfDocument(data), BytesIO()
    page = document[0]
    change(page)
    page.close()
    document.save(out)
    document.close()
    return out.getvalue()


def font(points: float, family: str = "DejaVu Sans", bold: bool = False) -> QFont:
    made = QFont(family)
    made.setPixelSize(max(round(points), 1))
    made.setBold(bold)
    return made


def text(painter: QPainter, page: int) -> None:
    faces = (("DejaVu Sans", False), ("DejaVu Serif", False), ("DejaVu Sans Mono", False), ("DejaVu Sans", True))
    painter.setPen(QColor("black"))
    for row, points in enumerate((6, 8, 9, 10, 12, 14, 18, 24, 36, 48)):
        painter.setFont(font(points, *faces[row % len(faces)]))
        painter.drawText(QPointF(40, 60 + 55 * row), f"Größe {points}: no focal lesion, 37 mm")
    painter.setFont(font(12))
    painter.drawText(QPointF(40, 780), f"Page {page + 1}")


def vectors(painter: QPainter, page: int) -> None:
    path = QPainterPath(QPointF(60, 300))
    path.cubicTo(160, 60, 300, 540, 400, 240)
    painter.setPen(QPen(QColor("navy"), 5))
    painter.drawPath(path)
    painter.setPen(QPen(QColor("red"), 2, Qt.PenStyle.DashLine))
    painter.drawRect(QRectF(30, 30, 120, 80))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(20, 140, 60))
    painter.drawEllipse(QRectF(180, 30, 150, 90))
    fade = QLinearGradient(30, 0, 360, 0)
    fade.setColorAt(0, QColor("yellow"))
    fade.setColorAt(1, QColor("purple"))
    painter.setBrush(fade)
    painter.drawRect(QRectF(30, 360, 330, 60))
    painter.setBrush(Qt.BrushStyle.NoBrush)


def picture(painter: QPainter, page: int) -> None:
    rows, columns = np.mgrid[0:160, 0:240]
    pixels = np.stack([columns, rows, 255 - columns, 0 * rows + 255], axis=-1).astype(np.uint8)
    image = QImage(pixels.tobytes(), 240, 160, 960, QImage.Format.Format_RGBA8888)
    painter.drawImage(QRectF(40, 50, 360, 240), image)


def glass(painter: QPainter, page: int) -> None:
    picture(painter, page)
    painter.setPen(Qt.PenStyle.NoPen)
    for place, colour in enumerate(("red", "lime", "blue")):
        tint = QColor(colour)
        tint.setAlphaF(0.4)
        painter.setBrush(tint)
        painter.drawEllipse(QRectF(60 + 70 * place, 200 + 40 * (place % 2), 160, 160))


def form(painter: QPainter, page: int) -> None:
    vectors(painter, page)
    text(painter, page)


def tiny(painter: QPainter, page: int) -> None:
    painter.fillRect(QRectF(6, 6, 14, 30), QColor("teal"))
    painter.setFont(font(9))
    painter.drawText(QPointF(22, 30), "R")


def odd(painter: QPainter, page: int) -> None:
    painter.setFont(font(20))
    painter.drawText(QPointF(50, 90), "A length that is odd")


def cropped(page: Any) -> None:
    page.set_mediabox(-20, -30, 595, 842)
    # 550 by 750 pixels: of a part of a pixel one reader makes a whole one by stretching, the other by adding paper
    page.set_cropbox(25, 290, 421, 830)


def cropped_and_turned(page: Any) -> None:
    cropped(page)
    page.set_rotation(270)


GENERATED: dict[str, Callable[[], bytes]] = {
    "text": lambda: painted(text),
    "turned": lambda: changed(painted(form), lambda page: page.set_rotation(90)),
    "cropped": lambda: changed(painted(form), cropped),
    "cropped and turned": lambda: changed(painted(form), cropped_and_turned),
    "vectors": lambda: painted(vectors),
    "picture": lambda: painted(picture),
    "transparent": lambda: painted(glass),
    "landscape": lambda: painted(form, (842.0, 595.0)),
    "tiny": lambda: painted(tiny, (36.0, 50.0)),
    "many pages": lambda: painted(text, pages=12),
    "odd length": lambda: odd_length(painted(odd)),
}


def odd_length(data: bytes) -> bytes:
    return data + b"\n" * (1 - len(data) % 2)


def encapsulated(data: bytes, path: Path) -> Path:
    """Write a PDF as an Encapsulated PDF object, padded to an even length."""
    ds = pydicom.dcmread(write_pdf_report(path))
    ds.EncapsulatedDocument = data + b"\0" * (len(data) % 2)
    ds.EncapsulatedDocumentLength = len(data)
    ds.save_as(path)
    return path


def viewed(path: Path) -> ReportView:
    locator = Locator(str(path))
    return report_view(instance_from(locator, read_header(locator)))


def ours(view: ReportView) -> Iterator[Picture]:
    """Draw each page as the panel does, as red, green and blue."""
    assert view.pdf is not None
    for number, (width, _) in enumerate(view.pdf.sizes):
        yield drawn_page(view.pdf, number, round(width * DPI / 72))[..., 2::-1]


def theirs(data: bytes, poppler: Path, folder: Path, finer: int = 1) -> list[Picture]:
    """Draw each page with Poppler, at a multiple of the resolution and averaged again."""
    source = folder / "document.pdf"
    source.write_bytes(data)
    stem = f"page{finer}"
    subprocess.run([poppler / "pdftoppm", "-r", str(DPI * finer), "-cropbox", source, folder / stem], check=True)
    return [averaged(portable_pixmap(path.read_bytes()), finer) for path in sorted(folder.glob(f"{stem}-*.ppm"))]


def averaged(picture: Picture, finer: int) -> Picture:
    rows, columns = (size // finer for size in picture.shape[:2])
    squares = picture[: rows * finer, : columns * finer].reshape(rows, finer, columns, finer, 3)
    return squares.mean(axis=(1, 3)) if finer > 1 else picture


def portable_pixmap(data: bytes) -> Picture:
    kind, size, _, pixels = data.split(b"\n", 3)
    assert kind == b"P6"
    width, height = map(int, size.split())
    return np.frombuffer(pixels, np.uint8).reshape(height, width, 3)


def gaussian(picture: Picture) -> Picture:
    return gaussian_filter(picture.astype(float), (BLUR, BLUR, 0))


def box(picture: Picture) -> Picture:
    return uniform_filter(picture.astype(float), (2 * BLUR + 1, 2 * BLUR + 1, 1))


def difference(
    mine: Picture,
    other: Picture,
    blur: Callable[[Picture], Picture] = gaussian,
    least: tuple[float, float] = (ALIKE, INK_ALIKE),
) -> str:
    """Say how two pictures of a page differ; nothing where they are alike."""
    if max(abs(mine.shape[axis] - other.shape[axis]) for axis in (0, 1)) > 1:
        return f"{mine.shape} against {other.shape}"
    rows, columns = (min(mine.shape[axis], other.shape[axis]) for axis in (0, 1))
    a, b = (blur(one[:rows, :columns]) for one in (mine, other))
    near = np.abs(a - b).max(axis=-1) <= NEAR
    ink = np.minimum(a, b).min(axis=-1) < 255 - NEAR
    shares = near.mean(), near[ink].mean() if ink.any() else 1.0
    alike = shares[0] >= least[0] and shares[1] >= least[1]
    return "" if alike else f"alike: {shares[0]:.2%} of the page, {shares[1]:.2%} of what is on it"


def differences(view: ReportView, poppler: Path, folder: Path) -> list[str]:
    assert view.document is not None
    data, told = view.document.data, []
    pages = zip(ours(view), theirs(data, poppler, folder), theirs(data, poppler, folder, FINER), strict=True)
    for number, (mine, other, fine) in enumerate(pages, 1):
        compared = {
            "gaussian": difference(mine, other),
            # a line of text one row apart is much of the little ink of a page, seen through a box
            "box": difference(mine, other, box, (ALIKE, 0.0)),
            "gaussian, finer": difference(mine, fine, gaussian, (FINELY_ALIKE, FINELY_ALIKE)),
            "box, finer": difference(mine, fine, box, (FINELY_ALIKE, FINELY_ALIKE)),
        }
        told += [f"page {number}, {blur}: {words}" for blur, words in compared.items() if words]
    return told


def test_every_pdf_of_the_corpus_is_drawn_as_poppler_draws_it(corpus: Path, poppler: Path, tmp_path: Path) -> None:
    with (corpus / "index.csv").open(encoding="utf-8", newline="") as stream:
        paths = [row["path"] for row in csv.DictReader(stream) if row["sop_class"] == "Encapsulated PDF Storage"]
    assert paths
    for number, path in enumerate(paths):
        folder = tmp_path / str(number)
        folder.mkdir()
        assert differences(viewed(corpus / path), poppler, folder) == [], path


@pytest.mark.parametrize("name", GENERATED)
def test_a_generated_pdf_is_drawn_as_poppler_draws_it(name: str, qapp: object, poppler: Path, tmp_path: Path) -> None:
    data = GENERATED[name]()
    view = viewed(encapsulated(data, tmp_path / "report.dcm"))
    assert view.document is not None
    assert view.document.data == data
    assert name != "odd length" or len(data) % 2 == 1
    assert differences(view, poppler, tmp_path) == []


@pytest.mark.parametrize("name", ["text", "vectors"])
def test_a_page_drawn_wrongly_would_be_told(name: str, qapp: object, poppler: Path, tmp_path: Path) -> None:
    (page,) = theirs(GENERATED[name](), poppler, tmp_path)
    assert difference(page, page) == ""
    white = np.full_like(page, 255)
    for wrong in (white, page[::-1], page[:, ::-1], page[:-2], np.roll(page, 12, axis=1)):
        assert difference(wrong, page)
        assert difference(wrong, page, box, (FINELY_ALIKE, FINELY_ALIKE))
    assert name == "text" or difference(page[..., ::-1], page)
