"""``workstation receive``: from a real sender to a folder or into the library."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.library.conftest import small_ct, write
from tests.network.peers import LOOPBACK, PROMPT
from tests.network.raw_peer import ASSOCIATE_RJ, RawPeer
from workstation.cli.main import run

__all__ = ["write"]


def receiving(*words: str | Path) -> subprocess.Popen[str]:
    """Start the verb and wait until it listens."""
    command = [sys.executable, "-m", "workstation", "receive", "--json", *map(str, words)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def port_of(process: subprocess.Popen[str]) -> int:
    assert process.stdout is not None
    said = json.loads(process.stdout.readline())
    assert said["event"] == "Listening"
    return int(said["port"])


def rest(process: subprocess.Popen[str]) -> tuple[list[dict[str, Any]], str, int]:
    """Return the events up to the end, what was said on stderr, and the exit code."""
    out, told = process.communicate(timeout=30)
    return [json.loads(line) for line in out.splitlines()], told, process.returncode


def send(dcmtk: Path, port: int, *paths: Path) -> None:
    words = ["-aet", "SENDER", "-aec", "WORKSTATION", LOOPBACK, str(port), *map(str, paths)]
    subprocess.run([str(dcmtk / "storescu"), *words], env=PROMPT, check=True)


def test_objects_come_into_a_folder_until_there_are_enough(
    dcmtk: Path, tmp_path: Path, write: Callable[..., Path]
) -> None:
    """G12."""
    process = receiving("--from", "SENDER", "--out", tmp_path / "got", "--once", "2")
    send(dcmtk, port_of(process), write("a"), write("b", SOPInstanceUID="1.2.3.1.2"))
    events, _told, code = rest(process)
    paths = [Path(event["kept"]["path"]) for event in events if event["event"] == "Arrived"]
    assert code == 0
    assert len(paths) == 2
    assert all(path.is_relative_to(tmp_path / "got") and path.is_file() for path in paths)
    assert [event["released"] for event in events if event["event"] == "AssociationClosed"] == [True]


def test_objects_come_into_the_library_and_wait_nowhere(
    dcmtk: Path,
    tmp_path: Path,
    write: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """E4: what is sent twice is there once, what differs is kept beside it."""
    monkeypatch.setenv("WORKSTATION_HOME", str(tmp_path / "home"))
    process = receiving("--anyone", "--library", tmp_path / "library", "--once", "3")
    send(dcmtk, port_of(process), write("a"), write("b"), write("c", PixelData=b"\1" * 32))
    assert rest(process)[2] == 0
    assert run(["library", "list", "--json", "--library", str(tmp_path / "library")]) == 0
    assert json.loads(capsys.readouterr().out)["counts"]["instances"] == 2
    assert list((tmp_path / "home").rglob("*.dcm")) == []


def test_what_was_left_by_an_end_is_taken_over_at_the_next_start(
    dcmtk: Path,
    tmp_path: Path,
    write: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """G20: whatever had been told as stored."""
    monkeypatch.setenv("WORKSTATION_HOME", str(tmp_path / "home"))
    from workstation.network.spool import Spool
    from workstation.paths import data_folder

    ds = small_ct()
    ds.save_as(tmp_path / "a.dcm", enforce_file_format=True)
    content = (tmp_path / "a.dcm").read_bytes()
    Spool(data_folder() / "received").keep(
        [content[144 + int.from_bytes(content[140:144], "little") :]],
        sop_class_uid=ds.SOPClassUID,
        sop_instance_uid=ds.SOPInstanceUID,
        transfer_syntax_uid=ds.file_meta.TransferSyntaxUID,
    )
    process = receiving("--anyone", "--library", tmp_path / "library", "--once", "1")
    send(dcmtk, port_of(process), write("b", SOPInstanceUID="1.2.3.1.2"))
    assert rest(process)[2] == 0
    assert run(["library", "list", "--json", "--library", str(tmp_path / "library")]) == 0
    assert json.loads(capsys.readouterr().out)["counts"]["instances"] == 2


def test_a_stranger_is_told_and_ctrl_c_ends_it(tmp_path: Path) -> None:
    """G13: what was refused is a fault, said in a sentence."""
    process = receiving("--from", "FRIEND", "--out", tmp_path)
    with RawPeer(port_of(process)) as peer:
        assert peer.associate(calling="STRANGER")[0] == ASSOCIATE_RJ
    assert process.stdout is not None
    assert "STRANGER" in process.stdout.readline()
    process.send_signal(signal.SIGINT)
    _events, told, code = rest(process)
    assert code == 1
    assert "STRANGER is not among those who may send." in told


@pytest.mark.parametrize(
    "words",
    [
        ["--out", "x"],
        ["--anyone"],
        ["--anyone", "--out", "x", "--library"],
        ["--anyone", "--out", "x", "--aet", "much too long a title"],
        ["--anyone", "--out", "x", "--once", "0"],
        ["--anyone", "--out", "x", "--port", "70000"],
    ],
    ids=lambda words: " ".join(words),
)
def test_what_could_not_work_is_refused(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A35: nobody may send unless somebody was named."""
    monkeypatch.chdir(tmp_path)
    assert run(["receive", *words]) == 2
    assert capsys.readouterr().err.startswith("workstation receive: ")
