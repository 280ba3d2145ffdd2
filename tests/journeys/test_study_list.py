"""The study list in the real window, by keys and mouse: found, marked, opened, left, thrown away, brought back."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from tests.library.conftest import small_ct
from workstation.app import Application
from workstation.ui.library_notes import BIN, EMPTY, NO_MATCH, TABLE
from workstation.ui.library_panel import LibraryPanel
from workstation.ui.main_window import MainWindow

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
NAMES = ("Doe^Jane", "Roe^Max", "Yamada^Tarou=山田^太郎", "Παπαδοπούλου^Ελένη")


def until(met: Callable[[], object], seconds: float = 10) -> None:
    """Run the event loop as an application does: the workers must get their turn."""
    end = time.monotonic() + seconds
    while not met():
        assert time.monotonic() < end, "nothing came of it"
        QApplication.processEvents()
        time.sleep(0.004)


def press(key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(QApplication.focusWidget(), key, modifiers)
    QApplication.processEvents()


def drop(widget: QWidget, path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    left, none, copy = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, Qt.DropAction.CopyAction
    QApplication.sendEvent(widget, QDragEnterEvent(QPoint(9, 9), copy, data, left, none))
    QApplication.sendEvent(widget, QDropEvent(QPointF(9, 9), copy, data, left, none))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Four patients, a study each, two series each."""
    made = tmp_path / "files"
    made.mkdir()
    for place, name in enumerate(NAMES, 1):
        for series in (1, 2):
            uid = f"1.2.{place}.{series}"
            ds = small_ct(
                SpecificCharacterSet="ISO_IR 192",
                PatientName=name,
                PatientID=f"ID{place}",
                StudyDate=f"202{place}0102",
                StudyInstanceUID=f"1.2.{place}",
                SeriesInstanceUID=uid,
                SeriesNumber=series,
                SOPInstanceUID=f"{uid}.1",
                Modality="MR" if place == 2 else "CT",
            )
            ds.save_as(made / f"{uid}.dcm", enforce_file_format=True)
    return made


@pytest.fixture
def window(application: Application, folder: Path) -> MainWindow:
    """The window on a library of four studies, the newest first."""
    application.window.activateWindow()
    application.window.library.add([str(folder)])
    until(lambda: not application.window.library.importing)
    until(lambda: shown(application.window) == [4, 3, 2, 1])
    return application.window


@pytest.fixture
def panel(window: MainWindow) -> LibraryPanel:
    made = window.library.panel
    until(made.table.hasFocus)
    return made


def shown(window: MainWindow) -> list[int]:
    """Return the years of the studies on the list."""
    return [int(row.date[3]) for row in window.library.panel.model.rows]


def test_an_empty_library_says_how_to_add_and_takes_what_is_dropped(application: Application, folder: Path) -> None:
    window = application.window
    panel = window.library.panel
    window.activateWindow()
    window.dispatch("view.library")
    until(lambda: panel.pages.page == EMPTY)
    assert panel.pages.add.isVisible()
    assert not panel.strip.isVisible()
    drop(panel, folder)
    until(lambda: len(panel.model.rows) == 4 and not window.library.importing)
    assert panel.pages.page == TABLE
    until(panel.table.hasFocus)
    assert panel.current() == panel.model.rows[0]
    assert window.workspace.catalogue.patients == ()


def test_what_is_dropped_on_the_panes_is_opened(window: MainWindow, panel: LibraryPanel, folder: Path) -> None:
    window.library.show_home(False)
    drop(window, folder)
    until(lambda: window.workspace.catalogue.patients and not window.desk.running)
    assert not window.library.at_home


@pytest.mark.parametrize(
    ("text", "years"),
    [("山田", [3]), ("ελενη", [4]), ("roe max", [2]), ("Doe, Jane", [1]), ("ja", [1]), ("", [4, 3, 2, 1])],
)
def test_letters_typed_on_the_list_are_searched(
    window: MainWindow, panel: LibraryPanel, text: str, years: list[int]
) -> None:
    if text.isascii():
        QTest.keyClicks(panel.table, text[:1])
        assert panel.search.hasFocus() == bool(text)
    panel.search.setText(text)
    until(lambda: shown(window) == years)
    assert panel.count.text().startswith("1 of 4" if text else "4 studies · 4 patients · 8 images")


