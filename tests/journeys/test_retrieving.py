"""A retrieval of the window's queue: from DCMTK's archive into the library, over our receiver where it is on (G9)."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pydicom
import pytest

from tests.journeys.hand import wait
from tests.network.peers import PROMPT, dcmqrscp, free_port
from workstation.app import Application
from workstation.transfers.retrieve_job import retrieve_parameters


@pytest.mark.parametrize("receiving", [False, True])
def test_a_study_is_moved_into_the_library(
    application: Application, dcmtk: Path, demo: Path, tmp_path: Path, receiving: bool
) -> None:
    """G9: the archive sends to the port of the preferences, whether or not receiving is on."""
    window, port = application.window, free_port()
    files = sorted(path for path in demo.rglob("*") if path.is_file())[:6]
    study = str(pydicom.dcmread(files[0], stop_before_pixels=True).StudyInstanceUID)
    window.settings.set("receive_port", port)
    with dcmqrscp(dcmtk, tmp_path / "archive", destinations=[("WORKSTATION", port)]) as server:
        send = [dcmtk / "storescu", "-aec", "QRSCP", "-xs", "127.0.0.1", str(server.node.port), *files]
        subprocess.run([str(word) for word in send], env=PROMPT, check=True, timeout=60, capture_output=True)
        window.network.put_node(server.node)
        if receiving:
            window.settings.set("receive_from", "QRSCP")
            window.dispatch("network.receive")
            wait(lambda: window.receives and window.receiving.settled)
        job = window.network.add("retrieve", server.node.name, "demo", retrieve_parameters(server.node.name, study))
        wait(lambda: (now := window.network.queue.job(job.key)) is not None and now.is_over, 60)
        ended = window.network.queue.job(job.key)
        assert ended is not None
        assert (ended.state, ended.progress.done) == ("done", len(files)), ended.sentence
    window.library.show_home(True)
    wait(lambda: sum(row.instance_count for row in window.library.panel.model.rows) == len(files))


def test_a_move_that_our_receiver_refuses_says_so(
    application: Application, dcmtk: Path, demo: Path, tmp_path: Path
) -> None:
    """G9, G13: the archive tells of a fault alone, and does not know the reason."""
    window, port = application.window, free_port()
    files = sorted(path for path in demo.rglob("*") if path.is_file())[:3]
    study = str(pydicom.dcmread(files[0], stop_before_pixels=True).StudyInstanceUID)
    window.settings.set("receive_port", port)
    window.settings.set("receive_from", "MODALITY1")
    with dcmqrscp(dcmtk, tmp_path / "archive", destinations=[("WORKSTATION", port)]) as server:
        send = [dcmtk / "storescu", "-aec", "QRSCP", "-xs", "127.0.0.1", str(server.node.port), *files]
        subprocess.run([str(word) for word in send], env=PROMPT, check=True, timeout=60, capture_output=True)
        window.network.put_node(server.node)
        window.dispatch("network.receive")
        wait(lambda: window.receives and window.receiving.settled)
        job = window.network.add("retrieve", server.node.name, "demo", retrieve_parameters(server.node.name, study))
        wait(lambda: (now := window.network.queue.job(job.key)) is not None and now.is_over, 60)
    ended = window.network.queue.job(job.key)
    assert ended is not None
    assert "QRSCP is not among those who may send" in ended.sentence, (ended.state, ended.sentence)
