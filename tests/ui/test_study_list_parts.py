"""The parts of the study list: chips, fields under titles, series in a row, saved searches, columns that are kept."""

from __future__ import annotations

import json

import pytest
from PySide6.QtCore import QBuffer, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QMenu

from workstation.library.search import SeriesRow, StudyQuery
from workstation.library.stacks import StackRow
from workstation.ui import saved_searches, study_columns
from workstation.ui.library_panel import DATE, LibraryPanel
from workstation.ui.modality_chips import ModalityChips
from workstation.ui.series_strip import CELL, SeriesStrip
from workstation.ui.study_list_model import COLUMNS, MARK

NAMES = ["CR", "CT", "MR", "NM", "PT", "RTSTRUCT", "SEG", "SR", "US", "XA"]


@pytest.fixture
def chips(qtbot) -> ModalityChips:
    made = ModalityChips()
    qtbot.addWidget(made)
    made.resize(900, 24)
    made.show()
    made.set_modalities(NAMES)
    return made


@pytest.fixture
def panel(qtbot) -> LibraryPanel:
    made = LibraryPanel()
    qtbot.addWidget(made)
    made.resize(1300, 500)
    made.show()
    return made


def test_chips_that_find_no_place_are_in_a_menu(chips: ModalityChips) -> None:
    assert chips.left_out() == ()
    chips.resize(200, 24)
    assert chips.more.isVisible()
    assert 0 < len(chips.left_out()) < len(NAMES)
    assert chips.more.geometry().right() < 200
    chips.choose(["XA"])
    assert chips.more.isChecked()
    assert chips.minimumSizeHint().width() < 100


def test_a_chip_that_is_down_stays_though_nothing_has_it_now(chips: ModalityChips) -> None:
    chips.choose(["MR", "OPT"])
    chips.set_modalities(["CT"])
    assert chips.chosen() == ("MR", "OPT")


def test_a_click_on_a_chip_leaves_the_keyboard_where_it_is(panel: LibraryPanel, qtbot) -> None:
    panel.chips.set_modalities(NAMES)
    panel.search.setFocus()
    asked: list[StudyQuery] = []
    panel.query_changed.connect(asked.append)
    qtbot.mouseClick(panel.chips._buttons["CT"], Qt.MouseButton.LeftButton)
    assert panel.search.hasFocus()
    assert asked[-1].modalities == ("CT",)


def test_a_date_that_is_none_is_marked_and_narrows_nothing(panel: LibraryPanel) -> None:
    field = panel.table.filters.field(DATE)
    field.setText("2024-13")
    panel.ask()
    assert field.property("doubtful")
    assert (panel.query().first_date, panel.query().columns) == ("", ())
    field.setText("2024")
    panel.ask()
    assert not field.property("doubtful")
    assert (panel.query().first_date, panel.query().last_date) == ("20240101", "20241231")


def test_fields_stand_under_their_titles(panel: LibraryPanel, qtbot) -> None:
    header = panel.table.filters
    panel.table.setColumnWidth(1, 240)
    field = header.field(1)
    assert (field.x(), field.width()) == (header.sectionViewportPosition(1) + 3, 234)
    panel.table.setColumnHidden(1, True)
    qtbot.waitUntil(lambda: not field.isVisible(), timeout=2000)


def test_escape_empties_a_field_then_leads_to_the_list(panel: LibraryPanel, qtbot) -> None:
    field = panel.table.filters.field(1)
    field.setFocus()
    qtbot.keyClicks(field, "doe")
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert field.text() == ""
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert not field.hasFocus()


def series(number: int, **other: object) -> SeriesRow:
    return SeriesRow(number, f"1.2.{number}", number, "CT", "axial", "", 12, 12, None, **other)  # type: ignore[arg-type]


def picture(side: int = 8) -> bytes:
    buffer = QBuffer()
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    image = QImage(side, side, QImage.Format.Format_Grayscale8)
    image.fill(200)
    image.save(buffer, "PNG")
    return bytes(buffer.data().data())


@pytest.fixture
def strip(qtbot) -> SeriesStrip:
    made = SeriesStrip()
    qtbot.addWidget(made)
    made.resize(3 * CELL.width(), 150)
    made.show()
    made.set_series([series(number) for number in range(1, 9)])
    return made


