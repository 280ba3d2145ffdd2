"""Key images in the real window: stars by key, undo, and a document of them that is opened beside the study."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pydicom
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.journeys.hand import Hand
from workstation.app import Application
from workstation.ui.key_images_page import KeyImagesPage
from workstation.ui.main_window import MainWindow
from workstation.ui.words_page import WordsPage

SHIFT = Qt.KeyboardModifier.ShiftModifier


def until(true: Callable[[], object], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        QApplication.processEvents()
        time.sleep(0.004)


@pytest.fixture(autouse=True)
def _in_front(window: MainWindow) -> None:
    window.activateWindow()
    until(window.isActiveWindow)
    window.grid.focus_active()


def page_of(window: MainWindow) -> KeyImagesPage:
    return next(page for page in window.findChildren(KeyImagesPage) if page.isVisible())


def star(hand: Hand) -> bool:
    return hand.pane.overlay.content.starred


def series_shown(window: MainWindow, hand: Hand, modality: str) -> None:
    stacks = window.workspace.catalogue.ordered_stacks()
    window.workspace.show_stack(next(s for s in stacks if s.frames[0].instance.modality == modality).id)
    hand.settle()
    window.grid.focus_active()


def test_a_key_gives_the_image_a_star_and_takes_it(window: MainWindow, hand: Hand) -> None:
    assert not star(hand)
    hand.press(Qt.Key.Key_K)
    assert star(hand)
    hand.press(Qt.Key.Key_Down)
    assert not star(hand)
    hand.press(Qt.Key.Key_Up)
    hand.press(Qt.Key.Key_K)
    assert (star(hand), window.workspace.stars.refs) == (False, ())


def test_a_star_is_an_undo_step(window: MainWindow, hand: Hand) -> None:
    hand.press(Qt.Key.Key_K)
    window.dispatch("edit.undo")
    assert not star(hand)
    window.dispatch("edit.redo")
    assert star(hand)
    window.update_actions()
    assert window.actions_by_id["key_image.toggle"].isChecked()


def test_key_images_are_walked_through_around_the_end(window: MainWindow, hand: Hand) -> None:
    for index in (3, 7):
        window.dispatch("image.go_to.index", index=index + 1)
        window.dispatch("key_image.toggle")
    window.update_actions()
    places = []
    for _ in range(3):
        hand.press(Qt.Key.Key_K, SHIFT)
        places.append(window.workspace.state().index)
    window.dispatch("key_image.previous")
    assert (places, window.workspace.state().index) == ([3, 7, 3], 7)


def test_a_section_gets_no_star(window: MainWindow, hand: Hand) -> None:
    window.show_layout("mpr")
    hand.settle()
    window.dispatch("key_image.toggle")
    assert window.workspace.stars.refs == ()
    assert "section" in window.messages.messages()[-1].text


def test_without_a_star_there_is_nothing_to_save(window: MainWindow) -> None:
    assert not window.dispatch("key_image.save")
    window.dispatch("key_image.toggle")
    assert window.dispatch("key_image.save")
    page = page_of(window)
    assert page.summary.text().startswith("1 image of 1 study")
    window.dispatch("edit.undo")
    assert not page.save.isEnabled()
    page.close()


def test_a_folder_that_is_not_there_is_told_before(window: MainWindow, tmp_path: Path) -> None:
    window.dispatch("key_image.toggle")
    window.dispatch("key_image.save")
    page = page_of(window)
    for folder, told in ((str(tmp_path / "none"), "not there"), ("here", "whole path")):
        page.folder.setText(folder)
        QTest.mouseClick(page.save, Qt.MouseButton.LeftButton)
        assert page.isVisible()
        assert told in page.problem.text()
    page.close()


def test_the_document_names_what_has_a_star_and_is_opened(window: MainWindow, hand: Hand, tmp_path: Path) -> None:
    series_shown(window, hand, "CT")
    hand.press(Qt.Key.Key_K)
    first = window.workspace.stack().frames[0].instance
    series_shown(window, hand, "US")
    hand.press(Qt.Key.Key_Down)
    hand.press(Qt.Key.Key_K)
    second = window.workspace.stack().frames[0].instance
    window.dispatch("key_image.save")
    page = page_of(window)
    page.purpose.setCurrentIndex(page.purpose.findData("113005"))
    page.description.setPlainText("Two of them")
    page.observer.setText("Reader^A")
    page.folder.setText(str(tmp_path))
    before = set(window.workspace.catalogue.instances)
    QTest.mouseClick(page.save, Qt.MouseButton.LeftButton)
    until(lambda: set(window.workspace.catalogue.instances) - before)
    hand.settle()
    (path,) = tmp_path.iterdir()
    ds = pydicom.dcmread(path)
    named = [item.ReferencedSOPSequence[0] for item in ds.ContentSequence if item.ValueType == "IMAGE"]
    assert [(one.ReferencedSOPInstanceUID, one.get("ReferencedFrameNumber")) for one in named] == [
        (first.sop_instance_uid, None),
        (second.sop_instance_uid, 2),
    ]
    assert ds.SeriesDescription == "For Conference"
    opened = window.workspace.catalogue.instances[ds.SOPInstanceUID]
    assert (opened.modality, opened.study_instance_uid) == ("KO", first.study_instance_uid)
    assert any(message.text == f"{path.name} was written to {tmp_path}." for message in window.messages.messages())
    assert star(hand)
    window.dispatch("file.close")
    assert window.workspace.stars.refs == ()


def test_f1_means_the_row_in_the_header_and_the_sheet_elsewhere(window: MainWindow, hand: Hand) -> None:
    window.show_panel("header")
    table = window.inspector.everything
    window.inspector.pages.setCurrentIndex(1)
    until(lambda: any(line.row and line.row.keyword == "Modality" for line in table.lines.lines))
    table.go_to(next(n for n, line in enumerate(table.lines.lines) if line.row and line.row.keyword == "Modality"))
    table.setFocus()
    QTest.keyClick(table, Qt.Key.Key_F1)
    (page,) = (page for page in window.findChildren(WordsPage) if page.isVisible())
    assert page.shown[0] == "Modality"
    from workstation.ui.help_sheet import HelpSheet

    assert not [sheet for sheet in window.findChildren(HelpSheet) if sheet.isVisible()]
    page.close()
    window.activateWindow()
    until(window.isActiveWindow)
    window.grid.focus_active()
    QTest.keyClick(window.active_pane(), Qt.Key.Key_F1)
    (sheet,) = (sheet for sheet in window.findChildren(HelpSheet) if sheet.isVisible())
    sheet.close()


def test_the_help_menu_lists_the_topics(application: Application) -> None:
    window = application.window
    assert window.dispatch("help.words")
    (page,) = (page for page in window.findChildren(WordsPage) if page.isVisible())
    assert page.list.count() == 14
    page.close()
