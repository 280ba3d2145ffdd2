"""Pages of a PDF as pictures and text, drawn by PDFium without forms: no script or action is ever run (A31).

PDFium is not made for several threads: everything here happens under one lock, and an open document never leaves it.
"""

from __future__ import annotations

import atexit
import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from time import monotonic
from typing import TYPE_CHECKING, Any

from workstation.dicom.display_names import plain_lines
from workstation.errors import WorkstationError

if TYPE_CHECKING:
    from numpy.typing import NDArray

PAGE_LIMIT = 10_000
PIXEL_LIMIT = 24_000_000
"""Pixels of one picture of a page; a larger page is drawn smaller."""
BAND = 32
"""Rows that are averaged at once, few enough for a processor's cache."""
OPEN = 2
"""Documents that are kept open."""
LARGEST = 20_000.0
LONGEST = 15.0
"""Seconds for which a page is drawn, and for which one waits for another to be drawn."""
CHARACTER_LIMIT = 200_000
HIT_LIMIT = 2_000
POINTS_PER_INCH = 72.0
_ACTIONS = re.compile(rb"/(?:JavaScript|JS|Launch)(?![A-Za-z0-9])")
"""Names of what a reader would run (ISO 32000-1, 12.6.4.5 and 12.6.4.16)."""

Box = tuple[float, float, float, float]
"""Left, top, right, bottom in points from the upper left corner of a page."""


class UnreadablePdf(WorkstationError):
    """A PDF that can't be opened or drawn."""

    code = "undecodable"


@dataclass(frozen=True, slots=True)
class Pdf:
    """A document: its bytes, and the size of each page in points. ``notes`` tell what is left out.

    Two are equal where the hash of their bytes is: that makes it part of a key.
    """

    digest: str
    data: bytes = field(compare=False, repr=False)
    sizes: tuple[tuple[float, float], ...] = field(compare=False, repr=False)
    notes: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True, eq=False)
class PageText:
    """The characters of a page in their order, and where each stands."""

    text: str
    boxes: tuple[Box, ...]


@dataclass(frozen=True, slots=True)
class Hit:
    """Where a text was found: the page from 0, and boxes around it."""

    page: int
    boxes: tuple[Box, ...]


_LOCK = threading.Lock()
_DOCUMENTS: OrderedDict[str, Any] = OrderedDict()


def _close_all() -> None:
    """Close what is open before the library itself goes."""
    with _LOCK:
        while _DOCUMENTS:
            _DOCUMENTS.popitem()[1].close()


def open_pdf(data: bytes) -> Pdf:
    """Return a document with the sizes of its pages.

    Raises
    ------
    UnreadablePdf
        If PDFium can't read it, or a password is needed.
    """
    digest = sha256(data).hexdigest()
    with _document(digest, data) as document:
        count = len(document)
        sizes = tuple(_size(document, page) for page in range(min(count, PAGE_LIMIT)))
        acts = _acts(document, data)
    notes = [f"The first {PAGE_LIMIT:,} of {count:,} pages are shown."] if count > PAGE_LIMIT else []
    if acts:
        notes.append("The PDF holds scripts or commands; none of them is run.")
    if not sizes:
        raise UnreadablePdf("The PDF has no page.")
    return Pdf(digest, data, sizes, tuple(notes))


def _acts(document: Any, data: bytes) -> bool:
    """Whether a document is known to hold a script or a command; a compressed one may hide there unseen."""
    from pypdfium2 import raw

    return raw.FPDFDoc_GetJavaScriptActionCount(document) > 0 or _ACTIONS.search(data) is not None


def _size(document: Any, page: int) -> tuple[float, float]:
    """Return a page size that can be laid out; A4 where the file's is none."""
    import pypdfium2

    try:
        width, height = document.get_page_size(page)
    except pypdfium2.PdfiumError:
        width = height = 0.0
    if not (0 < width < float("inf") and 0 < height < float("inf")):
        return 595.0, 842.0
    return min(max(width, 10.0), LARGEST), min(max(height, 10.0), LARGEST)


@contextmanager
def _document(digest: str, data: bytes) -> Iterator[Any]:
    """Hold the lock and give an open document."""
    import pypdfium2

    # a worker that waited for ever would be missing where images are decoded
    if not _LOCK.acquire(timeout=LONGEST):
        raise UnreadablePdf("Another page is still being drawn.")
    try:
        document = _DOCUMENTS.get(digest)
        if document is None:
            try:
                document = pypdfium2.PdfDocument(data)
            except pypdfium2.PdfiumError as error:
                needs = "password" in str(error).lower()
                why = "needs a password" if needs else "is damaged beyond reading"
                raise UnreadablePdf(f"The PDF {why}; it can be saved as it is.") from error
            if not _DOCUMENTS:
                atexit.unregister(_close_all)
                atexit.register(_close_all)  # after the library's own, so that it runs before that
            _DOCUMENTS[digest] = document
            while len(_DOCUMENTS) > OPEN:
                _DOCUMENTS.popitem(last=False)[1].close()
        _DOCUMENTS.move_to_end(digest)
        yield document
    except pypdfium2.PdfiumError as error:
        raise UnreadablePdf("The PDF is damaged here.") from error
    finally:
        _LOCK.release()


@contextmanager
def _page(pdf: Pdf, number: int) -> Iterator[Any]:
    import pypdfium2

    with _document(pdf.digest, pdf.data) as document:
        try:
            page = document[number]
        except pypdfium2.PdfiumError as error:
            raise UnreadablePdf(f"Page {number + 1} is damaged.") from error
        try:
            yield page
        finally:
            page.close()


