"""What a peer may answer, and what becomes of the rest when it dies (G10, G23)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pydicom
import pytest
from pydicom.data import get_testdata_file
from pynetdicom import AE, evt
from pynetdicom.dimse_primitives import C_STORE

from tests.network.peers import LOOPBACK, free_port, node, running
from tests.network.test_sending import outcomes, received
from workstation.network import sending
from workstation.network.failures import Cancelled, NetworkFailure
from workstation.network.nodes import Node
from workstation.network.sending import send

CT = Path(str(get_testdata_file("CT_small.dcm")))


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "FIRST_PAUSE", 0.01)


@pytest.fixture
def copies(tmp_path: Path) -> list[Path]:
    """Six objects of one series."""
    made = []
    for number in range(6):
        ds = pydicom.dcmread(CT)
        ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = f"1.2.3.{number + 1}"
        made.append(tmp_path / f"{number}.dcm")
        ds.save_as(made[-1])
    return made


@contextmanager
def playing(handler: Callable[[Any], int | pydicom.Dataset], **more: object) -> Iterator[Node]:
    """Have a storage provider that answers each object as ``handler`` does."""
    entity = AE("PLAYED")
    ct = pydicom.dcmread(CT)
    entity.add_supported_context(ct.SOPClassUID, ct.file_meta.TransferSyntaxUID)
    server = entity.start_server((LOOPBACK, 0), block=False, evt_handlers=[(evt.EVT_C_STORE, handler)])
    assert server is not None
    try:
        yield node("PLAYED", server.server_address[1], **more)
    finally:
        server.shutdown()
        for association in entity.active_associations:
            association.abort()


@pytest.fixture(scope="module")
def answering() -> Iterator[tuple[Node, list[int]]]:
    """A provider that answers with the last of the codes."""
    codes: list[int] = []

    def answer(_event: Any) -> pydicom.Dataset:
        told = pydicom.Dataset()
        told.Status = codes[-1]
        if codes[-1] >= 0xC000:
            told.ErrorComment = "Rows\x1b missing"
        return told

    with playing(answer) as peer:
        yield peer, codes


@pytest.mark.parametrize(
    ("code", "kind", "words"),
    [
        (0x0000, "done", ""),
        (0xB000, "warning", "changed some elements"),
        (0xB006, "warning", "left out some elements"),
        (0xB007, "warning", "does not fit its SOP Class"),
        (0xA700, "failed", "no room"),
        (0xA7AB, "failed", "no room"),
        (0xA900, "failed", "does not fit its SOP Class"),
        (0xC000, "failed", "could not understand"),
        (0xC123, "failed", "could not understand"),
        (0x0117, "failed", "UID is not a valid one"),
        (0x0122, "failed", "does not support this SOP Class"),
        (0x0124, "failed", "not authorised"),
    ],
)
def test_each_status_has_its_words(answering: tuple[Node, list[int]], code: int, kind: str, words: str) -> None:
    """G10."""
    peer, codes = answering
    codes.append(code)
    steps = list(send(peer, [CT]))
    (outcome,) = outcomes(iter(steps))
    assert outcome.kind == kind
    assert words in outcome.sentence
    assert (steps[-1].done, steps[-1].warnings, steps[-1].failed) == (
        kind != "failed",
        kind == "warning",
        kind == "failed",
    )
    if code:
        assert f"(0x{code:04X})" in outcome.sentence
    if code >= 0xC000:
        assert "It says: Rows" in outcome.sentence
        assert "\x1b" not in outcome.sentence


def test_an_answer_without_a_status_is_asked_again(copies: list[Path]) -> None:
    asked: list[str] = []

    def answer(event: Any) -> int:
        asked.append(str(event.request.AffectedSOPInstanceUID))
        if len(asked) == 2:
            empty = C_STORE()
            empty.MessageIDBeingRespondedTo = event.request.MessageID
            empty.AffectedSOPClassUID = event.request.AffectedSOPClassUID
            empty.AffectedSOPInstanceUID = event.request.AffectedSOPInstanceUID
            event.assoc.dimse.send_msg(empty, event.context.context_id)
        return 0x0000

    with playing(answer) as peer:
        told = outcomes(send(peer, copies[:3]))
    assert [one.kind for one in told] == ["done"] * 3
    assert asked == ["1.2.3.1", "1.2.3.2", "1.2.3.2", "1.2.3.3"]


def test_an_object_that_ends_every_association_is_left_out(copies: list[Path]) -> None:
    def answer(event: Any) -> int:
        if event.request.AffectedSOPInstanceUID == "1.2.3.2":
            event.assoc.abort()
        return 0x0000

    with playing(answer) as peer:
        told = outcomes(send(peer, copies[:3]))
    assert [one.kind for one in told] == ["done", "failed", "done"]
    assert told[1].sentence.startswith("Not sent: ")


def test_a_peer_that_does_not_answer_is_told(copies: list[Path]) -> None:
    """G19."""
    over = threading.Event()

    def answer(_event: Any) -> int:
        over.wait(10)
        return 0x0000

    with playing(answer, answer_timeout=0.2) as peer:
        told = outcomes(send(peer, copies[:1], retries=0))
        over.set()
    assert [one.kind for one in told] == ["failed"]
    assert "did not answer within 0.2 s" in told[0].sentence


def test_a_stop_does_not_wait_for_an_answer(copies: list[Path]) -> None:
    stop, over = threading.Event(), threading.Event()

    def answer(_event: Any) -> int:
        stop.set()
        over.wait(10)
        return 0x0000

    with playing(answer) as peer:
        with pytest.raises(Cancelled):
            list(send(peer, copies, stop=stop))
        over.set()


def test_a_peer_that_dies_gets_the_rest_when_it_is_back_and_nothing_twice(
    dcmtk: Path, tmp_path: Path, copies: list[Path]
) -> None:
    """G10: a broken association is opened again for what was not answered for."""
    folder, port = tmp_path / "scp", free_port()
    (folder / "got").mkdir(parents=True)
    command = [dcmtk / "storescp", "-aet", "STORESCP", "-od", "got", "+xa", "+uf", str(port)]
    done: list[str] = []
    with running(command, folder, node("STORESCP", port)) as first:
        steps = send(first.node, copies)
        for step in steps:
            if step.outcome:
                done.append(step.outcome.sop_instance_uid)
            if len(done) == 3:
                break
        first.process.kill()
        first.process.wait()
    before = {path.name: path.stat().st_mtime_ns for path in (folder / "got").iterdir()}
    sentence = next(steps).sentence
    assert "Trying again" in sentence
    with running(command, folder, node("STORESCP", port)) as again:
        done += [one.outcome.sop_instance_uid for one in steps if one.outcome and one.outcome.kind == "done"]
        assert done == [f"1.2.3.{number + 1}" for number in range(6)]
        assert sorted(received(again)) == done
    after = {path.name: path.stat().st_mtime_ns for path in (folder / "got").iterdir()}
    assert len(after) == 6
    assert all(after[name] == when for name, when in before.items())


def test_a_peer_that_stays_away_leaves_an_outcome_for_all(copies: list[Path]) -> None:
    with playing(lambda _event: 0x0000) as peer:
        steps = send(peer, copies, retries=1)
        told = [next(step.outcome for step in steps if step.outcome)]
    told += outcomes(steps)
    assert [one.kind for one in told] == ["done"] + ["failed"] * 5
    assert all("Not sent" in one.sentence for one in told[1:])


def test_a_title_that_is_refused_is_told_at_once(copies: list[Path]) -> None:
    entity = AE("PLAYED")
    entity.require_called_aet = True
    entity.add_supported_context(pydicom.dcmread(CT).SOPClassUID)
    server = entity.start_server((LOOPBACK, 0), block=False)
    assert server is not None
    try:
        with pytest.raises(NetworkFailure) as caught:
            list(send(node("OTHER", server.server_address[1]), copies))
    finally:
        server.shutdown()
    assert caught.value.cause == "called_title"
