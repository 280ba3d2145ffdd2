"""The inspector's page on conformance: rows that are missing, marks, the summary and the filter."""

from __future__ import annotations

import time
from pathlib import Path

import pydicom
import pytest
from pydicom.data import get_testdata_file
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QAbstractItemModelTester

from workstation.app import Application
from workstation.cli.collect import collect
from workstation.loading.check_view import CheckView, check_view
from workstation.phantoms.enhanced import write_enhanced_ct
from workstation.ui.check_page import CheckPage
from workstation.ui.header_panel import HeaderPanel


def view_of(path: Path) -> CheckView:
    (instance,) = collect([str(path)]).instances
    return check_view(instance)


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    ds = pydicom.dcmread(get_testdata_file("CT_small.dcm"))
    del ds.FrameOfReferenceUID
    ds.PatientSex = "X"
    ds.PatientName = "Secret^Someone^^^^^"
    ds.save_as(tmp_path / "broken.dcm")
    return tmp_path / "broken.dcm"


@pytest.fixture
def frames(tmp_path: Path) -> Path:
    path = write_enhanced_ct(tmp_path / "enhanced.dcm")
    ds = pydicom.dcmread(path)
    for index in (2, 3):
        del ds.PerFrameFunctionalGroupsSequence[index].PlanePositionSequence
    ds.save_as(path)
    return path


@pytest.fixture
def page(qtbot):
    widget = CheckPage()
    qtbot.addWidget(widget)
    widget.resize(700, 500)
    return widget


def rows(page):
    return {line.row.keyword: line.row for line in page.table.lines.lines if line.row is not None}


def cell(page, keyword, column, role=Qt.ItemDataRole.DisplayRole):
    model = page.table.lines
    number = next(n for n, line in enumerate(model.lines) if line.row is not None and line.row.keyword == keyword)
    names = [name for name, _ in model.columns]
    return model.data(model.index(number, names.index(column)), role)


def test_each_row_has_its_type_and_module(page, broken):
    page.show_check(view_of(broken))
    assert (cell(page, "PatientID", "type"), cell(page, "PatientID", "module")) == ("2", "Patient")
    assert (cell(page, "RescaleSlope", "type"), cell(page, "RescaleSlope", "module")) == ("1", "CT Image")


def test_what_is_missing_is_a_row_in_its_place(page, broken):
    page.show_check(view_of(broken))
    tags = [line.row.tag for line in page.table.lines.lines if line.row is not None and line.row.tag.startswith("(00")]
    assert tags.index("(0020,0052)") == tags.index("(0020,0037)") + 1
    assert cell(page, "FrameOfReferenceUID", "value") == "Missing."
    assert cell(page, "FrameOfReferenceUID", "name", Qt.ItemDataRole.FontRole).italic()
    assert "PS3.3" in cell(page, "FrameOfReferenceUID", "name", Qt.ItemDataRole.ToolTipRole)


def test_a_row_with_a_finding_is_marked_and_tells_it_in_its_tooltip(page, broken):
    page.show_check(view_of(broken))
    assert rows(page)["PatientSex"].level == "error"
    assert "no Enumerated Value" in cell(page, "PatientSex", "value", Qt.ItemDataRole.ToolTipRole)


def test_the_summary_counts_by_level_and_names_the_edition(page, broken):
    view = view_of(broken)
    page.show_check(view)
    errors, deviations, hints = view.counts.values()
    assert errors >= 3
    assert page.summary() == f"{errors} errors · {deviations} deviations · {hints} hints (edition 2026b)".replace(
        " 1 deviations", " 1 deviation"
    ).replace(" 1 hints", " 1 hint")


def test_only_findings_leaves_the_rest_out(page, broken):
    page.show_check(view_of(broken))
    page.only.setChecked(True)
    shown = rows(page)
    assert {"PatientSex", "FrameOfReferenceUID"} <= set(shown)
    assert all(row.level or row.inside for row in shown.values() if row.keyword)
    page.only.setChecked(False)
    assert "Rows" in rows(page)


