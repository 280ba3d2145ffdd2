"""Reports open beside the images, and lead to them."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pydicom
import pytest
from pydicom.dataset import FileMetaDataset
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from tests.journeys.hand import Hand
from tests.objects.reports import container, image, item, num, report
from workstation.app import Application
from workstation.ui.main_window import MainWindow
from workstation.ui.report_panel import ReportPanel
from workstation.ui.screenshot import wait_until_settled


def until(ready: Callable[[], object], seconds: float = 10.0) -> None:
    end = time.monotonic() + seconds
    while not ready() and time.monotonic() < end:
        QApplication.processEvents()
        time.sleep(0.004)
    assert ready()


def panel_of(window: MainWindow) -> ReportPanel:
    panel = window.panels["report"]
    assert isinstance(panel, ReportPanel)
    return panel


def _stack(window: MainWindow, modality: str) -> str:
    stacks = window.workspace.catalogue.ordered_stacks()
    return next(stack.id for stack in stacks if stack.frames and stack.frames[0].instance.modality == modality)


def test_a_pdf_opens_beside_the_images_not_instead_of_them(window: MainWindow, hand: Hand) -> None:
    """Features M1, M2; an object without a picture never takes the place of one."""
    before = window.workspace.state().stack_id
    window.browser.stack_activated.emit(_stack(window, "DOC"), False)
    panel = panel_of(window)
    until(lambda: panel.view is not None and panel.view.pdf is not None and not panel.pdf.missing())
    assert window.workspace.state().stack_id == before
    assert window.panel_shown("report")
    panel.words.setText("sphere")
    until(lambda: panel.found.text() == "1 of 1")


def test_the_panel_has_a_key_and_reports_are_stepped_through(window: MainWindow, hand: Hand) -> None:
    hand.press(Qt.Key.Key_PageDown, Qt.KeyboardModifier.ControlModifier)
    until(lambda: panel_of(window).view is not None)
    hand.press(Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    assert not window.panel_shown("report")


def test_what_is_saved_is_the_document_itself(window: MainWindow, hand: Hand, tmp_path: Path) -> None:
    window.dispatch("study.next_report")
    panel = panel_of(window)
    until(lambda: panel.view is not None)
    window.reports.output.save_to(tmp_path / "document.pdf", panel.view)
    until(lambda: (tmp_path / "document.pdf").is_file())
    assert (tmp_path / "document.pdf").read_bytes().startswith(b"%PDF-")


@pytest.fixture
def measured(application: Application, demo: Path, tmp_path: Path) -> MainWindow:
    """The demo study with a report that measures on its MR and points into the CT's space."""
    paths = sorted((demo / "mr").rglob("*.dcm"))
    source = pydicom.dcmread(paths[7])
    region = item(
        "SCOORD",
        "Region",
        image(source.SOPInstanceUID),
        relation="INFERRED FROM",
        GraphicType="POLYLINE",
        GraphicData=[10.0, 20.0, 60.0, 90.0],
    )
    other = pydicom.dcmread(paths[3])
    place = item("SCOORD3D", "Place", GraphicType="POINT", GraphicData=[float(v) for v in other.ImagePositionPatient])
    place.ReferencedFrameOfReferenceUID = other.FrameOfReferenceUID
    ds = report(container("Findings", num("Length", "12.5", "mm", region), place))
    for keyword in ("PatientName", "PatientID", "PatientBirthDate", "PatientSex", "StudyInstanceUID", "StudyDate"):
        setattr(ds, keyword, source[keyword].value)
    ds.SOPInstanceUID, ds.SeriesInstanceUID, ds.Modality = "1.2.77.1", "1.2.77", "SR"
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.1"
    ds.file_meta.MediaStorageSOPClassUID, ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPClassUID, ds.SOPInstanceUID
    pydicom.dcmwrite(tmp_path / "sr.dcm", ds, enforce_file_format=True)
    window = application.window
    window.desk.open_paths([str(demo), str(tmp_path)])
    assert wait_until_settled(window, 30)
    window._show_object(window.workspace.catalogue.instances["1.2.77.1"])
    until(lambda: panel_of(window).view is not None)
    return window


def test_a_link_goes_to_the_frame_and_draws_what_was_measured(measured: MainWindow) -> None:
    """F17, C.18.6: the graphic is drawn on the exact frame, in the pane it was asked for."""
    window, panel = measured, panel_of(measured)
    target = next(one for one in panel.view.page.targets if one.graphics and not one.graphics[0].in_space)
    panel.followed.emit(target)
    assert wait_until_settled(window, 20)
    pane = window.active_pane()
    assert pane.picture.key.ref.sop_instance_uid == target.reference.sop_instance_uid
    strokes = [stroke for stroke in pane.overlay.content.strokes if stroke.color == "report"]
    assert strokes[0].points == tuple(pane.transform().to_screen(*point) for point in ((10.0, 20.0), (60.0, 90.0)))
    assert "Length 12.5 mm" in [label.text for label in pane.overlay.content.labels]
    window.workspace.scroll(window.workspace.active, 1)
    assert wait_until_settled(window, 20)
    assert [stroke for stroke in pane.overlay.content.strokes if stroke.color == "report"] == []


def test_a_link_shows_its_frame_also_where_only_key_images_were_shown(measured: MainWindow) -> None:
    """What is asked for is what is shown; the filter goes where the frame is no key image."""
    window, panel = measured, panel_of(measured)
    target = next(one for one in panel.view.page.targets if one.graphics and not one.graphics[0].in_space)
    panel.followed.emit(target)
    assert wait_until_settled(window, 20)
    window.workspace.go_to(window.workspace.active, 0)
    window.dispatch("key_image.toggle")
    window.dispatch("key_image.only")
    until(lambda: not window.key_filter.waiting)
    panel.followed.emit(target)
    assert wait_until_settled(window, 20)
    assert window.active_pane().picture.key.ref.sop_instance_uid == target.reference.sop_instance_uid
    assert not window.workspace.state().key_images


def test_a_place_in_the_patient_leads_to_the_nearest_image(measured: MainWindow) -> None:
    """C.18.9."""
    window, panel = measured, panel_of(measured)
    panel.followed.emit(next(one for one in panel.view.page.targets if one.graphics and one.graphics[0].in_space))
    assert wait_until_settled(window, 20)
    pane = window.active_pane()
    assert [stroke for stroke in pane.overlay.content.strokes if stroke.color == "report"]
    window.toggle_panel("report")
    assert window.workspace.pointed is None
    assert [stroke for stroke in pane.overlay.content.strokes if stroke.color == "report"] == []


def test_hidden_identity_covers_the_report(measured: MainWindow) -> None:
    panel = panel_of(measured)
    measured.workspace.set_options(identity_hidden=True)
    assert not panel.page.isVisible()
    measured.workspace.set_options(identity_hidden=False)
    assert panel.page.isVisible()


def test_closing_everything_leaves_no_report(measured: MainWindow) -> None:
    measured.desk.close_all()
    until(lambda: panel_of(measured).view is None)
    assert measured.reports.shown is None
