"""Key images only: by star and by key object, with a chip that says so and takes it off (F15)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.journeys.hand import Hand
from tests.journeys.test_key_images import series_shown, until
from workstation.app import Application
from workstation.dicom.facts import instance_from, read_header
from workstation.dicom.identity import Locator, Vector
from workstation.objects import key_object_writing
from workstation.objects.key_object_writing import KeyImage, Selection, encoded, key_object_documents
from workstation.ui.key_chip import KeyChip
from workstation.ui.main_window import MainWindow
from workstation.ui.screenshot import wait_until_settled
from workstation.ui.study_rows import BrowserRow
from workstation.ui.workspace import Workspace


def star_at(window: MainWindow, *places: int) -> None:
    for place in places:
        window.dispatch("image.go_to.index", index=place + 1)
        window.dispatch("key_image.toggle")


def chip(window: MainWindow) -> KeyChip:
    (found,) = window.active_pane().findChildren(KeyChip)
    return found


def rows_of(window: MainWindow) -> Iterator[BrowserRow]:
    """Every row of the list of studies."""
    model, waiting = window.browser.model, [QModelIndex()]
    while waiting:
        above = waiting.pop()
        for place in range(model.rowCount(above)):
            index = model.index(place, 0, above)
            waiting.append(index)
            yield model.row_at(index)


def shown(window: MainWindow) -> int:
    return window.workspace.state().index


def only(window: MainWindow) -> bool:
    return window.workspace.state().key_images


def test_scrolling_goes_from_key_image_to_key_image(window: MainWindow, hand: Hand) -> None:
    star_at(window, 2, 9, 5)
    window.dispatch("key_image.only")
    until(lambda: chip(window).isVisible() and not window.key_filter.waiting)
    assert shown(window) == 5
    hand.press(Qt.Key.Key_Down)
    assert shown(window) == 9
    hand.wheel(hand.pane, -1)
    hand.wheel(hand.pane, -1)
    hand.wheel(hand.pane, -1)
    assert shown(window) == 2
    count = window.workspace.length(window.workspace.active)
    assert chip(window).text().startswith(f"★ Key images only: 1 of 3, of {count} images")
    assert hand.pane.overlay.content.bar.marks == (2, 5, 9)
    window.update_actions()
    assert window.actions_by_id["key_image.only"].isChecked()


def test_the_chip_takes_it_off_with_a_click(window: MainWindow, hand: Hand) -> None:
    star_at(window, 2, 9)
    window.dispatch("key_image.only")
    until(lambda: chip(window).isVisible())
    QTest.mouseClick(chip(window), Qt.MouseButton.LeftButton)
    hand.press(Qt.Key.Key_Up)
    assert (only(window), shown(window), chip(window).isVisible()) == (False, 8, False)


def test_a_star_that_is_taken_leads_to_the_next_key_image_and_the_last_one_ends_it(
    window: MainWindow, hand: Hand
) -> None:
    star_at(window, 2, 9)
    window.dispatch("key_image.only")
    hand.settle()
    window.dispatch("key_image.toggle")
    until(lambda: shown(window) == 2)
    assert only(window)
    window.dispatch("key_image.toggle")
    until(lambda: not only(window))
    assert "makes an image of this series key" in window.messages.messages()[-1].text


def test_a_series_without_a_key_image_stays_whole_and_says_why(window: MainWindow, hand: Hand) -> None:
    before = shown(window)
    window.dispatch("key_image.only")
    until(lambda: not only(window))
    hand.press(Qt.Key.Key_Down)
    assert shown(window) == before + 1
    assert "No star and no key object" in window.messages.messages()[-1].text


def test_cine_plays_key_images_only(window: MainWindow, hand: Hand) -> None:
    star_at(window, 2, 9, 5)
    window.dispatch("key_image.only")
    hand.settle()
    seen: set[int] = set()
    window.workspace.viewports[window.workspace.active].changed.connect(lambda old, new: seen.add(new.index))
    window.cine.play()
    until(lambda: seen == {2, 5, 9})
    window.cine.stop()


def test_another_series_is_shown_whole(window: MainWindow, hand: Hand) -> None:
    star_at(window, 2)
    window.dispatch("key_image.only")
    series_shown(window, hand, "US")
    assert not only(window)


@pytest.fixture
def selection(
    application: Application, demo: Path, tmp_path: Path
) -> Callable[[list[int], str], tuple[MainWindow, list[str]]]:
    """Open the demo study with a key object that names some of its MR images."""

    def opened(places: list[int], title: str) -> tuple[MainWindow, list[str]]:
        paths = sorted((demo / "mr").rglob("*.dcm"))
        images = []
        for place in places:
            locator = Locator(str(paths[place]))
            result = read_header(locator)
            images.append(KeyImage(instance_from(locator, result), result.ds))
        (document,) = key_object_documents(images, Selection(title))
        (tmp_path / "ko.dcm").write_bytes(encoded(document))
        window = application.window
        window.desk.open_paths([str(demo), str(tmp_path)])
        assert wait_until_settled(window, 30)
        QApplication.processEvents()
        series_shown(window, Hand(window), "MR")
        return window, [image.instance.sop_instance_uid for image in images]

    return opened


def test_a_key_object_of_the_study_selects(selection) -> None:
    """C.17.6: what it names is shown, together with what has a star."""
    window, named = selection([3, 10], "113005")
    window.dispatch("key_image.only")
    until(lambda: len(window.workspace.key_places(window.workspace.state())) == 2)
    seen = set()
    for steps in (-99, 1, 1):
        window.workspace.scroll(window.workspace.active, steps)
        stack = window.workspace.stack()
        assert stack is not None
        seen.add(stack.frames[shown(window)].instance.sop_instance_uid)
    assert seen == set(named)


def test_what_is_rejected_is_not_key(selection, monkeypatch: pytest.MonkeyPatch) -> None:
    """CID 7010: Rejected for Quality Reasons says not to use what is named."""
    monkeypatch.setattr(key_object_writing, "TITLES", {"113001": "Rejected for Quality Reasons"})
    window, _ = selection([3, 10], "113001")
    window.dispatch("key_image.only")
    until(lambda: not only(window))
    assert window.workspace.stars.named == {}


def test_a_key_object_of_the_corpus_selects(application: Application, corpus: Path) -> None:
    """It names all six images of a study, which are two stacks and keep their order."""
    window = application.window
    window.desk.open_paths([str(corpus / "gsps" / "ClearCanvas")])
    assert wait_until_settled(window, 30)
    for stack in window.workspace.catalogue.ordered_stacks():
        if stack.kind == "image":
            window.workspace.show_stack(stack.id)
            window.dispatch("key_image.only")
            until(lambda: not window.key_filter.waiting)
            assert window.workspace.key_places(window.workspace.state()) == tuple(range(len(stack.frames)))
    assert sum(len(named) for named in window.workspace.stars.named.values()) == 6


def test_the_menu_of_a_series_shows_its_key_images_only(window: MainWindow, hand: Hand) -> None:
    star_at(window, 4)
    starred = window.workspace.state().stack_id
    series_shown(window, hand, "US")
    row = next(row for row in rows_of(window) if row.stack_id == starred)
    actions = {action.text(): action for action in window.browser_menu.menu(row).actions()}
    actions["Show its key images only"].trigger()
    hand.settle()
    assert (window.workspace.state().stack_id, shown(window), only(window)) == (starred, 4, True)


def test_a_pane_that_follows_another_goes_to_its_nearest_key_image(window: MainWindow) -> None:
    """D36: it follows by position as far as what it is to show allows."""
    star_at(window, 2, 9)
    window.dispatch("key_image.only")
    workspace = window.workspace
    workspace.set_point(_middle(workspace, 8), workspace.active)
    assert shown(window) == 9
    workspace.set_point(_middle(workspace, 3), workspace.active)
    assert shown(window) == 2


def _middle(workspace: Workspace, place: int) -> Vector:
    stack = workspace.stack()
    assert stack is not None
    plane = stack.frames[place].plane
    assert plane is not None
    return plane.patient_point(plane.columns / 2, plane.rows / 2)
