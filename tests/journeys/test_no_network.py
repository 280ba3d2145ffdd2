"""A whole reading session opens no network socket: nothing leaves this computer unasked (features N14, T3)."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import missing

NETWORK = re.compile(r"AF_INET6?|AF_PACKET|AF_BLUETOOTH|AF_VSOCK")
SESSIONS = (
    "test_keyboard_session.py",
    "test_opening.py",
    "test_reports.py",
    "test_library.py",
    "test_nodes.py::test_what_is_wrong_stands_beside_the_field_as_it_is_typed",
    "test_nodes.py::test_a_removed_node_comes_back_at_its_place",
    "test_transfers.py::test_a_start_makes_no_desk",
    "test_transfers.py::test_a_restart_keeps_the_jobs_and_starts_none_of_them",
    "test_network_pages.py",
)
"""Journeys through all of the program that is local, each a person's hand on the real window."""


@pytest.fixture(scope="module")
def strace() -> str:
    program = shutil.which("strace")
    if program is None:
        missing("strace", "strace is not installed")
    assert program is not None
    return program


def traced(strace: str, command: list[str], log: Path) -> tuple[int, list[str], str]:
    """Run a command and all it starts; return its code, every call that makes a socket, and what it said."""
    trace = [strace, "-f", "-qq", "--seccomp-bpf", "-e", "trace=socket,socketpair", "-o", str(log)]
    environment = {**os.environ, "PYTEST_XDIST_WORKER": "", "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run([*trace, *command], capture_output=True, text=True, env=environment, timeout=600, check=False)
    return done.returncode, log.read_text().splitlines(), done.stdout[-3000:] + done.stderr[-3000:]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="strace is a program of Linux")
def test_a_local_session_opens_no_network_socket(strace: str, tmp_path: Path) -> None:
    here = Path(__file__).parent
    session = [sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider"]
    session += [str(here / name) for name in SESSIONS]
    code, calls, said = traced(strace, session, tmp_path / "trace")
    assert code == 0, said
    assert not [call for call in calls if NETWORK.search(call)]
    # what it does open shows that the trace sees something
    assert any("AF_UNIX" in call for call in calls)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="strace is a program of Linux")
def test_a_start_opens_no_network_socket(strace: str, tmp_path: Path) -> None:
    picture = tmp_path / "demo.png"
    command = [sys.executable, "-m", "workstation", "--demo", "--screenshot", str(picture)]
    code, calls, said = traced(strace, command, tmp_path / "trace")
    assert (code, picture.exists()) == (0, True), said
    assert not [call for call in calls if NETWORK.search(call)]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="strace is a program of Linux")
def test_the_trace_would_show_a_network_socket(strace: str, tmp_path: Path) -> None:
    """The two above can fail."""
    command = [sys.executable, "-c", "import socket; socket.socket(socket.AF_INET).close()"]
    _code, calls, _said = traced(strace, command, tmp_path / "trace")
    assert [call for call in calls if NETWORK.search(call)]
