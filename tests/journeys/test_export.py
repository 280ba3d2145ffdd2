"""Exports in the real window: choose, write, look at the files, bring a picture home, stop, fail."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Event
from zipfile import ZipFile

import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.journeys.hand import Hand
from workstation.export.picture import KEY, read_stamp
from workstation.export.stamp import Stamp, matches
from workstation.imaging.window import Window
from workstation.ui import export_desk
from workstation.ui.export_dialog import ExportDialog
from workstation.ui.export_jobs import Outcome
from workstation.ui.main_window import MainWindow

CTRL, SHIFT, NONE = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.NoModifier,
)
LEFT = Qt.MouseButton.LeftButton


def until(true: Callable[[], object], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        QApplication.processEvents()
        time.sleep(0.004)


def told(window: MainWindow) -> str:
    return window.messages.messages()[-1].text if window.messages.messages() else ""


def to_front(window: MainWindow) -> None:
    window.activateWindow()
    until(window.isActiveWindow)
    window.grid.focus_active()


def volume_shown(window: MainWindow, hand: Hand) -> None:
    chosen = next(stack for stack in window.workspace.catalogue.ordered_stacks() if stack.is_volume)
    window.workspace.show_stack(chosen.id)
    hand.settle()


def asked(window: MainWindow, hand: Hand, kind: str, path: Path) -> ExportDialog:
    """Press Ctrl+E, choose a kind by the mouse, and type where it goes."""
    to_front(window)
    hand.press(Qt.Key.Key_E, CTRL)
    page = next(page for page in window.findChildren(ExportDialog) if page.isVisible())
    button = page.kinds[kind]
    QTest.mouseClick(button, LEFT, NONE, button.rect().center())
    assert page.kind == kind
    page.line.setFocus()
    page.line.selectAll()
    QTest.keyClicks(page.line, str(path))
    return page


def exported(window: MainWindow, page: ExportDialog) -> Outcome:
    ended: list[Outcome] = []
    window.exports.ended.connect(ended.append)
    QTest.mouseClick(page.export, LEFT)
    until(lambda: ended)
    window.exports.ended.disconnect(ended.append)
    assert not [page for page in window.findChildren(ExportDialog) if page.isVisible()]
    return ended[0]


def drop(window: MainWindow, *paths: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    middle, copy = window.rect().center(), Qt.DropAction.CopyAction
    enter = QDragEnterEvent(middle, copy, data, LEFT, NONE)
    QApplication.sendEvent(window, enter)
    QApplication.sendEvent(window, QDropEvent(QPointF(middle), copy, data, LEFT, NONE))


def test_a_picture_brings_its_view_back(window: MainWindow, hand: Hand, tmp_path: Path) -> None:
    volume_shown(window, hand)
    workspace = window.workspace
    made = replace(
        workspace.state(),
        index=3,
        voi=Window(55.5, 333.0),
        scale=1.75,
        centre=(20.25, 31.5),
        rotation=90,
        flip_vertical=True,
        inverted=True,
        color_map="hot_iron",
    )
    workspace.set_state(workspace.active, made)
    hand.settle()
    path = tmp_path / "home.png"
    outcome = exported(window, asked(window, hand, "view", path))
    assert (outcome.written, outcome.failed) == (1, [])
    assert told(window) == f"1 image was written to {path}."
    stamp = read_stamp(path)
    assert stamp is not None
    stack = workspace.stack()
    assert stack is not None
    assert matches(stamp, stack.frames[3].instance.sop_instance_uid)
    assert stamp.sop_instance_uid.startswith("sha256:")
    assert (stamp.window, stamp.window_source) == ((55.5, 333.0), "chosen")
    to_front(window)
    hand.press(Qt.Key.Key_Down, times=2)
    other = next(s for s in workspace.catalogue.ordered_stacks() if s.kind == "image" and s.id != stack.id)
    workspace.show_stack(other.id)
    hand.settle()
    drop(window, path)
    until(lambda: workspace.state() == made)
    to_front(window)
    hand.press(Qt.Key.Key_Z, CTRL)
    assert workspace.state().stack_id == other.id


def test_a_section_comes_back_as_it_lay(window: MainWindow, hand: Hand, tmp_path: Path) -> None:
    volume_shown(window, hand)
    window.dispatch("layout.mpr")
    hand.settle()
    pane = next(pane for pane in window.workspace.visible() if window.workspace.state(pane).section is not None)
    window.workspace.set_active(pane)
    section = window.workspace.state().section
    assert section is not None
    turned = replace(section, right=(0.8, 0.6, 0.0), down=(0.0, 0.0, -1.0), slab_mm=5.0, projection="mean")
    made = replace(window.workspace.state(), section=turned, scale=2.0, voi=Window(30.0, 250.0))
    window.workspace.set_state(pane, made)
    hand.settle()
    path = tmp_path / "section.png"
    exported(window, asked(window, hand, "view", path))
    window.workspace.set_state(pane, replace(made, section=section, scale=None))
    hand.settle()
    drop(window, path)
    until(lambda: window.workspace.state() == made)


def test_every_image_goes_into_a_new_folder_under_its_number(
    window: MainWindow, hand: Hand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    volume_shown(window, hand)
    stack = window.workspace.stack()
    assert stack is not None
    folder = tmp_path / "all"
    outcome = exported(window, asked(window, hand, "series", folder))
    count = len(stack.frames)
    assert outcome.written == count
    assert sorted(path.name for path in folder.iterdir()) == [f"{n:04}.png" for n in range(1, count + 1)]
    for number, frame in enumerate(stack.frames, 1):
        stamp = read_stamp(folder / f"{number:04}.png")
        assert stamp is not None
        assert matches(stamp, frame.instance.sop_instance_uid)
    with Image.open(folder / "0001.png") as image:
        assert image.size == (stack.columns, stack.rows)
    assert told(window) == f"{count} images were written to {folder}."
    opened: list[Path] = []
    monkeypatch.setattr(export_desk, "show_folder", opened.append)
    QTest.mouseClick(window.messages.action, LEFT)
    assert opened == [folder]


def test_movie_volume_and_values_are_written(window: MainWindow, hand: Hand, tmp_path: Path) -> None:
    volume_shown(window, hand)
    stack = window.workspace.stack()
    assert stack is not None
    exported(window, asked(window, hand, "movie", tmp_path / "run.mp4"))
    assert told(window).startswith(f"A movie of {len(stack.frames)} frames was written to ")
    exported(window, asked(window, hand, "volume", tmp_path / "head.nii.gz"))
    assert told(window).startswith(f"A volume of {len(stack.frames)} slices was written to ")
    page = asked(window, hand, "image", tmp_path / "values.png")
    page.image_page.values.setCurrentIndex(2)  # type: ignore[union-attr]
    page.identity.setChecked(True)
    exported(window, page)
    stamp = read_stamp(tmp_path / "values.png")
    assert stamp is not None
    assert (stamp.pixels, stamp.sop_instance_uid) == ("modality", stack.frames[0].instance.sop_instance_uid)
    assert {path.name for path in tmp_path.iterdir()} == {"run.mp4", "head.nii.gz", "values.png"}


@pytest.mark.parametrize(("row", "name"), [(0, "disc"), (1, "disc.zip"), (2, "plain")])
def test_a_study_goes_out_as_dicom_files(window: MainWindow, hand: Hand, tmp_path: Path, row: int, name: str) -> None:
    page = asked(window, hand, "dicom", tmp_path / "disc")
    page.dicom_page.target.setCurrentIndex(row)
    page.line.setText(str(tmp_path / name))
    count = len(page.dicom_page.instances())
    outcome = exported(window, page)
    assert outcome.written + len(outcome.failed) == count
    assert outcome.written
    if name.endswith(".zip"):
        assert "DICOMDIR" in ZipFile(tmp_path / name).namelist()
    else:
        assert (tmp_path / name / "DICOMDIR").exists() is (row == 0)


def test_a_running_export_is_stopped_by_the_message_and_leaves_whole_files(
    window: MainWindow, hand: Hand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from workstation.export import frames

    volume_shown(window, hand)
    begun, go_on = Event(), Event()
    real = frames.export_picture

    def slow(*args, **named):  # type: ignore[no-untyped-def]
        stamp = real(*args, **named)
        begun.set()
        go_on.wait(10)
        return stamp

    monkeypatch.setattr(frames, "export_picture", slow)
    page = asked(window, hand, "series", tmp_path / "some")
    ended: list[Outcome] = []
    window.exports.ended.connect(ended.append)
    page.export.click()
    until(begun.is_set)
    window.update_actions()
    assert window.exports.running
    assert window.actions_by_id["file.export_stop"].isEnabled()
    assert window.messages.action.text() == "Cancel"
    QTest.mouseClick(window.messages.action, LEFT)
    go_on.set()
    until(lambda: ended)
    assert ended[0].cancelled
    assert [path.name for path in (tmp_path / "some").iterdir()] == ["0001.png"]
    assert "was stopped" in told(window)
    assert not window.exports.running


def test_a_place_that_refuses_is_told_in_a_sentence(
    window: MainWindow, hand: Hand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Path.open

    def refuse(self: Path, mode: str = "r", *args, **named):  # type: ignore[no-untyped-def]
        if "x" in mode:
            raise PermissionError(13, "Permission denied")
        return real(self, mode, *args, **named)

    page = asked(window, hand, "image", tmp_path / "no.png")
    ended: list[object] = []
    window.exports.ended.connect(ended.append)
    monkeypatch.setattr(Path, "open", refuse)
    page.export.click()
    until(lambda: ended)
    assert told(window) == "no.png could not be written: Permission denied."
    assert window.messages.messages()[-1].tone == "warning"
    assert list(tmp_path.iterdir()) == []


def test_images_that_cannot_be_read_are_counted_and_the_others_written(
    window: MainWindow, hand: Hand, tmp_path: Path
) -> None:
    from workstation.phantoms.zoo import write_gap

    (tmp_path / "in").mkdir()
    files = write_gap(tmp_path / "in")
    window.dispatch("file.close")
    window.desk.open_paths([str(tmp_path / "in")])
    hand.settle()
    for path in files[1:3]:
        path.unlink()
    outcome = exported(window, asked(window, hand, "series", tmp_path / "out"))
    assert (outcome.written, len(outcome.failed)) == (len(files) - 2, 2)
    assert f"{len(files) - 2} images were written" in told(window)
    assert "2 were not; the first: " in told(window)
    for path in files:
        path.unlink(missing_ok=True)
    outcome = exported(window, asked(window, hand, "series", tmp_path / "none"))
    assert told(window).startswith(f"Nothing was written; the first of {len(files)}: ")
    assert not (tmp_path / "none").exists()


def test_copies_carry_their_stamp(window: MainWindow, hand: Hand) -> None:
    volume_shown(window, hand)
    stack = window.workspace.stack()
    assert stack is not None
    clipboard = QGuiApplication.clipboard()
    for modifiers, size in ((CTRL, None), (CTRL | SHIFT, (stack.columns, stack.rows))):
        clipboard.clear()
        to_front(window)
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_C, modifiers)
        until(lambda: not clipboard.image().isNull())
        image = clipboard.image()
        assert matches(Stamp.from_json(image.text(KEY)), stack.frames[0].instance.sop_instance_uid)
        if size is not None:
            assert (image.width(), image.height()) == size


def test_a_copy_saved_as_png_keeps_its_stamp(window: MainWindow, hand: Hand, tmp_path: Path) -> None:
    clipboard = QGuiApplication.clipboard()
    clipboard.clear()
    window.dispatch("edit.copy_view")
    until(lambda: not clipboard.image().isNull())
    assert clipboard.image().save(str(tmp_path / "pasted.png"))
    assert read_stamp(tmp_path / "pasted.png") is not None


def test_a_view_without_identity_has_no_name_in_its_text(window: MainWindow, hand: Hand) -> None:
    from workstation.ui.view_picture import grabbed

    volume_shown(window, hand)
    pane = window.active_pane()
    named, nameless = grabbed(pane, text=True), grabbed(pane, text=True, identity=False)
    assert named != nameless
    assert grabbed(pane, text=True) == named
    window.workspace.set_options(identity_hidden=True)
    assert grabbed(pane, text=True) == nameless


def test_a_picture_whose_study_is_not_open_says_so(window: MainWindow, hand: Hand, tmp_path: Path) -> None:
    path = tmp_path / "lost.jpg"
    exported(window, asked(window, hand, "view", path.with_suffix(".png")))
    window.dispatch("file.close")
    drop(window, path.with_suffix(".png"))
    until(lambda: "not open" in told(window))
    assert told(window).startswith("lost.png is a stamped picture (an image as it was shown)")
    assert "hashed" in told(window)


def test_a_picture_dropped_with_its_study_waits_for_it(
    window: MainWindow, hand: Hand, tmp_path: Path, demo: Path
) -> None:
    volume_shown(window, hand)
    hand.press(Qt.Key.Key_Down, times=2)
    made = window.workspace.state()
    exported(window, asked(window, hand, "image", tmp_path / "two.png"))
    window.dispatch("file.close")
    hand.settle()
    drop(window, demo, tmp_path / "two.png")
    until(lambda: window.workspace.state() == made)


def test_a_start_with_a_study_and_a_picture_shows_its_view(
    window: MainWindow, hand: Hand, tmp_path: Path, demo: Path
) -> None:
    from workstation.ui.stamped_pictures import open_paths

    volume_shown(window, hand)
    hand.press(Qt.Key.Key_Down, times=5)
    made = window.workspace.state()
    exported(window, asked(window, hand, "image", tmp_path / "five.png"))
    window.dispatch("file.close")
    open_paths(window, [str(demo), str(tmp_path / "five.png")])
    hand.settle()
    assert window.workspace.state() == made


def test_an_altered_stamp_is_refused_and_pictures_without_one_are_files_like_any(
    window: MainWindow, hand: Hand, tmp_path: Path
) -> None:
    path = tmp_path / "forged.png"
    exported(window, asked(window, hand, "image", path))
    content = path.read_bytes()
    with Image.open(path) as image:
        text = str(image.info[KEY])
        image.load()
    assert text.encode() in content
    from PIL.PngImagePlugin import PngInfo

    chunks = PngInfo()
    chunks.add_itxt(KEY, text.replace('"inverted":false', '"inverted":true'))
    image.save(path, pnginfo=chunks)
    Image.new("L", (4, 4)).save(tmp_path / "plain.png")
    drop(window, path, tmp_path / "plain.png")
    until(lambda: any("altered" in message.text for message in window.messages.messages()))
    until(lambda: not window.desk.running and str(tmp_path / "plain.png") in window.workspace.catalogue.not_dicom)


def test_other_values_under_the_same_uid_are_told(window: MainWindow, hand: Hand, tmp_path: Path) -> None:
    from workstation.export.frames import Look, export_picture, stamp_of
    from workstation.export.picture import write_picture
    from workstation.export.reading import picture_reader

    stack = window.workspace.stack()
    assert stack is not None
    frame = stack.frames[0]
    with picture_reader() as read:
        picture = read(frame.instance, frame.ref)
    export_picture(tmp_path / "same.tif", frame.instance, picture, Look())
    false = replace(stamp_of(frame.instance, picture, Look()), pixel_sha256="0" * 64)
    write_picture(tmp_path / "other.png", picture.values.astype("uint8"), stamp=false)
    for name, words in (("same.tif", "is shown in the active pane"), ("other.png", "other values")):
        drop(window, tmp_path / name)
        until(lambda words=words: words in told(window))
