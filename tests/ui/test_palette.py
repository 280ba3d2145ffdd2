"""The command palette finds and runs by keys alone."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from workstation.ui.palette import CommandPalette, Entry, ranked, score

TITLES = (
    "Compare with the prior study",
    "Multiplanar view (MPR)",
    "Maximise the pane",
    "Window preset: lung",
    "Zoom in",
)


@pytest.fixture
def ran():
    return []


@pytest.fixture
def page(qtbot):
    widget = QWidget()
    qtbot.addWidget(widget)
    widget.resize(700, 500)
    widget.field = QLineEdit()
    QVBoxLayout(widget).addWidget(widget.field)
    with qtbot.waitExposed(widget):
        widget.show()
    widget.activateWindow()
    widget.field.setFocus()
    return widget


@pytest.fixture
def palette(page, ran):
    entries = [Entry(title.lower(), title, "View", "", lambda title=title: ran.append(title)) for title in TITLES]
    made = CommandPalette(entries, page)
    made.open_over(page)
    return made


def test_typing_and_enter_runs_the_best_match(palette, ran):
    QTest.keyClicks(palette.query, "mpr")
    QTest.keyClick(palette.query, Qt.Key.Key_Return)
    assert ran == ["Multiplanar view (MPR)"]
    assert not palette.isVisible()


def test_arrows_choose_and_go_around(palette, ran):
    QTest.keyClick(palette.query, Qt.Key.Key_Up)
    QTest.keyClick(palette.query, Qt.Key.Key_Return)
    assert ran == ["Zoom in"]


def test_escape_gives_the_keyboard_back(palette, page, ran, qtbot):
    QTest.keyClick(palette.query, Qt.Key.Key_Escape)
    assert not palette.isVisible()
    assert ran == []
    qtbot.waitUntil(page.field.hasFocus)


def test_a_click_runs_an_entry(palette, ran):
    place = palette.list.visualRect(palette.list.model().index(2, 0)).center()
    QTest.mouseClick(palette.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert ran == ["Maximise the pane"]


def test_nothing_that_fits_is_said(palette):
    QTest.keyClicks(palette.query, "qqq")
    assert palette.none.isVisible()
    QTest.keyClick(palette.query, Qt.Key.Key_Return)
    assert palette.isVisible()


def test_a_closed_palette_leaves_nothing_behind(palette, page, qtbot):
    gone = []
    palette.destroyed.connect(lambda *_: gone.append(True))
    palette.dismiss()
    qtbot.waitUntil(lambda: bool(gone))


@pytest.mark.parametrize(
    ("query", "best"), [("lung", "Window preset: lung"), ("mp", "Multiplanar view (MPR)"), ("max", "Maximise the pane"),
                        ("pane max", "Maximise the pane"), ("zi", "Zoom in")]
)  # fmt: skip
def test_letters_at_the_start_of_words_count_most(query, best):
    entries = [Entry(title, title, "", "", lambda: None) for title in TITLES]
    assert ranked(entries, query)[0].title == best


def test_letters_that_are_not_there_do_not_fit():
    assert score("xyz", "Multiplanar view") == 0
