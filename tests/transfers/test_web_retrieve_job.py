"""What is retrieved by DICOMweb comes into the library, and only what is missing comes (G18, G20)."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pydicom
import pytest

from tests.network import archive_content as content
from tests.network.peers import Peer, orthanc
from workstation.library.importer import import_paths
from workstation.library.search import StudyQuery, studies
from workstation.library.store import Library
from workstation.network.failures import Cancelled
from workstation.network.nodes import Node
from workstation.network.progress import Progress
from workstation.network.secrets import Secrets
from workstation.transfers.jobs import JobQueue
from workstation.transfers.retrieve_job import Surroundings, retrieve_parameters
from workstation.transfers.runners import Context, runners
from workstation.transfers.web_retrieve_job import web_retrieve_job

A = content.study_uid("A")


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Study A: five objects of two series."""
    paths = content.write_archive(tmp_path_factory.mktemp("content") / "files")
    return [path for path in paths if path.name.startswith("A")]


@pytest.fixture(scope="module")
def archive(
    dcmtk: Path, orthanc_program: Path, files: list[Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Peer]:
    with orthanc(tmp_path_factory.mktemp("peer") / "orthanc", user=("ada", "secret"), worklist=False) as server:
        content.push(dcmtk, server, files[0].parent)
        yield server


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library(tmp_path / "library") as opened:
        yield opened


@pytest.fixture
def secrets(archive: Peer) -> Secrets:
    kept = Secrets(use_keyring=False)
    kept.put(archive.node.name, "password", "secret")
    return kept


def by_web(archive: Peer) -> Node:
    return replace(archive.node, host="")


def around(library: Library) -> Surroundings:
    return Surroundings(lambda: library, library.folder.parent / "spool")


def run(archive: Peer, library: Library, secrets: Secrets, **wish: list[str]) -> list[Progress]:
    parameters = retrieve_parameters("", A, **wish)
    return list(web_retrieve_job(by_web(archive), parameters, threading.Event(), around(library), secrets))


def uids(paths: list[Path]) -> dict[str, list[str]]:
    series: dict[str, list[str]] = {}
    for path in paths:
        ds = pydicom.dcmread(path, stop_before_pixels=True)
        series.setdefault(ds.SeriesInstanceUID, []).append(ds.SOPInstanceUID)
    return series


def test_a_study_lies_in_the_library_when_it_is_told(
    archive: Peer, library: Library, secrets: Secrets, files: list[Path]
) -> None:
    steps = run(archive, library, secrets)
    assert (steps[-1].done, steps[-1].failed, steps[-1].total) == (len(files), 0, len(files))
    told = [Path(one.outcome.path) for one in steps if one.outcome is not None]
    assert all(path.is_relative_to(library.files) for path in told)
    sent = {ds.SOPInstanceUID: ds for ds in map(pydicom.dcmread, files)}
    for path in told:
        ds = pydicom.dcmread(path)
        assert ds == sent[ds.SOPInstanceUID]
    (row,) = studies(library, StudyQuery())
    assert row.instance_count == len(files)
    assert not list((library.folder.parent / "spool").rglob("*.dcm"))


def test_only_what_the_library_lacks_comes(
    archive: Peer, library: Library, secrets: Secrets, files: list[Path]
) -> None:
    """G20."""
    for _report in import_paths(library, files[:2], copy=True):
        pass
    last = run(archive, library, secrets)[-1]
    assert (last.done, last.skipped, last.failed) == (len(files) - 2, 2, 0)
    again = run(archive, library, secrets)[-1]
    assert (again.done, again.skipped, again.failed) == (0, len(files), 0)


def test_series_are_counted_together_and_those_on_screen_come_first(
    archive: Peer, library: Library, secrets: Secrets, files: list[Path]
) -> None:
    series = uids(files)
    last = list(series)[-1]
    steps = run(archive, library, secrets, first=[last])
    came = [one.outcome.sop_instance_uid for one in steps if one.outcome is not None]
    assert set(came[: len(series[last])]) == set(series[last])
    assert (steps[-1].done, steps[-1].total) == (len(files), len(files))


def test_one_series_and_one_object_alone_can_be_asked_for(
    archive: Peer, library: Library, secrets: Secrets, files: list[Path]
) -> None:
    series, objects = next(iter(uids(files).items()))
    assert run(archive, library, secrets, series=[series], instances=objects[:1])[-1].done == 1
    assert run(archive, library, secrets, series=[series])[-1].done == len(objects) - 1


def test_a_job_that_is_stopped_keeps_what_came_and_goes_on(
    archive: Peer, library: Library, secrets: Secrets, files: list[Path]
) -> None:
    stop = threading.Event()
    job = web_retrieve_job(by_web(archive), retrieve_parameters("", A), stop, around(library), secrets)
    next(job)
    stop.set()
    with pytest.raises(Cancelled):
        list(job)
    last = run(archive, library, secrets)[-1]
    assert last.skipped >= 1
    assert last.done + last.skipped == len(files)


@pytest.mark.parametrize("before", ["", "wrong"])
def test_a_job_waits_for_the_password_and_goes_on_with_it(
    archive: Peer, library: Library, files: list[Path], tmp_path: Path, before: str
) -> None:
    """The queue does not fail what only the user can mend."""
    kept = Secrets(use_keyring=False)
    if before:
        kept.put(archive.node.name, "password", before)
    context = Context(lambda _name: by_web(archive), around(library), lambda: kept)
    queue = JobQueue(tmp_path, runners(context))
    try:
        key = queue.add("web_retrieve", archive.node.name, "", retrieve_parameters("", A)).key
        assert queue.wait()
        job = queue.job(key)
        assert job is not None
        assert (job.state, job.needs) == ("paused", "password")
        assert job.sentence.startswith(f"The password for {archive.node.name} is needed")
        kept.put(archive.node.name, "password", "secret")
        queue.resume(key)
        assert queue.wait()
        job = queue.job(key)
        assert job is not None
        assert (job.state, job.needs, job.progress.done) == ("done", "", len(files))
    finally:
        queue.close()
