"""Whatever a stranger sends, the receiver stays small, alive and of use to others, and says what happened (A35)."""

from __future__ import annotations

import os
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.network.raw_peer import (
    ABORT,
    CT,
    DEFAULT_CONTEXTS,
    EXPLICIT,
    LOOPBACK,
    P_DATA,
    RawPeer,
    fragment,
    item,
    request,
    small_object,
)
from workstation.network.receiver import Receiver, ReceiverOptions
from workstation.network.receiver_events import AssociationClosed, Event, Problem, Refused

BOUND = 48 << 20
"""Bytes of memory that no stranger may make the receiver go beyond."""


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[Receiver]:
    options = ReceiverOptions(
        tmp_path / "spool", anyone=True, idle=1.0, patience=0.5, start_patience=0.5, largest_object=8 << 20
    )
    with Receiver(options) as one:
        yield one
        assert_well(one)


def assert_well(receiver: Receiver) -> None:
    """Everybody else is still served, nothing half is left, and no bug was met."""
    with RawPeer(receiver.port) as peer:
        peer.associate(calling="FRIEND")
        assert peer.echo() == 0
        assert peer.store(CT, "1.2.77", small_object("1.2.77")) == 0
        peer.release()
    events = told(receiver, lambda event: isinstance(event, AssociationClosed) and event.calling == "FRIEND")
    assert not [event for event in events if isinstance(event, Problem) and event.detail]
    assert list(receiver.spool.folder.glob("*.part")) == []
    assert peak_memory(receiver) < BOUND


def told(receiver: Receiver, last: Callable[[Event], bool]) -> list[Event]:
    out = [receiver.events.get(timeout=20)]
    while not last(out[-1]):
        out.append(receiver.events.get(timeout=20))
    return out


def refusal(receiver: Receiver, words: str = "") -> str:
    """Return the next refusal that has these words."""
    event = told(receiver, lambda event: isinstance(event, Refused) and words in event.sentence)[-1]
    assert isinstance(event, Refused)
    assert event.sentence.endswith(".")
    return event.sentence


