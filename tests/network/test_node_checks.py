"""The second check of a node, and the look at its certificate (G17, G22)."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.x509 import load_pem_x509_certificate

from tests.network.archive_content import push, write_archive
from tests.network.certificates import authority
from tests.network.peers import Peer, dcmqrscp, free_port, node, storescp
from workstation.network.certificate_look import look_at_certificate
from workstation.network.failures import Cancelled, NetworkFailure, Step
from workstation.network.find_check import check_find
from workstation.network.nodes import Node, Tls


@pytest.fixture(scope="module")
def archive(dcmtk: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peer]:
    files = tmp_path_factory.mktemp("content") / "files"
    write_archive(files)
    with dcmqrscp(dcmtk, tmp_path_factory.mktemp("qrscp")) as server:
        push(dcmtk, server, files)
        yield server


@pytest.fixture(scope="module")
def empty(dcmtk: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peer]:
    with dcmqrscp(dcmtk, tmp_path_factory.mktemp("empty")) as server:
        yield server


def found(to: Node, patient_id: str = "") -> tuple[bool | None, str, str]:
    (finding,) = check_find(to, patient_id=patient_id)
    return finding.good, finding.cause, finding.sentence


def test_an_archive_with_studies_finds_some(archive: Peer) -> None:
    """G22."""
    assert found(archive.node)[0] is True
    good, _cause, sentence = found(archive.node, "M1")
    assert good is True
    assert "a study" in sentence
    assert "M1" not in sentence


def test_no_study_is_told_from_no_answer(archive: Peer, empty: Peer) -> None:
    """G22: each has a sentence of its own."""
    assert found(archive.node, "NOBODY")[:2] == (False, "empty")
    assert found(empty.node)[:2] == (False, "empty")
    assert found(node("ARCHIVE", free_port()))[:2] == (False, "refused")


def test_a_server_without_the_service_says_so(dcmtk: Path, tmp_path: Path) -> None:
    with storescp(dcmtk, tmp_path) as peer:
        assert found(peer.node)[:2] == (False, "no_context")


def test_a_check_that_is_stopped_tells_nothing(archive: Peer) -> None:
    stop = threading.Event()
    stop.set()
    with pytest.raises(Cancelled):
        list(check_find(archive.node, stop=stop))


def test_a_certificate_is_told_as_it_is_and_why_it_is_not_trusted(dcmtk: Path, tmp_path: Path) -> None:
    """G17: the fingerprint is that of the file the server was given."""
    known = authority(tmp_path)
    tls = known.issue(tmp_path, "server")
    pem = Path(tls.certificate).read_text()
    with storescp(dcmtk, tmp_path / "server", "-ic", tls=tls) as peer:
        stranger = look_at_certificate(replace(peer.node, tls=Tls()))
        friend = look_at_certificate(replace(peer.node, tls=Tls(authorities=str(known.pem))))
    from hashlib import sha256

    assert stranger.fingerprint == sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest()
    assert stranger.fault.endswith(".")
    assert friend.fault == ""
    certificate = load_pem_x509_certificate(pem.encode())
    assert friend.subject == certificate.subject.rfc4514_string()
    assert (friend.begins, friend.ends) == (certificate.not_valid_before_utc, certificate.not_valid_after_utc)


def test_a_server_without_tls_has_no_certificate_to_look_at(dcmtk: Path, tmp_path: Path) -> None:
    with storescp(dcmtk, tmp_path) as peer, pytest.raises(NetworkFailure) as caught:
        look_at_certificate(replace(peer.node, tls=Tls(), connect_timeout=2))
    assert caught.value.step is Step.TLS
