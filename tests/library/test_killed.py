"""Killed at any moment, an import loses nothing it has told of, leaves nothing half, and goes on where it was."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.library.conditions import assert_sound, bytes_of, command, content, fingerprint, many, run
from workstation.dicom.identity import Locator
from workstation.library import archive, importer
from workstation.library.reading import Reading, quarantined, release, suspected, take_stock
from workstation.library.search import totals
from workstation.library.store import Library

COUNT = 300
KILLS = 10
SEED = 20240229


def killed_after(seconds: float, *words: object) -> None:
    with subprocess.Popen(command(*words), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as program:
        time.sleep(seconds)
        program.send_signal(signal.SIGKILL)


def known_after_a_kill(folder: Path, truth: dict[str, str]) -> set[str]:
    """Return the UIDs that are listed, each of which has its file with the right bytes."""
    with Library(folder) as library:
        take_stock(library)
        assert_sound(library)
        listed = content(library)
        assert listed.items() <= truth.items()
        for path, member in quarantined(library):
            release(library, path, member)  # ended twice on the same file: by us, not by the file
    return set(listed)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs a signal that cannot be caught")
@pytest.mark.parametrize("how", ["--copy", "--link"])
def test_ten_kills_at_random_moments_cost_nothing_but_time(tmp_path: Path, how: str) -> None:
    moments = random.Random(f"{SEED}{how}")
    source, folder = many(tmp_path / "source", COUNT), tmp_path / "library"
    truth, before = bytes_of(source), fingerprint(source)
    words = ("add", source, *(["--copy"] if how == "--copy" else []), "--library", folder)
    started = time.monotonic()
    assert run(*words[:-1], tmp_path / "undisturbed").returncode == 0
    whole = time.monotonic() - started
    listed: set[str] = set()
    for number in range(KILLS):
        killed_after(whole * (number + moments.random()) / KILLS, *words)
        now = known_after_a_kill(folder, truth)
        assert listed <= now, f"lost by kill {number} of seed {SEED}"
        listed = now
    assert run(*words).returncode == 0
    with Library(folder) as library:
        assert_sound(library)
        assert content(library) == truth
        assert totals(library)["instances"] == COUNT
        assert len(archive.stored(library.files)) == (COUNT if how == "--copy" else 0)
        assert len(list(library.files.glob("*.part"))) <= KILLS
        archive.clear_unfinished(library.files, older_than=0)
        assert list(library.files.glob("*.part")) == []
    assert fingerprint(source) == before


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs a signal that cannot be caught")
def test_what_was_told_before_a_kill_is_there_after_it(tmp_path: Path) -> None:
    first, second = many(tmp_path / "first", 40), many(tmp_path / "second", 300, root="1.9")
    folder = tmp_path / "library"
    assert run("add", first, "--copy", "--library", folder).stdout.startswith("40 added")
    killed_after(0.3, "add", second, "--copy", "--library", folder)
    with Library(folder) as library:
        assert_sound(library)
        assert bytes_of(first).items() <= content(library).items()


def test_an_end_while_a_batch_is_written_is_no_file_s_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Features A15: only what is being read may be left out for it."""
    notes: list[bytes] = []
    folder = many(tmp_path / "source", 2)

    def ended(library: Library, *_: object) -> None:
        notes.extend(path.read_bytes()[:8] for path in library.folder.glob("reading-*"))
        raise KeyboardInterrupt

    monkeypatch.setattr(importer, "store", ended)
    with Library(tmp_path / "library") as library:
        with pytest.raises(KeyboardInterrupt):
            list(importer.import_paths(library, [folder], copy=False))
        assert notes == [bytes(8)]


def test_a_file_that_was_read_to_the_end_is_suspected_no_more(tmp_path: Path) -> None:
    """Two ends of the program count only where the file was not read well in between."""
    folder = many(tmp_path / "source", 1)
    (path,) = folder.iterdir()
    with Library(tmp_path / "library") as library:
        reading = Reading(library.folder)
        reading.note(Locator(str(path)))
        os.close(reading._descriptor)  # as if the program had ended
        take_stock(library)
        assert suspected(library) == {(os.fsencode(path), "")}
        list(importer.import_paths(library, [folder], copy=False))
        assert suspected(library) == frozenset()
