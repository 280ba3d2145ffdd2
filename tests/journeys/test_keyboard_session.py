"""A whole reading session without the mouse."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit

from tests.journeys.hand import Hand
from workstation.app import Application
from workstation.ui.main_window import MainWindow

Key, Mod = Qt.Key, Qt.KeyboardModifier


def test_a_study_is_read_from_the_keyboard(window: MainWindow, hand: Hand) -> None:
    """Open, next series, scroll, preset, MPR, header search, close (R1)."""
    workspace = window.workspace
    assert len(workspace.catalogue.patients) == 1
    first = workspace.state().stack_id

    hand.press(Key.Key_Right)
    assert workspace.state().stack_id != first
    hand.press(Key.Key_Left)
    assert workspace.state().stack_id == first

    hand.press(Key.Key_Down, times=3)
    assert workspace.state().index == 3
    hand.press(Key.Key_PageDown)
    assert workspace.state().index == 13
    hand.press(Key.Key_End)
    assert workspace.state().index == workspace.length(0) - 1
    hand.press(Key.Key_Home)
    assert workspace.state().index == 0

    hand.press(Key.Key_4)
    shown = hand.pane.shown_window()
    assert shown is not None
    assert (shown.center, shown.width, shown.name) == (-600, 1500, "Lung")
    hand.press(Key.Key_1)
    assert hand.pane.shown_window() == hand.pane.picture.rendering.voi[0]

    hand.press(Key.Key_F3)
    sections = [workspace.state(pane).section for pane in (0, 1, 2)]
    assert [section.orientation for section in sections] == ["axial", "coronal", "sagittal"]
    assert all(pane.picture is not None for pane in window.grid.visible_panes())

    hand.press(Key.Key_F, Mod.ControlModifier)
    assert window.panel_shown("header")
    hand.type("spacing")
    lines = [line.row.keyword for line in window.inspector.table().lines.lines if line.row is not None]
    assert lines
    hand.press(Key.Key_Escape)

    window.grid.focus_active()
    hand.press(Key.Key_Z, Mod.ControlModifier)
    assert workspace.state(0).section is None

    hand.press(Key.Key_W, Mod.ControlModifier)
    assert workspace.catalogue.patients == ()
    assert all(viewport.state.empty for viewport in workspace.viewports)


def test_tab_walks_the_panes_and_f_fills_the_window(window: MainWindow, hand: Hand) -> None:
    workspace = window.workspace
    hand.press(Key.Key_Tab)
    assert workspace.active == 1
    hand.press(Key.Key_Backtab, Mod.ShiftModifier)
    assert workspace.active == 0
    hand.press(Key.Key_F)
    assert workspace.visible() == (0,)
    hand.press(Key.Key_F)
    assert len(workspace.visible()) == 4


def test_escape_resets_the_view_and_undo_brings_it_back(window: MainWindow, hand: Hand) -> None:
    hand.press(Key.Key_N)
    hand.press(Key.Key_R)
    changed = window.workspace.state()
    assert (changed.inverted, changed.rotation) == (True, 90)
    hand.press(Key.Key_Escape)
    assert window.workspace.state() == changed.view_reset()
    hand.press(Key.Key_Z, Mod.ControlModifier)
    assert window.workspace.state() == changed


def test_the_palette_runs_a_command(window: MainWindow, hand: Hand) -> None:
    hand.press(Key.Key_K, Mod.ControlModifier)
    hand.type("invert")
    hand.press(Key.Key_Return)
    assert window.workspace.state().inverted


def test_hiding_identity_leaves_no_name_on_any_widget(window: MainWindow, hand: Hand) -> None:
    """Ctrl+Shift+H hides who it is everywhere (features N14)."""
    hand.press(Key.Key_I, Mod.ControlModifier)
    hand.press(Key.Key_H, Mod.ControlModifier | Mod.ShiftModifier)
    QApplication.processEvents()
    assert "Anna" not in window.windowTitle()
    for pane in window.grid.visible_panes():
        corners = pane.overlay.content.corners
        assert not any("Anna" in line or "DEMO-1" in line for line in (*corners.top_left, *corners.top_right))
    rows = [
        line.row for table in (window.inspector.clinical, window.inspector.everything) for line in table.lines.lines
    ]
    assert not any("Anna" in row.value for row in rows if row is not None)
    model = window.browser.model
    texts = [str(model.data(model.index(row, 0))) for row in range(model.rowCount())]
    assert not any("Anna" in text for text in texts)


def test_letters_typed_into_a_filter_do_nothing_to_the_images(window: MainWindow, hand: Hand) -> None:
    before = window.workspace.state()
    window.browser.filter.setFocus()
    hand.type("winrhl4")
    assert window.workspace.state() == before
    assert window.workspace.tool_id == "window"
    assert window.browser.filter.text() == "winrhl4"


def test_escape_empties_a_filter_and_then_leads_back_to_the_pane(window: MainWindow, hand: Hand) -> None:
    window.browser.filter.setFocus()
    hand.type("chest")
    hand.press(Key.Key_Escape)
    assert window.browser.filter.text() == ""
    assert window.browser.filter.hasFocus()
    hand.press(Key.Key_Escape)
    assert hand.pane.hasFocus()


def test_the_tree_is_walked_by_arrows_and_opens_by_enter_only(window: MainWindow, hand: Hand) -> None:
    """Selecting is not opening: the selection never takes the place of what is shown."""
    before = window.workspace.state().stack_id
    window.browser.tree.setFocus()
    hand.press(Key.Key_Home)
    while window.browser.current_row().badge != "MR":
        hand.press(Key.Key_Down)
    assert window.workspace.state().stack_id == before
    hand.press(Key.Key_Return)
    assert window.workspace.state().stack_id == window.browser.current_row().stack_id
    assert hand.pane.hasFocus()


def test_function_keys_act_from_every_panel(window: MainWindow, hand: Hand) -> None:
    window.browser.tree.setFocus()
    hand.press(Key.Key_F3)
    assert window.workspace.state(0).section is not None


def test_copy_in_the_inspector_copies_the_header_not_the_view(window: MainWindow, hand: Hand) -> None:
    hand.press(Key.Key_I, Mod.ControlModifier)
    table = window.inspector.table()
    window.header._later.timeout.emit()
    hand.settle()
    table.setFocus()
    hand.press(Key.Key_Down, times=2)
    hand.press(Key.Key_C, Mod.ControlModifier)
    assert QApplication.clipboard().text() == "ID\tDEMO-1"


def test_a_preset_is_found_in_the_palette_by_its_name(window: MainWindow, hand: Hand) -> None:
    hand.press(Key.Key_K, Mod.ControlModifier)
    hand.type("lung")
    hand.press(Key.Key_Return)
    shown = hand.pane.shown_window()
    assert shown is not None
    assert shown.name.casefold() == "lung"


def test_a_folder_is_opened_closed_and_opened_again_from_the_keyboard(application: Application, demo: Path) -> None:
    window = application.window
    hand = Hand(window)
    hand.press(Key.Key_O, Mod.ControlModifier | Mod.ShiftModifier)
    dialog = window.findChild(QFileDialog)
    dialog.activateWindow()
    line = dialog.findChild(QLineEdit)
    line.setCompleter(None)  # its popup would keep the keyboard on a platform without windows
    line.setFocus()
    line.selectAll()
    QTest.keyClicks(line, str(demo))
    QTest.keyClick(line, Key.Key_Return)
    hand.settle()
    assert len(window.workspace.catalogue.patients) == 1
    window.windowHandle().requestActivate()  # a window manager does that when a dialog closes
    assert QTest.qWaitForWindowActive(window)
    window.grid.focus_active()
    hand.press(Key.Key_W, Mod.ControlModifier)
    assert window.workspace.catalogue.patients == ()
    hand.press(Key.Key_L, Mod.ControlModifier | Mod.ShiftModifier)
    assert len(window.workspace.catalogue.patients) == 1
