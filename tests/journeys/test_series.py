"""Phases of a 4-D series, stacks merged and split, and a study opened later."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt

from tests.journeys.hand import Hand
from workstation.phantoms.zoo import write_gap, write_time
from workstation.ui.main_window import MainWindow

Key, Mod = Qt.Key, Qt.KeyboardModifier


def _open(window: MainWindow, hand: Hand, folder: Path) -> None:
    window.desk.open_paths([str(folder)])
    hand.settle()


def _in_series(window: MainWindow, hand: Hand, tmp_path: Path) -> None:
    window.dispatch("file.close")
    write_time(tmp_path)
    _open(window, hand, tmp_path)
    window.grid.focus_active()


def test_a_series_in_phases_fills_one_pane_and_alt_page_down_walks_them(
    window: MainWindow, hand: Hand, tmp_path: Path
) -> None:
    """J6: the place stays, the phase is written in the corner."""
    _in_series(window, hand, tmp_path)
    workspace = window.workspace
    stack = workspace.stack()
    assert stack is not None
    count = len(workspace.catalogue.phases(stack))
    assert count > 1
    assert len(workspace.visible()) == 1
    hand.press(Key.Key_PageUp, Mod.AltModifier, times=count)
    first = workspace.state().stack_id
    hand.press(Key.Key_Home)
    hand.press(Key.Key_Down)
    hand.press(Key.Key_PageDown, Mod.AltModifier)
    after = workspace.stack()
    assert after is not None
    assert after.phase is not None
    assert (after.phase.index, workspace.state().index) == (2, 1)
    assert any(f"phase 2 of {count}" in line for line in hand.pane.overlay.content.corners.bottom_left)
    hand.wheel(hand.pane, -1, Mod.AltModifier)
    assert workspace.state().stack_id == first


def test_stacks_are_merged_and_split_again_from_the_menu_of_the_browser(
    window: MainWindow, hand: Hand, tmp_path: Path
) -> None:
    """D17: a split can be undone, and nothing is hidden by it."""
    _in_series(window, hand, tmp_path)
    catalogue = window.workspace.catalogue
    before = [len(stack.frames) for stack in catalogue.ordered_stacks()]

    def choose(words: str) -> None:
        row = next(
            window.browser.model.row_at(index)
            for index in window.browser.tree.visible_rows()
            if window.browser.model.row_at(index).kind == "series"
        )
        menu = window.browser_menu.menu(row)
        next(action for action in menu.actions() if words in action.text()).trigger()
        menu.deleteLater()
        hand.settle()

    choose("Merge")
    assert [len(stack.frames) for stack in window.workspace.catalogue.ordered_stacks()] == [sum(before)]
    choose("Split")
    assert [len(stack.frames) for stack in window.workspace.catalogue.ordered_stacks()] == before


def test_another_patient_opened_later_is_shown_and_undo_brings_the_first_back(
    window: MainWindow, hand: Hand, tmp_path: Path
) -> None:
    """C10: two patients are never mixed in one layout by the program."""
    before = window.workspace.state(0)
    write_gap(tmp_path)
    _open(window, hand, tmp_path)
    stack = window.workspace.stack(0)
    assert stack is not None
    assert "Phantom" in str(stack.frames[0].instance.values["PatientName"])
    assert not window.patients.isVisible()
    window.dispatch("edit.undo")
    assert window.workspace.state(0) == before
