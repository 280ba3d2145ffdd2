"""How far a conversation gets, told step by step (G1, G13, G17, G22)."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.network.certificates import Authority, authority
from tests.network.peers import LOOPBACK, Peer, free_port, node, storescp
from workstation.network.doctor import echo, examine
from workstation.network.failures import NetworkFailure, Step
from workstation.network.nodes import Node, Tls


@pytest.fixture(scope="module")
def server(dcmtk: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peer]:
    with storescp(dcmtk, tmp_path_factory.mktemp("storescp")) as peer:
        yield peer


@pytest.fixture(scope="module")
def trusted(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def secured(dcmtk: Path, trusted: Authority, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peer]:
    folder = tmp_path_factory.mktemp("secured")
    with storescp(dcmtk, folder, tls=trusted.issue(folder, "server")) as peer:
        yield peer


def failed(peer: Node) -> tuple[Step, str]:
    """Return the step that failed and its cause; all steps before it were good, none after it was reached."""
    findings = list(examine(peer))
    bad = [finding for finding in findings if finding.good is False]
    assert len(bad) == 1
    place = findings.index(bad[0])
    assert all(finding.good for finding in findings[:place])
    assert all(finding.good is None for finding in findings[place + 1 :])
    assert bad[0].sentence.endswith(".")
    return bad[0].step, bad[0].cause


def test_a_server_that_answers_passes_every_step(server: Peer) -> None:
    """G1."""
    assert [(finding.step, finding.good) for finding in examine(server.node)] == [
        (step, True) for step in (Step.ADDRESS, Step.CONNECT, Step.ASSOCIATION, Step.TITLE, Step.SERVICE)
    ]


def test_an_unknown_name_is_told(server: Peer) -> None:
    assert failed(replace(server.node, host="no-such-host.invalid")) == (Step.ADDRESS, "name")


def test_a_closed_port_is_told(server: Peer) -> None:
    assert failed(replace(server.node, port=free_port())) == (Step.CONNECT, "refused")


def test_a_server_that_says_nothing_is_told() -> None:
    with socket.create_server((LOOPBACK, 0)) as silent:
        peer = node("SILENT", silent.getsockname()[1], answer_timeout=0.3)
        assert failed(peer) == (Step.ASSOCIATION, "timeout")


def test_a_server_of_another_kind_is_told() -> None:
    with socket.create_server((LOOPBACK, 0)) as listener:

        def serve() -> None:
            for _ in range(2):
                connection, _address = listener.accept()
                with connection:
                    connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        thread = threading.Thread(target=serve)
        thread.start()
        assert failed(node("WEB", listener.getsockname()[1]))[0] is Step.ASSOCIATION
        thread.join()


def test_a_wrong_title_is_told(dcmtk: Path, tmp_path: Path) -> None:
    """G13: dcmqrscp refuses a title it does not have."""
    from tests.network.peers import dcmqrscp

    with dcmqrscp(dcmtk, tmp_path / "qr") as archive:
        assert failed(replace(archive.node, ae_title="OTHER")) == (Step.TITLE, "called_title")
        assert echo(archive.node) < 5


def test_a_secure_server_passes_with_a_certificate_of_ours(secured: Peer, trusted: Authority, tmp_path: Path) -> None:
    """G17."""
    ours = trusted.issue(tmp_path, "client")
    findings = list(examine(replace(secured.node, tls=ours)))
    assert [finding.good for finding in findings] == [True] * 6


def test_a_server_that_wants_our_certificate_says_so(secured: Peer, trusted: Authority) -> None:
    assert failed(replace(secured.node, tls=Tls(authorities=str(trusted.pem)))) == (Step.TLS, "client_certificate")


def test_an_authority_that_is_not_trusted_is_told(secured: Peer, tmp_path: Path) -> None:
    other = authority(tmp_path, "other")
    assert failed(replace(secured.node, tls=other.issue(tmp_path, "client"))) == (Step.TLS, "unknown_authority")
    assert failed(replace(secured.node, tls=Tls())) == (Step.TLS, "unknown_authority")


def test_a_plain_greeting_to_a_secure_port_is_told(secured: Peer) -> None:
    step, cause = failed(replace(secured.node, answer_timeout=2.0))
    assert step is Step.ASSOCIATION
    assert cause in ("aborted", "timeout")


def test_a_secure_greeting_to_a_plain_port_is_told(server: Peer, trusted: Authority) -> None:
    step, _cause = failed(replace(server.node, tls=Tls(authorities=str(trusted.pem)), connect_timeout=1.0))
    assert step is Step.TLS


@pytest.mark.parametrize(
    ("fault", "cause"),
    [
        ({"start": -20, "end": -10}, "expired"),
        ({"start": 10}, "not_yet_valid"),
        ({"host": "archive.example"}, "wrong_name"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_fault_of_a_certificate_has_its_words(
    dcmtk: Path, trusted: Authority, tmp_path: Path, fault: dict[str, int], cause: str
) -> None:
    """G17."""
    theirs = trusted.issue(tmp_path, "server", **fault)  # type: ignore[arg-type]
    with storescp(dcmtk, tmp_path / "scp", "-ic", tls=theirs) as peer:
        assert failed(replace(peer.node, tls=trusted.issue(tmp_path, "client"))) == (Step.TLS, cause)


def test_a_certificate_accepted_by_hand_is_the_only_one_taken(
    dcmtk: Path, secured: Peer, trusted: Authority, tmp_path: Path
) -> None:
    """G17: pinning is explicit."""
    import hashlib
    import ssl

    ours = trusted.issue(tmp_path, "client")
    pem = (secured.folder / "server.crt").read_text()
    pin = hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest()
    echo(replace(secured.node, tls=replace(ours, authorities="", pinned=pin)))
    with pytest.raises(NetworkFailure) as caught:
        echo(replace(secured.node, tls=replace(ours, authorities="", pinned="00" * 32)))
    assert caught.value.cause == "pinned"


def test_an_echo_ends_when_it_is_stopped() -> None:
    """G1: nothing waits longer than the user."""
    stop = threading.Event()
    with socket.create_server((LOOPBACK, 0)) as silent:
        threading.Timer(0.2, stop.set).start()
        with pytest.raises(NetworkFailure):
            echo(node("SILENT", silent.getsockname()[1], answer_timeout=1.0), stop=stop)
