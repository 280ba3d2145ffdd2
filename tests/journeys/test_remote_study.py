"""A study of a server, from the search to the library: asked for by hand, on screen while it comes (O2, O3, O5)."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.journeys.test_remote_list import ended, know, open_list, search, until
from tests.network import peers
from tests.network.peers import PROMPT, Peer
from workstation.app import Application
from workstation.library.search import StudyQuery, studies
from workstation.phantoms.volumes import write_linear_series


@pytest.fixture(scope="module")
def archive(dcmtk: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Peer, int]]:
    """An archive with one series; and how many files that is. It may move them to port ``port`` as WORKSTATION."""
    folder = tmp_path_factory.mktemp("archive")
    write_linear_series(folder / "files")
    files = sorted(path for path in (folder / "files").rglob("*") if path.is_file())
    with peers.dcmqrscp(dcmtk, folder / "qr") as peer:
        send = [dcmtk / "storescu", "-aec", peer.node.ae_title, "127.0.0.1", str(peer.node.port), *files]
        subprocess.run([str(word) for word in send], check=True, env=PROMPT)
        yield peer, len(files)


def test_a_double_clicked_study_comes_into_the_library_and_onto_the_screen(
    application: Application, archive: tuple[Peer, int]
) -> None:
    peer, count = archive
    know(replace(peer.node, retrieve="get"))
    window = application.window
    panel = open_list(application)
    panel.bar.sources.button(peer.node.name).click()
    search(panel, "Phantom")
    until(lambda: ended(panel) and panel.model.rows)
    at = panel.table.visualRect(panel.model.index(0, 1)).center()
    QTest.mouseClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=at)
    QTest.mouseDClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=at)
    until(lambda: not window.library.at_home and window.workspace.catalogue.instances)
    until(lambda: len(window.workspace.catalogue.instances) == count and not window.desk.running)
    (job,) = window.network.queue.jobs()
    until(lambda: window.network.queue.job(job.key).is_over)
    assert window.network.queue.job(job.key).state == "done"
    (row,) = studies(window.library.desk.opened_library(), StudyQuery())
    assert row.instance_count == count
    assert window.workspace.state(0).stack_id is not None
