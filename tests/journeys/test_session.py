"""Sessions as a person has them: saved, moved to another disk, opened again; after a crash; a study seen before."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from workstation.__main__ import main
from workstation.app import Application, build
from workstation.imaging.window import Window
from workstation.phantoms.volumes import write_linear_series
from workstation.phantoms.zoo import write_time
from workstation.ui.main_window import MainWindow
from workstation.ui.message_bar import Message
from workstation.ui.screenshot import wait_until_settled
from workstation.ui.session_snapshot import snapshot
from workstation.viewing.journal import find_crashed, journal_folder, read_last
from workstation.viewing.session import Session, now, read_session
from workstation.viewing.study_views import keep_view, kept_view
from workstation.whole_file import write_whole


def wait(until: Callable[[], object], seconds: float = 15.0) -> None:
    """Let threads work and signals arrive until something is so."""
    end = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < end, "it did not come"
        QApplication.processEvents()
        time.sleep(0.004)


@pytest.fixture
def make(qapp: QApplication) -> Iterator[Callable[[], MainWindow]]:
    """Windows one after the other, as starts of the program."""
    built: list[Application] = []

    def new() -> MainWindow:
        application = build()
        application.window.resize(1000, 700)
        application.window.show()
        built.append(application)
        return application.window

    yield new
    for application in built:
        end(application.window)
        application.close()
        application.window.deleteLater()
    for _ in range(5):
        QApplication.processEvents()


def end(window: MainWindow) -> None:
    window.close()
    for _ in range(3):
        QApplication.processEvents()


def opened(window: MainWindow, *paths: Path) -> MainWindow:
    window.desk.open_paths([str(path) for path in paths])
    assert wait_until_settled(window, 30)
    return window


def arrange(window: MainWindow) -> Session:
    """Lay out and look at things in every way a session keeps."""
    workspace = window.workspace
    window.show_layout("2x2")
    assert wait_until_settled(window, 20)
    for pane in workspace.visible():
        state, length = workspace.state(pane), workspace.length(pane)
        if state.empty:
            continue
        changed = replace(
            state,
            index=min(pane + 1, max(length - 1, 0)),
            voi=Window(50.0 + pane, 300.0),
            scale=1.5 + pane,
            centre=(20.0 + pane, 30.0),
            rotation=90 * pane,
            flip_horizontal=pane == 1,
            inverted=pane == 2,
        )
        workspace.set_state(pane, changed)
    workspace.set_active(1)
    window.dispatch("tool.length")
    draw(window, 0)
    assert wait_until_settled(window, 20)
    return snapshot(workspace)


def draw(window: MainWindow, pane: int) -> None:
    from workstation.measurements.measurement import measured_on

    workspace = window.workspace
    stack = workspace.stack(pane)
    assert stack is not None
    frame = stack.frames[workspace.state(pane).index]
    number = len(workspace.measurements) + 1
    drawn = measured_on(number, "length", ((3.0, 4.0), (10.0, 12.0)), frame.ref, frame.plane)
    workspace.set_measurements((*workspace.measurements, drawn), "Measure")


def message(window: MainWindow, key: str) -> Message | None:
    return next((each for each in window.messages.messages() if each.key == key), None)


def act(window: MainWindow, key: str) -> None:
    wait(lambda: message(window, key))
    found = message(window, key)
    assert found is not None
    assert found.run is not None
    window.messages.withdraw(key)
    found.run()


def restored(window: MainWindow, do: Callable[[], object]) -> Session:
    done: list[object] = []
    window.sessions.restoring.restored.connect(done.append)
    do()
    wait(lambda: done, 30)
    assert wait_until_settled(window, 20)
    return snapshot(window.workspace)


def save(window: MainWindow, path: Path) -> Path:
    ended: list[bool] = []
    window.sessions.saving.ended.connect(ended.append)
    assert window.dispatch("session.save", path=str(path))
    wait(lambda: ended, 60)
    assert ended == [True]
    return path


def test_a_saved_session_comes_back_on_another_disk(
    make: Callable[[], MainWindow], demo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    here = tmp_path / "here"
    shutil.copytree(demo, here / "study")
    window = opened(make(), here / "study")
    shown = arrange(window)
    save(window, here / "reading.workstation.json")
    end(window)
    there = here.rename(tmp_path / "there")

    second = make()
    file = there / "reading.workstation.json"
    assert restored(second, lambda: second.dispatch("file.open_paths", paths=[str(file)])).same_view(shown)
    assert second.messages.messages() == ()
    assert not second.workspace.undo.canUndo()
    assert main(["verify", str(file)]) == 0
    assert "the same" not in capsys.readouterr().err


def test_sections_come_back(make: Callable[[], MainWindow], demo: Path, tmp_path: Path) -> None:
    window = opened(make(), demo)
    window.show_layout("mpr")
    assert wait_until_settled(window, 30)
    workspace = window.workspace
    pane = next(pane for pane in workspace.visible() if workspace.state(pane).section is not None)
    section = workspace.state(pane).section
    assert section is not None
    x, y, z = section.point
    workspace.set_point((x + 3, y + 2, z + 1), pane)
    workspace.set_state(pane, replace(workspace.state(pane), voi=Window(10.0, 99.0)))
    assert wait_until_settled(window, 30)
    shown = snapshot(workspace)
    assert sum(view.view.section is not None for view in shown.panes) > 1
    file = save(window, tmp_path / "s.workstation.json")
    end(window)
    second = make()
    assert restored(second, lambda: second.sessions.open(str(file))).same_view(shown)


def test_stacks_that_were_merged_come_back_merged(make: Callable[[], MainWindow], tmp_path: Path) -> None:
    folder = tmp_path / "phases"
    folder.mkdir()
    write_time(folder)
    window = opened(make(), folder)
    apart = save(window, tmp_path / "apart.workstation.json")
    before = snapshot(window.workspace)
    (key,) = window.workspace.catalogue.stacks
    window.desk.set_merged(key, True)
    wait(lambda: len(window.workspace.catalogue.by_id) == 1)
    window.workspace.go_to(0, 7)
    assert wait_until_settled(window, 20)
    shown = snapshot(window.workspace)
    file = save(window, tmp_path / "s.workstation.json")
    end(window)
    second = make()
    assert restored(second, lambda: second.sessions.open(str(file))).same_view(shown)
    assert restored(second, lambda: second.sessions.open(str(apart))).same_view(before)


def test_what_is_missing_is_said_in_one_sentence(make: Callable[[], MainWindow], demo: Path, tmp_path: Path) -> None:
    shutil.copytree(demo, tmp_path / "study")
    window = opened(make(), tmp_path / "study")
    shown = arrange(window)
    file = save(window, tmp_path / "s.workstation.json")
    gone = window.workspace.stack(0)
    assert gone is not None
    for frame in gone.frames:
        Path(frame.instance.locator.path).unlink(missing_ok=True)
    end(window)
    second = make()
    back = restored(second, lambda: second.sessions.open(str(file)))
    told = message(second, "session")
    series = {pane.series_uid for pane in shown.panes}
    assert told is not None
    assert told.text.startswith(f"1 of {len(series)} series are not there: ")
    assert {pane.pane for pane in back.panes} == {
        p.pane for p in shown.panes if p.series_uid != gone.series_instance_uid
    }
    assert main(["verify", str(file)]) == 1


@pytest.mark.parametrize("content", ["", "{}", '{"schema": 999}', "\x00\x01"])
def test_what_is_no_session_is_a_message(make: Callable[[], MainWindow], tmp_path: Path, content: str) -> None:
    bad = tmp_path / "bad.workstation.json"
    bad.write_text(content)
    window = make()
    window.desk.open_paths([str(bad)])
    wait(lambda: message(window, "session"))
    told = message(window, "session")
    assert told is not None
    assert told.text.startswith("bad.workstation.json: ")


def test_saving_can_be_stopped(make: Callable[[], MainWindow], demo: Path, tmp_path: Path) -> None:
    window = opened(make(), demo)
    ended: list[bool] = []
    window.sessions.saving.ended.connect(ended.append)
    window.sessions.save(str(tmp_path / "s.workstation.json"))
    window.sessions.saving.stop()
    wait(lambda: ended)
    assert ended == [False]
    assert list(tmp_path.iterdir()) == []


def test_the_last_session_is_reopened(make: Callable[[], MainWindow], demo: Path) -> None:
    window = make()
    window.sessions.begin()
    opened(window, demo)
    shown = arrange(window)
    end(window)
    kept = read_last()
    assert kept is not None
    assert kept.same_view(shown)
    assert find_crashed() is None

    second = make()
    assert restored(second, lambda: second.dispatch("session.restore_last")).same_view(shown)
    end(second)

    third = make()
    third.settings.set("reopen_at_start", True)
    assert restored(third, third.sessions.begin).same_view(shown)


def test_nothing_is_reopened_unasked(make: Callable[[], MainWindow], demo: Path) -> None:
    write_whole(journal_folder() / "last-session.json", Session(paths=()).to_json())
    window = make()
    looked: list[bool] = []
    window.sessions.looked.connect(lambda: looked.append(True))
    window.sessions.begin()
    wait(lambda: looked)
    assert window.messages.messages() == ()
    assert window.workspace.catalogue.patients == ()
    window.sessions.restore_last()
    wait(lambda: message(window, "session"))


def crashed(window: MainWindow, paths: Path) -> Session:
    """Leave behind what a crash of this window would."""
    from workstation.ui.session_snapshot import kept_paths

    session = snapshot(window.workspace, kept_paths([str(paths)]))
    journal_folder().mkdir(parents=True, exist_ok=True)
    line = replace(session, saved_at=now()).to_json(indent=None) + "\n"
    (journal_folder() / "journal-left.jsonl").write_text(line + '{"torn')
    return session


def test_a_crash_is_offered_until_it_is_restored(make: Callable[[], MainWindow], demo: Path) -> None:
    window = opened(make(), demo)
    arrange(window)
    shown = crashed(window, demo)
    end(window)
    for _ in range(2):  # a start that answers nothing keeps the offer
        ignoring = make()
        ignoring.sessions.begin()
        wait(lambda window=ignoring: message(window, "crashed"))  # type: ignore[misc]
        end(ignoring)
    second = make()
    second.sessions.begin()
    assert restored(second, lambda: act(second, "crashed")).same_view(shown)
    wait(lambda: not (journal_folder() / "journal-left.jsonl").exists())
    end(second)
    assert find_crashed() is None


def test_a_crash_whose_files_are_away_is_kept(make: Callable[[], MainWindow], demo: Path, tmp_path: Path) -> None:
    shutil.copytree(demo, tmp_path / "disc")
    window = opened(make(), tmp_path / "disc")
    shown = arrange(window)
    crashed(window, tmp_path / "disc")
    end(window)
    away = (tmp_path / "disc").rename(tmp_path / "away")
    second = make()
    second.sessions.begin()
    restored(second, lambda: act(second, "crashed"))
    told = message(second, "session")
    assert told is not None
    assert told.text.endswith("are not there: disc")
    end(second)
    away.rename(tmp_path / "disc")
    third = make()
    third.sessions.begin()
    assert restored(third, lambda: act(third, "crashed")).same_view(shown)


def test_a_picture_of_a_session_waits_for_it(demo: Path, make: Callable[[], MainWindow], tmp_path: Path) -> None:
    window = opened(make(), demo)
    shown = arrange(window)
    file = save(window, tmp_path / "s.workstation.json")
    end(window)
    second = make()
    second.desk.open_paths([str(file)])
    assert wait_until_settled(second, 30)
    assert snapshot(second.workspace).same_view(shown)


def test_a_crash_that_is_dismissed_is_forgotten(make: Callable[[], MainWindow], demo: Path) -> None:
    window = opened(make(), demo)
    crashed(window, demo)
    end(window)
    second = make()
    second.sessions.begin()
    wait(lambda: message(second, "crashed"))
    second.messages.dismiss()
    wait(lambda: not (journal_folder() / "journal-left.jsonl").exists())


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """One study of one series."""
    folder = tmp_path / "one"
    folder.mkdir()
    write_linear_series(folder)
    return folder


def test_a_study_seen_before_is_offered_and_never_restored_by_itself(
    make: Callable[[], MainWindow], study: Path
) -> None:
    window = make()
    window.sessions.begin()
    opened(window, study)
    shown = arrange(window)
    window.dispatch("file.close")
    assert wait_until_settled(window, 10)
    end(window)

    second = make()
    second.sessions.begin()
    opened(second, study)
    wait(lambda: message(second, "go-on"))
    told = message(second, "go-on")
    assert told is not None
    assert told.text.startswith("You looked at this study on ")
    assert not snapshot(second.workspace).same_view(shown)
    assert restored(second, lambda: act(second, "go-on")).same_view(shown)


def test_a_study_that_is_closed_is_kept_and_the_rest_stays(
    make: Callable[[], MainWindow], demo: Path, study: Path
) -> None:
    window = make()
    window.sessions.begin()
    opened(window, study)
    shown = arrange(window)
    wait(lambda: (last := window.sessions._last) is not None and last.same_view(shown))
    opened(window, demo)
    uid = shown.panes[0].study_uid
    assert window.workspace.state().stack_id not in {pane.view.stack_id for pane in shown.panes}
    window.desk.close_studies([uid])
    wait(lambda: kept_view(uid))
    kept = kept_view(uid)
    assert kept is not None
    assert kept.same_view(shown)
    wait(lambda: all(i.study_instance_uid != uid for i in window.workspace.catalogue.instances.values()))
    window.workspace.scroll(window.workspace.active, 1)
    end(window)
    last = read_last()
    assert last is not None
    assert [path.hint for path in last.paths] == [str(demo)]


def test_no_other_file_is_replaced_than_was_named(make: Callable[[], MainWindow], demo: Path, tmp_path: Path) -> None:
    window = opened(make(), demo)
    other = tmp_path / "notes.workstation.json"
    other.write_text("mine")
    window.sessions.save(str(tmp_path / "notes.json"))
    wait(lambda: message(window, "saved"))
    assert other.read_text() == "mine"


def test_the_offer_goes_when_something_is_moved(make: Callable[[], MainWindow], demo: Path) -> None:
    window = make()
    window.sessions.begin()
    opened(window, demo)
    shown = arrange(window)
    for uid in {pane.study_uid for pane in shown.panes}:
        keep_view(uid, replace(shown, saved_at=now()))
    window.dispatch("file.close")
    opened(window, demo)
    wait(lambda: message(window, "go-on"))
    window.workspace.scroll(window.workspace.active, 1)
    assert message(window, "go-on") is None


def test_closing_everything_ends_a_restoration(make: Callable[[], MainWindow], demo: Path, tmp_path: Path) -> None:
    window = opened(make(), demo)
    file = save(window, tmp_path / "s.workstation.json")
    window.dispatch("file.close")
    window.sessions.restoring.restore(read_session(file), tmp_path)
    window.desk.close_all()
    assert not window.sessions.restoring.waiting
    assert wait_until_settled(window, 20)
    assert snapshot(window.workspace).panes == ()


def test_noting_costs_the_window_nothing(make: Callable[[], MainWindow], demo: Path) -> None:
    window = make()
    window.sessions.begin()
    opened(window, demo)
    arrange(window)
    workspace, keeper = window.workspace, window.sessions
    keeper._note()
    spent = []
    for number in range(20):
        workspace.set_state(0, replace(workspace.state(0), voi=Window(float(number), 100.0)))
        start = time.perf_counter()
        keeper._note()
        spent.append(time.perf_counter() - start)
    assert sorted(spent)[10] < 0.003
