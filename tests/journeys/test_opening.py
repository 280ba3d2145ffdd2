"""What an opening brings comes in the order one waits for it: the picture, then words, tree and buttons."""

from __future__ import annotations

from workstation.loading.keys import VolumeKey
from workstation.ui.later import AFTER_SCAN
from workstation.ui.main_window import MainWindow
from workstation.viewing.view_state import ViewState


def test_nothing_that_was_on_its_way_comes_back_when_all_is_closed(window: MainWindow) -> None:
    late = window.workspace.catalogue
    assert late.patients
    window.desk.close_all()
    window.desk.take(late)
    assert window.workspace.catalogue.patients == ()
    assert window.workspace.state(0) == ViewState()


def test_the_tree_follows_a_scan_later_than_its_end(window: MainWindow) -> None:
    window.desk.running = True
    window._catch_up(rows=True)
    assert window._rows_later.due > 2 * AFTER_SCAN
    window.desk.running = False
    window._catch_up(rows=True)
    assert window._rows_later.due < 2 * AFTER_SCAN


def test_panes_wait_for_a_picture_a_moment_and_no_longer(window: MainWindow, qtbot) -> None:
    holder = window.grid.pane(0).parentWidget()
    assert holder is not None
    window.grid.await_picture()
    assert not holder.updatesEnabled()
    qtbot.waitUntil(holder.updatesEnabled, timeout=2000)


def test_panes_that_wait_for_nothing_go_on_at_once(window: MainWindow) -> None:
    holder = window.grid.pane(0).parentWidget()
    assert holder is not None
    window.grid.await_picture()
    window.grid.go_on_unless_awaited()
    assert holder.updatesEnabled()


def test_the_status_bar_says_how_many_objects_were_opened(window: MainWindow, qtbot) -> None:
    count = len(window.workspace.catalogue.instances)
    qtbot.waitUntil(lambda: window.status.progress.text() == f"{count} objects", timeout=2000)
    assert not window.status.stop.isVisible()


def test_the_volume_of_what_is_shown_is_there_before_anyone_asks_for_a_section(window: MainWindow, qtbot) -> None:
    volume = next(stack for stack in window.workspace.catalogue.ordered_stacks() if stack.is_volume)
    window.workspace.show_stack(volume.id)
    key = VolumeKey(volume.id, len(volume.frames))
    qtbot.waitUntil(lambda: window.loader.has(key), timeout=5000)
    assert window.workspace.state().section is None
