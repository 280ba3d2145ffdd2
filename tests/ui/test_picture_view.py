"""What a pane shows is its picture's words: exact at one to one, means when smaller, whatever way it is turned."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtGui import QImage

from workstation.imaging.modality_lut import Rescale
from workstation.imaging.painting import Painting
from workstation.imaging.pipeline import Pipeline
from workstation.imaging.rendering import Rendering
from workstation.imaging.window import Window
from workstation.ui.picture_view import PictureView, to_qimage
from workstation.viewing.display_transform import DisplayTransform
from workstation.viewing.view_state import ViewState

VALUES = np.random.default_rng(3).integers(-300, 400, (60, 90)).astype(np.int16)
PIPELINE = Pipeline(Rendering(Rescale()), Window(40, 400))
TURNS = [(turn, across, down) for turn in (0, 90, 180, 270) for across in (False, True) for down in (False, True)]


def screen(values: np.ndarray, state: ViewState, width: int, height: int, **more: object) -> np.ndarray:
    """Return the words a view of this size shows."""
    view = PictureView(None)  # type: ignore[arg-type]
    view.smooth = bool(more.get("smooth", True))
    view.resize(width, height)
    aspect = more.get("aspect", (1.0, 1.0))
    view.set_painting(Painting(values, PIPELINE))
    view.place(DisplayTransform.of(state, *values.shape[:2], aspect, width, height), 1.0)  # type: ignore[arg-type]
    image = view.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    view.deleteLater()
    return np.frombuffer(image.constBits(), np.uint32).reshape(height, width) | np.uint32(0xFF000000)


def turned(words: np.ndarray, turn: int, across: bool, down: bool) -> np.ndarray:
    words = np.rot90(words, -turn // 90)
    words = words[:, ::-1] if across else words
    return words[::-1] if down else words


@pytest.mark.parametrize(("turn", "across", "down"), TURNS)
@pytest.mark.parametrize("size", [(120, 100), (121, 101)])
def test_one_to_one_shows_every_pixel_itself(turn: int, across: bool, down: bool, size: tuple[int, int]) -> None:
    """B28: also in a pane of odd size, whose middle falls between two pixels of an even picture."""
    state = ViewState(scale=1.0, rotation=turn, flip_horizontal=across, flip_vertical=down)
    words = np.zeros(VALUES.shape, np.uint32)
    Painting(VALUES, PIPELINE).write(0, 0, words)
    expected = turned(words, turn, across, down)
    shown = screen(VALUES, state, *size)
    found = shown != 0xFF000000
    top, left = (size[1] - expected.shape[0] + 1) // 2, (size[0] - expected.shape[1] + 1) // 2
    places = [(top + y, left + x) for y in (0, -1) for x in (0, -1)]
    height, width = expected.shape
    assert any(np.array_equal(shown[y : y + height, x : x + width], expected) for y, x in places if min(y, x) >= 0)
    assert not found.all()


@pytest.mark.parametrize(("turn", "across", "down"), TURNS)
def test_a_smaller_picture_is_turned_as_a_large_one(turn: int, across: bool, down: bool) -> None:
    state = ViewState(scale=0.5, rotation=turn, flip_horizontal=across, flip_vertical=down)
    shown, upright = screen(VALUES[:, :88], state, 100, 100), screen(VALUES[:, :88], ViewState(scale=0.5), 100, 100)
    assert np.array_equal(shown, turned(upright, turn, across, down))


def test_half_size_is_the_rounded_mean_of_four_display_values() -> None:
    display = PIPELINE.display(VALUES).astype(int)
    expected = (display[0::2, 0::2] + display[0::2, 1::2] + display[1::2, 0::2] + display[1::2, 1::2] + 2) // 4
    shown = screen(VALUES, ViewState(scale=0.5), 45, 30)
    assert np.array_equal(shown & 255, expected)


def test_enlarged_without_smoothing_is_blocks_of_pixels() -> None:
    shown = screen(VALUES, ViewState(scale=3.0), 270, 180, smooth=False)
    assert np.array_equal(shown & 255, np.kron(PIPELINE.display(VALUES), np.ones((3, 3), np.uint8)))


def test_enlarging_a_part_of_a_large_picture_shows_what_enlarging_all_of_it_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from workstation.ui import picture_view

    state = ViewState(scale=4.0, centre=(33.3, 41.7))
    whole = screen(VALUES, state, 80, 60)
    monkeypatch.setattr(picture_view, "WHOLE", 0)
    part = screen(VALUES, state, 80, 60)
    assert np.abs((whole & 255).astype(int) - (part & 255).astype(int)).max() <= 1


@pytest.mark.parametrize("turn", [0, 90])
@pytest.mark.parametrize("aspect", [(1.0, 4.0), (4.0, 1.0)])
def test_oblong_pixels_may_shrink_one_way_and_grow_the_other(turn: int, aspect: tuple[float, float]) -> None:
    """D31: a flat grey stays flat and fills its place."""
    state = ViewState(scale=0.5, rotation=turn)
    shown = screen(np.full((40, 40), 40, np.int16), state, 120, 120, aspect=aspect)
    rows, columns = np.nonzero(shown != 0xFF000000)
    sizes = sorted((int(np.ptp(rows)) + 1, int(np.ptp(columns)) + 1))
    assert abs(sizes[0] - 20) <= 1
    assert abs(sizes[1] - 80) <= 1
    assert set(np.unique(shown[30:90, 56:64][shown[30:90, 56:64] != 0xFF000000] & 255)) <= {127, 128}


def test_moving_a_picture_makes_no_pixel_again() -> None:
    made: list[int] = []

    class Counted(Painting):
        def write(self, top: int, left: int, out: np.ndarray) -> None:
            made.append(out.size)
            super().write(top, left, out)

    view = PictureView(None)  # type: ignore[arg-type]
    view.resize(200, 200)
    view.smooth = False
    view.set_painting(Counted(VALUES, PIPELINE))
    state = ViewState(scale=2.0)
    for step in range(3):
        moved = replace(state, centre=(40.0 + step, 30.0))
        view.place(DisplayTransform.of(moved, 60, 90, (1.0, 1.0), 200, 200), 1.0)
        view.grab()
    view.deleteLater()
    assert made == [VALUES.size]


def test_out_of_sight_is_black() -> None:
    assert set(np.unique(screen(VALUES, ViewState(scale=0.5, centre=(5000, 5000)), 50, 50))) == {0xFF000000}


def test_an_image_borrows_words_that_live_as_long() -> None:
    """B28: a width that is no multiple of four does not skew."""
    image = to_qimage(np.arange(15, dtype=np.uint8).reshape(3, 5))
    assert image.pixelColor(4, 2).red() == 14
