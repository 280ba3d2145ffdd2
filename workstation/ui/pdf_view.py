"""Pages of a PDF below each other; only those on screen are drawn, on a worker thread."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QGuiApplication,
    QImage,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QWidget

from workstation.loading.keys import PdfPageKey, PdfTextKey
from workstation.loading.loader import Priority
from workstation.ui import theme
from workstation.ui.pdf_layout import LARGEST, SMALLEST, PdfLayout, fitting, laid_out

if TYPE_CHECKING:
    from collections.abc import Hashable

    from workstation.loading.loader import Loaded
    from workstation.objects.pdf_pages import Box, Hit, PageText, Pdf

STEP = 1.2
"""Factor of one step of the zoom."""
KEPT = 6
"""Pictures of pages kept by the view itself."""
SETTLE = 80
"""Milliseconds of rest before pages are asked for at another size."""
PAPER, SELECTED, FOUND, CURRENT = (
    QColor("#ffffff"),
    QColor(60, 130, 220, 80),
    QColor(250, 200, 60, 110),
    QColor(240, 120, 20, 150),
)
Wishes = list[tuple["Hashable", Priority]]


class PdfView(QAbstractScrollArea):
    """Shows a document; says by ``wanted`` what it needs, and takes what comes by :meth:`on_loaded`."""

    wanted = Signal(object)
    page_changed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.pdf: Pdf | None = None
        self.fits = True
        self._layout = laid_out([(1.0, 1.0)], 1.0)
        self._images: dict[int, tuple[PdfPageKey, QImage]] = {}
        self._failed: dict[int, str] = {}
        self._texts: dict[int, PageText] = {}
        self._selection: tuple[int, int, int] | None = None
        self._anchor: tuple[int, int] | None = None
        self._hits: Sequence[Hit] = ()
        self._hit = -1
        self._page = 0
        self._later = QTimer(self, singleShot=True, interval=SETTLE)
        self._later.timeout.connect(self._ask)
        self.setAccessibleName(self.tr("Pages"))
        self.viewport().setMouseTracking(True)
        self.verticalScrollBar().valueChanged.connect(self._scrolled)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def show_pdf(self, pdf: Pdf | None) -> None:
        """Show a document from its first page, as wide as the view."""
        self.pdf, self.fits = pdf, True
        self._images, self._texts, self._failed, self._selection, self._hits = {}, {}, {}, None, ()
        self._hit = -1
        self._place(fitting(pdf.sizes, self._across()) if pdf is not None else 1.0)
        self.verticalScrollBar().setValue(0)
        self._scrolled()

    # zoom and place

    def zoom_by(self, steps: float) -> None:
        """Make pages larger or smaller; what is at the top stays there."""
        self.fits = False
        self._zoom(self._layout.zoom * STEP**steps)

    def fit_width(self) -> None:
        """Make pages as wide as the view, also when it changes."""
        self.fits = True
        if self.pdf is not None:
            self._zoom(fitting(self.pdf.sizes, self._across()))

    def go_to(self, page: int, y: float = 0.0) -> None:
        """Bring a page to the top, or a height of it in points."""
        top = self._layout.tops[min(max(page, 0), len(self._layout.sizes) - 1)]
        self.verticalScrollBar().setValue(round(top + y * self._layout.zoom))

    @property
    def page(self) -> int:
        """The page that fills most of the upper half of the view, from 0."""
        return self._layout.page_at(self.verticalScrollBar().value() + self.viewport().height() / 3)

    def _across(self) -> int:
        bar = self.verticalScrollBar()
        return self.viewport().width() - (0 if bar.isVisible() else bar.sizeHint().width())

    def _zoom(self, zoom: float) -> None:
        old, y = self._layout, self.verticalScrollBar().value()
        page = old.page_at(y)
        within = (y - old.tops[page]) / old.zoom
        self._place(min(max(zoom, SMALLEST), LARGEST))
        self.go_to(page, within)
        self._later.start()
        self.viewport().update()

    def _place(self, zoom: float) -> None:
        sizes = self.pdf.sizes if self.pdf is not None else ((1.0, 1.0),)
        self._layout = laid_out(sizes, zoom)
        view = self.viewport()
        self.verticalScrollBar().setRange(0, max(0, self._layout.height - view.height()))
        self.verticalScrollBar().setPageStep(view.height())
        self.verticalScrollBar().setSingleStep(40)
        self.horizontalScrollBar().setRange(0, max(0, self._layout.width - view.width()))
        self.horizontalScrollBar().setPageStep(view.width())

    def resizeEvent(self, event: QResizeEvent) -> None:
        if self.pdf is None:
            return
        if self.fits:
            self._zoom(fitting(self.pdf.sizes, self._across()))
        else:
            self._zoom(self._layout.zoom)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom_by(event.angleDelta().y() / 120)
            event.accept()
        else:
            super().wheelEvent(event)

    def _scrolled(self) -> None:
        self.viewport().update()
        if self.page != self._page:
            self._page = self.page
            self.page_changed.emit(self._page)
        self._later.start()

    # asking and taking

    def _visible(self) -> range:
        y = self.verticalScrollBar().value()
        return self._layout.pages_in(y, y + self.viewport().height())

    def key_of(self, page: int) -> PdfPageKey:
        """Return the key of a page at the size it has on screen."""
        assert self.pdf is not None
        return PdfPageKey(self.pdf, page, round(self.pdf.sizes[page][0] * self._layout.zoom * self.devicePixelRatioF()))

    def _ask(self) -> None:
        """Want what is on screen, then the pages beside it; text where a selection may begin."""
        if self.pdf is None or not self.isVisible():
            return
        seen = self._visible()
        wishes: Wishes = [(self.key_of(page), Priority.VISIBLE) for page in seen]
        wishes += [(PdfTextKey(self.pdf, page), Priority.THUMBNAIL) for page in seen if page not in self._texts]
        beside = (page for page in (seen.stop, seen.start - 1) if 0 <= page < len(self.pdf.sizes))
        wishes += [(self.key_of(page), Priority.PREFETCH) for page in beside]
        self.wanted.emit(wishes)

    def on_loaded(self, loaded: Loaded) -> None:
        """Take a picture or the text of a page."""
        key = loaded.key
        if not isinstance(key, PdfPageKey | PdfTextKey) or key.pdf != self.pdf:
            return
        if loaded.error is not None:
            if isinstance(key, PdfPageKey) and key == self.key_of(key.page):
                self._failed[key.page] = str(loaded.error)
                self.viewport().update()
        elif isinstance(key, PdfTextKey):
            self._texts[key.page] = loaded.value
            self._texts = {page: text for page, text in self._texts.items() if abs(page - key.page) < KEPT}
        elif key == self.key_of(key.page):
            self._failed.pop(key.page, None)
            self._images[key.page] = (key, image_of(loaded.value))
            near = sorted(self._images, key=lambda page: abs(page - self.page))[:KEPT]
            self._images = {page: self._images[page] for page in near}
            self.viewport().update()

    def missing(self) -> list[PdfPageKey]:
        """Return the keys of pages on screen that are not there yet at their size."""
        if self.pdf is None:
            return []
        keys = [self.key_of(page) for page in self._visible()]
        return [key for key in keys if self._images.get(key.page, (None,))[0] != key]

    def showEvent(self, event: Any) -> None:
        super().showEvent(event)
        self._later.start()

    # painting

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self.viewport()) as painter:
            painter.fillRect(event.rect(), theme.current()["window"])
            if self.pdf is None:
                return
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            for page in self._visible():
                self._paint_page(painter, page)

    def _rect(self, page: int) -> QRectF:
        left, top, width, height = self._layout.box(page, self.viewport().width())
        return QRectF(left - self.horizontalScrollBar().value(), top - self.verticalScrollBar().value(), width, height)

    def _paint_page(self, painter: QPainter, page: int) -> None:
        rect = self._rect(page)
        painter.fillRect(rect, PAPER)
        held = self._images.get(page)
        if held is not None:
            painter.drawImage(rect, held[1])
        elif page in self._failed:
            painter.setPen(QColor("#803000"))
            flags = int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextWordWrap)
            painter.drawText(rect.adjusted(20, 20, -20, -20), flags, self._failed[page])
        for number, hit in enumerate(self._hits):
            if hit.page == page:
                self._paint_boxes(painter, rect, hit.boxes, CURRENT if number == self._hit else FOUND)
        if self._selection is not None and self._selection[0] == page and page in self._texts:
            _, first, last = self._selection
            self._paint_boxes(painter, rect, self._texts[page].boxes[first : last + 1], SELECTED)

    def _paint_boxes(self, painter: QPainter, rect: QRectF, boxes: Sequence[Box], colour: QColor) -> None:
        zoom = self._layout.zoom
        for left, top, right, bottom in boxes:
            place = QRectF(
                rect.left() + left * zoom, rect.top() + top * zoom, (right - left) * zoom, (bottom - top) * zoom
            )
            painter.fillRect(place, colour)

    # finding and selecting

    def show_hits(self, hits: Sequence[Hit]) -> None:
        """Mark what was found, and go to the first hit from the page on screen."""
        self._hits = hits
        self._hit = next((n for n, hit in enumerate(hits) if hit.page >= self.page), 0) if hits else -1
        self._go_to_hit()

    def step_found(self, way: int) -> None:
        """Go to the next hit, or the one before, around the ends."""
        if self._hits:
            self._hit = (self._hit + way) % len(self._hits)
            self._go_to_hit()

    def found_here(self) -> int:
        """Return which hit is shown, from 1; 0 for none."""
        return self._hit + 1

    def _go_to_hit(self) -> None:
        self.viewport().update()
        if self._hit < 0:
            return
        hit = self._hits[self._hit]
        top = hit.boxes[0][1] if hit.boxes else 0.0
        self.go_to(hit.page, max(0.0, top - self.viewport().height() / 3 / self._layout.zoom))

    def selected_text(self) -> str:
        """Return the selected characters."""
        if self._selection is None or self._selection[0] not in self._texts:
            return ""
        page, first, last = self._selection
        return self._texts[page].text[first : last + 1]

    def copy(self) -> None:
        """Copy the selected characters."""
        words = self.selected_text()
        if words:
            QGuiApplication.clipboard().setText(words)

    def _character(self, place: QPointF) -> tuple[int, int] | None:
        """Return the page and the character nearest to a place of the view, None where the text is not there."""
        y = place.y() + self.verticalScrollBar().value()
        page = self._layout.page_at(y)
        text = self._texts.get(page)
        if text is None or not text.boxes:
            return None
        rect, zoom = self._rect(page), self._layout.zoom
        x, y = (place.x() - rect.left()) / zoom, (place.y() - rect.top()) / zoom
        distances = (
            (4 * max(top - y, y - bottom, 0.0) + max(left - x, x - right, 0.0), n)
            for n, (left, top, right, bottom) in enumerate(text.boxes)
        )
        return page, min(distances)[1]

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._anchor, self._selection = self._character(event.position()), None
            self.viewport().update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._anchor is None or not event.buttons() & Qt.MouseButton.LeftButton:
            return
        here = self._character(event.position())
        if here is not None and here[0] == self._anchor[0]:
            first, last = sorted((self._anchor[1], here[1]))
            self._selection = (here[0], first, last)
            self.viewport().update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._anchor = None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        ends = {Qt.Key.Key_Home: 0, Qt.Key.Key_End: self.verticalScrollBar().maximum()}
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif event.key() in ends:
            self.verticalScrollBar().setValue(ends[Qt.Key(event.key())])
        elif event.key() in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom_by(1)
        elif event.key() == Qt.Key.Key_Minus:
            self.zoom_by(-1)
        else:
            super().keyPressEvent(event)

    @property
    def layout_now(self) -> PdfLayout:
        """Where the pages lie."""
        return self._layout


def image_of(drawn: Any) -> QImage:
    """Return an array of blue, green, red and unused bytes as an image of its own memory."""
    height, width = drawn.shape[:2]
    image = QImage(drawn.data, width, height, drawn.strides[0], QImage.Format.Format_RGB32)
    # the memory has to live as long as the image
    image.drawn = drawn  # type: ignore[attr-defined]
    return image
