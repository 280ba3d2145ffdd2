"""Small pictures of a PDF's pages in a column; only those on screen are drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from workstation.loading.keys import PdfPageKey
from workstation.loading.loader import Priority
from workstation.ui import theme
from workstation.ui.pdf_view import image_of

if TYPE_CHECKING:
    from PySide6.QtGui import QImage

    from workstation.loading.loader import Loaded
    from workstation.objects.pdf_pages import Pdf

Index = QModelIndex | QPersistentModelIndex
WIDTH = 72
"""Logical pixels of the widest page."""
HEIGHT = 100
KEPT = 60
SETTLE = 100


class PageModel(QAbstractListModel):
    """A row for each page."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.pdf: Pdf | None = None
        self.images: dict[int, QImage] = {}

    def show_pdf(self, pdf: Pdf | None) -> None:
        """Show the pages of another document."""
        self.beginResetModel()
        self.pdf, self.images = pdf, {}
        self.endResetModel()

    def take(self, page: int, image: QImage) -> None:
        """Take the picture of a page; the ones taken longest ago are let go."""
        self.images[page] = image
        while len(self.images) > KEPT:
            del self.images[next(iter(self.images))]
        self.dataChanged.emit(self.index(page), self.index(page))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return len(self.pdf.sizes) if self.pdf is not None and not parent.isValid() else 0

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        return (
            str(index.row() + 1) if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole) else None
        )


class _PageDelegate(QStyledItemDelegate):
    """Draws a small page and its number below."""

    def __init__(self, pages: PageModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._pages = pages

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(WIDTH + 20, HEIGHT + 28)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        colours, pdf = theme.current(), self._pages.pdf
        if pdf is None:
            return
        rect = option.rect
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, colours["accent-soft"])
        width, height = pdf.sizes[index.row()]
        scale = min(WIDTH / width, HEIGHT / height)
        side = QSize(max(round(width * scale), 1), max(round(height * scale), 1))
        page = rect.adjusted(0, 0, 0, 0)
        page.setSize(side)
        page.moveCenter(rect.center())
        page.moveTop(rect.top() + 4 + (HEIGHT - side.height()) // 2)
        painter.fillRect(page, QColor("#ffffff"))
        image = self._pages.images.get(index.row())
        if image is not None:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(page, image)
        painter.setPen(colours["border-strong"])
        painter.drawRect(page)
        painter.setPen(colours["text-dim"])
        below = rect.adjusted(0, HEIGHT + 6, 0, 0)
        painter.drawText(below, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, str(index.row() + 1))


class PageList(QListView):
    """Chooses a page; says by ``wanted`` which pictures it needs."""

    wanted = Signal(object)
    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.pages = PageModel(self)
        self.setModel(self.pages)
        self.setItemDelegate(_PageDelegate(self.pages, self))
        self.setUniformItemSizes(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setFixedWidth(WIDTH + 20 + self.verticalScrollBar().sizeHint().width())
        self.setAccessibleName(self.tr("Page list"))
        self._later = QTimer(self, singleShot=True, interval=SETTLE)
        self._later.timeout.connect(self._ask)
        self.verticalScrollBar().valueChanged.connect(self._later.start)
        self.clicked.connect(lambda index: self.chosen.emit(index.row()))
        self.activated.connect(lambda index: self.chosen.emit(index.row()))

    def show_pdf(self, pdf: Pdf | None) -> None:
        """Show the pages of another document."""
        self.pages.show_pdf(pdf)
        self._later.start()

    def mark(self, page: int) -> None:
        """Mark the page that is read."""
        index = self.pages.index(page)
        if index.isValid():
            self.setCurrentIndex(index)

    def on_loaded(self, loaded: Loaded) -> None:
        """Take a small picture."""
        key = loaded.key
        if (
            isinstance(key, PdfPageKey)
            and key.pdf == self.pages.pdf
            and loaded.error is None
            and key == self._key(key.page)
        ):
            self.pages.take(key.page, image_of(loaded.value))

    def _key(self, page: int) -> PdfPageKey:
        assert self.pages.pdf is not None
        width, height = self.pages.pdf.sizes[page]
        scale = min(WIDTH / width, HEIGHT / height)
        return PdfPageKey(self.pages.pdf, page, max(round(width * scale * self.devicePixelRatioF()), 8))

    def _ask(self) -> None:
        if self.pages.pdf is None or not self.isVisible():
            return
        first = self.indexAt(self.viewport().rect().topLeft())
        last = self.indexAt(self.viewport().rect().bottomLeft())
        stop = last.row() if last.isValid() else self.pages.rowCount() - 1
        rows = [row for row in range(max(first.row(), 0), stop + 1) if row not in self.pages.images]
        self.wanted.emit([(self._key(row), Priority.THUMBNAIL) for row in rows])

    def showEvent(self, event: Any) -> None:
        super().showEvent(event)
        self._later.start()

    def resizeEvent(self, event: Any) -> None:
        super().resizeEvent(event)
        self._later.start()