def peak_memory(receiver: Receiver) -> int:
    status = Path(f"/proc/{receiver.process_id}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) << 10


def ended(peer: RawPeer) -> bool:
    """Tell whether the receiver ended the connection, with an abort or without."""
    kind, _body = peer.receive()
    return kind in (0, ABORT)


@pytest.mark.parametrize("kind", [1, P_DATA, 0x41])
def test_a_declared_length_takes_no_memory(receiver: Receiver, kind: int) -> None:
    """A35: 0xFFFFFFFF bytes are announced, as request and as data; or something that is no PDU at all."""
    with RawPeer(receiver.port) as peer:
        if kind == P_DATA:
            peer.associate()
        peer.socket.sendall(struct.pack(">BxI", kind, 0xFFFFFFFF) + b"x" * 1000)
        assert ended(peer)
    assert refusal(receiver)


@pytest.mark.parametrize("begin", [b"", request(DEFAULT_CONTEXTS)])
def test_bytes_that_trickle_are_waited_for_only_so_long(receiver: Receiver, begin: bytes) -> None:
    """A35: one byte now and then keeps neither a greeting nor a PDU alive."""
    whole = request(DEFAULT_CONTEXTS) if not begin else struct.pack(">BxI", P_DATA, 5000) + b"x" * 5000
    with RawPeer(receiver.port) as peer:
        if begin:
            peer.socket.sendall(begin)
            peer.receive()
        start = time.monotonic()
        try:
            for byte in whole:
                peer.socket.sendall(bytes((byte,)))
                time.sleep(0.02)
                assert time.monotonic() - start < 8
        except OSError:
            pass  # it was sent away
    assert "time" in refusal(receiver)


def test_a_thousand_connections_leave_room_for_those_who_greet(receiver: Receiver) -> None:
    """A35: whoever says nothing longest goes first."""
    crowd: list[socket.socket] = []
    try:
        for number in range(1000):
            crowd.append(socket.create_connection((LOOPBACK, receiver.port), 10))
            if number % 3 == 0:
                crowd[-1].sendall(b"\1\0\0")
        with RawPeer(receiver.port) as peer:
            peer.associate()
            assert peer.echo() == 0
    finally:
        for one in crowd:
            one.close()
    assert "let others in" in refusal(receiver, "let others in")
    assert threads(receiver) < 200


def threads(receiver: Receiver) -> int:
    return len(os.listdir(f"/proc/{receiver.process_id}/task"))


def test_names_that_would_be_paths_are_names(receiver: Receiver) -> None:
    """A24: nothing a peer says leads out of the spool."""
    uid = "../../../../tmp/evil"
    with RawPeer(receiver.port) as peer:
        peer.associate(calling="../../EVIL")
        assert peer.store(CT, uid, small_object(uid)) == 0
    (path,) = receiver.spool.waiting()
    assert path.resolve().is_relative_to(receiver.spool.folder.resolve())
    assert not [one for one in receiver.spool.folder.parent.rglob("*") if "evil" in one.name.lower()]


def test_an_object_without_end_is_cut_off(receiver: Receiver) -> None:
    """A35: what is over the limit is thrown away for a while, so that an honest sender hears why; then it is over."""
    piece = fragment(3, b"\0" * 16000, 0) * 16
    sent = 0
    with RawPeer(receiver.port) as peer:
        peer.associate()
        peer.announce(CT, "1.2.3")
        peer.socket.sendall(fragment(3, small_object("1.2.3"), 0))
        try:
            while sent < 1 << 30:
                peer.socket.sendall(piece)
                sent += len(piece)
        except OSError:
            pass  # cut off
    assert sent < 100 << 20
    assert "without end" in refusal(receiver, "without end")


def test_pieces_of_one_byte_cost_no_more_than_time(receiver: Receiver) -> None:
    data = small_object("1.2.3", more=b"0" * 5000)
    with RawPeer(receiver.port) as peer:
        peer.associate()
        peer.announce(CT, "1.2.3")
        last = len(data) - 1
        peer.socket.sendall(b"".join(fragment(3, data[i : i + 1], 2 * (i == last)) for i in range(len(data))))
        assert peer.status() == 0
        peer.socket.sendall(fragment(1, b"", 1) * 1000)
        assert peer.echo() == 0
        peer.release()
    (path,) = receiver.spool.waiting()
    assert path.read_bytes().endswith(data)


def test_rubbish_is_answered_with_the_end(receiver: Receiver) -> None:
    for rubbish in (os.urandom(100_000), b"GET / HTTP/1.1\r\n\r\n", b"\x16\3\1\2\0\1\0\1\xfc\3\3" + b"x" * 600, b"\0"):
        with RawPeer(receiver.port) as peer:
            peer.socket.sendall(rubbish)
            if len(rubbish) == 1:
                peer.socket.shutdown(socket.SHUT_WR)
            assert ended(peer)
        assert refusal(receiver)


def half(name: str, whole: bytes) -> list[tuple[str, bytes]]:
    return [(f"{name} {size}", whole[:size]) for size in (1, 5, 6, 30, len(whole) - 1)]


def test_half_a_pdu_is_none(receiver: Receiver) -> None:
    """G13: wherever it breaks off, nothing is kept."""
    data = small_object("1.2.3", more=b"0" * 100)
    for whole in (request(DEFAULT_CONTEXTS), fragment(3, data, 2)):
        for _name, part in half("", whole):
            with RawPeer(receiver.port) as peer:
                if whole[0] == P_DATA:
                    peer.associate()
                    peer.announce(CT, "1.2.3")
                peer.socket.sendall(part)
                peer.socket.shutdown(socket.SHUT_WR)
                assert ended(peer)
            assert refusal(receiver)
    assert receiver.spool.waiting() == []


@pytest.mark.parametrize("clean", [True, False])
def test_an_abort_in_the_middle_of_an_object_leaves_nothing(receiver: Receiver, clean: bool) -> None:
    """G13: with an A-ABORT, or by a reset of the connection."""
    with RawPeer(receiver.port) as peer:
        peer.associate()
        peer.announce(CT, "1.2.3")
        peer.socket.sendall(fragment(3, small_object("1.2.3", more=b"0" * 9000), 0))
        if clean:
            peer.socket.sendall(struct.pack(">BxI4x", ABORT, 4))
            assert ended(peer)
        else:
            peer.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    assert refusal(receiver)
    assert receiver.spool.waiting() == []


def body_of(raw: bytes) -> bytes:
    return struct.pack(">BxI", 1, len(raw)) + raw


def negotiations() -> dict[str, bytes]:
    good = request(DEFAULT_CONTEXTS)[6:]
    return {
        "many contexts": request([(CT, EXPLICIT)] * 400),
        "a megabyte of items": body_of(good + item(0x99, b"x" * 60_000) * 16),
        "over the limit": body_of(good + item(0x99, b"x" * 60_000) * 20),
        "an item that is too long": body_of(good + b"\x20\0\xff\xff"),
        "half an item": body_of(good + b"\x20"),
        "no titles": body_of(good[:10]),
        "no contexts": body_of(good[:68]),
        "a long user item": body_of(good + item(0x50, item(0x54, b"\0\xff"))),
        "even context": body_of(good + item(0x20, b"\2\0\0\0")),
        "empty context": body_of(good + item(0x20, b"")),
    }


@pytest.mark.parametrize("name", list(negotiations()))
def test_no_negotiation_is_too_strange(receiver: Receiver, name: str) -> None:
    """A35: it is accepted, rejected or cut off; nothing else happens."""
    with RawPeer(receiver.port) as peer:
        try:
            peer.socket.sendall(negotiations()[name])
        except OSError:
            return  # cut off in the middle of it
        kind, _body = peer.receive()
        assert kind in (0, 2, 3, ABORT)


@pytest.mark.parametrize(
    "message",
    [
        fragment(3, b"data first", 2),
        fragment(9, b"unknown context", 3),
        fragment(1, b"\0\0\0\0\4\0\0\0", 3),
        fragment(1, b"\0\0\2\0\xff\xff\xff\x7f", 3),
        fragment(1, b"", 3),
        struct.pack(">BxII", P_DATA, 4, 0),
        struct.pack(">BxIIBB", P_DATA, 6, 0x7FFFFFFF, 1, 3),
        struct.pack(">BxI4x", 2, 4),
        struct.pack(">BxI", 5, 0),
    ],
    ids=["data", "context", "short", "long", "empty", "no part", "long part", "accept", "short release"],
)
def test_a_message_against_the_rules_ends_the_association(receiver: Receiver, message: bytes) -> None:
    """G13, PS3.8 9.2."""
    with RawPeer(receiver.port) as peer:
        peer.associate()
        peer.socket.sendall(message)
        assert ended(peer)
    assert refusal(receiver)


def test_a_command_without_end_is_cut_off(receiver: Receiver) -> None:
    with RawPeer(receiver.port) as peer:
        peer.associate()
        try:
            for _ in range(100):
                peer.socket.sendall(fragment(1, b"\0" * 16000, 1))
        except OSError:
            pass  # cut off
    assert "command without end" in refusal(receiver)


def test_peers_that_read_no_answers_do_not_hold_others_up(receiver: Receiver) -> None:
    """G13: sixteen associations that only ask; an answer that nobody takes is waited for only so long."""
    from tests.network.raw_peer import VERIFICATION, command

    question = fragment(1, command(0x0030, VERIFICATION), 3) * 500

    def ask(peer: RawPeer) -> None:
        try:
            for _ in range(400):
                peer.socket.sendall(question)
        except OSError:
            return  # sent away

    peers = [RawPeer(receiver.port, timeout=3) for _ in range(4)]
    for peer in peers:
        peer.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        peer.associate()
    askers = [threading.Thread(target=ask, args=(peer,)) for peer in peers]
    for asker in askers:
        asker.start()
    assert_well(receiver)
    for asker in askers:
        asker.join()
    for peer in peers:
        peer.socket.close()
