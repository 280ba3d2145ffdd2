"""Preferences, help sheet, empty page and the small parts."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest

from workstation import settings
from workstation.settings import SETTINGS, Settings
from workstation.ui import key_caps
from workstation.ui.empty_state import EmptyState
from workstation.ui.help_sheet import HelpSheet
from workstation.ui.preferences import Preferences
from workstation.ui.prompts import NumberBox
from workstation.ui.widgets import ElidedLabel, plain, tooltip

ROWS = [("File", "Open files…", ("Ctrl+O",), ""), ("Image", "Next image", ("Down",), "hold to run")]
MOUSE = [("Left drag", "The active tool"), ("Wheel", "Slice by slice")]


@pytest.fixture
def held(tmp_path):
    return Settings(tmp_path / "settings.json")


@pytest.fixture
def page(held, qtbot):
    widget = Preferences(held)
    qtbot.addWidget(widget)
    with qtbot.waitExposed(widget):
        widget.show()
    return widget


def test_every_visible_setting_has_an_editor_with_a_name(page):
    assert set(page.editors) == {setting.key for setting in SETTINGS if not setting.hidden}
    assert all(editor.accessibleName() for editor in page.editors.values())


def test_a_choice_takes_effect_at_once_and_is_stored(page, held):
    box = page.editors["theme"]
    box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_Down)
    assert held["theme"] == "light"
    assert settings.load(held.path)["theme"] == "light"


def test_a_key_toggles_a_check_box(page, held):
    QTest.keyClick(page.editors["reference_lines"], Qt.Key.Key_Space)
    assert held["reference_lines"] is False


def test_the_page_follows_a_change_made_elsewhere(page, held):
    held.set("cine_fps", 25.0)
    assert page.editors["cine_fps"].value() == 25.0


def test_defaults_come_back(page, held):
    held.set("theme", "light")
    held.set("recent_paths", ["a"])
    held.reset()
    assert page.editors["theme"].currentData() == "dark"
    assert held["recent_paths"] == ["a"]


def test_the_wheel_over_an_editor_does_not_change_it(page, held, qtbot):
    box = page.editors["window_drag"]
    here = QPointF(5, 5)
    none = Qt.KeyboardModifier.NoModifier
    turn = QWheelEvent(here, box.mapToGlobal(here), QPoint(), QPoint(0, -120), Qt.MouseButton.NoButton, none,
                       Qt.ScrollPhase.NoScrollPhase, False)  # fmt: skip
    page.editors["theme"].setFocus()
    qtbot.addWidget(box)
    box.event(turn)
    from PySide6.QtWidgets import QApplication

    QApplication.sendEvent(box, turn)
    assert box.currentIndex() in (0, 1)


def test_a_closed_page_no_longer_listens(held, qtbot):
    widget = Preferences(held)
    gone = []
    widget.destroyed.connect(lambda *_: gone.append(True))
    widget.deleteLater()
    qtbot.waitUntil(lambda: bool(gone))
    held.set("theme", "light")


def test_escape_closes_the_page(page):
    QTest.keyClick(page, Qt.Key.Key_Escape)
    assert not page.isVisible()


@pytest.fixture
def sheet(qtbot):
    widget = HelpSheet(ROWS, MOUSE)
    qtbot.addWidget(widget)
    with qtbot.waitExposed(widget):
        widget.show()
    return widget


def lines(view):
    return [view.model().data(view.model().index(row)) for row in range(view.model().rowCount())]


def test_the_sheet_lists_keys_by_group_and_mouse_actions(sheet):
    assert lines(sheet.keyboard) == ["File", "Open files…, Ctrl+O", "Image", "Next image, Down, hold to run"]
    assert lines(sheet.mouse) == ["Left drag, The active tool", "Wheel, Slice by slice"]


def test_the_sheet_is_filtered_by_words_and_keys(sheet):
    QTest.keyClicks(sheet.filter, "ctrl+o")
    assert lines(sheet.keyboard) == ["File", "Open files…, Ctrl+O"]
    assert lines(sheet.mouse) == []


def test_escape_clears_the_filter_then_closes(sheet):
    QTest.keyClicks(sheet.filter, "wheel")
    QTest.keyClick(sheet, Qt.Key.Key_Escape)
    assert sheet.filter.text() == ""
    QTest.keyClick(sheet, Qt.Key.Key_Escape)
    assert not sheet.isVisible()


@pytest.mark.parametrize(
    ("keys", "caps"),
    [("Ctrl+Shift+H", [["Ctrl", "Shift", "H"]]), ("Ctrl++", [["Ctrl", "+"]]), ("+", [["+"]]), (",", [[","]]),
     ("F, F11", [["F"], ["F11"]]), ("/", [["/"]]), ("", [])],
)  # fmt: skip
def test_keys_are_parted_into_caps(keys, caps):
    assert key_caps.parts_of(keys) == caps


@pytest.fixture
def empty(qtbot):
    widget = EmptyState()
    qtbot.addWidget(widget)
    widget.resize(800, 500)
    widget.show()
    return widget


def test_the_empty_page_offers_what_to_do(empty, qtbot):
    for button, signal in (
        (empty.files, empty.open_requested),
        (empty.folder, empty.folder_requested),
        (empty.demo, empty.demo_requested),
    ):
        with qtbot.waitSignal(signal):
            QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def test_what_was_opened_lately_can_be_opened_again(empty, qtbot):
    empty.set_recent(["/a/first & <b>", "/a/second"])
    button = empty._recent.itemAt(1).widget()
    with qtbot.waitSignal(empty.recent_requested) as asked:
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert asked.args == ["/a/first & <b>"]
    empty.set_recent([])
    assert empty._recent.count() == 0


def test_the_empty_page_says_it_is_not_for_diagnosis(empty):
    assert empty.notice.text() == "Not for diagnostic use."
    empty.set_dropping(True)
    empty.grab()


@given(st.text(max_size=300), st.integers(1, 100))
def test_plain_text_has_no_control_or_override_characters(text, limit):
    """A32."""
    shown = plain(text, limit)
    assert not {unicodedata.category(char) for char in shown} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert len(shown) <= limit + 1


def test_a_tooltip_shows_markup_as_it_stands():
    """A32."""
    assert "&lt;img" in tooltip("<img src='file:///x'>")
    assert tooltip("") == ""


def test_an_elided_label_keeps_its_text_in_the_tooltip(qtbot):
    label = ElidedLabel("a long path/" * 20, Qt.TextElideMode.ElideMiddle)
    qtbot.addWidget(label)
    label.resize(80, 20)
    label.grab()
    assert label.minimumSizeHint().width() < 80
    assert label.text() in label.toolTip()


def test_exact_numbers_are_shown_without_trailing_zeros(qtbot):
    box = NumberBox()
    qtbot.addWidget(box)
    box.setValue(40)
    assert box.text() == "40"
    box.setValue(-0.125)
    assert box.text().lstrip("-").endswith("125")
    box.setValue(100)
    assert box.text() == "100"


def test_names_that_do_not_fit_are_left_out_not_cut(empty, qtbot):
    from PySide6.QtWidgets import QWidget

    window = QWidget()
    qtbot.addWidget(window)
    window.resize(800, 900)
    empty.setParent(window)
    window.show()
    empty.show()
    empty.set_recent([f"/a/{number}" for number in range(6)])
    empty.resize(560, 330)
    names = empty._names()
    empty.layout().activate()
    assert empty.layout().totalHeightForWidth(560) <= 330 or all(name.isHidden() for name in names)
    assert names[-1].isHidden()
    empty.resize(560, 800)
    assert not any(name.isHidden() for name in names)
    empty.setParent(None)
