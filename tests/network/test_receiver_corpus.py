"""The whole corpus comes from real senders, four at once, some killed in the middle: once each, whole (G12, A24)."""

from __future__ import annotations

import contextlib
import hashlib
import json
import queue
import random
import signal
import subprocess
import threading
import time
import urllib.error
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

import pydicom
import pytest

from tests.network.peers import LOOPBACK, PROMPT, free_port, orthanc
from tests.network.test_receiver import asked, loadable
from workstation.network import arrivals
from workstation.network.receiver import Receiver, ReceiverOptions

pytestmark = pytest.mark.xdist_group("corpus received")

SYNTAXES = {
    "1.2.840.10008.1.2": "-xi",
    "1.2.840.10008.1.2.1": "-xe",
    "1.2.840.10008.1.2.1.99": "-xd",
    "1.2.840.10008.1.2.2": "-xb",
    "1.2.840.10008.1.2.4.50": "-xy",
    "1.2.840.10008.1.2.4.51": "-xx",
    "1.2.840.10008.1.2.4.70": "-xs",
    "1.2.840.10008.1.2.4.80": "-xt",
    "1.2.840.10008.1.2.4.81": "-xu",
    "1.2.840.10008.1.2.4.90": "-xv",
    "1.2.840.10008.1.2.4.91": "-xw",
    "1.2.840.10008.1.2.5": "-xr",
}
"""What makes storescu offer a transfer syntax; the others it does not know."""
UNKNOWN = {"1.2.840.10008.5.1.4.1.1.66.7"}
"""SOP Class of the Standard that DCMTK 3.6.7 does not know; private ones it does not know either."""
BROKEN_OFF = {"GH1339.dcm", "GH626.dcm", "explicit_VR-UN.dcm"}
"""Files over which storescu itself breaks off: fragments of odd length, elements whose VR is unknown."""
SHARED = {"rtdose", "liver", "emri", "explicit_VR-UN", "badVR"}
"""Beginnings of names of files that share their UID with other objects, or announce another class than they have."""
CHUNK = 24
SENDERS = 4


def pixels_of(data_set: pydicom.Dataset) -> str:
    """Return a hash of the pixel data; an odd length is padded on the way."""
    return hashlib.sha256((data_set.get("PixelData") or b"").rstrip(b"\0")).hexdigest()


def test_four_storescu_at_once_some_of_them_killed(dcmtk: Path, corpus: Path, tmp_path: Path) -> None:
    objects = [one for one in loadable(corpus) if one[3] in SYNTAXES and one[1] not in UNKNOWN]
    objects = [one for one in objects if one[1].startswith("1.2.840.10008.")]
    assert len(objects) > 850
    by_syntax: dict[str, list[Path]] = defaultdict(list)
    for path, _sop_class, _uid, syntax in objects:
        by_syntax[syntax].append(path)
    chunks: queue.SimpleQueue[tuple[str, list[Path]]] = queue.SimpleQueue()
    for syntax, paths in by_syntax.items():
        for start in range(0, len(paths), CHUNK):
            chunks.put((syntax, paths[start : start + CHUNK]))
    killed: list[int] = []
    chance = random.Random(6)
    moments = [chance.uniform(0.0, 0.4) for _ in range(1000)]
    with Receiver(ReceiverOptions(tmp_path / "spool", anyone=True, sync=False)) as receiver:
        call = [str(dcmtk / "storescu"), "-R", "-nh", "-aec", "WORKSTATION"]

        def work(sender: int) -> None:
            with contextlib.suppress(queue.Empty):
                while True:
                    syntax, paths = chunks.get_nowait()
                    command = [*call, "-aet", f"SENDER{sender}", SYNTAXES[syntax], LOOPBACK, str(receiver.port)]
                    command += [str(path) for path in paths]
                    moment = moments.pop()
                    if moment < 0.2:
                        first = subprocess.Popen(command, env=PROMPT, stdout=-3, stderr=-3)
                        time.sleep(moment)
                        first.send_signal(signal.SIGKILL)
                        killed.append(first.wait())
                    subprocess.run(command, env=PROMPT, capture_output=True, check=False)

        threads = [threading.Thread(target=work, args=(sender,)) for sender in range(SENDERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        spool = receiver.spool
    assert killed.count(-signal.SIGKILL) > 3
    assert not list(spool.folder.glob("*.part"))
    sent: dict[str, set[str]] = defaultdict(set)
    for path, _sop_class, uid, _syntax in objects:
        sent[uid].add(pixels_of(pydicom.dcmread(path)))
    got: Counter[tuple[str, str]] = Counter()
    for path in spool.waiting():
        read = pydicom.dcmread(path)
        got[str(read.SOPInstanceUID), pixels_of(read)] += 1
        assert pixels_of(read) in sent[str(read.SOPInstanceUID)]
    came = {uid for uid, _pixels in got}
    assert {path.name for path, _class, uid, _syntax in objects if uid not in came} <= BROKEN_OFF
    ledger = [line for line in (spool.folder / arrivals.FILE_NAME).read_text().splitlines() if line]
    assert len({json.loads(line)["path"] for line in ledger}) == len(spool.waiting())


def test_orthanc_sends_all_it_took_four_associations_at_once(
    orthanc_program: Path, corpus: Path, tmp_path: Path
) -> None:
    objects, port = list(loadable(corpus)), free_port()
    with (
        Receiver(
            ReceiverOptions(tmp_path / "spool", port=port, allowed=frozenset({"ORTHANC"}), sync=False)
        ) as receiver,
        orthanc(tmp_path, destinations=[("WORKSTATION", port)], worklist=False) as peer,
    ):
        assert peer.node.web is not None
        root = peer.node.web.root.removesuffix("/dicom-web")
        names = set()
        for path, _sop_class, _uid, _syntax in objects:
            with contextlib.suppress(urllib.error.HTTPError):  # it takes less than we do
                names.add(json.loads(asked(f"{root}/instances", path.read_bytes()))["ID"])
        assert len(names) > 800
        order = sorted(names)

        def store(part: int) -> int:
            body = json.dumps({"Resources": order[part::SENDERS], "Permissive": True}).encode()
            return int(json.loads(asked(f"{root}/modalities/WORKSTATION/store", body))["FailedInstancesCount"])

        with ThreadPoolExecutor(SENDERS) as pool:
            failed = sum(pool.map(store, range(SENDERS)))
        theirs: Counter[tuple[str, str]] = Counter()
        for name in order:  # two of one UID are two objects to it where their patients differ
            read = pydicom.dcmread(BytesIO(asked(f"{root}/instances/{name}/file")))
            theirs[str(read.SOPInstanceUID), pixels_of(read)] += 1
        spool = receiver.spool
    got = Counter((str(read.SOPInstanceUID), pixels_of(read)) for read in map(pydicom.dcmread, spool.waiting()))
    assert got <= theirs
    # what is equal byte for byte is one file
    lost = {uid for uid, _pixels in set(theirs) - set(got)}
    names_lost = {path.stem for path, _class, uid, _syntax in objects if uid in lost}
    assert {name for name in names_lost if not name.startswith(tuple(SHARED))} == set()
    assert len(lost) <= 4
    assert failed <= 2
    assert not list(spool.folder.glob("*.part"))
