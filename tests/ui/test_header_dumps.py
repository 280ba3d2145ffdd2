"""A header taken out of the inspector: paths, text, JSON, CSV; nothing while identity is hidden."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pydicom
import pytest
from PySide6.QtGui import QGuiApplication

from workstation.dicom.facts import read_instance
from workstation.dicom.identity import Locator
from workstation.loading.header_view import header_view
from workstation.phantoms.ultrasound import write_ultrasound_clip
from workstation.ui.header_model import Block
from workstation.ui.header_panel import HeaderPanel


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write_ultrasound_clip(tmp_path / "clip.dcm", frames=1)


@pytest.fixture
def panel(qtbot, path: Path):
    panel = HeaderPanel()
    qtbot.addWidget(panel)
    view = header_view(read_instance(Locator(str(path))), 0)
    blocks = [Block(title, rows) for title, rows in view.everything]
    panel.show_rows(view.title, (), blocks, view.children, view.full_value, view.dump)
    panel.pages.setCurrentIndex(1)
    return panel


def copied() -> str:
    return QGuiApplication.clipboard().text()


def choose(panel: HeaderPanel, keyword: str) -> None:
    lines = panel.everything.lines
    for number, line in enumerate(lines.lines):
        if line.row is not None and line.row.keyword == keyword:
            panel.everything.go_to(number)
            return
    raise AssertionError(keyword)


def test_the_path_of_a_nested_element_is_in_keywords(panel) -> None:
    panel.filter.setText("RegionSpatialFormat")
    panel._apply_filter()
    choose(panel, "RegionSpatialFormat")
    panel.dumps.copy_paths()
    assert copied() == "SequenceOfUltrasoundRegions[1].RegionSpatialFormat"


def test_the_whole_header_is_copied_in_each_form(panel, path: Path) -> None:
    ds = pydicom.dcmread(path)
    panel.dumps.copy("text")
    assert f"[{ds.PatientID}]" in copied()
    panel.dumps.copy("json")
    assert json.loads(copied())["00100020"]["Value"] == [ds.PatientID]
    panel.dumps.copy("csv")
    assert {row["path"]: row["value"] for row in csv.DictReader(copied().splitlines())}["PatientID"] == ds.PatientID


def test_the_ending_names_the_form(panel, tmp_path: Path) -> None:
    for name, start in (("a.json", "{"), ("a.csv", "path,tag"), ("a.txt", "# File"), ("a", "# File")):
        panel.dumps.save(str(tmp_path / name))
        assert (tmp_path / name).read_text(encoding="utf-8").startswith(start)


def test_nothing_is_taken_out_while_identity_is_hidden(panel) -> None:
    QGuiApplication.clipboard().setText("before")
    panel.show_rows("", (), (), dump=None)
    panel.dumps.copy("text")
    assert copied() == "before"
    assert not panel.dumps.menu.isEnabled()
