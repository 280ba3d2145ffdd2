"""What is painted for film and paper: bands without seams, words once, lines off letters."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QPdfWriter

from workstation.ui import print_painting
from workstation.ui.print_painting import draw_pixels, draw_words, font_of, image_of
from workstation.ui.view_picture import pixels_of


def smooth_picture(rows: int = 600, columns: int = 400) -> NDArray[np.uint8]:
    y, x = np.mgrid[0:rows, 0:columns]
    return (127 + 80 * np.sin(x / 23) * np.cos(y / 31) + 40 * np.sin(y / 7)).clip(0, 255).astype(np.uint8)


def painted(pixels: NDArray[np.uint8], angle: float, scale: float) -> NDArray[np.uint8]:
    image = QImage(700, 700, QImage.Format.Format_RGB32)
    image.fill(0)
    with QPainter(image) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.translate(350, 350)
        painter.rotate(angle)
        rows, columns = pixels.shape[:2]
        wide, high = columns * scale, rows * scale
        draw_pixels(painter, QRectF(-wide / 2, -high / 2, wide, high), pixels)
    return pixels_of(image)


@pytest.mark.parametrize("angle", [0, 90, 180, 270])
@pytest.mark.parametrize("scale", [0.37, 0.61, 1.0, 1.07])
def test_bands_show_no_seam(monkeypatch: pytest.MonkeyPatch, angle: float, scale: float) -> None:
    """Drawn in many bands or in one it is the same picture, to a few greys."""
    pixels = smooth_picture()
    monkeypatch.setattr(print_painting, "BAND", 1 << 30)
    whole = painted(pixels, angle, scale)
    monkeypatch.setattr(print_painting, "BAND", 40 * 400)
    banded = painted(pixels, angle, scale)
    assert whole.max() > 200
    assert np.abs(whole.astype(int) - banded).max() <= 6


def test_a_pdf_of_bands_shows_no_seam(tmp_path: Path, poppler: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(print_painting, "BAND", 40 * 400)
    writer = QPdfWriter(str(tmp_path / "bands.pdf"))
    writer.setResolution(600)
    with QPainter(writer) as painter:
        painter.setRenderHint(QPainter.RenderHint.LosslessImageRendering)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        draw_pixels(painter, QRectF(100, 100, 2000, 3000), np.full((600, 400), 90, np.uint8))
    command = [poppler / "pdftoppm", "-r", "150", "-gray", tmp_path / "bands.pdf", tmp_path / "page"]
    subprocess.run(command, check=True)
    (found,) = tmp_path.glob("page*.pgm")
    with Image.open(found) as picture:
        paper = np.asarray(picture)
    rows, columns = np.nonzero(paper < 200)
    inside = paper[rows.min() + 2 : rows.max() - 1, columns.min() + 2 : columns.max() - 1]
    assert inside.shape == pytest.approx((750, 500), abs=8)
    assert np.unique(inside).tolist() == [90]


def test_grey_and_colour_pixels_keep_their_values() -> None:
    grey = smooth_picture(33, 21)
    color = np.stack([grey, 255 - grey, grey // 2], axis=2)
    assert np.array_equal(pixels_of(image_of(grey)), grey)
    assert np.array_equal(pixels_of(image_of(color)), color)


def test_a_word_with_a_rim_is_one_word_of_a_pdf(tmp_path: Path, poppler: Path, qapp: object) -> None:
    writer = QPdfWriter(str(tmp_path / "word.pdf"))
    with QPainter(writer) as painter:
        painter.setFont(font_of(QFont(), 200))
        draw_words(painter, QPointF(300, 900), "Femur", QColor("white"))
    said = subprocess.run(
        [poppler / "pdftotext", tmp_path / "word.pdf", "-"], check=True, capture_output=True, text=True
    )
    assert said.stdout.split() == ["Femur"]
