"""The study browser driven by keys and mouse."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from tests.ui import samples
from workstation.dicom.identity import Patient, Study
from workstation.ui.study_browser import STACK_MIME, StudyBrowser


@pytest.fixture
def browser(qtbot):
    widget = StudyBrowser()
    qtbot.addWidget(widget)
    widget.resize(320, 700)
    widget.set_patients(samples.patients(), samples.stacks())
    with qtbot.waitExposed(widget):
        widget.show()
    return widget


def index_of(browser, title):
    node = next(node for node in browser.model.walk() if node.branch.value.title.startswith(title))
    return browser.model.index_of(node)


def shown_titles(browser):
    return [browser.model.row_at(index).title for index in browser.tree.visible_rows()]


def many(count):
    """One study of ``count`` series of 50 instances, all new objects."""
    series = tuple(samples.series(f"s{n}", "CT", n, f"Series {n}", 50) for n in range(count))
    stacks = {f"s{n}": (samples.stack(f"s{n}/0", 50),) for n in range(count)}
    study = Study("st", "Study", "20240101", "", ("CT",), series)
    return (Patient("p", "1", "A^B", "", "", (study,)),), stacks


def test_an_empty_browser_says_what_to_do(qtbot):
    widget = StudyBrowser()
    qtbot.addWidget(widget)
    widget.show()
    assert "Ctrl+O" in widget.empty.advice.text()
    assert not widget.tree.isVisible()


def test_enter_opens_in_the_active_pane_and_ctrl_enter_in_a_new_one(browser, qtbot):
    browser.tree.setCurrentIndex(index_of(browser, "Thorax"))
    with qtbot.waitSignal(browser.stack_activated) as opened:
        QTest.keyClick(browser.tree, Qt.Key.Key_Return)
    assert opened.args == ["a2/0", False]
    with qtbot.waitSignal(browser.stack_activated) as opened:
        QTest.keyClick(browser.tree, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert opened.args == ["a2/0", True]


def test_double_click_opens(browser, qtbot):
    place = browser.tree.visualRect(index_of(browser, "Topogram")).center()
    with qtbot.waitSignal(browser.stack_activated) as opened:
        QTest.mouseDClick(browser.tree.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert opened.args == ["a1/0", False]


def test_middle_click_opens_in_a_new_pane(browser, qtbot):
    place = browser.tree.visualRect(index_of(browser, "Topogram")).center()
    with qtbot.waitSignal(browser.stack_activated) as opened:
        QTest.mouseClick(browser.tree.viewport(), Qt.MouseButton.MiddleButton, pos=place)
    assert opened.args == ["a1/0", True]


def test_a_report_is_activated_as_an_object(browser, qtbot):
    browser.tree.setCurrentIndex(index_of(browser, "Dose report"))
    with qtbot.waitSignal(browser.object_activated) as opened:
        QTest.keyClick(browser.tree, Qt.Key.Key_Return)
    assert opened.args == ["a9"]


def test_arrows_walk_the_rows(browser):
    browser.tree.setCurrentIndex(index_of(browser, "Topogram"))
    QTest.keyClick(browser.tree, Qt.Key.Key_Down)
    assert browser.current_row().stack_id == "a2/0"
    QTest.keyClick(browser.tree, Qt.Key.Key_Up)
    assert browser.current_row().stack_id == "a1/0"


def test_a_drag_carries_the_stack(browser):
    index = index_of(browser, "b 500")
    data = browser.model.mimeData([index])
    assert bytes(data.data(STACK_MIME)).decode() == "b1/1"
    assert browser.model.flags(index) & Qt.ItemFlag.ItemIsDragEnabled
    assert not browser.model.flags(index_of(browser, "Dose report")) & Qt.ItemFlag.ItemIsDragEnabled


def test_selection_expansion_and_view_stay_while_files_arrive(browser, qtbot):
    """Features T8, C10: nothing moves by itself."""
    browser.resize(320, 300)
    closed = index_of(browser, "ep2d_diff")
    browser.tree.collapse(closed)
    browser.tree.setCurrentIndex(index_of(browser, "t2_tse_tra"))
    browser.tree.verticalScrollBar().setValue(200)
    before = shown_titles(browser)
    place = browser.tree.visualRect(index_of(browser, "t2_tse_tra")).top()
    newest = Study("st0", "Newest", "20250101", "", ("CT",), (samples.series("z1", "CT", 1, "New series", 9),))
    first, *others = samples.patients()
    more = (replace(first, studies=(newest, *first.studies)), *others)
    browser.set_patients(more, {**samples.stacks(), "z1": (samples.stack("z1/0", 9),)})
    assert browser.current_row().stack_id == "b2/0"
    assert not browser.tree.isExpanded(index_of(browser, "ep2d_diff"))
    assert shown_titles(browser) == before
    assert browser.tree.visualRect(index_of(browser, "t2_tse_tra")).top() == place


def test_a_series_that_grows_into_stacks_opens_its_rows(browser):
    stacks = samples.stacks()
    stacks["b2"] = (samples.stack("b2/0", 12, "echo 1", "echo"), samples.stack("b2/1", 12, "echo 2", "echo"))
    browser.set_patients(samples.patients(), stacks)
    assert browser.tree.isExpanded(index_of(browser, "t2_tse_tra"))


def test_thumbnails_are_asked_for_the_rows_in_view_only(browser, qtbot):
    asked = []
    browser.thumbnails_wanted.connect(asked.append)
    browser.set_patients(*many(200))
    qtbot.waitUntil(lambda: bool(asked))
    assert asked[-1][0] == "s0/0"
    assert len(asked[-1]) < 15
    browser.tree.verticalScrollBar().setValue(3000)
    qtbot.waitUntil(lambda: "s0/0" not in asked[-1])


def test_a_thumbnail_once_given_is_not_asked_for_again(browser, qtbot):
    asked = []
    browser.thumbnails_wanted.connect(asked.append)
    browser.set_thumbnail("a1/0", samples.thumbnail(1))
    browser.tree.verticalScrollBar().setValue(1)
    qtbot.waitUntil(lambda: bool(asked))
    assert "a1/0" not in asked[-1]


def test_the_filter_counts_what_it_leaves(browser, qtbot):
    browser.filter.setFocus()
    QTest.keyClicks(browser.filter, "t2 mr")
    assert browser.count.text() == "1 of 10 shown"
    assert "Topogram 0.6 T20f" not in shown_titles(browser)
    assert "t2_tse_tra" in shown_titles(browser)
    browser.filter.clear()
    assert browser.count.text() == "10 series"


def test_markup_in_a_description_is_literal(browser):
    """A32."""
    index = index_of(browser, "<b>Cardiac</b>")
    assert browser.model.data(index) == "<b>Cardiac</b> cine"
    assert "&lt;b&gt;" in browser.model.data(index, Qt.ItemDataRole.ToolTipRole)


def test_hiding_identity_changes_the_rows_in_place(browser):
    browser.tree.setCurrentIndex(index_of(browser, "Thorax"))
    browser.set_identity_hidden(True)
    assert browser.model.data(browser.model.index(0, 0)) == "Patient 1"
    assert browser.current_row().stack_id == "a2/0"


def test_what_was_shown_stays_marked_as_viewed(browser):
    browser.set_shown({"a1/0": "A"})
    browser.set_shown({"a2/0": "A"})
    assert browser._marks.viewed == {"a1/0", "a2/0"}
    browser.grab()


def test_the_menu_is_asked_for_at_a_row(browser, qtbot):
    place = browser.tree.visualRect(index_of(browser, "Topogram")).center()
    with qtbot.waitSignal(browser.menu_requested) as asked:
        browser.tree.customContextMenuRequested.emit(place)
    assert asked.args[0].stack_id == "a1/0"


def test_a_click_below_the_rows_does_nothing(browser, qtbot):
    browser.set_patients(samples.patients()[1:], samples.stacks())
    with qtbot.assertNotEmitted(browser.stack_activated):
        QTest.mouseDClick(browser.tree.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(50, 600))


def test_five_thousand_instances_are_taken_in_ten_times_a_second(browser, qtbot):
    browser.set_patients(*many(100))
    again = many(100)
    start = time.process_time()
    browser.set_patients(*again)
    assert time.process_time() - start < 0.5  # a few hundredths when nothing else runs
