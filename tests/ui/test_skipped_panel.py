"""What was left out is named with its reason (features A7)."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from tests.ui import samples
from workstation.dicom.identity import Skipped
from workstation.ui.skipped_panel import SkippedPanel


@pytest.fixture
def panel(qtbot):
    widget = SkippedPanel()
    qtbot.addWidget(widget)
    widget.resize(800, 300)
    damaged = samples.series("a", "CT", 1, "", problems=(samples.truncated(),)).instances
    widget.show_report(samples.skipped(), damaged, ("/cd/AUTORUN.INF", "/cd/readme.txt"))
    widget.show()
    return widget


def test_the_summary_counts_each_kind(panel):
    assert panel.summary.text() == "3 files could not be read · 1 object is damaged · 2 files are not DICOM"


def test_files_that_are_not_dicom_are_listed_only_on_request(panel):
    assert panel.model.rowCount() == 4
    QTest.mouseClick(panel.show_others, Qt.MouseButton.LeftButton, pos=panel.show_others.rect().center() / 8)
    panel.show_others.setChecked(True)
    assert panel.model.rowCount() == 6


def test_they_are_listed_at_once_where_there_is_nothing_else(panel):
    panel.show_report((), (), ("/cd/readme.txt",))
    assert panel.model.data(panel.model.index(0, 1)) == "not a DICOM file"
    assert not panel.show_others.isVisible()


def test_a_damaged_object_gives_its_reason(panel):
    assert panel.model.data(panel.model.index(3, 1)) == "pixel data ends after 300 of 512 rows"


def test_a_file_name_with_markup_is_literal(panel):
    """A32."""
    panel.show_report([samples.Skipped("/x/<b>é</b>\u202egnp", "corrupt", "bad")])
    assert panel.model.data(panel.model.index(0, 0)) == "/x/<b>é</b>gnp"


def test_copy_takes_the_chosen_lines_or_all(panel):
    panel.table.setFocus()
    panel.table.setCurrentIndex(panel.model.index(1, 0))
    QTest.keyClick(panel.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text().split("\t")[1:] == ["permission denied", "unreadable"]
    panel.table.clearSelection()
    panel.copy()
    assert len(QGuiApplication.clipboard().text().splitlines()) == 4


def test_more_lines_leave_the_chosen_one_alone(panel):
    panel.show_report(samples.skipped())
    panel.table.setCurrentIndex(panel.model.index(2, 0))
    panel.show_report([*samples.skipped(), samples.Skipped("/late", "corrupt", "late")])
    assert panel.table.currentIndex().row() == 2
    assert panel.model.rowCount() == 4


def test_nothing_left_out_is_said_too(panel):
    panel.show_report(())
    assert not panel.table.isVisible()


def test_hidden_identity_numbers_the_files_in_paths_and_reasons(qtbot) -> None:
    """Files are often named after patients (features N14)."""
    panel = SkippedPanel()
    qtbot.addWidget(panel)
    panel.show_report((Skipped("/studies/Demo Anna.dcm", "corrupt", "Demo Anna.dcm: ends early"),))
    panel.set_identity_hidden(True)
    texts = [panel.model.data(panel.model.index(0, column)) for column in range(3)]
    assert texts == ["file 1", "file 1: ends early", "corrupt"]
    panel.set_identity_hidden(False)
    assert "Demo Anna" in panel.model.data(panel.model.index(0, 0))