def test_keys_of_panes_do_not_act_on_the_list(window: MainWindow, panel: LibraryPanel) -> None:
    press(Qt.Key.Key_Return)
    until(lambda: not window.library.at_home and window.active_pane().settled)
    press(Qt.Key.Key_L, CTRL)
    until(panel.table.hasFocus)
    QTest.keyClicks(panel.table, "r")
    assert panel.search.text() == "r"
    assert window.workspace.state().rotation == 0


def test_titles_filters_and_presets_narrow_and_one_button_widens(window: MainWindow, panel: LibraryPanel) -> None:
    panel.table.filters.field(4).setText("2022..2023")
    until(lambda: shown(window) == [3, 2])
    panel.chips.choose(["MR"])
    panel.ask()
    until(lambda: shown(window) == [2])
    panel.table.filters.field(1).setText("doe")
    until(lambda: panel.pages.page == NO_MATCH)
    QTest.mouseClick(panel.pages.clear, Qt.MouseButton.LeftButton)
    until(lambda: shown(window) == [4, 3, 2, 1])
    assert not panel.widen.isVisible()
    until(panel.table.hasFocus)


def test_a_click_on_a_title_sorts_and_the_other_way(window: MainWindow, panel: LibraryPanel) -> None:
    header = panel.table.filters

    def click(column: int) -> None:
        at = QPoint(header.sectionViewportPosition(column) + 30, 8)
        QTest.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=at)

    click(2)
    until(lambda: shown(window) == [1, 2, 3, 4])
    click(2)
    until(lambda: shown(window) == [4, 3, 2, 1])
    click(1)
    until(lambda: shown(window) == [1, 2, 3, 4])
    click(4)
    until(lambda: shown(window) == [4, 3, 2, 1])


def test_marks_and_a_comment_by_keys(window: MainWindow, panel: LibraryPanel) -> None:
    press(Qt.Key.Key_Down)
    press(Qt.Key.Key_Period)
    press(Qt.Key.Key_Down)
    press(Qt.Key.Key_Slash)
    press(Qt.Key.Key_F2)
    QTest.keyClicks(QApplication.focusWidget(), "for Friday")
    press(Qt.Key.Key_Return)
    until(panel.table.hasFocus)
    panel.views.setCurrentIndex(panel.views.findText("Unread"))
    until(lambda: shown(window) == [3])
    panel.views.setCurrentIndex(panel.views.findText("Reviewed"))
    until(lambda: shown(window) == [2])
    assert panel.model.rows[0].comment == "for Friday"
    assert window.library.at_home  # the Enter that ended the comment opened nothing
    panel.search.setText("friday")
    until(lambda: shown(window) == [2])


def test_a_comment_that_is_being_written_survives_an_import(window: MainWindow, panel: LibraryPanel) -> None:
    press(Qt.Key.Key_Down)
    press(Qt.Key.Key_F2)
    QTest.keyClicks(QApplication.focusWidget(), "half ")
    panel.show_studies(panel.model.rows[1:], 3)
    QTest.keyClicks(QApplication.focusWidget(), "done")
    press(Qt.Key.Key_Return)
    until(lambda: [row.comment for row in panel.model.rows] == ["", "half done", "", ""])


def test_what_is_selected_stays_so_while_an_import_brings_more(window: MainWindow, panel: LibraryPanel) -> None:
    press(Qt.Key.Key_Down)
    press(Qt.Key.Key_Down, SHIFT)
    chosen, rows = panel.chosen(), panel.model.rows
    panel.show_studies(rows[1:], 4)
    assert panel.chosen() == chosen
    panel.show_studies(rows, 4)
    assert panel.chosen() == chosen


def test_home_end_and_all(window: MainWindow, panel: LibraryPanel) -> None:
    press(Qt.Key.Key_End)
    assert panel.table.chosen() == [3]
    press(Qt.Key.Key_Home)
    assert panel.table.chosen() == [0]
    press(Qt.Key.Key_A, CTRL)
    assert len(panel.chosen()) == 4
    press(Qt.Key.Key_Return)
    until(lambda: len(window.workspace.catalogue.patients) == 4 and not window.desk.running)


