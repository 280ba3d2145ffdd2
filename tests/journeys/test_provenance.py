"""Where a grey comes from: pointed at, clicked, kept, hidden; what is told is what the pane shows."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from tests.journeys.hand import Hand
from workstation.app import Application
from workstation.loading.keys import OriginKey
from workstation.objects.picture import FrameKey
from workstation.ui.image_pane import ImagePane
from workstation.ui.main_window import MainWindow
from workstation.ui.pixel_panel import PixelPanel
from workstation.ui.screenshot import wait_until_settled

KINDS = (
    "dicomdir/pydicom-dicomdirtests/77654033/CR1/6154",  # MONOCHROME1
    "series/dcm_qa_ct/GE",  # MONOCHROME2
    "single/pydicom-data/US1_UNCR.dcm",  # RGB
    "single/fo-dicom/TestPattern_Palette_16.dcm",
    "single/dcm4che/YBR_FULL-RLE.dcm",
    "single/dcm4che/YBR_422.dcm",
    "single/pydicom-data/US1_J2KI.dcm",  # YBR_ICT
    "single/pydicom/examples_jpeg2k.dcm",  # YBR_RCT
)
NONE = Qt.KeyboardModifier.NoModifier
EXPLAIN = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


def wait(until, seconds: float = 5.0) -> None:
    """Run the event loop; threads get their turn between its rounds."""
    end = time.monotonic() + seconds
    while not until() and time.monotonic() < end:
        QApplication.processEvents()
        time.sleep(0.004)
    assert until()


def mouse(pane: ImagePane, kind: QEvent.Type, at: QPointF, held: Qt.KeyboardModifier = NONE) -> None:
    left = Qt.MouseButton.LeftButton
    button = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseMove else left
    down = left if kind == QEvent.Type.MouseButtonPress else Qt.MouseButton.NoButton
    QApplication.sendEvent(pane, QMouseEvent(kind, at, pane.mapToGlobal(at), button, down, held))


def click(pane: ImagePane, at: QPointF, held: Qt.KeyboardModifier = NONE) -> None:
    mouse(pane, QEvent.Type.MouseButtonPress, at, held)
    mouse(pane, QEvent.Type.MouseButtonRelease, at, held)


def panel(window: MainWindow) -> PixelPanel:
    found = window.panels["pixel"]
    assert isinstance(found, PixelPanel)
    return found


def place_of(pane: ImagePane, column: int, row: int) -> QPointF:
    return QPointF(*pane.picture_transform().to_screen(column + 0.5, row + 0.5))


def told(window: MainWindow, stage: str) -> str:
    model = panel(window).model
    return next((model.cell(row, 1) for row in model.rows if not isinstance(row, str) and row.stage == stage), "")


@pytest.mark.parametrize("name", KINDS)
def test_the_last_line_is_the_colour_in_the_pane(application: Application, corpus: Path, name: str) -> None:
    """At 1:1, nearest, pixel by pixel: what the panel tells of a pixel is what is painted there."""
    window = application.window
    window.desk.open_paths([str(corpus / name)])
    assert wait_until_settled(window, 30)
    window.workspace.set_options(smooth=False, shutter=False, overlays=False)
    window.show_panel("pixel")
    pane = window.active_pane()
    window.dispatch("image.one_to_one")
    size = [pane.size()]
    wait(lambda: size[-1] == (size.append(pane.size()) or size[-1]) and len(size) > 30)
    assert pane.picture is not None
    # pixels of the picture on pixels of the screen, not half beside them
    down, across = (extent // 2 for extent in pane.picture.values.shape[:2])
    middle = (across + pane.width() / 2 % 1, down + pane.height() / 2 % 1)
    window.workspace.set_state(pane.number, replace(pane.viewport.state, centre=middle, scale=1.0))
    assert wait_until_settled(window, 10)
    shot = pane.view.grab().toImage()
    rows, columns = pane.picture.values.shape[:2]
    chance = np.random.default_rng(2)
    seen = 0
    for _ in range(200):
        column, row = int(chance.integers(columns)), int(chance.integers(rows))
        at = place_of(pane, column, row)
        if not (0 <= at.x() < pane.width() - 30 and 0 <= at.y() < pane.height()):
            continue
        mouse(pane, QEvent.Type.MouseMove, at)
        window.inquiries.pixel.follow()
        colour = shot.pixelColor(int(at.x()), int(at.y()))
        shown = [int(part) for part in told(window, "On the screen").split(",")]
        assert (shown * 3)[:3] == [colour.red(), colour.green(), colour.blue()], (column, row)
        seen += 1
        if seen == 25:
            break
    assert seen > 3


def test_the_panel_follows_the_pointer_until_a_click(hand: Hand, window: MainWindow) -> None:
    window.dispatch("view.provenance")
    pane = window.active_pane()
    mouse(pane, QEvent.Type.MouseMove, place_of(pane, 10, 12))
    wait(lambda: panel(window).title.text().startswith("Column 10, row 12"))
    click(pane, place_of(pane, 20, 22))
    wait(lambda: panel(window).title.text().startswith("Column 20, row 22"))
    assert panel(window).pin.isChecked()
    mouse(pane, QEvent.Type.MouseMove, place_of(pane, 30, 32))
    wait(lambda: window.inquiries.pixel.place == (pane.number, 20, 22))
    panel(window).pin.click()
    mouse(pane, QEvent.Type.MouseMove, place_of(pane, 30, 32))
    wait(lambda: panel(window).title.text().startswith("Column 30, row 32"))


def test_ctrl_shift_click_opens_the_panel_on_the_pixel(hand: Hand, window: MainWindow) -> None:
    pane = window.active_pane()
    state = pane.viewport.state
    assert not window.panel_shown("pixel")
    click(pane, place_of(pane, 40, 42), EXPLAIN)
    wait(lambda: panel(window).title.text().startswith("Column 40, row 42"))
    assert panel(window).pin.isChecked()
    assert pane.viewport.state == state
    assert pane.kept_pixel == (40, 42)
    window.dispatch("view.provenance")
    assert pane.kept_pixel is None
    window.dispatch("view.provenance")
    wait(lambda: pane.kept_pixel == (40, 42))
    panel(window).pin.click()
    wait(lambda: pane.kept_pixel is None)


def test_a_kept_pixel_follows_slice_and_window(hand: Hand, window: MainWindow) -> None:
    pane = window.active_pane()
    click(pane, place_of(pane, 40, 42), EXPLAIN)
    wait(lambda: told(window, "File") != "")
    first, grey = told(window, "File"), told(window, "VOI")
    window.workspace.go_to(pane.number, 2)
    wait(lambda: told(window, "File") not in ("", first))
    window.dispatch("image.window.set", center=10.0, width=20.0)
    wait(lambda: told(window, "VOI") != grey)
    assert told(window, "VOI") == "C 10  W 20"


def test_what_is_in_memory_is_told_within_50_ms(hand: Hand, window: MainWindow) -> None:
    window.dispatch("view.provenance")
    pane = window.active_pane()
    mouse(pane, QEvent.Type.MouseMove, place_of(pane, 10, 12))
    assert isinstance(pane.picture.key, FrameKey)
    wait(lambda: window.loader.has(OriginKey(pane.picture.key.ref)))
    took = []
    for number in range(20):
        at = place_of(pane, 20 + number, 30)
        begin = time.perf_counter()
        mouse(pane, QEvent.Type.MouseMove, at)
        wait(lambda n=number: panel(window).title.text().startswith(f"Column {20 + n}, row 30"))
        panel(window).table.viewport().repaint()
        took.append(time.perf_counter() - begin)
    assert sorted(took)[10] < 0.05


def test_a_section_is_told_by_its_voxels(hand: Hand, window: MainWindow) -> None:
    window.show_layout("mpr")
    assert wait_until_settled(window, 30)
    pane = next(pane for pane in window.grid.visible_panes() if pane.viewport.state.section is not None)
    click(pane, QPointF(pane.width() * 0.45, pane.height() * 0.45), EXPLAIN)
    wait(lambda: told(window, "Modality value") != "")
    lines = [row for row in panel(window).model.rows if not isinstance(row, str) and row.group == "Voxels"]
    parts = [(float(line.value.split()[0].replace("−", "-")), float(line.how.split()[1])) for line in lines]
    _, column, row = window.inquiries.pixel.place
    assert sum(value * weight for value, weight in parts) == pytest.approx(pane.picture.values[row, column], abs=0.5)
    assert all(line.file for line in lines)


def test_hidden_identity_leaves_out_file_names(hand: Hand, window: MainWindow) -> None:
    pane = window.active_pane()
    click(pane, place_of(pane, 40, 42), EXPLAIN)
    wait(lambda: told(window, "File") != "")
    name = told(window, "File")
    window.dispatch("view.hide_identity")
    assert told(window, "File") == "hidden"
    panel(window).copy()
    assert name not in QApplication.clipboard().text()
