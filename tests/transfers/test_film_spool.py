"""Films that wait for a printer survive a restart as they are, and go when nobody needs them (G15)."""

from __future__ import annotations

import os
import stat
import sys
import threading
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pytest

from tests.network.test_printing import PlayedPrinter, ramp
from workstation.network.film import FilmError, FilmImage, FilmOptions
from workstation.transfers.film_spool import (
    films_folder,
    films_needed,
    forget_films,
    forget_strays,
    keep_films,
    kept_films,
    print_films,
)
from workstation.transfers.jobs import Job, JobQueue, Runner

OPTIONS = FilmOptions(columns=2, rows=1, size="A4", annotation="Knie links", true_size=True)


def job(state: str, name: str) -> Job:
    return Job("k", "print", "n", "t", MappingProxyType({"films": name}), state=state)


def test_films_come_back_byte_for_byte(tmp_path: Path) -> None:
    images = [ramp(40, 30, 1), FilmImage(ramp(8, 8, 2).pixels), ramp(5, 7, 3)]
    name = keep_films(images, OPTIONS, tmp_path)
    back, options = kept_films(name, tmp_path)
    assert options == OPTIONS
    assert [image.width for image in back] == [15.0, None, 3.5]
    for one, other in zip(images, back, strict=True):
        assert np.array_equal(one.pixels, other.pixels)


@pytest.mark.skipif(sys.platform == "win32", reason="no modes there")
def test_films_are_for_their_owner_alone(tmp_path: Path) -> None:
    """They hold pixels of a patient."""
    name = keep_films([ramp(4, 4)], OPTIONS, tmp_path / "films")
    assert stat.S_IMODE((tmp_path / "films" / name).stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "films").stat().st_mode) == 0o700


@pytest.mark.parametrize("name", ["../secret.npz", "x", "", "0" * 24 + ".films.npz", "/etc/passwd"])
def test_a_name_that_is_none_of_ours_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(FilmError, match="not there any more"):
        kept_films(name, tmp_path)


def test_a_damaged_file_is_refused_with_a_sentence(tmp_path: Path) -> None:
    name = keep_films([ramp(40, 40)], OPTIONS, tmp_path)
    for cut in (0, 10, 300):
        (tmp_path / name).write_bytes((tmp_path / name).read_bytes()[:cut])
        with pytest.raises(FilmError, match="not there any more"):
            kept_films(name, tmp_path)


def test_a_print_that_waited_over_a_restart_sends_the_pixels_it_had(tmp_path: Path) -> None:
    """The queue is closed and read again in between."""
    images = [ramp(16, 12, 1), ramp(16, 12, 2), ramp(16, 12, 3)]
    name = keep_films(images, replace(OPTIONS, true_size=False))
    played = PlayedPrinter({})
    with played.serving() as node:
        what: dict[str, Runner] = {"print": lambda parameters, stop: print_films(node, parameters, stop)}
        queue = JobQueue(tmp_path, what, at_once=0)
        queue.add("print", node.name, "3 images on 2 films", {"node": node.name, "films": name})
        queue.close()
        again = JobQueue(tmp_path, what)
        again.start()
        assert again.wait(30)
        (done,) = again.jobs()
        again.close()
    assert (done.state, done.progress.done) == ("done", 2)
    sent = [box.BasicGrayscaleImageSequence[0].PixelData for box in played.boxes]
    assert sent == [image.pixels.tobytes() for image in images]


def test_films_that_are_gone_fail_their_job_before_the_printer_is_called() -> None:
    node = PlayedPrinter({})
    with node.serving() as peer, pytest.raises(FilmError, match="print them again"):
        list(print_films(peer, {"films": "0" * 24 + ".films.npz"}, threading.Event()))
    assert node.boxes == []


def test_films_are_needed_until_their_print_is_over_or_while_it_may_be_tried_again() -> None:
    states = ("waiting", "running", "paused", "failed", "done", "faulty", "cancelled")
    needed = films_needed(job(state, state) for state in states)
    assert needed == {"waiting", "running", "paused", "failed"}


def test_strays_of_earlier_runs_go_and_nothing_else(tmp_path: Path) -> None:
    needed, stray, fresh = (keep_films([ramp(4, 4)], OPTIONS, tmp_path) for _ in range(3))
    (tmp_path / "half.part").touch()
    (tmp_path / "letter.txt").touch()
    for name in (needed, stray, "half.part", "letter.txt"):
        os.utime(tmp_path / name, (1000, 1000))
    forget_strays(frozenset({needed}), 2000.0, tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {needed, fresh, "letter.txt"}


def test_only_films_are_forgotten(tmp_path: Path) -> None:
    name = keep_films([ramp(4, 4)], OPTIONS, tmp_path)
    (tmp_path / "letter.txt").touch()
    forget_films([name, "letter.txt", "../x"], tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_films_stand_in_the_folder_of_the_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKSTATION_HOME", str(tmp_path))
    name = keep_films([ramp(4, 4)], OPTIONS)
    assert films_folder().is_relative_to(tmp_path)
    assert (films_folder() / name).is_file()