def test_the_strip_goes_along_by_keys_and_opens_by_enter(strip: SeriesStrip, qtbot) -> None:
    opened: list[str] = []
    strip.activated.connect(opened.append)
    for _ in range(4):
        qtbot.keyClick(strip, Qt.Key.Key_Right)
    qtbot.keyClick(strip, Qt.Key.Key_Return)
    assert opened == ["1.2.5"]
    assert strip.viewport().rect().contains(strip._cell(4).adjusted(0, 0, 0, -CELL.height() // 2))


def test_a_double_click_opens_the_study_at_that_series(strip: SeriesStrip, qtbot) -> None:
    opened: list[str] = []
    strip.activated.connect(opened.append)
    qtbot.mouseDClick(strip.viewport(), Qt.MouseButton.LeftButton, pos=strip._cell(1).center())
    assert opened == ["1.2.2"]


def test_pictures_stay_while_an_import_brings_more_series(strip: SeriesStrip) -> None:
    strip.set_stacks(1, [StackRow("volume", "", "", 12, picture())])
    strip.set_series([series(number) for number in range(1, 10)])
    assert strip.pictured() == 1
    strip.set_series([series(20)])
    assert strip.pictured() == 0


@pytest.mark.parametrize(
    "text",
    ["", "null", "[]", "7", "{", '{"columns": 3}', '{"columns": [["a"]]}', '{"modalities": 1}', '{"text": 5}',
     '{"status": 1}', '{"days": "7"}', '{"sort": {}}', '{"first_date": []}', '{"binned": "yes"}'],
)  # fmt: skip
def test_a_saved_search_that_is_none_is_passed_over(text: str) -> None:
    assert saved_searches.read(text) is None


def test_a_search_is_saved_used_and_forgotten(qtbot) -> None:
    query = StudyQuery(text="doe", columns=(("name", "a"),), modalities=("CT",), first_date="20240101")
    kept: list[list[str]] = []
    used: list[StudyQuery] = []
    menu = QMenu()
    qtbot.addWidget(menu)
    saved_searches.fill(menu, [], used.append, kept.append, query)
    menu.actions()[-2].trigger()
    saved_searches.fill(menu, [*kept[-1], "garbage"], used.append, kept.append, query)
    assert not menu.actions()[-2].isEnabled()
    menu.actions()[0].trigger()
    assert used == [query]
    menu.actions()[-1].menu().actions()[0].trigger()
    assert [saved_searches.read(text) for text in kept[-1]] == [None]


def test_a_saved_search_hides_what_was_typed() -> None:
    query = StudyQuery(text="doe", columns=(("name", "jane"),), modalities=("CT",))
    assert saved_searches.title(query, hidden=True) == "“•••” · “•••” · CT"
    assert saved_searches.title(StudyQuery(text="doe")) == "“doe”"


def test_a_saved_preset_goes_with_the_days(panel: LibraryPanel) -> None:
    panel.dates.setCurrentIndex(panel.dates.findText("Last 7 days"))
    kept = saved_searches.read(saved_searches.saved(panel.query()))
    assert kept is not None
    assert (kept.days, kept.first_date, saved_searches.title(kept)) == (7, "", "last 7 days")
    panel.clear()
    assert panel.query().days is None
    panel.show_query(kept)
    assert panel.dates.currentText() == "Last 7 days"


def test_dates_that_were_saved_stand_in_their_field(panel: LibraryPanel) -> None:
    query = StudyQuery(first_date="20240101", last_date="20241231")
    panel.show_query(query)
    assert panel.table.filters.texts() == {DATE: "2024-01-01..2024-12-31"}
    assert panel.query() == query
    panel.show_query(StudyQuery(first_date="20240101"))
    assert panel.query() == StudyQuery(first_date="20240101")


def test_columns_are_kept_as_they_were_left(panel: LibraryPanel, qtbot) -> None:
    table = panel.table
    table.setColumnWidth(1, 301)
    table.setColumnHidden(7, True)
    table.horizontalHeader().moveSection(DATE, 1)
    text = study_columns.kept(table)
    other = LibraryPanel()
    qtbot.addWidget(other)
    study_columns.restore(other.table, text)
    assert other.table.columnWidth(1) == 301
    assert other.table.isColumnHidden(7)
    assert other.table.horizontalHeader().visualIndex(DATE) == 1
    other.table.lay_columns_out()
    assert [other.table.horizontalHeader().visualIndex(n) for n in range(len(COLUMNS))] == list(range(len(COLUMNS)))


@pytest.mark.parametrize(
    "text", ["", "{", "5", "[1]", '[["name", "x", 1]]', '[["status", 9, false]]', '[["name", 1e400, true]]']
)
def test_columns_kept_in_nonsense_change_nothing(panel: LibraryPanel, text: str) -> None:
    before = study_columns.kept(panel.table)
    study_columns.restore(panel.table, text)
    assert json.loads(study_columns.kept(panel.table)) == json.loads(before)
    assert not panel.table.isColumnHidden(MARK)


def test_the_last_column_cannot_be_hidden(panel: LibraryPanel, qtbot) -> None:
    for number in range(2, len(COLUMNS)):
        panel.table.setColumnHidden(number, True)
    menu = QMenu()
    qtbot.addWidget(menu)
    study_columns.fill(menu, panel.table)
    assert [action.text() for action in menu.actions() if action.isChecked() and not action.isEnabled()] == ["Patient"]


def test_tab_comes_to_the_chips_once_and_arrows_go_along_them(chips: ModalityChips, qtbot) -> None:
    chips.activateWindow()
    first, second = chips._buttons["CR"], chips._buttons["CT"]
    assert [b.text() for b in chips._buttons.values() if b.focusPolicy() == Qt.FocusPolicy.TabFocus] == ["CR"]
    first.setFocus()
    qtbot.keyClick(first, Qt.Key.Key_Right)
    assert second.hasFocus()
    qtbot.keyClick(second, Qt.Key.Key_Space)
    assert chips.chosen() == ("CT",)
    qtbot.keyClick(second, Qt.Key.Key_Left)
    qtbot.keyClick(first, Qt.Key.Key_Left)
    assert first.hasFocus()