def test_findings_of_frames_stand_under_the_first_and_mark_each(page, frames):
    """The sequence tells that there is something inside; only what is opened is looked up."""
    view = view_of(frames)
    page.show_check(view)
    sequence = rows(page)["PerFrameFunctionalGroupsSequence"]
    assert sequence.inside == "error"
    items = view.children(sequence)
    lacking = [[row.keyword for row in view.children(item) if row.absent] for item in items]
    assert ["PlanePositionSequence" in found for found in lacking[:5]] == [False, False, True, True, False]
    page.only.setChecked(True)
    (row,) = [line.row for line in page.table.lines.lines if line.row and line.row.keyword == "PlanePositionSequence"]
    assert "Frames 3-4" in row.value


def test_the_model_keeps_qts_rules(qtbot, page, frames):
    tester = QAbstractItemModelTester(page.table.lines, QAbstractItemModelTester.FailureReportingMode.Fatal)
    page.show_check(view_of(frames))
    page.only.setChecked(True)
    page.table.lines.set_filter("position")
    page.table.lines.set_filter("")
    page.only.setChecked(False)
    page.show_check(None)
    del tester


def test_identity_stays_hidden_in_sentences_too(page, broken):
    """N14: what a finding quotes is left out."""
    view = view_of(broken)
    assert "Secret" in str(view.groups)
    page.show_check(view.without_identity())
    told = [str(line.row) for line in page.table.lines.lines]
    assert not [line for line in told if "Secret" in line]


def test_the_sentence_of_a_missing_element_is_copied(qtbot, broken):
    panel = HeaderPanel()
    qtbot.addWidget(panel)
    panel.show_rows("file", (), ())
    panel.pages.setCurrentIndex(2)
    panel.check.show_check(view_of(broken))
    lines = panel.check.table.lines.lines
    panel.check.table.go_to(
        next(n for n, line in enumerate(lines) if line.row is not None and line.row.keyword == "FrameOfReferenceUID")
    )
    panel.copy_values()
    assert QGuiApplication.clipboard().text() == "Missing."
    assert panel.check.detail.text().startswith("Frame of Reference UID (type 1) is missing. (PS3.3")


def test_a_check_is_asked_for_when_its_page_comes_into_view(application: Application, qtbot, broken):
    """The values come first; nothing is checked while nobody looks."""
    window = application.window
    window.show_panel("header")
    window.dispatch("file.open_paths", paths=[str(broken)])
    inspector = window.inspector
    qtbot.waitUntil(lambda: bool(inspector.everything.lines.lines), timeout=10_000)
    assert inspector.check.view is None
    inspector.pages.setCurrentIndex(2)
    qtbot.waitUntil(lambda: inspector.check.view is not None, timeout=10_000)
    assert "FrameOfReferenceUID" in rows(inspector.check)
    window.header.set_identity_hidden(True)
    qtbot.waitUntil(lambda: inspector.check.view is not None and inspector.check.view.hidden, timeout=10_000)


def test_ten_thousand_rows_are_checked_and_shown_quickly(page, tmp_path):
    """K10: the bound is loose for slow machines; the bench row has the figure."""
    from tests.dicom import build

    extra = b"".join(build.element(0x00190000 + 0x1000 + index, "LO", "x ") for index in range(10_000))
    content = build.part10(build.image(extra=build.element(0x00190010, "LO", "ME") + extra))
    path = tmp_path / "long.dcm"
    path.write_bytes(content)
    view = view_of(path)
    start = time.perf_counter()
    page.show_check(view)
    page.only.setChecked(True)
    page.only.setChecked(False)
    assert time.perf_counter() - start < 3


def test_nothing_stands_beyond_the_edge_of_a_narrow_page(page, broken):
    """The module gives way to the value; the line under the table tells it."""
    page.show_check(view_of(broken))
    page.show()
    page.resize(480, 400)
    header = page.table.header()
    assert header.isSectionHidden(4)
    assert header.length() <= page.table.viewport().width()
    page.resize(900, 400)
    assert not header.isSectionHidden(4)


def test_the_first_of_the_findings_is_explained_at_once(page, broken):
    page.show_check(view_of(broken))
    page.only.setChecked(True)
    assert not page.detail.isHidden()
    assert page.detail.text()
