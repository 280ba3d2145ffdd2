"""Retrieving: 200 CT slices by C-GET from DCMTK's archive on loopback, by us and by DCMTK's getscu.

getscu runs with small packets sent at once (``TCP_NODELAY=1``) and as it is by default, bytes as they come. Ours is
timed with each file put on the disk before the archive is told, as the program does it, and without. All ask the same
archive, which sends at once.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import time
from functools import partial
from pathlib import Path

from harness import HERE, Bench, Seconds, scratch
from series import native_ct

sys.path.insert(0, str(HERE.parent.parent))

from pydicom import dcmread

from tests.network.peers import LOOPBACK, PROMPT, dcmqrscp
from workstation.network.nodes import Node
from workstation.network.retrieving import retrieve
from workstation.network.spool import Spool
from workstation.network.wishes import Wish


def main() -> None:
    bench = Bench("retrieve")
    program = shutil.which("dcmqrscp", path="/usr/bin:" + os.environ.get("PATH", ""))
    if program is None:
        bench.note("not measured: DCMTK is not installed")
        bench.finish()
        return
    dcmtk = Path(program).parent
    made = native_ct(slices=40 if bench.quick else 200)
    head = dcmread(made.files[0], stop_before_pixels=True)
    wish = Wish(str(head.StudyInstanceUID), (str(head.SeriesInstanceUID),))
    with dcmqrscp(dcmtk, scratch()) as server:
        send = [dcmtk / "storescu", "+sd", "-R", "-aec", "QRSCP", LOOPBACK, str(server.node.port), made.folder]
        subprocess.run(send, check=True, capture_output=True, env=PROMPT)
        count = len(made.files)
        routes = {
            "ours": partial(got, server.node, wish, count, sync=False),
            "ours on disk": partial(got, server.node, wish, count, sync=True),
            "getscu": partial(getscu, dcmtk, server.node, wish, count, prompt=True),
        }
        times = bench.interleave(routes, name="C-GET")
        slow = {"getscu by default": partial(getscu, dcmtk, server.node, wish, count, prompt=False)}
        times |= bench.interleave(slow, name="C-GET by default", rounds=1, warm_up=False)
        bench.say(f"{count} slices, getscu by default / ours", times["getscu by default"] / times["ours"], least=5.0)
        bench.say(f"{count} slices, ours / getscu with NODELAY", times["ours"] / times["getscu"])
        bench.say(
            f"{count} slices, each on the disk, ours / getscu with NODELAY",
            times["ours on disk"] / times["getscu"],
        )
        first = bench.interleave({"first": partial(first_of, server.node, wish)}, name="first image")
        bench.say("the first image of a series is there after", first["first"] * 1000, most=1000, unit="ms")
    bench.finish()


def got(node: Node, wish: Wish, count: int, *, sync: bool) -> None:
    folder = scratch()
    told = list(_job(node, wish, Spool(folder / "got", sync=sync), folder))
    assert told[-1].done == count, told[-1]
    shutil.rmtree(folder)


def first_of(node: Node, wish: Wish) -> Seconds:
    """Time from asking to the first whole file; the rest is not waited for."""
    folder = scratch()
    begin = time.perf_counter()
    job = _job(node, wish, Spool(folder / "got"), folder)
    path = next(one.outcome.path for one in job if one.outcome)
    took = Seconds(time.perf_counter() - begin)
    assert Path(path).is_file()
    job.close()
    shutil.rmtree(folder)
    return took


def _job(node, wish, spool, folder):  # type: ignore[no-untyped-def]
    return retrieve(
        node, wish, spool, have=lambda _uids: set(), stop=threading.Event(), ledger_folder=folder / "ledger"
    )


def getscu(dcmtk: Path, node: Node, wish: Wish, count: int, *, prompt: bool) -> None:
    """Retrieve the series with DCMTK, bytes as they come."""
    folder = scratch()
    subprocess.run(
        [dcmtk / "getscu", "-S", "+B", "-pdu", "131072", "-od", folder, "-aec", node.ae_title,
         "-k", "QueryRetrieveLevel=SERIES", "-k", f"StudyInstanceUID={wish.study}",
         "-k", f"SeriesInstanceUID={wish.series[0]}", LOOPBACK, str(node.port)],
        check=True, capture_output=True, env=PROMPT if prompt else {**os.environ},
    )  # fmt: skip
    assert len(list(folder.iterdir())) == count
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
