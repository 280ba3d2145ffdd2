"""``workstation verify``: nothing changed, moved, missing, altered; and what is no session."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pydicom
import pytest

from tests.cli.conftest import Outcome
from workstation.cli.collect import collect
from workstation.imaging.window import Window
from workstation.viewing.layout import Layout
from workstation.viewing.session import Session, now, pane_view
from workstation.viewing.session_pixels import StoppedError, with_hashes
from workstation.viewing.view_state import ViewState

if TYPE_CHECKING:
    from collections.abc import Callable


def saved(folder: Path, target: Path) -> Path:
    """A session of the first stack below a folder, in two panes."""
    stack = collect([str(folder)]).catalogue.ordered_stacks()[0]
    views = (ViewState(stack.id, 1), ViewState(stack.id, 3, voi=Window(100.0, 350.0), inverted=True))
    panes = tuple(pane for n, view in enumerate(views) if (pane := pane_view(n, view, stack)) is not None)
    session = Session(Layout(1, 2), panes=panes, saved_at=now())
    full = with_hashes(session, {0: stack, 1: stack}, target.parent)
    target.write_text(full.to_json(), encoding="utf-8")
    return target


@pytest.fixture
def study(tmp_path: Path, linear: Path) -> Path:
    folder = tmp_path / "here" / "study"
    shutil.copytree(linear, folder)
    return folder


@pytest.fixture
def session(study: Path) -> Path:
    return saved(study, study.parent / "view.workstation.json")


def test_nothing_changed(run: Callable[..., Outcome], session: Path, study: Path) -> None:
    outcome = run("verify", session)
    count = len(list(study.iterdir()))
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.splitlines() == [f"{count} instances: {count} same", "2 panes: 2 as saved"]


def test_a_folder_that_moved_as_a_whole_is_the_same(run: Callable[..., Outcome], session: Path, tmp_path: Path) -> None:
    moved = session.parent.rename(tmp_path / "there")
    outcome = run("verify", moved / session.name, "--json")
    assert outcome.code == 0
    assert outcome.json["counts"]["moved"] == 0
    assert outcome.json["unchanged"] is True


def test_a_session_that_went_alone_finds_by_hint(run: Callable[..., Outcome], session: Path, tmp_path: Path) -> None:
    away = tmp_path / "away"
    away.mkdir()
    outcome = run("verify", session.rename(away / session.name))
    assert outcome.code == 0


def test_files_under_other_names_are_found_by_uid(run: Callable[..., Outcome], session: Path, study: Path) -> None:
    (study.parent / "inner").mkdir()
    for number, file in enumerate(sorted(study.iterdir())):
        file.rename(study.parent / "inner" / f"{number}.bin")
    outcome = run("verify", session)
    assert outcome.code == 0
    assert outcome.out.count("moved to") == len(list((study.parent / "inner").iterdir()))


def test_in_names_where_to_look(run: Callable[..., Outcome], session: Path, study: Path, tmp_path: Path) -> None:
    study.rename(tmp_path / "far")
    assert run("verify", session).code == 1
    assert run("verify", session, "--in", tmp_path / "far").code == 0
    assert run("verify", session, "--in", tmp_path / "none").code == 2


def test_a_missing_file_is_named(run: Callable[..., Outcome], session: Path, study: Path) -> None:
    gone = sorted(study.iterdir())[0]
    gone.unlink()
    outcome = run("verify", session)
    assert outcome.code == 1
    assert f"study/{gone.name}: it was not found." in outcome.err.splitlines()


def test_an_altered_pixel_is_named(run: Callable[..., Outcome], session: Path, study: Path) -> None:
    file = sorted(study.iterdir())[2]
    data = bytearray(file.read_bytes())
    data[-3] ^= 1
    file.write_bytes(data)
    outcome = run("verify", session, "--json")
    assert outcome.code == 1
    assert f"study/{file.name}: its pixels are not those that were saved." in outcome.err.splitlines()
    assert outcome.json["counts"] | {"same": 0} == {"same": 0, "moved": 0, "missing": 0, "altered": 1}


def test_a_cut_file_is_altered(run: Callable[..., Outcome], session: Path, study: Path) -> None:
    file = sorted(study.iterdir())[2]
    file.write_bytes(file.read_bytes()[:-100])
    outcome = run("verify", session)
    assert outcome.code == 1
    assert "bytes instead of" in outcome.err


def test_a_header_that_changed_changes_nothing(run: Callable[..., Outcome], session: Path, study: Path) -> None:
    for file in study.iterdir():
        ds = pydicom.dcmread(file)
        ds.PatientName = "A^Longer^Name^Than^Before"
        ds.save_as(file)
    assert run("verify", session).code == 0


def test_a_rescale_that_changed_is_seen_in_the_panes(run: Callable[..., Outcome], session: Path, study: Path) -> None:
    for file in study.iterdir():
        ds = pydicom.dcmread(file)
        ds.RescaleIntercept = float(ds.RescaleIntercept) + 50
        ds.save_as(file)
    outcome = run("verify", session)
    assert outcome.code == 1
    assert "pane 2 does not look as it did." in outcome.err
    assert "pixels are not" not in outcome.err


def test_a_session_is_readable_and_holds_no_name(session: Path, study: Path) -> None:
    text = session.read_text(encoding="utf-8")
    header = pydicom.dcmread(sorted(study.iterdir())[0])
    assert str(header.PatientName) not in text
    assert f'"{header.StudyInstanceUID}"' in text


@pytest.mark.parametrize("content", ["", "{}", "[1]", '{"schema": 99}', "\x00"])
def test_what_is_no_session_is_bad_usage(run: Callable[..., Outcome], tmp_path: Path, content: str) -> None:
    file = tmp_path / "no.workstation.json"
    file.write_text(content)
    outcome = run("verify", file)
    assert outcome.code == 2
    assert len(outcome.err.splitlines()) == 1


def test_a_session_without_hashes_says_so(run: Callable[..., Outcome], session: Path) -> None:
    bare = replace(Session.from_json(session.read_text(encoding="utf-8")), instances=())
    session.write_text(bare.to_json(), encoding="utf-8")
    assert run("verify", session).code == 2


def test_an_object_of_many_frames_is_hashed_once(run: Callable[..., Outcome], tmp_path: Path, enhanced: Path) -> None:
    shutil.copy(enhanced, tmp_path / "one.dcm")
    session = saved(tmp_path / "one.dcm", tmp_path / "s.workstation.json")
    assert run("verify", session).code == 0


def test_hashing_can_be_stopped(study: Path) -> None:
    stack = collect([str(study)]).catalogue.ordered_stacks()[0]
    seen: list[float] = []
    with pytest.raises(StoppedError):
        with_hashes(Session(), {0: stack}, None, seen.append, lambda: len(seen) == 2)
    assert len(seen) == 2
