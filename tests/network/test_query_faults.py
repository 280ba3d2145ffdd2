"""Servers that refuse, tire, leave or say odd things while they answer (G6, G7, G11, G23)."""

from __future__ import annotations

import struct
import threading
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from pydicom.dataset import Dataset

from tests.network.find_scp import Answers, Stage, stage, study
from tests.network.peers import node
from workstation.network import find_service
from workstation.network.answers import StudyAnswer, answer, settle
from workstation.network.failures import NetworkFailure
from workstation.network.nodes import Node
from workstation.network.query import FindReport, Query, find

ALL = Query(everything=True)


@pytest.fixture(scope="module")
def server() -> Iterator[Stage]:
    with stage() as running:
        yield running


def all_before_failure(peer: Node, second: threading.Event | None = None) -> tuple[int, NetworkFailure]:
    """Return how many answers came before the failure that has to come; ``second`` is set by the second of them."""
    count = 0
    try:
        for _ in find(peer, ALL):
            count += 1
            if second is not None and count == 2:
                second.set()
    except NetworkFailure as failure:
        return count, failure
    raise AssertionError("nothing failed")


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (0xA700, "ask for less"),
        (0xA900, "Try the other root"),
        (0xC123, "could not process"),
        (0x0122, "does not support this SOP Class"),
        (0x0124, "not authorised"),
    ],
)
def test_each_failure_has_its_words_and_costs_no_answer(server: Stage, code: int, said: str) -> None:
    """G7: what came before it stays."""

    def answers(event: Any) -> Answers:
        yield 0xFF00, study(1)
        yield code, None

    count, failure = all_before_failure(server.play(answers))
    assert (count, failure.cause) == (1, "status")
    assert said in str(failure)
    assert f"0x{code:04X}" in failure.sentence


def test_the_servers_own_words_are_told_without_what_could_be_markup(server: Stage) -> None:
    def answers(event: Any) -> Answers:
        status = Dataset()
        status.Status, status.ErrorComment = 0xA900, "no \x1b[31mStudy Root"
        yield status, None

    _, failure = all_before_failure(server.play(answers))
    assert 'It says: "no [31mStudy Root".' in failure.sentence


def test_keys_that_are_not_supported_are_a_hint(server: Stage) -> None:
    """G7: FF01."""

    def answers(event: Any) -> Answers:
        yield 0xFF01, study(1)
        yield 0xFF01, study(2)

    report = FindReport()
    peer = server.play(answers)
    assert len(list(find(peer, ALL, report=report))) == 2
    assert list(report.hints) == [find_service.LEFT_OUT]


def test_what_is_asked_for_but_not_told_is_kept_and_doubted(server: Stage) -> None:
    """G4, G5: absent in the answer is blank, not an error."""

    def answers(event: Any) -> Answers:
        yield 0xFF00, study(1)
        yield 0xFF00, study(2, InstitutionName="Elsewhere")

    report = FindReport()
    peer = server.play(answers)
    rows = list(find(peer, Query(keys=(("InstitutionName", "Here*"),)), report=report))
    assert [row.uid for row in rows if isinstance(row, StudyAnswer)] == ["1.2.3.1"]
    assert report.dropped == 1
    assert "does not tell InstitutionName" in report.sentence


def test_empty_is_no_value_where_every_server_knows_the_key(server: Stage) -> None:
    def answers(event: Any) -> Answers:
        yield 0xFF00, study(1, StudyDate="")

    peer = server.play(answers)
    assert list(find(peer, Query(keys=(("StudyDate", "20240101-"),)))) == []


def endless(heard: threading.Event) -> Any:
    """Return a server that never ends by itself; ``heard`` is set when a C-CANCEL arrives."""

    def answers(event: Any) -> Answers:
        number = 0
        while True:
            if event.is_cancelled:
                heard.set()
                yield 0xFE00, None
                return
            number += 1
            yield 0xFF00, study(number)

    return answers


