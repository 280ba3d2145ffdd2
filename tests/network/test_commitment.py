"""A node's word that it keeps what it was sent, on the same association or later (G16)."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pydicom
import pytest
from pydicom.data import get_testdata_file
from pynetdicom import AE, build_role, evt

from tests.network.peers import LOOPBACK, free_port, node, orthanc, storescp
from tests.network.test_sending import outcomes
from workstation.network.commitment import PUSH_MODEL, PUSH_MODEL_INSTANCE, ask, listening, report_from
from workstation.network.commitments import CommitmentError, Commitments, Report
from workstation.network.failures import NetworkFailure
from workstation.network.nodes import Node
from workstation.network.sending import send

FILES = [Path(str(get_testdata_file(name))) for name in ("CT_small.dcm", "MR_small.dcm")]
CT_CLASS = "1.2.840.10008.5.1.4.1.1.2"
ASKED = [(CT_CLASS, "1.2.3.1"), (CT_CLASS, "1.2.3.2")]


@pytest.fixture
def book(tmp_path: Path) -> Commitments:
    return Commitments(tmp_path / "commitments.json")


def event_information(uid: str, committed: list[str], failed: list[tuple[str, int]]) -> pydicom.Dataset:
    def item(sop_instance_uid: str, **more: int) -> pydicom.Dataset:
        ds = pydicom.Dataset()
        ds.ReferencedSOPClassUID, ds.ReferencedSOPInstanceUID = CT_CLASS, sop_instance_uid
        for keyword, value in more.items():
            setattr(ds, keyword, value)
        return ds

    ds = pydicom.Dataset()
    ds.TransactionUID = uid
    ds.ReferencedSOPSequence = [item(one) for one in committed]
    ds.FailedSOPSequence = [item(one, FailureReason=reason) for one, reason in failed]
    return ds


def test_orthanc_reports_on_an_association_of_its_own(orthanc_program: Path, tmp_path: Path, book: Commitments) -> None:
    """G16: an object it does not have fails with 0x0112."""
    port = free_port()
    with orthanc(tmp_path / "orthanc", destinations=[("WORKSTATION", port)], worklist=False) as peer:
        assert {one.kind for one in outcomes(send(peer.node, FILES))} == {"done"}
        read = [pydicom.dcmread(path, stop_before_pixels=True) for path in FILES]
        wanted = [(str(ds.SOPClassUID), str(ds.SOPInstanceUID)) for ds in read]
        with listening(peer.node, port, book) as arrived:
            asked = ask(peer.node, [*wanted, (wanted[0][0], "1.2.3.4.5")], book, wait=20, elsewhere=arrived)
    told = Commitments(book.path).transaction(asked.uid)
    assert told.state == "done"
    assert set(told.committed) == set(wanted)
    assert told.failed == ((wanted[0][0], "1.2.3.4.5", 0x0112),)
    assert book.committed() == {uid for _class, uid in wanted}
    assert book.pending() == ()


class Provider:
    """A provider of storage commitment that reports when it is told to."""

    def __init__(self, *, at_once: bool, status: int = 0x0000) -> None:
        self.at_once, self.status = at_once, status
        self.requests: list[pydicom.Dataset] = []
        self.answers: list[int] = []

    def on_action(self, event: Any) -> tuple[int, None]:
        self.requests.append(event.action_information)
        assert (event.action_type, event.request.RequestedSOPInstanceUID) == (1, PUSH_MODEL_INSTANCE)
        if self.at_once and self.status == 0:
            threading.Thread(target=self.report, args=(event.assoc,)).start()
        return self.status, None

    def report(self, association: Any, uid: str = "") -> None:
        told = event_information(uid or self.requests[0].TransactionUID, ["1.2.3.1"], [("1.2.3.2", 0x0112)])
        answer, _ = association.send_n_event_report(told, 2, PUSH_MODEL, PUSH_MODEL_INSTANCE)
        self.answers.append(answer.Status)

    def report_later(self, peer: Node, port: int, uid: str = "") -> None:
        entity = AE(peer.ae_title)
        entity.add_requested_context(PUSH_MODEL)
        role = build_role(PUSH_MODEL, scp_role=True)
        association = entity.associate(LOOPBACK, port, ae_title=peer.calling, ext_neg=[role])
        assert association.is_established
        self.report(association, uid)
        association.release()


@pytest.fixture
def provider() -> Iterator[tuple[Provider, Node]]:
    yield from _provider(Provider(at_once=False))


@pytest.fixture
def prompt_provider() -> Iterator[tuple[Provider, Node]]:
    yield from _provider(Provider(at_once=True))


def _provider(made: Provider) -> Iterator[tuple[Provider, Node]]:
    entity = AE("KEEPER")
    entity.add_supported_context(PUSH_MODEL)
    server = entity.start_server((LOOPBACK, 0), block=False, evt_handlers=[(evt.EVT_N_ACTION, made.on_action)])
    assert server is not None
    yield made, node("KEEPER", server.server_address[1])
    server.shutdown()


def test_a_report_on_the_same_association_is_taken(prompt_provider: tuple[Provider, Node], book: Commitments) -> None:
    made, peer = prompt_provider
    told = ask(peer, ASKED, book, wait=10)
    assert told.state == "done"
    assert [one[1] for one in told.committed] == ["1.2.3.1"]
    assert told.failed == ((CT_CLASS, "1.2.3.2", 0x0112),)
    assert [item.ReferencedSOPInstanceUID for item in made.requests[0].ReferencedSOPSequence] == ["1.2.3.1", "1.2.3.2"]


def test_a_report_that_comes_after_a_restart_finds_its_request(
    provider: tuple[Provider, Node], book: Commitments
) -> None:
    """G16: pending transactions survive; a report on a new association has its roles reversed."""
    made, peer = provider
    asked = ask(peer, ASKED, book, wait=0)
    assert asked.state == "pending"
    again, port = Commitments(book.path), free_port()
    assert [one.uid for one in again.pending()] == [asked.uid]
    with listening(peer, port, again) as arrived:
        made.report_later(peer, port)
        assert arrived.wait(5)
    assert made.answers == [0x0000]
    assert again.transaction(asked.uid).state == "done"
    assert again.pending() == ()


def test_a_report_nobody_asked_for_is_kept_apart(provider: tuple[Provider, Node], book: Commitments) -> None:
    made, peer = provider
    port = free_port()
    with listening(peer, port, book) as arrived:
        made.report_later(peer, port, "1.2.3.99")
        assert arrived.wait(5)
    assert [one.uid for one in book.orphans()] == ["1.2.3.99"]
    assert book.committed() == frozenset()


def test_others_may_not_report(provider: tuple[Provider, Node], book: Commitments) -> None:
    """A35."""
    _made, peer = provider
    port = free_port()
    with listening(peer, port, book):
        entity = AE("OTHER")
        entity.add_requested_context(PUSH_MODEL)
        assert entity.associate(LOOPBACK, port, ae_title=peer.calling).is_rejected


def test_a_node_without_the_service_says_so_and_nothing_is_pending(
    dcmtk: Path, tmp_path: Path, book: Commitments
) -> None:
    with storescp(dcmtk, tmp_path / "scp") as peer, pytest.raises(NetworkFailure) as caught:
        ask(peer.node, ASKED, book)
    assert caught.value.cause == "no_context"
    assert list(book) == []


def test_a_refused_request_is_told_and_forgotten(book: Commitments) -> None:
    for made, peer in _provider(Provider(at_once=False, status=0x0213)):
        with pytest.raises(NetworkFailure, match="no room"):
            ask(peer, ASKED, book)
        assert len(made.requests) == 1
    assert list(book) == []


def test_only_what_was_asked_for_and_did_not_fail_is_committed(book: Commitments) -> None:
    asked = book.begin("keeper", ASKED)
    report = event_information(asked.uid, ["1.2.3.1", "1.2.3.2", "9.9"], [("1.2.3.2", 0x0110)])
    assert report_from(report).transaction_uid == asked.uid
    told = book.settle(report_from(report))
    assert [one[1] for one in told.committed] == ["1.2.3.1"]
    assert book.settle(Report(asked.uid, tuple(ASKED))) == told


def test_what_a_report_leaves_out_is_not_committed(book: Commitments) -> None:
    asked = book.begin("keeper", ASKED)
    assert [one[1] for one in book.settle(Report(asked.uid, (ASKED[0],))).unanswered] == ["1.2.3.2"]


def test_a_file_that_cannot_be_read_is_not_written_over(book: Commitments) -> None:
    book.path.write_text("{")
    with pytest.raises(CommitmentError):
        book.begin("keeper", ASKED)
    assert book.path.read_text() == "{"


def test_several_programs_may_use_the_book(book: Commitments) -> None:
    threads = [threading.Thread(target=Commitments(book.path).begin, args=("keeper", ASKED)) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(book.pending()) == 8


def test_a_port_that_is_taken_is_told(provider: tuple[Provider, Node], book: Commitments) -> None:
    _made, peer = provider
    with pytest.raises(NetworkFailure, match="cannot be listened at"), listening(replace(peer), peer.port, book):
        raise AssertionError
