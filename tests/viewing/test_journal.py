"""What is noted is on the disk a moment later, and only what nobody writes any more counts as left by a crash."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from tests.viewing.making_sessions import example, sessions
from workstation.viewing.journal import LAST, Journal, find_crashed, last_of, read_last
from workstation.viewing.session import Session
from workstation.whole_file import write_whole

ROOT = Path(__file__).resolve().parents[2]


def left_behind(folder: Path, *sessions: Session, tail: bytes = b"") -> Path:
    """A journal as a crash leaves it."""
    folder.mkdir(exist_ok=True)
    path = folder / f"journal-{len(list(folder.iterdir()))}.jsonl"
    path.write_bytes(b"".join(s.to_json(indent=None).encode() + b"\n" for s in sessions) + tail)
    return path


def test_the_last_note_is_in_the_file(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    for number in range(20):
        journal.note(example(number))
    assert journal.wait()
    assert journal.path is not None
    assert last_of(journal.path.read_bytes()) == example(19)
    journal.close()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sessions)
def test_any_session_comes_back(tmp_path: Path, session: Session) -> None:
    journal = Journal(tmp_path)
    journal.note(session)
    assert journal.wait()
    assert journal.path is not None
    assert last_of(journal.path.read_bytes()) == session
    journal.close()


def test_noting_waits_for_no_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workstation.viewing.journal.os.fsync", lambda descriptor: time.sleep(0.5))
    journal = Journal(tmp_path, sync_every=0.0)
    start = time.monotonic()
    for number in range(50):
        journal.note(example(number))
    assert time.monotonic() - start < 0.2
    journal.close()


def test_what_comes_while_the_disk_is_slow_is_in_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that is killed loses nothing to a disk that takes its time: the system has what was written."""
    journal = Journal(tmp_path, sync_every=0.0)
    journal.note(example(0))
    assert journal.wait()
    with monkeypatch.context() as context:
        context.setattr("workstation.viewing.journal.os.fsync", lambda descriptor: time.sleep(1.0))
        for number in range(5):
            start = time.monotonic()
            journal.note(example(number))
            assert journal.wait()
            assert time.monotonic() - start < 0.5
            assert journal.path is not None
            assert last_of(journal.path.read_bytes()) == example(number)
        time.sleep(1.1)
    journal.close()


def test_the_disk_is_waited_for_once_a_second(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[float] = []
    monkeypatch.setattr("workstation.viewing.journal.os.fsync", lambda descriptor: calls.append(time.monotonic()))
    journal = Journal(tmp_path, sync_every=0.3)
    for number in range(20):
        journal.note(example(number))
        time.sleep(0.02)
    time.sleep(0.4)
    assert 1 <= len(calls) <= 3
    assert all(b - a >= 0.29 for a, b in itertools.pairwise(calls))
    journal.close()


def test_a_live_journal_is_no_crash(tmp_path: Path) -> None:
    journal, other = Journal(tmp_path), Journal(tmp_path)
    journal.note(example(1))
    other.note(example(2))
    assert journal.wait()
    assert other.wait()
    assert journal.path != other.path
    assert find_crashed(tmp_path) is None
    journal.close()
    other.close()


def test_a_good_end_leaves_the_last_session(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.note(example(1))
    journal.close(example(2))
    assert [path.name for path in tmp_path.iterdir()] == [LAST]
    assert read_last(tmp_path) == example(2)
    assert find_crashed(tmp_path) is None


def test_an_end_without_anything_keeps_the_session_before(tmp_path: Path) -> None:
    write_whole(tmp_path / LAST, example(1).to_json())
    Journal(tmp_path).close(None)
    assert read_last(tmp_path) == example(1)


def test_a_torn_line_is_passed_over(tmp_path: Path) -> None:
    whole = example(3).to_json(indent=None).encode()
    for cut in (1, len(whole) // 2, len(whole) - 1):
        assert last_of(whole + b"\n" + whole[:cut]) == example(3)
    assert last_of(whole + b"\n\x00\xff\x00\xff\n") == example(3)
    assert last_of(b"") is None


def test_the_newest_crash_comes_first_and_empty_ones_go(tmp_path: Path) -> None:
    old, new = left_behind(tmp_path, example(1)), left_behind(tmp_path, example(2), example(3), tail=b'{"torn')
    os.utime(old, (1, 1))
    empty, torn = left_behind(tmp_path, Session()), left_behind(tmp_path, tail=b"{")
    found = find_crashed(tmp_path)
    assert found is not None
    assert found.session == example(3)
    assert not empty.exists()
    assert not torn.exists()
    found.forget()
    assert not new.exists()
    again = find_crashed(tmp_path)
    assert again is not None
    assert again.path == old


def test_a_long_journal_begins_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workstation.viewing.journal.LINES", 4)
    journal = Journal(tmp_path, largest=4000)
    seen = set()
    for number in range(40):
        journal.note(example(number))
        assert journal.wait()
        assert journal.path is not None
        seen.add(journal.path)
        assert last_of(journal.path.read_bytes()) == example(number)
        assert len(list(tmp_path.iterdir())) == 1
    assert len(seen) > 1
    journal.close()


def test_a_full_disk_ends_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = Journal(tmp_path)
    journal.note(example(1))
    assert journal.wait()
    with monkeypatch.context() as context:

        def full(descriptor: int, data: bytes) -> None:
            os.write(descriptor, data[:10])
            raise OSError(28, "No space left on device")

        context.setattr("workstation.viewing.journal._write", full)
        journal.note(example(2))
        assert journal.wait()
    assert journal.path is not None
    assert last_of(journal.path.read_bytes()) == example(1)
    journal.note(example(3))
    assert journal.wait()
    assert last_of(journal.path.read_bytes()) == example(3)
    journal.close()


KILLED = """
import os, signal, sys
from tests.viewing.making_sessions import example
from workstation.viewing.journal import Journal
from pathlib import Path
journal = Journal(Path(sys.argv[1]))
journal.note(example(5))
journal.wait()
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_what_a_killed_program_noted_is_found(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], cwd=ROOT, check=False)
    found = find_crashed(tmp_path)
    assert found is not None
    assert found.session == example(5)
