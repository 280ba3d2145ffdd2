"""The study list: what it asks, what it shows, what the keyboard does."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent

from workstation.library.search import SeriesRow, StudyQuery, StudyRow
from workstation.ui.library_notes import EMPTY, NO_MATCH
from workstation.ui.library_panel import LibraryPanel
from workstation.ui.study_list_model import COLUMNS, counted, lacks

ROW = StudyRow(
    1, "1.2", 1, "Doe^Jane", "P1", "19700101", "F", "20200102", "", "", "Head", "A-1", ("CT", "SR"), 2, 30, None, None,
    0.0, None, "", "", None,
)  # fmt: skip


@pytest.fixture
def panel(qtbot):
    made = LibraryPanel()
    qtbot.addWidget(made)
    made.resize(1200, 400)
    made.show()
    made.show_studies([ROW, replace(ROW, id=2, name="Roe^Max", declared_instances=40)], 2)
    return made


def texts(panel: LibraryPanel, row: int) -> dict[str, str]:
    return {column.title: panel.model.index(row, n).data() for n, column in enumerate(COLUMNS)}


def test_a_row_says_what_is_known_of_a_study(panel: LibraryPanel) -> None:
    said = texts(panel, 0)
    assert (said["Patient"], said["Sex, age"], said["Modalities"], said["Images"]) == (
        "Doe, Jane",
        "F 50 y",
        "CT SR",
        "30",
    )
    assert panel.count.text() == "2 studies · 1 patient · 60 images"


def test_a_count_stands_against_what_the_header_speaks_of(panel: LibraryPanel) -> None:
    """Features N9: evidence of missing images is shown, completeness is never claimed."""
    assert texts(panel, 1)["Images"] == "30 / 40"
    assert counted(3, 3) == "3"
    assert not lacks(ROW)
    tip = panel.model.index(0, 9).data(Qt.ItemDataRole.ToolTipRole)
    assert "No evidence of missing images" in tip
    assert "(0020,1208): 40 images" in panel.model.index(1, 9).data(Qt.ItemDataRole.ToolTipRole)
    assert panel.model.index(1, 9).data(Qt.ItemDataRole.ForegroundRole) is not None


def test_typing_asks_once_it_rests(panel: LibraryPanel, qtbot) -> None:
    asked: list[StudyQuery] = []
    panel.query_changed.connect(asked.append)
    qtbot.keyClicks(panel.search, "doe head")
    qtbot.waitUntil(lambda: bool(asked), timeout=2000)
    assert [query.text for query in asked] == ["doe head"]


def test_the_arrow_keys_reach_the_list_and_enter_opens(panel: LibraryPanel, qtbot) -> None:
    opened: list[list[int]] = []
    panel.opened.connect(lambda studies, series: opened.append(studies))
    panel.search.setFocus()
    qtbot.keyClick(panel.search, Qt.Key.Key_Down)
    assert panel.chosen() == [2]
    qtbot.keyClick(panel.table, Qt.Key.Key_Return)
    assert opened == [[2]]


def test_delete_puts_into_the_bin(panel: LibraryPanel, qtbot) -> None:
    binned: list[list[int]] = []
    panel.binned.connect(binned.append)
    panel.table.setFocus()
    qtbot.keyClick(panel.table, Qt.Key.Key_Delete)
    assert binned == [[1]]


def test_a_click_on_a_title_sorts(panel: LibraryPanel) -> None:
    asked: list[StudyQuery] = []
    panel.query_changed.connect(asked.append)
    panel.table.sortByColumn(1, Qt.SortOrder.AscendingOrder)
    assert (asked[-1].sort, asked[-1].descending) == ("name", False)


def test_the_study_one_is_on_stays_current(panel: LibraryPanel) -> None:
    panel.select(1)
    panel.show_studies([replace(ROW, id=5), replace(ROW, id=2)], 2)
    current = panel.current()
    assert current is not None
    assert current.id == 2


def test_an_empty_library_and_an_empty_answer_say_different_things(panel: LibraryPanel) -> None:
    panel.show_studies([], 0)
    assert panel.pages.page == EMPTY
    panel.search.setText("nobody")
    panel.show_studies([], 0)
    assert panel.pages.page == NO_MATCH


def test_the_preview_tells_the_series_of_the_current_study(panel: LibraryPanel) -> None:
    series = [SeriesRow(1, "1.2.1", 3, "CT", "axial", "", 12, 12, 20)]
    panel.show_series(1, series)
    assert panel.strip.texts() == [("3. axial", "CT · 12 / 20")]
    panel.show_series(99, [])
    assert panel.strip.texts() == [("3. axial", "CT · 12 / 20")]


def test_hidden_identity_leaves_names_out(panel: LibraryPanel) -> None:
    panel.set_identity_hidden(True)
    said = texts(panel, 0)
    assert (said["Patient"], said["ID"], said["Accession"], said["Date"]) == ("Patient 1", "", "", "2020-01-02")


def test_hidden_identity_shows_what_finds_a_patient_as_dots(panel: LibraryPanel) -> None:
    fields = {column.title: panel.table.filters.field(n) for n, column in enumerate(COLUMNS) if column.filter}
    fields["Search"] = panel.bar.search
    for field in fields.values():
        field.setText("doe")
    panel.set_identity_hidden(True)
    readable = {title for title, field in fields.items() if field.displayText() == "doe"}
    assert readable == {"Sex, age", "Date", "Modalities", "Description"}
    panel.set_identity_hidden(False)
    assert {field.displayText() for field in fields.values()} == {"doe"}


def test_folders_may_be_dropped(panel: LibraryPanel, tmp_path) -> None:
    dropped: list[list[str]] = []
    panel.dropped.connect(dropped.append)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path))])
    panel.dropEvent(
        QDropEvent(
            QPointF(5, 5), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        )
    )
    assert dropped == [[str(tmp_path)]]