def drawn_page(pdf: Pdf, number: int, width: int) -> NDArray[Any]:
    """Return a page about ``width`` pixels wide as an array of rows, columns and blue, green, red, unused.

    PDFium sets every glyph on a whole pixel, up to half a pixel from its place: a page is drawn twice as large and
    averaged, unless that makes it larger than :data:`PIXEL_LIMIT`.

    Raises
    ------
    UnreadablePdf
        If the page is damaged, or drawing it takes longer than :data:`LONGEST` seconds.
    """
    points, height = pdf.sizes[number]
    scale = max(width, 8) / points
    scale = min(scale, (PIXEL_LIMIT / (points * height)) ** 0.5)
    columns, rows = max(round(points * scale), 1), max(round(height * scale), 1)
    fine = 4 * columns * rows <= PIXEL_LIMIT
    with _page(pdf, number) as page:
        drawn = _rendered(page, (1 + fine) * columns, (1 + fine) * rows, number)
    return _halved(drawn) if fine else drawn


def _halved(drawn: NDArray[Any]) -> NDArray[Any]:
    """Return a picture half as large, each pixel the rounded mean of four; a word holds the sums of two channels."""
    import numpy as np

    words, pair, half = drawn.view(np.uint32)[..., 0], np.uint32(0x00FF00FF), np.uint32(0x00020002)
    out = np.empty((words.shape[0] // 2, words.shape[1] // 2), np.uint32)
    for start in range(0, out.shape[0], BAND):
        band = words[2 * start : 2 * (start + BAND)]
        means = []
        for channels in (band & pair, band >> 8 & pair):
            lines = channels[0::2] + channels[1::2]
            means.append((lines[:, 0::2] + lines[:, 1::2] + half) >> 2 & pair)
        out[start : start + BAND] = means[0] | means[1] << 8
    return out.view(np.uint8).reshape(*out.shape, 4)


def _rendered(page: Any, width: int, height: int, number: int) -> NDArray[Any]:
    """Draw a page; PDFium asks now and then whether it is to stop."""
    import pypdfium2
    import pypdfium2.internal
    import pypdfium2.raw as raw

    end = monotonic() + LONGEST
    pause = raw.IFSDK_PAUSE(version=1)
    pypdfium2.internal.set_callback(pause, "NeedToPauseNow", lambda _: monotonic() > end)
    bitmap = pypdfium2.PdfBitmap.new_native(width, height, raw.FPDFBitmap_BGRx)
    try:
        bitmap.fill_rect((255, 255, 255, 255), 0, 0, width, height)
        # Annotations are drawn as they look; forms, whose scripts could run, are never initialised.
        status = raw.FPDF_RenderPageBitmap_Start(bitmap, page, 0, 0, width, height, 0, raw.FPDF_ANNOT, pause)
        raw.FPDF_RenderPage_Close(page)
        if status == raw.FPDF_RENDER_TOBECONTINUED:
            raise UnreadablePdf(f"Drawing page {number + 1} takes longer than {LONGEST:g} seconds; it was ended.")
        if status != raw.FPDF_RENDER_DONE:
            raise UnreadablePdf(f"Page {number + 1} cannot be drawn.")
        drawn: NDArray[Any] = bitmap.to_numpy().copy()
    finally:
        bitmap.close()
    return drawn


def page_text(pdf: Pdf, number: int) -> PageText:
    """Return the characters of a page and where they stand, at most some hundred thousand."""
    height = pdf.sizes[number][1]
    with _page(pdf, number) as page:
        layer = page.get_textpage()
        try:
            count = min(layer.count_chars(), CHARACTER_LIMIT)
            text = layer.get_text_range(0, count) if count else ""
            boxes = tuple(_flipped(layer.get_charbox(place), height) for place in range(count))
        finally:
            layer.close()
    if len(text) != len(boxes):
        # a character outside the Basic Multilingual Plane is two for PDFium, and controls may be left out
        text = text[: len(boxes)].ljust(len(boxes))
    return PageText("".join(plain_lines(char, 1) or " " for char in text), boxes)


def _flipped(box: tuple[float, float, float, float], height: float) -> Box:
    left, bottom, right, top = box
    return left, height - top, right, height - bottom


def search(pdf: Pdf, words: str, stopped: Callable[[], bool] = lambda: False) -> tuple[Hit, ...]:
    """Return where a text is found, page by page; upper and lower case are alike."""
    hits: list[Hit] = []
    for number in range(len(pdf.sizes)):
        if stopped() or len(hits) >= HIT_LIMIT:
            break
        hits += _hits_on(pdf, number, words)
    return tuple(hits[:HIT_LIMIT])


def _hits_on(pdf: Pdf, number: int, words: str) -> list[Hit]:
    height = pdf.sizes[number][1]
    found: list[Hit] = []
    try:
        with _page(pdf, number) as page:
            layer = page.get_textpage()
            try:
                searcher = layer.search(words)
                while (at := searcher.get_next()) is not None and len(found) < HIT_LIMIT:
                    count = layer.count_rects(*at)
                    found.append(Hit(number, tuple(_flipped(layer.get_rect(n), height) for n in range(count))))
                searcher.close()
            finally:
                layer.close()
    except UnreadablePdf:
        return []
    return found


def close_all() -> None:
    """Close every open document."""
    with _LOCK:
        while _DOCUMENTS:
            _DOCUMENTS.popitem()[1].close()