def test_a_stop_is_a_cancel_and_what_came_is_kept(server: Stage) -> None:
    """G7: C-CANCEL, no abort."""
    heard, stop, report = threading.Event(), threading.Event(), FindReport()
    rows = []
    peer = server.play(endless(heard))
    for row in find(peer, ALL, limit=0, stop=stop, report=report):
        rows.append(row)
        if len(rows) == 5:
            stop.set()
    assert heard.is_set()
    assert len(rows) >= 5
    assert report.stopped
    assert f"Stopped after {len(rows)}" in report.sentence


def test_a_limit_is_a_cancel(server: Stage) -> None:
    heard, report = threading.Event(), FindReport()
    peer = server.play(endless(heard))
    assert len(list(find(peer, ALL, limit=3, report=report))) == 3
    assert heard.is_set()
    assert report.more


def test_answers_that_never_fit_come_to_an_end(server: Stage) -> None:
    heard, report = threading.Event(), FindReport()
    peer = server.play(endless(heard))
    assert list(find(peer, Query(keys=(("PatientID", "none"),)), limit=2, report=report)) == []
    assert heard.is_set()
    assert report.more
    assert report.dropped == report.received


def test_a_cancel_that_is_not_heeded_ends_all_the_same(server: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """G19: nobody waits for a server longer than said."""
    monkeypatch.setattr(find_service, "GRACE", 0.2)
    over = threading.Event()

    def answers(event: Any) -> Answers:
        yield 0xFF00, study(1)
        yield 0xFF00, study(2)
        over.wait(10)

    report = FindReport()
    peer = server.play(answers)
    assert len(list(find(peer, ALL, limit=1, report=report))) == 1
    over.set()
    assert report.more


@pytest.mark.parametrize("how", ["abort", "close"])
def test_a_server_that_leaves_midway_costs_no_answer(server: Stage, how: str) -> None:
    """G23: partial results are kept."""
    arrived = threading.Event()

    def answers(event: Any) -> Answers:
        yield 0xFF00, study(1)
        yield 0xFF00, study(2)
        assert arrived.wait(5)
        if how == "abort":
            event.assoc.abort()
        else:
            event.assoc.dul.socket.close()
        yield 0xFF00, study(3)

    count, failure = all_before_failure(server.play(answers), arrived)
    assert count == 2
    assert failure.cause in ("aborted", "broken")


def test_a_server_that_falls_silent_is_told(server: Stage) -> None:
    """G19."""
    over = threading.Event()

    def answers(event: Any) -> Answers:
        yield 0xFF00, study(1)
        over.wait(10)

    count, failure = all_before_failure(server.play(answers, answer_timeout=0.3))
    over.set()
    assert (count, failure.cause) == (1, "aborted")


def in_bytes(number: int, name: bytes, character_set: str = "") -> Dataset:
    """Return an answer with a name of these very bytes."""
    ds = study(number)
    if character_set:
        ds.SpecificCharacterSet = character_set
    ds.add_new(0x00100010, "UN", name)  # written as it is; in Implicit VR nobody sees what it was called
    return ds


@pytest.mark.parametrize(
    ("name", "declared", "node_says", "read"),
    [
        ("Müller^Jürgen".encode("latin-1"), "ISO_IR 100", "ISO_IR 192", "Müller^Jürgen"),
        ("Müller^Jürgen".encode(), "ISO_IR 192", "ISO_IR 100", "Müller^Jürgen"),
        ("Иванов^Иван".encode("iso8859-5"), "", "ISO_IR 144", "Иванов^Иван"),
        ("Müller^Jürgen".encode("latin-1"), "", "", "Müller^Jürgen"),
        ("Müller^Jürgen".encode(), "", "", "Müller^Jürgen"),
        ("王^小东".encode("gb18030"), "", "GB18030", "王^小东"),
        ("=山田^太郎".encode("iso2022_jp"), "", "\\ISO 2022 IR 87", "=山田^太郎"),
        ("Müller^Jürgen".encode(), "ISO_IR 999", "", "Müller^Jürgen"),
    ],
)
def test_text_is_read_as_the_answer_says_else_as_the_node_says_else_as_it_looks(
    server: Stage, name: bytes, declared: str, node_says: str, read: str
) -> None:
    """G6."""

    def answers(event: Any) -> Answers:
        yield 0xFF00, in_bytes(1, name, declared)

    peer = server.play(answers, character_set=node_says)
    (row,) = find(peer, ALL)
    assert isinstance(row, StudyAnswer)
    assert row.name == read
    assert "".join(row.model["00100010"]["Value"][0].values()) == read.replace("=", "")


def test_the_request_names_its_character_set_where_one_is_needed(server: Stage) -> None:
    """G6."""
    asked: list[tuple[str, str]] = []

    def answers(event: Any) -> Answers:
        asked.append((event.identifier.get("SpecificCharacterSet", ""), str(event.identifier.PatientName)))
        yield 0x0000, None

    peer = server.play(answers)
    for name in ("Doe*", "Müller*", "山田*"):
        list(find(peer, Query(keys=(("PatientName", name),))))
    assert asked == [("", "Doe*"), ("ISO_IR 100", "Müller*"), ("ISO_IR 192", "山田*")]


def test_several_modalities_are_asked_for_one_by_one_and_each_study_comes_once(server: Stage) -> None:
    """Lists are for UIDs alone (PS3.4 C.2.2.2.2)."""
    asked: list[str] = []

    def answers(event: Any) -> Answers:
        asked.append(event.identifier.ModalitiesInStudy)
        yield 0xFF00, study(1, ModalitiesInStudy=["CT", "MR"])
        yield 0xFF00, study(len(asked) + 1, ModalitiesInStudy=asked[-1])

    peer = server.play(answers)
    rows = list(find(peer, Query(keys=(("Modality", "CT\\MR"),))))
    assert asked == ["CT", "MR"]
    assert [row.uid for row in rows if isinstance(row, StudyAnswer)] == ["1.2.3.1", "1.2.3.2", "1.2.3.3"]


def test_odd_counts_are_not_believed(server: Stage) -> None:
    """G11."""

    def answers(event: Any) -> Answers:
        yield 0xFF00, study(1, NumberOfStudyRelatedSeries=-1, NumberOfStudyRelatedInstances=0)

    peer = server.play(answers)
    (row,) = find(peer, ALL)
    assert isinstance(row, StudyAnswer)
    assert (row.series_count, row.instance_count) == (None, 0)


def test_a_sequence_that_cannot_be_read_costs_no_other_element() -> None:
    from pynetdicom.dsutils import decode

    def element(group: int, number: int, value: bytes) -> bytes:
        return struct.pack("<HHL", group, number, len(value)) + value

    name = "Müller".encode("latin-1")
    encoded = element(8, 0x1110, b"no items here!") + element(0x10, 0x10, name) + element(0x20, 0x1206, b"many")
    ds = decode(BytesIO(encoded), True, True)
    peer = node("PLAYED", 1)
    settle(ds, peer)
    row = answer("STUDY", ds, peer, ("PatientName", "NumberOfStudyRelatedSeries"))
    assert isinstance(row, StudyAnswer)
    assert (row.name, row.series_count) == ("Müller", None)
    assert set(row.model) == {"00081110", "00100010", "00201206"}


def test_an_answer_that_is_no_data_set_is_counted_once(server: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    from pynetdicom import association

    real, calls = association.decode, iter((False, True, False))

    def decode(*arguments: Any) -> Dataset:
        if next(calls):
            raise ValueError("no data set")
        return real(*arguments)  # type: ignore[no-any-return]

    monkeypatch.setattr(association, "decode", decode)

    def answers(event: Any) -> Answers:
        for number in range(3):
            yield 0xFF00, study(number)

    report = FindReport()
    assert len(list(find(server.play(answers), ALL, report=report))) == 2
    assert (report.received, report.unreadable) == (3, 1)
