"""A retrieval over a wire that breaks (G20): it goes on, ends, and only what is missing comes again."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset

from tests.network.peers import LOOPBACK, PROMPT, Peer, dcmqrscp, free_port
from tests.network.played import STUDY, slices, wire, written
from workstation.network.arrival_relay import ArrivalRelay
from workstation.network.failures import Cancelled
from workstation.network.ledger import Ledger
from workstation.network.receiver import Receiver
from workstation.network.receiver_options import ReceiverOptions
from workstation.network.retrieving import Patience, retrieve
from workstation.network.spool import Spool
from workstation.network.wishes import Wish

pytestmark = pytest.mark.xdist_group("retrieving_cut")
COUNT = 500
AT_ONCE = Patience(pauses=(0.0, 0.0, 0.0))
WISH = Wish(STUDY)


@pytest.fixture(scope="module")
def held() -> list[Dataset]:
    return slices(COUNT, size=32)


@pytest.fixture(scope="module")
def moved_to() -> int:
    return free_port()


@pytest.fixture(scope="module")
def server(dcmtk: Path, held: list[Dataset], moved_to: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peer]:
    folder = tmp_path_factory.mktemp("cut")
    sent = written(held, folder / "sent")
    with dcmqrscp(dcmtk, folder / "qr", destinations=[("WORKSTATION", moved_to)]) as peer:
        send = [dcmtk / "storescu", "+sd", "-aec", "QRSCP", LOOPBACK, str(peer.node.port), sent]
        subprocess.run(send, check=True, env=PROMPT, capture_output=True)
        yield peer


def came(spool: Spool) -> dict[str, bytes]:
    return {ds.SOPInstanceUID: ds.PixelData for ds in map(dcmread, spool.waiting())}


def test_a_cut_get_goes_on_with_what_is_missing(server: Peer, held: list[Dataset], tmp_path: Path) -> None:
    """G20: 500 objects, three cuts; each object goes through the wire once, but for those on their way at a cut."""
    spool = Spool(tmp_path / "got", sync=False)
    with wire(server.node.port, (300_000, 500_000, 400_000)) as laid:
        node = replace(server.node, port=laid.port)
        told = list(
            retrieve(
                node, WISH, spool, have=lambda _uids: set(), stop=threading.Event(),
                ledger_folder=tmp_path / "ledger", patience=AT_ONCE,
            )
        )  # fmt: skip
    assert laid.cut == 3
    assert COUNT <= laid.stores <= COUNT + 3
    assert (told[-1].done, told[-1].failed) == (COUNT, 0)
    assert sum("Trying again" in one.sentence for one in told) == 3
    assert came(spool) == {ds.SOPInstanceUID: ds.PixelData for ds in held}
    assert list((tmp_path / "got").glob("*.part")) == []


def test_another_program_goes_on_from_the_ledger(server: Peer, held: list[Dataset], tmp_path: Path) -> None:
    """G20, features O5: stopped half way, even with half a line in its ledger."""
    spool, stop = Spool(tmp_path / "got", sync=False), threading.Event()
    with wire(server.node.port) as laid:
        node = replace(server.node, port=laid.port)

        def again(until: int = COUNT) -> None:
            job = retrieve(
                node, WISH, spool, have=lambda _uids: set(), stop=stop, ledger_folder=tmp_path / "ledger",
                patience=AT_ONCE,
            )  # fmt: skip
            for one in job:
                if one.done == until:
                    stop.set()

        with pytest.raises(Cancelled):
            again(200)
        first, kept = laid.stores, len(spool.waiting())
        stop.clear()
        with Ledger(node, WISH, tmp_path / "ledger") as ledger:
            noted = len(ledger.arrived)
            path = ledger.path
        with path.open("a") as stream:
            stream.write('{"arrived": "1.2')
        again(COUNT + 1)
        assert noted == kept < COUNT  # also what came after the last that was told
        assert laid.stores - first == COUNT - noted
    assert came(spool) == {ds.SOPInstanceUID: ds.PixelData for ds in held}


def test_a_cut_move_goes_on_with_what_is_missing(
    server: Peer, held: list[Dataset], moved_to: int, tmp_path: Path
) -> None:
    """G8, G20: by our own receiver; the connection that the objects come on breaks."""
    relay = ArrivalRelay()
    options = ReceiverOptions(tmp_path / "got", port=free_port(), allowed=frozenset({"QRSCP"}), sync=False)
    with Receiver(options, relay.deliver) as ours, wire(ours.port, (300_000, 60_000), moved_to) as laid:
        laid.QUIET = 0
        told = list(
            retrieve(
                replace(server.node, stall_timeout=10), WISH, Spool(tmp_path / "unused"),
                have=lambda _uids: set(), stop=threading.Event(), receiver=relay,
                ledger_folder=tmp_path / "ledger", patience=Patience(pauses=(0.0, 0.0), drain=1.0),
            )
        )  # fmt: skip
    assert laid.cut == 2
    assert COUNT <= laid.stores <= COUNT + 2
    assert (told[-1].done, told[-1].failed) == (COUNT, 0)
    assert came(ours.spool) == {ds.SOPInstanceUID: ds.PixelData for ds in held}
