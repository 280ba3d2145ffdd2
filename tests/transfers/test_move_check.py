"""Whether an object of a node comes to us is checked by having one come (G8, G22)."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.network.peers import PROMPT, Peer, dcmqrscp, free_port
from workstation.library.store import Library
from workstation.phantoms.volumes import write_linear_series
from workstation.transfers.move_check import check_retrieve
from workstation.transfers.retrieve_job import Surroundings


@pytest.fixture(scope="module")
def archive(dcmtk: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Peer, int]]:
    folder, port = tmp_path_factory.mktemp("archive"), free_port()
    write_linear_series(folder / "files")
    files = [path for path in (folder / "files").rglob("*") if path.is_file()]
    with dcmqrscp(dcmtk, folder / "qr", destinations=[("WORKSTATION", port)]) as peer:
        send = [dcmtk / "storescu", "-aec", peer.node.ae_title, "127.0.0.1", str(peer.node.port), *files]
        subprocess.run([str(word) for word in send], check=True, env=PROMPT)
        yield peer, port


def around(tmp_path: Path, port: int) -> Surroundings:
    return Surroundings(lambda: Library(tmp_path / "library"), tmp_path / "spool", move_port=lambda: port)


@pytest.mark.parametrize("way", ["get", "move"])
def test_an_object_that_comes_is_told_and_kept_nowhere(archive: tuple[Peer, int], tmp_path: Path, way: str) -> None:
    peer, port = archive
    (finding,) = check_retrieve(replace(peer.node, retrieve=way), around(tmp_path, port), threading.Event())
    assert finding.good, finding
    assert finding.sentence.startswith("An object came to us")
    assert list(tmp_path.rglob("*")) == []


def test_a_title_the_node_does_not_know_is_told_with_what_to_enter_there(
    archive: tuple[Peer, int], tmp_path: Path
) -> None:
    """G8: 0xA801."""
    peer, port = archive
    node = replace(peer.node, retrieve="move", move_to="STRANGER")
    (finding,) = check_retrieve(node, around(tmp_path, port), threading.Event())
    assert finding.good is False
    assert "STRANGER" in finding.sentence + finding.remedy


def test_a_wrong_port_is_told(archive: tuple[Peer, int], tmp_path: Path) -> None:
    """The node knows our title, and another port: nothing comes."""
    peer, _port = archive
    other = free_port()
    node = replace(peer.node, retrieve="move", stall_timeout=3.0)
    (finding,) = check_retrieve(node, around(tmp_path, other), threading.Event())
    assert finding.good is False
    assert str(other) in finding.remedy


def test_an_empty_node_has_nothing_to_ask_for(dcmtk: Path, tmp_path: Path) -> None:
    with dcmqrscp(dcmtk, tmp_path / "qr") as peer:
        (finding,) = check_retrieve(peer.node, around(tmp_path, 0), threading.Event())
    assert finding.good is None
