"""Sending 200 CT slices to storescp: against DCMTK's storescu, both prompt and as it comes.

DCMTK keeps small packets back (Nagle) unless the environment says otherwise; both ends are run both ways. The limit
is the same bytes through a bare socket, with an answer of a few bytes for each object.
"""

from __future__ import annotations

import os
import shutil
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from harness import Bench, scratch
from series import native_ct

from workstation.network.nodes import Node
from workstation.network.sending import send

LOOPBACK, TITLE = "127.0.0.1", "STORESCP"
ANSWER = 128
"""Bytes of an answer, about."""


def main() -> None:
    bench = Bench("send")
    storescu, storescp = shutil.which("storescu", path=_system_path()), shutil.which("storescp", path=_system_path())
    if storescu is None or storescp is None:
        bench.note("not measured: DCMTK's storescp is not installed")
        bench.finish()
        return
    files = native_ct(slices=50 if bench.quick else 200).files
    with server(storescp, prompt=True) as prompt, server(storescp, prompt=False) as slow:
        routes = {
            "ours": partial(ours, prompt, files),
            "storescu": partial(theirs, storescu, prompt, files, prompt=True),
            "bare": partial(bare, files),
        }
        times = bench.interleave(routes)
        bench.say("send / storescu with TCP_NODELAY", times["ours"] / times["storescu"], most=5.0)
        bench.say("send / bare socket", times["ours"] / times["bare"])
        few = files[: len(files) // 4]
        routes = {
            "ours": partial(ours, slow, few),
            "storescu": partial(theirs, storescu, slow, few, prompt=False),
        }
        times = bench.interleave(routes, name="as it comes", rounds=3)
        bench.say("storescu / send, both to storescp as it comes", times["storescu"] / times["ours"], least=5.0)
    size = sum(path.stat().st_size for path in files)
    bench.say("sent", size / 1e6 / statistics.median(bench.times["send"]["ours"]), unit="MB/s")
    bench.finish()


def _system_path() -> str:
    """Return where programs are looked for: not beside the interpreter, where pynetdicom's go by the same names."""
    own = Path(sys.executable).parent
    return os.pathsep.join(one for one in os.environ.get("PATH", os.defpath).split(os.pathsep) if Path(one) != own)


def _environment(*, prompt: bool) -> dict[str, str]:
    environment = {key: value for key, value in os.environ.items() if key != "TCP_NODELAY"}
    return {**environment, "TCP_NODELAY": "1"} if prompt else environment


@contextmanager
def server(program: str, *, prompt: bool) -> Iterator[int]:
    """Run storescp, which throws away what it gets; yield its port."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port = int(probe.getsockname()[1])
    command = [program, "-aet", TITLE, "--ignore", "+xa", "--max-pdu", "131072", str(port)]
    environment = _environment(prompt=prompt)
    process = subprocess.Popen(command, cwd=scratch(), env=environment, stdout=subprocess.DEVNULL)
    try:
        _wait_for(port, process)
        yield port
    finally:
        process.terminate()
        process.wait(10)


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 20
    while time.monotonic() < end and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex((LOOPBACK, port)) == 0:
                return
        time.sleep(0.02)
    raise RuntimeError("storescp did not start")


def ours(port: int, files: tuple[Path, ...]) -> None:
    node = Node("storescp", TITLE, LOOPBACK, port)
    last = list(send(node, files))[-1]
    assert last.done == len(files), last


def theirs(program: str, port: int, files: tuple[Path, ...], *, prompt: bool) -> None:
    command = [program, "--max-pdu", "131072", "-aec", TITLE, LOOPBACK, str(port), *map(str, files)]
    subprocess.run(command, check=True, env=_environment(prompt=prompt), capture_output=True)


def bare(files: tuple[Path, ...]) -> None:
    """Send the same bytes over a socket, with an answer for each file."""
    with socket.create_server((LOOPBACK, 0)) as listener:
        sizes = [path.stat().st_size for path in files]
        taker = threading.Thread(target=_take, args=(listener, sizes))
        taker.start()
        with socket.create_connection(listener.getsockname()) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for path in files:
                connection.sendall(path.read_bytes())
                connection.recv(ANSWER)
        taker.join()


def _take(listener: socket.socket, sizes: list[int]) -> None:
    connection, _address = listener.accept()
    buffer = bytearray(1 << 20)
    with connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for size in sizes:
            while size:
                size -= connection.recv_into(buffer, min(size, len(buffer)))
            connection.sendall(bytes(ANSWER))


if __name__ == "__main__":
    main()
