"""Sending as a job: each object once, over pauses and refusals (G10, G16, G20)."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.network.peers import node
from workstation.dicom.identity import Locator
from workstation.errors import WorkstationError
from workstation.network.commitments import Commitments
from workstation.network.failures import Cancelled, NetworkFailure
from workstation.network.nodes import Node
from workstation.network.progress import Progress
from workstation.phantoms.demo import write_demo
from workstation.transfers.send_job import send_job, send_parameters
from workstation.transfers.sent_ledger import SentLedger

TOKEN = "ab" * 16


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> list[Locator]:
    folder = tmp_path_factory.mktemp("demo")
    write_demo(folder)
    return [Locator(str(path)) for path in sorted(folder.rglob("*")) if path.is_file()][:6]


class Taking:
    """A storage server that counts; ``refuse`` are the numbers of requests it refuses."""

    def __init__(self) -> None:
        self.stored: list[str] = []
        self.refuse: set[int] = set()
        self.asked = 0


@contextmanager
def taking(state: Taking, *, commits: bool = False) -> Iterator[Node]:
    from pynetdicom import AE, StoragePresentationContexts, evt
    from pynetdicom.events import Event
    from pynetdicom.sop_class import StorageCommitmentPushModel  # type: ignore[attr-defined]

    def on_store(event: Event) -> int:
        state.stored.append(str(event.request.AffectedSOPInstanceUID))
        return 0xA700 if len(state.stored) in state.refuse else 0x0000

    def on_action(event: Event) -> tuple[int, None]:
        state.asked += len(event.action_information.ReferencedSOPSequence)
        return 0x0000, None

    entity = AE("TAKING")
    for context in StoragePresentationContexts:
        entity.add_supported_context(context.abstract_syntax, ["1.2.840.10008.1.2.1", "1.2.840.10008.1.2"])
    if commits:
        entity.add_supported_context(StorageCommitmentPushModel)
    handlers = [(evt.EVT_C_STORE, on_store), (evt.EVT_N_ACTION, on_action)]
    server = entity.start_server(("127.0.0.1", 0), block=False, evt_handlers=handlers)
    assert server is not None
    try:
        yield node("TAKING", server.server_address[1])
    finally:
        server.shutdown()


def run(peer: Node, parameters: dict[str, object], folder: Path, book: Commitments | None = None) -> list[Progress]:
    return list(send_job(peer, parameters, threading.Event(), folder=folder, book=book))


def test_a_second_run_sends_only_what_was_refused(places: list[Locator], tmp_path: Path) -> None:
    """G20."""
    state = Taking()
    state.refuse = {2, 5}
    with taking(state) as peer:
        parameters = send_parameters(peer.name, places, consent="lossless", commit=False)
        first = run(peer, parameters, tmp_path)
        refused = {state.stored[1], state.stored[4]}
        assert (first[-1].done, first[-1].failed, first[-1].total) == (4, 2, 6)
        state.stored.clear()
        state.refuse = set()
        second = run(peer, parameters, tmp_path)
    assert set(state.stored) == refused
    assert (second[-1].done, second[-1].skipped, second[-1].total, second[-1].failed) == (2, 4, 6, 0)
    assert not list(tmp_path.glob("*.jsonl"))


def test_a_job_that_was_stopped_goes_on_where_it_was(places: list[Locator], tmp_path: Path) -> None:
    """G20: a pause costs nothing that was taken."""
    state, stop = Taking(), threading.Event()
    with taking(state) as peer:
        parameters = send_parameters(peer.name, places, consent="lossless", commit=False)
        running = send_job(peer, parameters, stop, folder=tmp_path)
        while next(running).done < 3:
            pass
        stop.set()
        with pytest.raises(Cancelled):
            list(running)
        taken = set(state.stored[:3])
        state.stored.clear()
        run(peer, parameters, tmp_path)
    assert not taken & set(state.stored)
    assert len(taken | set(state.stored)) == 6


def test_commitment_is_asked_once_for_all_that_was_taken(places: list[Locator], tmp_path: Path) -> None:
    """G16: what is asked for is pending until the node reports."""
    state, book = Taking(), Commitments(tmp_path / "commitments.json")
    with taking(state, commits=True) as peer:
        parameters = send_parameters(peer.name, places, consent="lossless", commit=True)
        last = run(peer, parameters, tmp_path / "ledgers", book)[-1]
    assert state.asked == 6
    assert "6 objects; its report comes later" in last.sentence
    (pending,) = book.pending()
    assert len(pending.references) == 6


def test_a_node_without_commitment_costs_a_warning_and_no_object(places: list[Locator], tmp_path: Path) -> None:
    """G16: sent is sent."""
    state, book = Taking(), Commitments(tmp_path / "commitments.json")
    with taking(state) as peer:
        parameters = send_parameters(peer.name, places, consent="lossless", commit=True)
        last = run(peer, parameters, tmp_path / "ledgers", book)[-1]
    assert (last.done, last.failed, last.warnings) == (6, 0, 1)
    assert "could not be asked for" in last.sentence
    assert book.pending() == ()


def test_a_file_that_is_gone_is_a_fault_of_its_own(places: list[Locator], tmp_path: Path) -> None:
    state = Taking()
    with taking(state) as peer:
        some = [*places[:2], Locator(str(tmp_path / "gone.dcm"))]
        parameters = send_parameters(peer.name, some, consent="lossless", commit=False)
        progress = run(peer, parameters, tmp_path / "ledgers")
    assert (progress[-1].done, progress[-1].failed, progress[-1].total) == (2, 1, 3)


def test_nothing_is_written_down_where_nobody_listens(places: list[Locator], tmp_path: Path) -> None:
    from tests.network.peers import free_port

    peer = node("GONE", free_port(), connect_timeout=2.0)
    parameters = send_parameters(peer.name, places, consent="lossless", commit=False)
    with pytest.raises(NetworkFailure):
        run(peer, parameters, tmp_path)
    assert not list(tmp_path.glob("*.jsonl"))


def test_a_torn_line_of_the_ledger_costs_one_object(tmp_path: Path) -> None:
    with SentLedger(TOKEN, tmp_path) as ledger:
        ledger.take("/a", "1.2", "1.2.1")
        ledger.take("/b", "1.2", "1.2.2")
    path = tmp_path / f"{TOKEN}.jsonl"
    path.write_bytes(path.read_bytes()[:-9])
    with SentLedger(TOKEN, tmp_path) as ledger:
        assert (ledger.has("/a"), ledger.has("/b")) == (True, False)
        ledger.take("/c", "1.2", "1.2.3")
    with SentLedger(TOKEN, tmp_path) as ledger:
        assert ledger.has("/c")
        assert ledger.unasked == (("1.2", "1.2.1"), ("1.2", "1.2.3"))


def test_a_token_never_becomes_another_path(tmp_path: Path) -> None:
    """A24."""
    with pytest.raises(WorkstationError):
        SentLedger("../../etc/passwd", tmp_path)


def test_a_web_service_gets_each_file_once(places: list[Locator], tmp_path: Path, orthanc_program: Path) -> None:
    """G10, G18: STOW-RS to Orthanc; a second run sends nothing, another sends the rest."""
    from dataclasses import replace

    from tests.network.peers import orthanc
    from workstation.network.secrets import Secrets
    from workstation.transfers.web_send_job import web_send_job

    with orthanc(tmp_path / "peer", worklist=False) as server:
        peer = replace(server.node, host="")
        parameters = send_parameters(peer.name, [*places, Locator("a.zip", "b.dcm")], consent="as_is", commit=False)
        runs = [
            list(web_send_job(peer, parameters, threading.Event(), Secrets(use_keyring=False), folder=tmp_path / "l"))
            for _ in range(2)
        ]
    first, second = (run[-1] for run in runs)
    assert (first.done, first.failed, first.skipped, first.total) == (6, 1, 0, 7)
    assert (second.done, second.failed, second.skipped, second.total) == (0, 1, 6, 7)
