"""What the window offers depends on what is shown: windows by name, headers of objects without pictures, names."""

from __future__ import annotations

from tests.journeys.hand import Hand
from workstation.ui.live_menus import fill_windows
from workstation.ui.main_window import MainWindow


def _stack(window: MainWindow, modality: str) -> str:
    stacks = window.workspace.catalogue.ordered_stacks()
    return next(stack.id for stack in stacks if stack.frames[0].instance.modality == modality)


def test_presets_are_named_in_the_menu_for_the_modality_on_screen(window: MainWindow, hand: Hand) -> None:
    actions = window.actions_by_id
    assert actions["image.preset.4"].text().startswith("Lung")
    assert actions["image.preset.4"].isEnabled()
    window.workspace.show_stack(_stack(window, "MR"), 0)
    hand.settle()
    assert not actions["image.preset.4"].isEnabled()
    assert "Lung" not in actions["image.preset.4"].text()
    window.workspace.show_stack(_stack(window, "US"), 0)
    hand.settle()
    assert not actions["image.preset.0"].isEnabled()


def test_the_menu_of_windows_lists_the_header_and_every_preset(window: MainWindow, hand: Hand) -> None:
    """J3: a menu with all the header's windows."""
    menu = window.live_menus.windows
    fill_windows(menu, window)
    texts = [action.text() for action in menu.actions()]
    assert any("W 400 L 40" in text for text in texts)
    assert any(text.startswith("Stroke") for text in texts)
    next(action for action in menu.actions() if action.text().startswith("Stroke")).trigger()
    shown = hand.pane.shown_window()
    assert shown is not None
    assert (shown.width, shown.center, shown.name) == (40, 40, "Stroke")


def test_recent_paths_are_offered_and_numbered_while_identity_is_hidden(window: MainWindow, hand: Hand) -> None:
    """Folders are often named after patients (features N14)."""
    menus = window.live_menus
    window.settings.set("recent_paths", ["/studies/Anna Demo", "/studies/other"])
    menus.fill_recent()
    assert menus.recent.actions()[0].text().startswith("Anna Demo")
    window.dispatch("view.hide_identity")
    menus.fill_recent()
    assert not any("Anna" in action.text() for action in menus.recent.actions())


def test_asking_twice_for_a_page_shows_it_once(application) -> None:
    from PySide6.QtWidgets import QApplication

    from workstation.ui.help_sheet import HelpSheet

    for command in ("help.sheet", "help.decoders", "help.sheet", "help.decoders"):
        application.window.dispatch(command)
    pages = [
        widget for widget in QApplication.topLevelWidgets() if isinstance(widget, HelpSheet) and widget.isVisible()
    ]
    assert len(pages) == 2
    for page in pages:
        page.close()


def test_a_colour_map_colours_greys_and_leaves_windows_and_colour_alone(window: MainWindow, hand: Hand) -> None:
    """B37: after VOI, to grey only, with a value bar; every window keeps its numbers."""
    before = hand.pane.shown_window()
    window.dispatch("image.color_map.hot_iron")
    hand.settle()
    seen = hand.pane.view.grab().toImage()
    colors = {seen.pixelColor(x, y).name() for x in range(0, seen.width(), 7) for y in range(0, seen.height(), 7)}
    assert any(name[1:3] != name[5:7] for name in colors)
    assert hand.pane.shown_window() == before
    assert hand.pane.overlay.content.color_bar is not None
    assert window.actions_by_id["image.color_map.hot_iron"].isChecked()
    window.workspace.undo.undo()
    assert window.workspace.state().color_map is None
    window.workspace.show_stack(_stack(window, "US"), 0)
    hand.settle()
    assert not window.actions_by_id["image.color_map.pet"].isEnabled()
