"""The check of a DICOMweb service tells the first step that fails and what to change (G1, G18, G22)."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.network.archive_content import push, write_archive
from tests.network.certificates import authority
from tests.network.peers import Peer, free_port, orthanc
from tests.network.played_web import Reply, played
from tests.network.tls_proxy import tls_in_front_of
from workstation.network.doctor import Finding
from workstation.network.failures import Cancelled, Step
from workstation.network.nodes import Node, Tls, Web
from workstation.network.secrets import Secrets
from workstation.network.web.check import check_web

STEPS = [Step.ADDRESS, Step.CONNECT, Step.HTTP, Step.SIGN_IN, Step.SERVICE]


@pytest.fixture(scope="module")
def archive(dcmtk: Path, orthanc_program: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peer]:
    folder = tmp_path_factory.mktemp("archive")
    write_archive(folder / "files")
    with orthanc(folder / "orthanc", user=("ada", "secret"), worklist=False) as server:
        push(dcmtk, server, folder / "files")
        yield server


def secrets(password: str = "secret") -> Secrets:
    kept = Secrets(use_keyring=False)
    if password:
        kept.put("orthanc", "password", password)
    return kept


def by_web(peer: Peer) -> Node:
    return replace(peer.node, host="")


def found(node: Node, kept: Secrets, patient_id: str = "") -> list[Finding]:
    return list(check_web(node, kept, patient_id=patient_id))


def marks(findings: list[Finding]) -> list[bool | None]:
    return [one.good for one in findings]


def test_a_service_that_works_passes_every_step(archive: Peer) -> None:
    told = found(by_web(archive), secrets())
    assert [one.step for one in told] == STEPS
    assert marks(told) == [True] * 5
    assert "accepts the user and the password" in told[3].sentence
    assert "studies" in told[4].sentence


def test_a_password_that_is_not_accepted_is_the_step_that_fails(archive: Peer) -> None:
    told = found(by_web(archive), secrets("wrong"))
    assert marks(told) == [True, True, True, False, None]
    assert (told[3].cause, told[3].step) == ("unauthorised", Step.SIGN_IN)
    assert "HTTP 401" in told[3].sentence


def test_without_the_password_nothing_is_asked(archive: Peer) -> None:
    told = found(by_web(archive), secrets(""))
    assert marks(told) == [True, True, None, False, None]
    assert "needs a password" in told[3].sentence


def test_a_patient_that_is_not_there_is_told(archive: Peer) -> None:
    told = found(by_web(archive), secrets(), "nobody has this")
    assert marks(told) == [True, True, True, True, False]
    assert "no study of this patient" in told[4].sentence


def test_a_root_without_a_service_says_what_a_root_looks_like(archive: Peer) -> None:
    assert archive.node.web is not None
    web = replace(archive.node.web, root=archive.node.web.root.replace("/dicom-web", "/nothing"))
    told = found(replace(by_web(archive), web=web), secrets())
    assert marks(told) == [True, True, True, None, False]
    assert "/dicom-web" in told[4].remedy


def test_nothing_that_listens_and_no_name_are_told_apart() -> None:
    gone = Node("gone", web=Web(f"http://127.0.0.1:{free_port()}/rs"), connect_timeout=2)
    assert marks(found(gone, secrets())) == [True, False, None, None, None]
    nowhere = Node("nowhere", web=Web("http://no-such-host.invalid/rs"), connect_timeout=2)
    assert marks(found(nowhere, secrets())) == [False, None, None, None, None]


def test_a_dicom_port_is_not_http(archive: Peer) -> None:
    web = Web(f"http://127.0.0.1:{archive.node.port}/rs")
    told = found(Node("port", web=web, connect_timeout=3, answer_timeout=3), secrets())
    assert marks(told) == [True, True, False, None, None]


def test_what_is_forbidden_is_explained() -> None:
    with played(lambda _request: Reply(403)) as server:
        told = found(server.node(), secrets())
    assert marks(told) == [True, True, True, False, None]
    assert "administrator" in told[3].remedy


def test_a_certificate_that_is_not_trusted_fails_in_its_own_step(archive: Peer, tmp_path: Path) -> None:
    """G17."""
    trusted = authority(tmp_path)
    assert archive.node.web is not None
    with tls_in_front_of(_http_port(archive), trusted.issue(tmp_path, "server")) as port:
        web = replace(archive.node.web, root=f"https://127.0.0.1:{port}/dicom-web")
        node = replace(by_web(archive), web=web)
        told = found(node, secrets())
        assert [one.step for one in told] == [Step.ADDRESS, Step.CONNECT, Step.TLS, *STEPS[2:]]
        assert marks(told) == [True, True, False, None, None, None]
        assert marks(found(replace(node, tls=Tls(authorities=str(trusted.pem))), secrets())) == [True] * 6


def test_a_check_that_is_stopped_tells_nothing_more(archive: Peer) -> None:
    stop = threading.Event()
    stop.set()
    with pytest.raises(Cancelled):
        list(check_web(by_web(archive), secrets(), stop=stop))


def _http_port(archive: Peer) -> int:
    assert archive.node.web is not None
    return int(archive.node.web.root.split(":")[2].split("/")[0])
