"""Whoever is killed, sender, receiver or program: what was told as stored is there, and nothing else (G12, G20)."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pydicom
import pytest

from tests.network.peers import LOOPBACK, PROMPT
from tests.network.raw_peer import CT, RawPeer, small_object
from tests.network.test_receiver import SMALL, receiver, until
from workstation.network import arrivals
from workstation.network.receiver import Receiver, ReceiverOptions
from workstation.network.receiver_events import Arrived, AssociationOpened, Problem
from workstation.network.spool import Spool

__all__ = ["receiver"]


def test_senders_that_are_killed_leave_whole_objects_and_an_exact_ledger(
    receiver: Receiver, dcmtk: Path, tmp_path: Path
) -> None:
    """G12, G20: four associations at once, any of which may end at any moment."""
    chance = random.Random(7)
    original = pydicom.dcmread(SMALL)
    every = set()
    for sender in range(4):
        (tmp_path / f"{sender}").mkdir()
        for number in range(30):
            original.SOPInstanceUID = original.file_meta.MediaStorageSOPInstanceUID = f"1.2.3.{sender}.{number}"
            original.save_as(tmp_path / f"{sender}" / f"{number}.dcm")
            every.add(str(original.SOPInstanceUID))

    def started(sender: int) -> subprocess.Popen[bytes]:
        words = ["-aet", f"SENDER{sender}", "-aec", "WORKSTATION", "+sd", LOOPBACK, str(receiver.port)]
        return subprocess.Popen(
            [str(dcmtk / "storescu"), *words, str(tmp_path / f"{sender}")], env=PROMPT, stdout=-3, stderr=-3
        )

    killed = 0
    came: list[Arrived] = []
    for last in (False, False, False, True):
        processes = [started(sender) for sender in range(4)]
        if not last:
            arrived = until(receiver, Arrived, chance.randrange(8, 40))
            came += [event for event in arrived if isinstance(event, Arrived)]
            for process in chance.sample(processes, 3):
                killed += process.poll() is None
                process.kill()
        for process in processes:
            process.wait()
    receiver.stop()
    while not receiver.events.empty():
        event = receiver.events.get()
        came += [event] if isinstance(event, Arrived) else []
    assert killed >= 6
    new = [event.kept for event in came if not event.kept.repeated]
    left = arrivals.left_over(receiver.spool)
    assert sorted(one.sop_instance_uid for one in new) == sorted(every)
    assert sorted(one.sop_instance_uid for one in left) == sorted(every)
    assert sorted(one.path for one in left) == sorted(one.path for one in new)
    assert {one.calling for one in left} == {f"SENDER{sender}" for sender in range(4)}
    assert all(receiver.spool.is_whole(one.path) for one in left)
    assert list(receiver.spool.folder.glob("*.part")) == []


def test_the_receiver_does_not_outlive_a_program_that_is_killed(tmp_path: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path; from workstation.network.receiver import *\n"
        "one = Receiver(ReceiverOptions(Path(sys.argv[1]), anyone=True)).start()\n"
        "print(one.port, one.process_id, flush=True); time.sleep(60)"
    )
    program = subprocess.Popen([sys.executable, "-c", script, tmp_path], stdout=subprocess.PIPE, text=True)
    assert program.stdout is not None
    with program.stdout:
        port, child = map(int, program.stdout.readline().split())
        with RawPeer(port) as peer:
            peer.associate()
            assert peer.store(CT, "1.2.3", small_object("1.2.3")) == 0
            peer.announce(CT, "1.2.4")
            program.kill()
            program.wait()
            assert peer.receive()[0] in (0, 7)
    wait_until(lambda: not is_alive(child))
    (left,) = arrivals.left_over(Spool(tmp_path))
    assert (left.sop_instance_uid, left.calling) == ("1.2.3", "RAW")


def test_a_receiver_that_is_killed_is_told_and_loses_nothing(receiver: Receiver) -> None:
    with RawPeer(receiver.port) as peer:
        peer.associate()
        assert peer.store(CT, "1.2.3", small_object("1.2.3")) == 0
        peer.announce(CT, "1.2.4")
        until(receiver, AssociationOpened)
        os.kill(receiver.process_id, signal.SIGKILL)
        assert peer.receive()[0] == 0
    assert isinstance(until(receiver, Problem)[-1], Problem)
    assert not receiver.running
    with receiver:
        assert [one.sop_instance_uid for one in receiver.left_over] == ["1.2.3"]
        with RawPeer(receiver.port) as peer:
            peer.associate()
            assert peer.echo() == 0


def test_every_object_that_was_told_as_stored_outlives_a_kill_of_the_receiver(receiver: Receiver) -> None:
    """G12: four associations at full speed; what was not told may be there too, whole."""
    stored: list[str] = []

    def send_until_the_end(sender: int) -> None:
        with RawPeer(receiver.port) as peer:
            peer.associate(calling=f"SENDER{sender}")
            for number in range(10_000):
                uid = f"1.2.{sender}.{number}"
                try:
                    if peer.store(CT, uid, small_object(uid, more=os.urandom(30_000))) == 0:
                        stored.append(uid)
                except (OSError, AssertionError):
                    return  # the receiver is gone

    senders = [threading.Thread(target=send_until_the_end, args=(number,)) for number in range(4)]
    for sender in senders:
        sender.start()
    until(receiver, Arrived, 50)
    os.kill(receiver.process_id, signal.SIGKILL)
    for sender in senders:
        sender.join()
    receiver.stop()
    left = arrivals.left_over(receiver.spool)
    assert len(stored) >= 40
    assert set(stored) <= {one.sop_instance_uid for one in left if one.calling}
    assert len(left) <= len(stored) + 4
    assert all(receiver.spool.is_whole(one.path) for one in left)
    receiver.spool.clear_unfinished(older_than=0)
    assert not list(receiver.spool.folder.glob("*.part"))


def test_the_ledger_is_shortened_to_what_waits_and_a_torn_line_is_none(tmp_path: Path) -> None:
    with Receiver(ReceiverOptions(tmp_path, anyone=True)) as receiver, RawPeer(receiver.port) as peer:
        peer.associate()
        for uid in ("1.2.1", "1.2.2"):
            assert peer.store(CT, uid, small_object(uid)) == 0
    ledger = tmp_path / arrivals.FILE_NAME
    ledger.write_bytes(ledger.read_bytes()[:-10])
    left = arrivals.left_over(receiver.spool)
    assert [one.calling for one in left] == ["RAW", ""]
    left[1].path.write_bytes(b"torn by a power cut")
    assert arrivals.left_over(receiver.spool) == left[:1]
    receiver.settle()
    assert [json.loads(line)["instance"] for line in ledger.read_text().splitlines()] == ["1.2.1"]
    receiver.spool.release(left[0].path)
    with pytest.raises(ValueError, match="spool"):
        receiver.spool.release(ledger)
    receiver.settle()
    assert ledger.read_text() == ""


def is_alive(process: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{process}/stat").read_text().rpartition(")")[2][:3]
    except OSError:
        return False


def wait_until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)