def test_enter_opens_and_the_keyboard_is_where_one_looks(window: MainWindow, panel: LibraryPanel) -> None:
    press(Qt.Key.Key_Return)
    until(lambda: not window.library.at_home and window.active_pane().hasFocus() and not window.desk.running)
    until(window.docks["browser"].isVisible)
    window.resizeDocks([window.docks["browser"]], [333], Qt.Orientation.Horizontal)
    until(lambda: window.docks["browser"].width() == 333)
    for key, modifiers in ((Qt.Key.Key_L, CTRL), (Qt.Key.Key_Escape, Qt.KeyboardModifier.NoModifier)):
        press(Qt.Key.Key_L, CTRL)
        until(panel.table.hasFocus)
        assert not window.docks["browser"].isVisible()
        press(key, modifiers)
        until(lambda: window.active_pane().hasFocus())
        assert abs(window.docks["browser"].width() - 333) < 3


def test_escape_with_nothing_open_stays_on_the_list(window: MainWindow, panel: LibraryPanel) -> None:
    press(Qt.Key.Key_Escape)
    assert window.library.at_home
    assert panel.table.hasFocus()


def test_find_leads_to_the_search_while_the_list_is_shown(window: MainWindow, panel: LibraryPanel) -> None:
    press(Qt.Key.Key_F, CTRL)
    assert panel.search.hasFocus()
    press(Qt.Key.Key_Escape)
    assert panel.table.hasFocus()


def test_delete_goes_on_to_the_next_study_and_undo_comes_back_to_it(window: MainWindow, panel: LibraryPanel) -> None:
    press(Qt.Key.Key_Down)
    press(Qt.Key.Key_Delete)
    until(lambda: shown(window) == [4, 2, 1])
    assert panel.table.chosen() == [1]
    until(window.actions_by_id["edit.undo"].isEnabled)
    press(Qt.Key.Key_Z, CTRL)
    until(lambda: shown(window) == [4, 3, 2, 1])
    assert panel.table.chosen() == [1]
    assert panel.table.hasFocus()


def test_the_bin_gives_back_and_is_emptied_only_after_a_question(
    window: MainWindow, panel: LibraryPanel, folder: Path
) -> None:
    press(Qt.Key.Key_Down, SHIFT)
    press(Qt.Key.Key_Delete)
    until(lambda: shown(window) == [2, 1])
    window.library.show_bin()
    until(lambda: shown(window) == [4, 3])
    QTest.mouseClick(panel.restore, Qt.MouseButton.LeftButton)
    until(lambda: shown(window) == [3])
    assert panel.table.hasFocus()
    QTest.mouseClick(panel.empty_bin, Qt.MouseButton.LeftButton)
    until(lambda: window.messages.action.isVisible())
    assert "Forget 1 study for good?" in window.messages.text.text()
    QTest.mouseClick(window.messages.action, Qt.MouseButton.LeftButton)
    until(lambda: panel.pages.page == BIN)
    panel.views.setCurrentIndex(0)
    until(lambda: shown(window) == [4, 2, 1])
    assert len(list(folder.iterdir())) == 8


def test_a_double_click_on_a_picture_opens_that_series(window: MainWindow, panel: LibraryPanel) -> None:
    until(lambda: panel.strip.pictured() == 2)
    QTest.mouseDClick(panel.strip.viewport(), Qt.MouseButton.LeftButton, pos=panel.strip._cell(1).center())
    until(lambda: not window.library.at_home and not window.desk.running)
    until(lambda: (stack := window.workspace.stack()) is not None and stack.series_instance_uid == "1.2.4.2")


def test_hidden_identity_is_hidden_everywhere(window: MainWindow, panel: LibraryPanel) -> None:
    panel.search.setText("roe")
    until(lambda: shown(window) == [2])
    window.settings.set("saved_searches", [])
    press(Qt.Key.Key_H, CTRL | SHIFT)
    said = [panel.model.index(0, n).data(role) for n in range(8) for role in (0, Qt.ItemDataRole.ToolTipRole)]
    window.library._fill_searches()
    said += [action.text() for action in panel.searches.menu().actions()]
    assert not [text for text in said if text and ("Roe" in text or "ID2" in text)]


def test_a_search_is_saved_and_asked_again(window: MainWindow, panel: LibraryPanel) -> None:
    panel.search.setText("max")
    panel.chips.choose(["MR"])
    panel.ask()
    window.library._fill_searches()
    panel.searches.menu().actions()[-2].trigger()
    panel.clear()
    until(lambda: len(shown(window)) == 4)
    window.library._fill_searches()
    panel.searches.menu().actions()[0].trigger()
    until(lambda: shown(window) == [2])
    assert (panel.search.text(), panel.chips.chosen()) == ("max", ("MR",))


