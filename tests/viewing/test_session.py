"""A session is one readable value; whatever a file holds, the answer is a session or a sentence."""

from __future__ import annotations

import json
import os
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.viewing.making_sessions import example, sessions
from workstation.errors import WorkstationError
from workstation.viewing.layout import Layout
from workstation.viewing.session import (
    SCHEMA,
    KeptPath,
    PaneView,
    Session,
    SessionError,
    kept_path,
    now,
    read_session,
    saved_time,
)
from workstation.viewing.study_views import MOST_STUDIES, keep_view, kept_view, place_of
from workstation.viewing.view_state import Section, ViewState


@settings(max_examples=150, deadline=None)
@given(sessions)
def test_a_session_comes_back_as_it_was(session: Session) -> None:
    assert Session.from_json(session.to_json()) == session
    assert Session.from_json(session.to_json(indent=None)) == session


@settings(max_examples=200, deadline=None)
@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(), st.lists, max_leaves=5), st.data())
def test_damage_is_a_sentence(junk: Any, data: st.DataObject) -> None:
    """Any field of any object replaced by anything: a session or one sentence, never another error."""
    document = json.loads(example().to_json())
    place: Any = data.draw(st.sampled_from((document, document["panes"][0], document["panes"][0]["view"])))
    place[data.draw(st.sampled_from(sorted(place)))] = junk
    assert "\n" not in outcome(json.dumps(document))


def outcome(text: str) -> str:
    try:
        Session.from_json(text)
    except WorkstationError as error:
        return str(error)
    return ""


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", "1e999", '{"schema": 1e999}', "[" * 100_000, '{"schema": true}', "{}", "\ud800"]
)
def test_what_is_no_session_is_refused(text: str) -> None:
    with pytest.raises(SessionError):
        Session.from_json(text)


def test_a_later_schema_is_told() -> None:
    document = json.loads(example().to_json())
    document["schema"] = SCHEMA + 1
    with pytest.raises(SessionError, match="later version"):
        Session.from_json(json.dumps(document))


def test_what_is_not_known_is_refused() -> None:
    document = json.loads(example().to_json())
    document["panes"][0]["view"]["sharpness"] = 3
    with pytest.raises(SessionError, match="sharpness"):
        Session.from_json(json.dumps(document))


@pytest.mark.parametrize(
    "session",
    [
        replace(example(), layout=Layout(5, 1)),
        replace(example(), active=16),
        replace(example(), panes=(*example().panes, *example().panes)),
        replace(example(), panes=(PaneView(0, ViewState("a", 0, scale=-1.0), "1"),)),
        replace(
            example(), panes=(PaneView(0, ViewState("a", 0, Section("axial", (0.0, 0.0, 0.0), (1.0, 0.0, 0.0))), "1"),)
        ),
    ],
)
def test_what_no_window_could_show_is_refused(session: Session) -> None:
    with pytest.raises(SessionError, match="makes no sense"):
        Session.from_json(session.to_json())


def test_numbers_that_are_none_are_not_written() -> None:
    with pytest.raises(SessionError):
        replace(example(), point=(float("nan"), 0.0, 0.0)).to_json()


def test_every_field_of_a_view_is_written() -> None:
    written = json.loads(example().to_json())["panes"][0]["view"]
    assert set(written) == {each.name for each in fields(ViewState)}


def test_keys_are_sorted_and_lines_short() -> None:
    text = example().to_json()
    assert text == json.dumps(json.loads(text), sort_keys=True, indent=1)


def test_a_file_that_is_none_is_named(tmp_path: Path) -> None:
    bad = tmp_path / "view.workstation.json"
    bad.write_bytes(b"\xff\xfe\x00")
    for path in (bad, tmp_path / "none.workstation.json", tmp_path):
        with pytest.raises(SessionError, match=path.name):
            read_session(path)


def test_a_path_is_found_from_the_session_first(tmp_path: Path) -> None:
    kept = kept_path(str(tmp_path / "disc" / "study"), tmp_path / "notes")
    assert kept.relative == "../disc/study"
    moved = tmp_path / "elsewhere" / "notes"
    assert kept.candidates(moved) == (
        str(tmp_path / "elsewhere" / "disc" / "study"),
        str(tmp_path / "disc" / "study"),
    )
    assert KeptPath("", "/data").candidates(moved) == ("/data",)


def test_a_path_that_is_no_text_is_kept() -> None:
    session = replace(example(), paths=(KeptPath("", os.fsdecode(b"/data/\xff\xfe")),))
    assert Session.from_json(session.to_json()) == session
    assert session.to_json().isascii()


def test_the_time_is_kept_with_its_zone() -> None:
    found = saved_time(replace(example(), saved_at=now()))
    assert found is not None
    assert found.tzinfo is not None
    assert saved_time(example()) is None


def test_the_view_of_a_study_is_kept_without_its_name(tmp_path: Path) -> None:
    keep_view("1.2", example(7), tmp_path)
    found = kept_view("1.2", tmp_path)
    assert found is not None
    assert found.panes == example(7).panes
    assert kept_view("1.3", tmp_path) is None
    assert [path.name for path in tmp_path.iterdir()] == [place_of("1.2").name]


def test_only_so_many_views_are_kept(tmp_path: Path) -> None:
    for number in range(MOST_STUDIES):
        file = tmp_path / f"{number}.json"
        file.touch()
        os.utime(file, (number, number))
    keep_view("1.2", example(), tmp_path)
    left = {path.name for path in tmp_path.iterdir()}
    assert len(left) == MOST_STUDIES
    assert "0.json" not in left
    assert place_of("1.2").name in left
