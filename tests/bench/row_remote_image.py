"""The first image of a study that lies on a server: from the double-click in the study list to the painted pane.

DCMTK's archive on loopback holds 200 CT slices; they come by C-GET into the library while the window opens them. A
person waits no longer than a second without losing the thread; how long the whole study takes is told beside.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

from harness import HERE, Bench, scratch
from real_window import RealWindow, on_xvfb
from row_first_image import Moments
from series import native_ct

sys.path.insert(0, str(HERE.parent.parent))

from tests.network.peers import LOOPBACK, PROMPT, dcmqrscp

ROUNDS = 5


def main() -> None:
    bench = Bench("remote_image")
    program = shutil.which("dcmqrscp", path="/usr/bin:" + os.environ.get("PATH", ""))
    if program is None:
        bench.note("not measured: DCMTK is not installed")
        bench.finish()
        return
    dcmtk = Path(program).parent
    on_xvfb()
    from workstation.network.nodes import NodeBook

    made = native_ct(slices=40 if bench.quick else 200)
    with dcmqrscp(dcmtk, scratch()) as server:
        send = [dcmtk / "storescu", "+sd", "-R", "-aec", "QRSCP", LOOPBACK, str(server.node.port), made.folder]
        subprocess.run(send, check=True, capture_output=True, env=PROMPT)
        NodeBook().put(replace(server.node, retrieve="get"))
        window = RealWindow()
        moments = Moments(window)
        firsts, wholes = zip(
            *(asked(window, moments, len(made.files)) for _ in range(2 if bench.quick else ROUNDS)), strict=True
        )
        measure = "asking a server for a study until its first image is painted, worst"
        bench.say(measure, max(firsts) * 1000, most=1000, unit="ms")
        bench.note(f"{len(made.files)} slices were in the library and open after {min(wholes):.2f} s at best")
        window.close()
    bench.finish()


def asked(window: RealWindow, moments: Moments, count: int) -> tuple[float, float]:
    """Return the seconds from opening a study of the server to its first image, and to its last."""
    main = window.window
    main.dispatch("view.library")
    panel = main.library.panel
    window.wait(lambda: panel.bar.sources.nodes())
    panel.bar.sources.button("qrscp").click()
    panel.search.setText("Bench")
    main.dispatch("network.search")
    window.wait(lambda: panel.model.rows and all(one.state != "asking" for one in panel.remote._states))
    panel.select(0)
    window.rest(0.3)
    moments.seen.clear()
    begin = time.perf_counter()
    panel.open()
    window.wait(lambda: moments.seen)
    first = moments.seen[0][0] - begin
    window.wait(lambda: len(main.workspace.catalogue.instances) == count and not main.desk.running)
    whole = time.perf_counter() - begin
    window.settle()
    window.empty()
    forget(window)
    return first, whole


def forget(window: RealWindow) -> None:
    """Take the study out of the library again."""
    from workstation.library.marks import put_into_bin
    from workstation.library.removal import empty_bin
    from workstation.library.search import StudyQuery, studies

    library = window.window.library.desk.opened_library()
    put_into_bin(library, [row.id for row in studies(library, StudyQuery())])
    empty_bin(library)
    window.window.network.queue.forget_ended()
    window.window.library.desk.changed.emit()
    window.rest(0.5)


if __name__ == "__main__":
    main()
