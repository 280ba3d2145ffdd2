"""What differs, in the real window: along a series, from image to image, against another series."""

from __future__ import annotations

from pathlib import Path

from tests.journeys.test_provenance import wait
from workstation.app import Application
from workstation.loading.keys import ColumnsKey
from workstation.ui.differ_panel import DifferPanel
from workstation.ui.main_window import MainWindow
from workstation.ui.screenshot import wait_until_settled


def opened(application: Application, *paths: Path) -> tuple[MainWindow, DifferPanel]:
    window = application.window
    for path in paths:
        window.desk.open_paths([str(path)])
        assert wait_until_settled(window, 30)
    panel = window.panels["differences"]
    assert isinstance(panel, DifferPanel)
    return window, panel


def keywords(panel: DifferPanel) -> set[str]:
    return {row.element.keyword for row in panel.model.rows}


def test_nothing_is_read_until_the_panel_is_open(application: Application, corpus: Path) -> None:
    window, panel = opened(application, corpus / "series/dcm_qa_ct/GE")
    stack = window.workspace.stack()
    key = ColumnsKey(stack.id, len(stack.frames))
    assert not window.loader.has(key)
    window.dispatch("view.differences")
    wait(lambda: "XRayTubeCurrent" in keywords(panel))
    assert window.loader.has(key)


def test_a_strip_leads_to_the_slice_and_says_its_value(application: Application, corpus: Path) -> None:
    window, panel = opened(application, corpus / "series/dcm_qa_ct/GE")
    window.dispatch("view.differences")
    wait(lambda: "XRayTubeCurrent" in keywords(panel))
    number = next(n for n, row in enumerate(panel.model.rows) if row.element.keyword == "InstanceNumber")
    panel.slice_requested.emit(20)
    wait(lambda: panel.model.rows[number].cells[2] == "21")
    assert window.workspace.state().index == panel.strip.current == 20


def test_what_changed_from_the_image_before(application: Application, corpus: Path) -> None:
    window, panel = opened(application, corpus / "series/dcm_qa_ct/GE")
    window.dispatch("view.differences")
    wait(lambda: bool(panel.model.rows))
    panel.choose(("previous", ""))
    window.workspace.go_to(window.workspace.active, 14)
    wait(lambda: "SliceThickness" in keywords(panel))
    window.workspace.go_to(window.workspace.active, 5)
    wait(lambda: "SliceThickness" not in keywords(panel) and "SliceLocation" in keywords(panel))


def test_two_series_side_by_side(application: Application, corpus: Path) -> None:
    window, panel = opened(application, corpus / "series/dcm_qa_ct/GE", corpus / "series/dcm_qa_table/Ph")
    window.dispatch("view.differences")
    wait(lambda: panel.what.count() > 2)
    ct = next(s for s in window.workspace.catalogue.ordered_stacks() if s.frames[0].instance.modality == "CT")
    panel.choose(("series", ct.id))
    wait(lambda: "Modality" in keywords(panel))
    (row,) = (row for row in panel.model.rows if row.element.keyword == "Modality")
    assert row.cells[2:] == ("MR", "CT")
    assert next(row.kind for row in panel.model.rows if row.element.keyword == "KVP") == "added"


def test_two_panes_are_compared_image_by_image(application: Application, corpus: Path) -> None:
    window, panel = opened(application, corpus / "series/dcm_qa_table/Ph")
    window.dispatch("view.differences")
    assert len(window.workspace.visible()) > 1
    wait(lambda: panel.what.count() > 3)
    panel.choose(("pane", 1))
    wait(lambda: "ImageType" in keywords(panel))
    (row,) = (row for row in panel.model.rows if row.element.keyword == "ImageType")
    assert row.cells[2] != row.cells[3]
    assert "SeriesNumber" not in keywords(panel)