def test_a_narrow_window_clips_nothing(window: MainWindow, panel: LibraryPanel) -> None:
    panel.chips.set_modalities([f"MOD{number}" for number in range(24)])
    window.resize(900, 600)
    QApplication.processEvents()
    assert window.width() == 900
    parts = (panel.search, panel.dates, panel.views, panel.add, panel.more, panel.chips, panel.count, panel.strip)
    assert [part for part in parts if part.mapTo(window, QPoint(part.width(), 0)).x() > 900] == []
    assert panel.chips.left_out()


def test_the_window_closes_while_an_import_goes_on(window: MainWindow, panel: LibraryPanel, folder: Path) -> None:
    window.library.add([str(folder)], copy=True)
    begun = time.monotonic()
    window.close()
    assert time.monotonic() - begun < 5


def test_a_rebuild_says_so_and_keeps_marks(window: MainWindow, panel: LibraryPanel) -> None:
    press(Qt.Key.Key_Period)
    window.dispatch("library.rebuild")
    until(lambda: "Made again from 8 objects" in window.messages.text.text())
    until(lambda: shown(window) == [4, 3, 2, 1] and panel.model.rows[0].status == "unread")


def test_enter_right_after_the_last_letter_opens_what_is_found_not_what_was_listed(
    window: MainWindow, panel: LibraryPanel
) -> None:
    press(Qt.Key.Key_F, CTRL)
    QTest.keyClicks(panel.search, "roe")
    QTest.keyClick(panel.search, Qt.Key.Key_Return)
    until(lambda: window.workspace.catalogue.patients and not window.desk.running)
    assert [patient.patient_id for patient in window.workspace.catalogue.patients] == ["ID2"]


def test_a_comment_is_written_though_its_column_was_hidden(window: MainWindow, panel: LibraryPanel) -> None:
    panel.table.setColumnHidden(10, True)
    press(Qt.Key.Key_F2)
    QTest.keyClicks(QApplication.focusWidget(), "seen")
    press(Qt.Key.Key_Return)
    until(lambda: panel.model.rows[0].comment == "seen")


def test_what_was_opened_is_listed_the_latest_first(window: MainWindow, panel: LibraryPanel) -> None:
    panel.views.setCurrentIndex(panel.views.findText("Opened lately"))
    until(lambda: shown(window) == [])
    panel.views.setCurrentIndex(0)
    for row in (2, 1):
        until(lambda: len(shown(window)) == 4)
        panel.select(row)
        press(Qt.Key.Key_Return)
        until(lambda: not window.library.at_home and not window.desk.running)
        window.library.show_home(True)
    panel.views.setCurrentIndex(panel.views.findText("Opened lately"))
    until(lambda: shown(window) == [3, 2])
    assert panel.table.filters.sortIndicatorSection() == -1


def test_a_new_search_begins_at_its_first_study_and_a_refresh_where_one_was(
    window: MainWindow, panel: LibraryPanel
) -> None:
    panel.select(3)
    panel.search.setText("id")
    until(lambda: panel.count.text().startswith("4") and panel.table.chosen() == [3])
    panel.table.filters.field(4).setText("2022..")
    until(lambda: shown(window) == [4, 3, 2])
    assert panel.table.chosen() == [0]
    panel.select(2)
    panel.ask()
    until(lambda: not panel._waiting)
    assert panel.table.chosen() == [2]


def test_one_click_selects_and_two_open(window: MainWindow, panel: LibraryPanel) -> None:
    at = panel.table.visualRect(panel.model.index(1, 1)).center()
    QTest.mouseClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert panel.table.chosen() == [1]
    assert window.library.at_home
    QTest.mouseDClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=at)
    until(lambda: not window.library.at_home and not window.desk.running)
    assert [patient.patient_id for patient in window.workspace.catalogue.patients] == ["ID3"]


def test_very_many_studies_are_opened_only_after_a_question(
    window: MainWindow, panel: LibraryPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workstation.ui.library_follower.MANY", 3)
    press(Qt.Key.Key_A, CTRL)
    press(Qt.Key.Key_Return)
    assert window.messages.text.text() == "Open 4 studies at once?"
    assert window.library.at_home
    QTest.mouseClick(window.messages.action, Qt.MouseButton.LeftButton)
    until(lambda: len(window.workspace.catalogue.patients) == 4 and not window.desk.running)
