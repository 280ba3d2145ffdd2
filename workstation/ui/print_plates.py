"""What is printed: frames on their own grid, and panes as on screen; each becomes a film image or is drawn on paper.

A plate is taken on the window's thread and holds all it needs; pixels are read, decoded and drawn on a worker.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from threading import Lock
from typing import TYPE_CHECKING

from workstation.ui.pane_overlay import OverlayContent
from workstation.viewing.corner_text import ESSENTIAL, HIDDEN, Corners, corner_text

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PySide6.QtCore import QRectF
    from PySide6.QtGui import QFont, QPainter

    from workstation.dicom.identity import FrameRef, Instance
    from workstation.geometry.stack import Stack
    from workstation.loading.shown import Shown
    from workstation.network.film import FilmImage
    from workstation.objects.picture import Picture
    from workstation.ui.export_jobs import Appearance, Place
    from workstation.ui.image_pane import ImagePane
    from workstation.viewing.display_transform import DisplayTransform

    Read = Callable[[Instance, FrameRef], Picture]

TEXTS = ("patient", "image", "none")
"""What is written on images: who, when and what; what alone; nothing."""
LEAST = 512
"""Pixels of the shorter side below which a picture is enlarged before text is burnt in, so that it can be read."""
LINES = 34
"""A line of text is one such part of the shorter side."""
FINEST, MOST = 2.0, 4096
"""Film pixels for a pixel of the screen at least, where that makes no side longer than the second."""
KEPT = 256 << 20
"""Bytes of film images that are kept between previews."""


@dataclass(frozen=True, slots=True, eq=False)
class FramePlate:
    """One frame on its stored grid, windowed as its pane, turned by right angles; ``text`` is one of :data:`TEXTS`."""

    stack: Stack
    index: int
    appearance: Appearance
    text: str = "none"
    ideographic_first: bool = False

    @property
    def instance(self) -> Instance:
        """The instance the frame is of."""
        return self.stack.frames[self.index].instance

    def corners(self) -> Corners:
        """Return what is written in the corners; nothing says of whom unless it is asked for."""
        if self.text == "none":
            return Corners()
        hidden = self.text != "patient"
        corners = corner_text(
            self.stack,
            self.index,
            level=ESSENTIAL,
            hidden=hidden,
            ideographic_first=self.ideographic_first,
        )
        return without_remark(corners)


@dataclass(frozen=True, slots=True, eq=False)
class PanePlate:
    """A pane as on screen: its picture, where that lies in it, and what stands over it."""

    place: Place | None
    shown: Shown | None
    appearance: Appearance
    transform: DisplayTransform
    size: tuple[int, int]
    content: OverlayContent
    font_height: int
    mm_per_pixel: float | None = None
    smooth: bool = True

    @property
    def instance(self) -> Instance | None:
        """The instance whose frame is shown."""
        return self.place[0] if self.place is not None else None


Plate = FramePlate | PanePlate


def without_remark(corners: Corners) -> Corners:
    """Leave out the line that says that identity is hidden: on a sheet of its own it tells nobody anything."""
    return replace(corners, top_left=tuple(line for line in corners.top_left if line != HIDDEN))


def pane_plate(pane: ImagePane, text: str) -> PanePlate:
    """Take a pane as it is now."""
    from workstation.ui.view_picture import appearance_of, content_of, place_of

    content = content_of(pane, identity=text == "patient")
    corners = Corners() if text == "none" else without_remark(content.corners)
    content = replace(content, corners=corners, handles=(), tab="")
    shown, transform, mm = pane.picture, pane.picture_transform(), None
    if shown is not None and shown.calibration is not None and (shown.is_section or shown.calibration.unit == "mm"):
        pixel = pane.aspect if shown.is_section else (shown.calibration.row_mm, shown.calibration.column_mm)
        mm = min(pixel) / pane.transform().scale
    return PanePlate(
        place_of(pane),
        shown,
        appearance_of(pane),
        transform,
        (pane.width(), pane.height()),
        content,
        pane.overlay.text_font().pixelSize(),
        mm,
        pane.workspace.options.smooth,
    )


class PlateMaker:
    """Turns plates into film images and draws them; used by one worker at a time."""

    def __init__(self, plates: Sequence[Plate], font: QFont, *, color: bool) -> None:
        self.plates = tuple(plates)
        self._font, self._color = font, color
        self._films: dict[int, FilmImage] = {}
        self._sized: dict[int, bool] = {}
        self._room = KEPT
        self._lock = Lock()

    def film(self, number: int, read: Read) -> FilmImage:
        """Return the image of a plate as it is sent; the same one every time it is asked for while there is room.

        Raises
        ------
        WorkstationError
            What reading it may raise.
        """
        with self._lock:
            found = self._films.get(number)
        if found is None:
            plate = self.plates[number]
            found = self._frame_film(plate, read) if isinstance(plate, FramePlate) else self._pane_film(plate)
            with self._lock:
                if found.pixels.nbytes <= self._room:
                    self._room -= found.pixels.nbytes
                    self._films[number] = found
        return found

    def sizes_known(self, numbers: Sequence[int]) -> list[bool]:
        """Return of plates that were drawn whether their true size is known."""
        return [self._sized[number] for number in numbers if number in self._sized]

    def draw(self, painter: QPainter, number: int, box: QRectF, read: Read, *, mm: float, true_size: bool) -> None:
        """Draw a plate into a box; ``mm`` are the painter's units for a millimetre.

        Raises
        ------
        WorkstationError
            What reading it may raise, and where it is larger than its box in its true size.
        """
        plate = self.plates[number]
        painter.save()
        try:
            if isinstance(plate, FramePlate):
                self._sized[number] = self._draw_frame(painter, plate, box, read, mm if true_size else 0.0)
            else:
                self._sized[number] = plate.mm_per_pixel is not None
                self._draw_pane(painter, plate, box, mm if true_size else 0.0)
        finally:
            painter.restore()

    # frames

    def _frame(self, plate: FramePlate, read: Read) -> FilmImage:
        """Return a frame without text, with square pixels, turned as its pane."""
        import numpy as np

        from workstation.network.film import FilmImage
        from workstation.transfers.film_images import film_image

        frame = plate.stack.frames[plate.index]
        picture = read(frame.instance, frame.ref)
        look = self._steady(plate, picture, read).look(picture)
        made = film_image(frame.instance, picture, look, color=self._color)
        state, pixels, width = plate.appearance.state, made.pixels, made.width
        turns = state.rotation % 360 // 90
        if turns % 2 and width is not None:
            width *= pixels.shape[0] / pixels.shape[1]
        pixels = np.rot90(pixels, -turns)
        if state.flip_horizontal:
            pixels = pixels[:, ::-1]
        if state.flip_vertical:
            pixels = pixels[::-1]
        return FilmImage(np.ascontiguousarray(pixels), width)

    def _steady(self, plate: FramePlate, picture: Picture, read: Read) -> Appearance:
        """Window all alike where neither header nor pane has a window: by the first that is printed."""
        appearance = plate.appearance
        if appearance.statistics is not None or not picture.rendering.has_window or picture.rendering.voi:
            return appearance
        first = self.plates[0]
        if plate is first or not isinstance(first, FramePlate):
            return replace(appearance, statistics=picture.statistics)
        frame = first.stack.frames[first.index]
        return replace(appearance, statistics=read(frame.instance, frame.ref).statistics)

    def _frame_film(self, plate: FramePlate, read: Read) -> FilmImage:
        made, corners = self._frame(plate, read), plate.corners()
        if corners == Corners():
            return made
        return replace(made, pixels=with_corners(made.pixels, corners, self._font))

    def _draw_frame(self, painter: QPainter, plate: FramePlate, box: QRectF, read: Read, mm: float) -> bool:
        """Draw a frame and return whether its true size is known."""
        from PySide6.QtCore import QRectF
        from PySide6.QtGui import QPainter

        from workstation.ui.print_painting import draw_corners, draw_pixels, font_of

        made = self._frame(plate, read)
        rows, columns = made.pixels.shape[:2]
        width = made.width * mm if mm and made.width is not None else 0.0
        target = placed(box, columns, rows, width)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        draw_pixels(painter, target, made.pixels)
        corners = plate.corners()
        if corners != Corners():
            height = min(target.width(), target.height()) / LINES
            painter.setFont(font_of(self._font, height))
            edge = height / 2
            painter.setClipRect(target)
            draw_corners(painter, QRectF(target.adjusted(edge, edge, -edge, -edge)), corners)
        return made.width is not None

    # panes

    def _pane_film(self, plate: PanePlate) -> FilmImage:
        from PySide6.QtGui import QImage, QPainter

        from workstation.network.film import FilmImage, as_color, as_grey
        from workstation.ui.print_painting import draw_pane, font_of
        from workstation.ui.view_picture import pixels_of

        width, height = plate.size
        finer = min(max(FINEST, 1 / max(plate.transform.scale, 1e-6)), max(MOST / max(plate.size), 1.0))
        image = QImage(round(width * finer), round(height * finer), QImage.Format.Format_RGB32)
        with QPainter(image) as painter:
            painter.scale(image.width() / width, image.height() / height)
            font = font_of(self._font, plate.font_height)
            pixels = self._pane_pixels(plate)
            draw_pane(painter, plate.size, pixels, plate.transform, plate.content, font, smooth=plate.smooth)
        drawn = pixels_of(image)
        mm = plate.mm_per_pixel
        return FilmImage(as_color(drawn) if self._color else as_grey(drawn), None if mm is None else mm * width)

    def _pane_pixels(self, plate: PanePlate) -> NDArray[np.uint8] | None:
        from workstation.network.film import as_grey
        from workstation.ui.export_jobs import image_pixels

        if plate.place is None or plate.shown is None:
            return None
        pixels = image_pixels(plate.place, plate.shown, plate.appearance)
        return pixels if self._color else as_grey(pixels)

    def _draw_pane(self, painter: QPainter, plate: PanePlate, box: QRectF, mm: float) -> None:
        from workstation.ui.print_painting import draw_pane, font_of

        width, height = plate.size
        wide = plate.mm_per_pixel * width * mm if mm and plate.mm_per_pixel is not None else 0.0
        target = placed(box, width, height, wide)
        painter.translate(target.topLeft())
        painter.scale(target.width() / width, target.height() / height)
        font = font_of(self._font, plate.font_height)
        pixels = self._pane_pixels(plate)
        draw_pane(painter, plate.size, pixels, plate.transform, plate.content, font, smooth=plate.smooth)


def placed(box: QRectF, columns: float, rows: float, width: float = 0.0) -> QRectF:
    """Return where a picture stands in the middle of a box: ``width`` wide, or as large as the box allows.

    Raises
    ------
    FilmError
        Where it is larger than the box: nothing is shrunk unseen.
    """
    from PySide6.QtCore import QRectF

    from workstation.network.film import FilmError

    wide = width or min(box.width(), box.height() * columns / rows)
    high = wide * rows / columns
    if width and (wide > box.width() * 1.0001 or high > box.height() * 1.0001):
        raise FilmError(
            "An image is larger than its place in its true size. Choose a larger sheet, fewer images, or let it be "
            "fitted."
        )
    middle = box.center()
    return QRectF(middle.x() - wide / 2, middle.y() - high / 2, wide, high)


def with_corners(pixels: NDArray[np.uint8], corners: Corners, font: QFont) -> NDArray[np.uint8]:
    """Return pixels with text burnt in; small pictures are enlarged by a whole factor first."""
    import numpy as np
    from PIL import Image
    from PySide6.QtCore import QRectF
    from PySide6.QtGui import QImage, QPainter

    from workstation.network.film import as_grey
    from workstation.ui.print_painting import draw_corners, font_of, image_of
    from workstation.ui.view_picture import pixels_of

    rows, columns = pixels.shape[:2]
    factor = -(-LEAST // min(rows, columns))
    if factor > 1:
        size = (columns * factor, rows * factor)
        pixels = np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.BICUBIC))
    image = image_of(pixels).convertToFormat(QImage.Format.Format_RGB32)
    height = min(image.width(), image.height()) / LINES
    with QPainter(image) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font_of(font, height))
        edge = height / 2
        draw_corners(painter, QRectF(edge, edge, image.width() - 2 * edge, image.height() - 2 * edge), corners)
    drawn = pixels_of(image)
    if pixels.ndim == 2:
        return as_grey(drawn)
    return drawn if drawn.ndim == 3 else np.repeat(drawn[..., None], 3, axis=2)
