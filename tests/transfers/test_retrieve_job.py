"""What is retrieved comes into the library as it arrives, and only what is missing comes (G8, G9, G20)."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pydicom
import pytest

from tests.network.peers import PROMPT, Peer, dcmqrscp, free_port
from workstation.library.search import StudyQuery, studies
from workstation.library.store import Library
from workstation.network.progress import Progress
from workstation.phantoms.volumes import write_linear_series
from workstation.transfers.retrieve_job import Surroundings, retrieve_job, retrieve_parameters


@pytest.fixture(scope="module")
def slices(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("slices")
    write_linear_series(folder)
    return sorted(path for path in folder.rglob("*") if path.is_file())


@pytest.fixture
def archive(dcmtk: Path, tmp_path: Path, slices: list[Path]) -> Iterator[Peer]:
    """An archive with one series, that may move it to us."""
    port = free_port()
    with dcmqrscp(dcmtk, tmp_path / "qr", destinations=[("WORKSTATION", port)]) as peer:
        send = [dcmtk / "storescu", "-aec", peer.node.ae_title, "127.0.0.1", str(peer.node.port), *slices]
        subprocess.run([str(word) for word in send], check=True, env=PROMPT)
        yield replace(peer, node=replace(peer.node, move_to="WORKSTATION"))


def move_port(archive: Peer) -> int:
    """Return the port at which the archive knows us."""
    line = next(one for one in (archive.folder / "dcmqrscp.cfg").read_text().splitlines() if "WORKSTATION" in one)
    return int(line.rstrip(" )").split(",")[-1])


@pytest.mark.parametrize("way", ["get", "move"])
def test_a_study_comes_into_the_library_and_is_told_as_it_comes(
    archive: Peer, slices: list[Path], tmp_path: Path, way: str
) -> None:
    study = pydicom.dcmread(slices[0]).StudyInstanceUID
    changes: list[int] = []
    with Library(tmp_path / "library") as library:
        around = Surroundings(
            lambda: library,
            tmp_path / "spool",
            move_port=lambda: move_port(archive),
            changed=lambda: changes.append(1),
        )
        node = replace(archive.node, retrieve=way)
        steps = list(retrieve_job(node, retrieve_parameters("", study), threading.Event(), around))
        assert (steps[-1].done, steps[-1].failed) == (len(slices), 0)
        told = [Path(one.outcome.path) for one in steps if one.outcome is not None]
        (row,) = studies(library, StudyQuery())
        assert row.instance_count == len(slices)
        assert len(told) == len(slices)
        assert changes
        assert all(path.is_relative_to(library.files) for path in told)
        changes.clear()
        again = list(retrieve_job(node, retrieve_parameters("", study), threading.Event(), around))[-1]
        assert (again.done, again.skipped) == (0, len(slices))
        assert changes == [1]  # another window may have fetched them
    assert not list((tmp_path / "spool").rglob("*.dcm"))


def test_what_came_before_a_fault_is_counted(
    archive: Peer, slices: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """G20: objects that were gathered when it ended are in the library, and are told."""
    from workstation.network import retrieving
    from workstation.network.failures import Cancelled

    whole = retrieving.retrieve

    def cut(*args: Any, **more: Any) -> Iterator[Progress]:
        for progress in whole(*args, **more):
            yield progress
            if progress.done == 3:
                raise Cancelled

    monkeypatch.setattr(retrieving, "retrieve", cut)
    study = pydicom.dcmread(slices[0]).StudyInstanceUID
    told = []
    with Library(tmp_path / "library") as library:
        around = Surroundings(lambda: library, tmp_path / "spool")
        node = replace(archive.node, retrieve="get")
        job = retrieve_job(node, retrieve_parameters("", study), threading.Event(), around)
        with pytest.raises(Cancelled):
            told.extend(job)
        (row,) = studies(library, StudyQuery())
        assert row.instance_count == told[-1].done == 3


def test_what_an_earlier_run_left_in_the_spool_is_taken_first(
    archive: Peer, slices: list[Path], tmp_path: Path
) -> None:
    """A program that is killed between receiving and the library loses nothing."""
    from workstation.network.retrieving import retrieve
    from workstation.network.spool import Spool
    from workstation.network.wishes import Wish

    study = pydicom.dcmread(slices[0]).StudyInstanceUID
    node = replace(archive.node, retrieve="get")
    spool = Spool(tmp_path / "spool")
    list(retrieve(node, Wish(study), spool, have=lambda _uids: set(), stop=threading.Event()))
    assert len(spool.waiting()) == len(slices)
    with Library(tmp_path / "library") as library:
        around = Surroundings(lambda: library, tmp_path / "spool")
        last = list(retrieve_job(node, retrieve_parameters("", study), threading.Event(), around))[-1]
        assert last.done + last.skipped == len(slices)
        (row,) = studies(library, StudyQuery())
        assert row.instance_count == len(slices)


def test_what_came_after_a_move_was_stopped_is_taken_as_well(
    archive: Peer, slices: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """N14: no object of a patient is left outside the library."""
    from workstation.network import retrieving
    from workstation.network.failures import Cancelled

    whole = retrieving.retrieve

    def deaf(*args: Any, **more: Any) -> Iterator[Progress]:
        for _progress in whole(*args, **more):  # everything comes, nothing of it is told
            pass
        raise Cancelled
        yield

    monkeypatch.setattr(retrieving, "retrieve", deaf)
    study = pydicom.dcmread(slices[0]).StudyInstanceUID
    with Library(tmp_path / "library") as library:
        around = Surroundings(lambda: library, tmp_path / "spool", move_port=lambda: move_port(archive))
        with pytest.raises(Cancelled):
            list(retrieve_job(archive.node, retrieve_parameters("", study), threading.Event(), around))
        (row,) = studies(library, StudyQuery())
        assert row.instance_count == len(slices)
    assert not list((tmp_path / "spool").rglob("*.dcm"))
