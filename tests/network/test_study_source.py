"""A node is asked in the way it speaks, and the answers are the same (O2, G11, G18)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.network import archive_content as content
from tests.network.peers import Peer, orthanc
from workstation.network.answers import StudyAnswer
from workstation.network.failures import UserNeeded
from workstation.network.find_service import FindReport
from workstation.network.nodes import Node
from workstation.network.query_keys import Query
from workstation.network.secrets import Secrets
from workstation.network.study_source import count_at, find_at

ALL = Query(keys=(("PatientName", "*"),), everything=True)


@pytest.fixture(scope="module")
def archive(dcmtk: Path, orthanc_program: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peer]:
    folder = tmp_path_factory.mktemp("archive")
    content.write_archive(folder / "files")
    with orthanc(folder / "orthanc", user=("ada", "secret"), worklist=False) as server:
        content.push(dcmtk, server, folder / "files")
        yield server


@pytest.fixture
def secrets(archive: Peer) -> Secrets:
    kept = Secrets(use_keyring=False)
    kept.put(archive.node.name, "password", "secret")
    return kept


def by_web(archive: Peer) -> Node:
    return replace(archive.node, host="")


def told(answers: Iterator[object]) -> dict[str, tuple[object, ...]]:
    found = {}
    for one in answers:
        assert isinstance(one, StudyAnswer)
        found[one.uid] = (one.name, one.patient_id, one.date, one.modalities, one.series_count, one.instance_count)
    return found


def test_the_web_service_gives_the_rows_that_dimse_gives(archive: Peer, secrets: Secrets) -> None:
    assert not archive.node.uses_web
    by_dimse = told(find_at(archive.node, ALL))
    assert by_dimse
    assert told(find_at(by_web(archive), ALL, secrets=secrets)) == by_dimse


def test_a_limit_is_kept_and_told(archive: Peer, secrets: Secrets) -> None:
    report = FindReport()
    assert len(list(find_at(by_web(archive), ALL, secrets=secrets, limit=1, report=report))) == 1
    assert report.more


def test_series_and_images_are_counted_by_asking(archive: Peer, secrets: Secrets) -> None:
    """G11."""
    for study in told(find_at(archive.node, ALL)):
        counted = count_at(by_web(archive), study, secrets=secrets)
        assert counted == count_at(archive.node, study)


@pytest.mark.parametrize("password", ["", "wrong"])
def test_what_the_user_has_to_give_is_told_apart_from_faults(archive: Peer, password: str) -> None:
    kept = Secrets(use_keyring=False)
    if password:
        kept.put(archive.node.name, "password", password)
    with pytest.raises(UserNeeded) as caught:
        list(find_at(by_web(archive), ALL, secrets=kept))
    assert caught.value.what == "password"
    assert str(caught.value).startswith(f"The password for {archive.node.name} is needed")
    assert ("not accepted" in str(caught.value)) == bool(password)
