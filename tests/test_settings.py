"""Settings survive whatever stands in their file."""

from __future__ import annotations

import json
import os
import threading

import pytest

from workstation import paths, settings
from workstation.settings import SETTINGS, Setting
from workstation.whole_file import NewestWriter


def load():
    return settings.load(paths.config_folder() / settings.FILE_NAME)


def test_a_stored_value_is_there_at_the_next_start():
    load().set("theme", "light")
    assert load()["theme"] == "light"


def test_keys_are_unique_and_defaults_allowed():
    assert len({setting.key for setting in SETTINGS}) == len(SETTINGS)
    assert [setting.key for setting in SETTINGS if not setting.accepts(setting.default)] == []


def test_every_setting_on_the_page_has_a_title_and_a_sentence():
    assert [
        setting.key for setting in SETTINGS if not setting.hidden and not (setting.title and setting.sentence)
    ] == []


@pytest.mark.parametrize(
    ("key", "value"),
    [("theme", "pink"), ("corner_text", 7), ("corner_text", True), ("cine_fps", 0.0), ("cine_fps", float("nan")),
     ("hide_identity", 1), ("recent_paths", [1]), ("cache_mb", "lots")],
)  # fmt: skip
def test_a_value_that_does_not_fit_is_refused(key, value):
    with pytest.raises(ValueError, match="not allowed"):
        load().set(key, value)


def test_an_unknown_key_is_kept(tmp_path):
    path = tmp_path / "settings.json"
    path.write_text('{"from_the_future": [1, 2], "theme": "light"}')
    settings.load(path).set("theme", "dark")
    assert json.loads(path.read_text())["from_the_future"] == [1, 2]


def test_a_stored_value_that_no_longer_fits_gives_the_default_and_a_sentence(tmp_path):
    path = tmp_path / "settings.json"
    path.write_text('{"theme": 5, "cine_fps": 30}')
    read = settings.load(path)
    assert read["theme"] == "dark"
    assert read["cine_fps"] == 30.0
    assert "Theme" in read.problem


@pytest.mark.parametrize("text", [b"{not json", b"[1, 2]", b"\xff\xfe", b"[" * 100_000])
def test_a_broken_file_is_reported_and_kept_aside(tmp_path, text):
    path = tmp_path / "settings.json"
    path.write_bytes(text)
    read = settings.load(path)
    assert "defaults are used" in read.problem
    assert (tmp_path / "settings.broken").read_bytes() == text


@pytest.mark.skipif(os.name == "nt", reason="a folder cannot be made unwritable this way")
def test_a_folder_that_cannot_be_written_is_a_sentence_not_an_error(tmp_path):
    blocker = tmp_path / "file"
    blocker.write_text("")
    read = settings.Settings(blocker / "settings.json")
    read.set("theme", "light")
    assert "could not be saved" in read.problem
    assert read["theme"] == "light"


def test_listeners_hear_changes_only_until_they_end_it(tmp_path):
    heard = []
    held = settings.Settings(tmp_path / "s.json")
    stop = held.listen(lambda key, value: heard.append((key, value)))
    held.set("theme", "light")
    held.set("theme", "light")
    stop()
    held.set("theme", "dark")
    assert heard == [("theme", "light")]


def test_what_was_opened_again_comes_first_once():
    held = load()
    for path in ("a", "b", "a"):
        held.add_recent(path)
    assert held["recent_paths"] == ["a", "b"]


def test_a_whole_number_serves_where_a_fraction_may_stand():
    assert Setting("rate", float, 1.0, "Rate", low=1, high=5).accepts(3)


def test_saving_in_the_background_keeps_the_newest():
    held = load()
    held.save_in_background()
    for number in range(200):
        held.add_recent(f"/disc/{number}")
    held.flush()
    assert load()["recent_paths"] == held["recent_paths"]
    assert held["recent_paths"][0] == "/disc/199"


def test_a_refusal_in_the_background_is_told(tmp_path):
    (tmp_path / "file").write_text("in the way")
    held = settings.Settings(tmp_path / "file" / settings.FILE_NAME)
    held.save_in_background()
    held.set("theme", "light")
    held.flush()
    assert "could not be saved" in held.problem


def test_a_recent_path_that_is_no_utf_8_is_kept():
    """A40: such names come with surrogates, which a text file refuses."""
    path = os.fsdecode(b"/disc/caf\xe9")
    load().add_recent(path)
    assert load()["recent_paths"] == [path]


def test_a_fault_in_the_background_does_not_end_all_saving(monkeypatch):
    written, faults = [], []
    told = threading.Event()

    def hook(arguments):
        faults.append(arguments.exc_type)
        told.set()

    monkeypatch.setattr(threading, "excepthook", hook)

    def write(text):
        if text == "bad":
            raise RuntimeError("this one only")
        written.append(text)

    background = NewestWriter(write)
    background.write("bad")
    assert told.wait(5)
    background.write("good")
    background.wait()
    assert written == ["good"]
    assert faults == [RuntimeError]
