"""Both themes are complete and readable, every icon draws."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QAction, QColor
from PySide6.QtWidgets import QPushButton

from workstation.paths import resource
from workstation.ui import theme

ICONS = sorted(path.stem for path in resource("icons").glob("*.svg"))
TEXT = [("text", "panel"), ("text", "window"), ("text", "raised"), ("text", "field"), ("text", "accent-soft"),
        ("text-dim", "panel"), ("text-dim", "window"), ("text-dim", "raised"), ("accent-text", "accent"),
        ("link", "window"), ("warning", "panel"), ("error", "panel"), ("info", "panel")]  # fmt: skip


def luminance(colour: QColor) -> float:
    parts = [colour.redF(), colour.greenF(), colour.blueF()]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(a: QColor, b: QColor) -> float:
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("name", theme.NAMES)
@pytest.mark.parametrize(("ink", "ground"), TEXT)
def test_text_stands_out_from_its_ground(name, ink, ground):
    assert contrast(theme.load(name)[ink], theme.load(name)[ground]) >= 4.5


def test_both_themes_name_the_same_colours():
    assert set(theme.load("dark").colours) == set(theme.load("light").colours)


def test_images_stay_on_near_black_in_both_themes():
    assert max(luminance(theme.load(name)["image"]) for name in theme.NAMES) < 0.01


@pytest.mark.parametrize("name", ICONS)
def test_an_icon_draws_in_the_colour_asked_for(qapp, name):
    drawn = theme.pixmap(name, 24, 2.0, "accent").toImage()
    colours = {
        drawn.pixelColor(x, y).name() for x in range(48) for y in range(48) if drawn.pixelColor(x, y).alpha() == 255
    }
    assert drawn.width() == 48
    assert theme.load("dark")["accent"].name() in colours


@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0])
@pytest.mark.parametrize("size", [16, 20, 24])
def test_an_icon_is_drawn_not_scaled_at_every_usual_scale(qapp, size, ratio):
    drawn = theme.icon("open").pixmap(QSize(size, size), ratio)
    assert (drawn.width(), drawn.devicePixelRatio()) == (round(size * ratio), ratio)


def test_a_change_of_theme_reaches_icons_already_given(qapp, qtbot):
    button, action = QPushButton(), QAction()
    qtbot.addWidget(button)
    button.addAction(action)
    theme.give_icon(button, "open")
    theme.give_icon(action, "close")
    before = button.icon().cacheKey(), action.icon().cacheKey()
    theme.apply_theme(qapp, "light")
    assert theme.current().name == "light"
    assert button.icon().cacheKey() != before[0]
    assert action.icon().cacheKey() != before[1]


def test_an_unknown_theme_is_the_dark_one():
    assert theme.load("solarized").name == "dark"


def test_the_window_icon_is_that_of_the_packages():
    packaged = Path(__file__).parents[2] / "packaging" / "icon.svg"
    assert resource("app.svg").read_text() == packaged.read_text()
    assert not theme.app_icon().isNull()
