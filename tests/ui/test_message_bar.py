"""Messages inform without standing in the way."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from workstation.ui.message_bar import MessageBar


@pytest.fixture
def bar(qtbot):
    widget = MessageBar()
    qtbot.addWidget(widget)
    widget.move(400, 400)  # away from the pointer, which keeps a message up
    return widget


def test_nothing_to_say_takes_no_room(bar):
    assert not bar.isVisible()


def test_the_gravest_stands_in_front_and_the_rest_is_counted(bar):
    bar.show_message("bad", "error")
    bar.show_message("fine")
    assert bar.text.text() == "bad"
    assert bar._more.text() == "1 more"


def test_closing_one_brings_up_the_next(bar, qtbot):
    bar.show_message("first", "warning")
    bar.show_message("second", "warning")
    QTest.mouseClick(bar.close_button, Qt.MouseButton.LeftButton)
    assert bar.text.text() == "first"
    with qtbot.waitSignal(bar.emptied):
        QTest.keyClick(bar, Qt.Key.Key_Escape)
    assert not bar.isVisible()


def test_the_action_runs_once_and_closes_its_message(bar):
    ran = []
    bar.show_message("10 files could not be read", "warning", "Show", lambda: ran.append(True))
    QTest.mouseClick(bar.action, Qt.MouseButton.LeftButton)
    assert ran == [True]
    assert bar.messages() == ()


def test_information_goes_by_itself_and_errors_stay(bar, qtbot):
    bar._clock.setInterval(20)
    bar.show_message("bad", "error")
    bar.show_message("copied")
    bar.dismiss()
    assert bar.text.text() == "copied"
    qtbot.waitUntil(lambda: not bar.isVisible())
    bar.show_message("bad", "error")
    qtbot.wait(60)
    assert bar.isVisible()


def test_the_same_sentence_is_counted_not_repeated(bar):
    for _ in range(3):
        bar.show_message("slow disc", "warning")
    assert len(bar.messages()) == 1
    assert bar._times.text() == "× 3"


def test_a_key_replaces_and_withdraws(bar):
    bar.show_message("1 file", "warning", key="skipped")
    bar.show_message("2 files", "warning", key="skipped")
    assert [message.text for message in bar.messages()] == ["2 files"]
    bar.withdraw("skipped")
    assert not bar.isVisible()


def test_text_is_plain(bar):
    """A32."""
    bar.show_message("<b>x</b>\n<img src='file:///y'>")
    assert bar.text.textFormat() == Qt.TextFormat.PlainText
    assert bar.text.text() == "<b>x</b> <img src='file:///y'>"


def test_words_change_in_place_and_only_while_the_message_is_there(qtbot) -> None:
    bar = MessageBar()
    qtbot.addWidget(bar)
    bar.show_message("Exporting…", action="Cancel", run=bar.update, key="export")
    bar.retell("export", "Exporting… 3 of 9")
    assert bar.text.text() == "Exporting… 3 of 9"
    assert bar.messages()[-1].action == "Cancel"
    bar.dismiss()
    bar.retell("export", "Exporting… 4 of 9")
    assert bar.messages() == ()


def test_taking_back_what_is_not_there_lets_the_clock_run_on(bar):
    bar.show_message("for a while", "info")
    bar._clock.stop()
    bar.withdraw("another")
    assert not bar._clock.isActive(), "it was started anew"
    assert [message.text for message in bar.messages()] == ["for a while"]
