"""The receiver: 200 CT slices from DCMTK's storescu, against DCMTK's storescp, prompt and as people run it.

DCMTK keeps small packets back (Nagle) unless TCP_NODELAY=1 is in its environment. Ours hashes every object, writes the
ledger and, where it is asked to, waits for the disk after each; storescp never does.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from harness import Bench, scratch
from series import Made, native_ct

from workstation.network.receiver import Receiver, ReceiverOptions
from workstation.network.receiver_events import AssociationClosed

LOOPBACK = "127.0.0.1"
PROMPT = {**os.environ, "TCP_NODELAY": "1"}
PATIENT = {name: value for name, value in os.environ.items() if name != "TCP_NODELAY"}


def main() -> None:
    bench = Bench("receive")
    storescu, storescp = (
        shutil.which("storescu", path="/usr/bin:/usr/local/bin"),
        shutil.which("storescp", path="/usr/bin:/usr/local/bin"),
    )
    if storescu is None or storescp is None:
        bench.note("not compared: DCMTK is not installed")
    else:
        receiving(bench, storescu, storescp)
    bench.finish()


def receiving(bench: Bench, storescu: str, storescp: str) -> None:
    made = native_ct(slices=50 if bench.quick else 200)
    got = scratch()
    prompt, default = free_port(), free_port()
    servers = [scp(storescp, got, prompt, PROMPT), scp(storescp, got, default, PATIENT)]
    spools = {"ours": scratch(), "ours, on the disk": scratch()}
    receivers = {name: receiver(spools[name], sync="disk" in name) for name in spools}
    routes: dict[str, Callable[[], object]] = {
        name: partial(sent_to_us, storescu, made, receivers[name], spools[name]) for name in receivers
    }
    routes["storescp"] = partial(sent, storescu, made, prompt, PROMPT)

    def clear() -> None:
        for folder in (got, *spools.values()):
            for path in (*folder.glob("??/*.dcm"), *folder.glob("CT*")):
                path.unlink()
        os.sync()  # what one route left to be written is not for the next to wait for

    try:
        times = bench.interleave(routes, before=clear)
        for name, most in (("ours", 4.0), ("ours, on the disk", 6.0)):
            bench.say(f"{name} / storescp, both prompt", times[name] / times["storescp"], most=most)
        slow = bench.interleave(
            {"storescp": partial(sent, storescu, made, default, PATIENT)},
            name="as people run it",
            rounds=1 if bench.quick else 3,
            before=clear,
            warm_up=False,
        )
        for name in receivers:
            bench.say(f"storescp as people run it / {name}", slow["storescp"] / times[name], least=5.0)
        bench.say("received, on the disk", made.pixel_bytes / times["ours, on the disk"] / 1e6, unit="MB/s")
    finally:
        for one in receivers.values():
            one.stop()
        for server in servers:
            server.terminate()
            server.wait()


def receiver(spool: Path, *, sync: bool) -> Receiver:
    return Receiver(ReceiverOptions(spool, anyone=True, sync=sync)).start()


def scp(program: str, folder: Path, port: int, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    """Start DCMTK's server, all syntaxes and its largest PDU, and wait until it listens."""
    server = subprocess.Popen([program, "-od", str(folder), "+xa", "-pdu", "131072", str(port)], env=environment)
    end = time.monotonic() + 20
    while time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex((LOOPBACK, port)) == 0:
                return server
        time.sleep(0.02)
    raise RuntimeError("storescp did not start")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def sent(program: str, made: Made, port: int, environment: dict[str, str]) -> None:
    subprocess.run(
        [program, "-aec", "WORKSTATION", "+sd", "-pdu", "131072", LOOPBACK, str(port), str(made.folder)],
        env=environment,
        check=True,
        capture_output=True,
    )


def sent_to_us(program: str, made: Made, to: Receiver, spool: Path) -> None:
    """Send everything and make sure that everything came."""
    sent(program, made, to.port, PROMPT)
    while not isinstance(event := to.events.get(timeout=20), AssociationClosed):
        pass
    assert event.kept == len(made.files), event
    assert len(list(spool.glob("??/*.dcm"))) == len(made.files)


if __name__ == "__main__":
    main()
