"""What is missing is marked once all is read, and the panel follows the study that is looked at."""

from __future__ import annotations

import shutil
from pathlib import Path

import pydicom

from tests.journeys.hand import Hand
from workstation.ui.main_window import MainWindow
from workstation.ui.screenshot import wait_until_settled


def chips(window: MainWindow) -> list[list[str]]:
    rows = [node.branch.value for node in window.browser.model.walk() if node.branch.value.kind == "study"]
    return [[remark.text for remark in row.remarks if "missing?" in remark.text] for row in rows]


def series_with_numbers(window: MainWindow) -> list[Path]:
    """Return the files of the series with most images, in their order."""
    groups = [group.instances for p in window.workspace.catalogue.patients for s in p.studies for group in s.series]
    largest = max(groups, key=len)
    return [Path(one.locator.path) for one in sorted(largest, key=lambda one: one.instance_number or 0)]


def test_an_image_taken_out_is_missed(window: MainWindow, hand: Hand, tmp_path: Path, qtbot) -> None:
    """N9: the tree marks the study, the panel names the number; nothing is marked where nothing speaks for it."""
    qtbot.waitUntil(lambda: window.inquiries.completeness._looked is window.workspace.catalogue)
    assert not any(chips(window))
    files = series_with_numbers(window)
    for file in (*files[:2], *files[4:]):
        shutil.copy(file, tmp_path)
    window.dispatch("file.close")
    window.desk.open_paths([str(tmp_path)])
    assert wait_until_settled(window, 30)
    qtbot.waitUntil(lambda: any(chips(window)))
    assert [chip for chip in chips(window) if chip] == [["2 missing?"]]
    window.dispatch("study.completeness")
    panel = window.panels["completeness"]
    qtbot.waitUntil(lambda: "numbers 3–4" in panel.text())


def test_a_click_in_the_tree_shows_that_study(window: MainWindow, tmp_path: Path, qtbot) -> None:
    """A study without images is in no pane: the tree leads to what is known of it; the pane leads back."""
    ds = pydicom.dcmread(series_with_numbers(window)[0])
    ds.StudyInstanceUID, ds.SeriesInstanceUID, ds.SOPInstanceUID = "1.2.3.1", "1.2.3.2", "1.2.3.3"
    ds.StudyDescription, ds.NumberOfStudyRelatedInstances = "Another one", 12
    ds.save_as(tmp_path / "another")
    window.dispatch("study.completeness")
    panel = window.panels["completeness"]
    qtbot.waitUntil(lambda: panel.title.text() != "")
    before = panel.title.text()
    window.desk.open_paths([str(tmp_path)])
    qtbot.waitUntil(lambda: ["11 missing?"] in chips(window))
    first = next(iter(window.workspace.catalogue.ordered_stacks())).id
    window.workspace.show_stack(first)
    nodes = [node for node in window.browser.model.walk() if node.branch.value.kind == "study"]
    for title in {"Another one", before.rpartition(" · ")[2]}:
        (node,) = [node for node in nodes if title in node.branch.value.title]
        window.browser.tree.clicked.emit(window.browser.model.index_of(node))
        qtbot.waitUntil(lambda wanted=title: wanted in panel.title.text())
