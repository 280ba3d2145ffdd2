"""Render packaging/icon.svg to PNGs of the usual sizes: make_icons.py FOLDER."""

from __future__ import annotations

import sys
from pathlib import Path

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

SIZES = (16, 24, 32, 48, 64, 128, 256, 512)
SOURCE = Path(__file__).with_name("icon.svg")


def render(size: int, target: Path) -> None:
    """Write one square PNG with a transparent ground."""
    image = QImage(size, size, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    QSvgRenderer(str(SOURCE)).render(painter, QRectF(0, 0, size, size))
    painter.end()
    if not image.save(str(target)):
        raise SystemExit(f"cannot write {target}")


def main(folder: Path) -> None:
    """Write one PNG per size, and the largest as the icon of the window's bundle."""
    app = QGuiApplication.instance() or QGuiApplication([])
    folder.mkdir(parents=True, exist_ok=True)
    for size in SIZES:
        render(size, folder / f"dicom-workstation-{size}.png")
    print(f"{len(SIZES)} icons in {folder}")
    del app


if __name__ == "__main__":
    main(Path(sys.argv[1]))
