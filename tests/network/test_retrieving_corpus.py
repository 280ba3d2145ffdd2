"""Every object of the corpus that a real server takes, retrieved from it by C-GET and C-MOVE (G8, G9, G12).

Each element is compared with the file's. What the servers themselves change, and what they refuse, stands in tables.
"""

from __future__ import annotations

import os
import re
import subprocess
import threading
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.config import IGNORE, settings
from pydicom.dataset import Dataset
from pydicom.uid import UID

from tests.network.peers import LOOPBACK, PROMPT, Peer, dcmqrscp, orthanc
from tests.network.played import Receiver, receiver
from workstation.network.progress import Outcome
from workstation.network.retrieving import Patience, retrieve
from workstation.network.spool import Spool
from workstation.network.wishes import Wish

pytestmark = pytest.mark.xdist_group("retrieving_corpus")
LEFT_OUT = ("broken", "fuzz", "truth", "licences")
AT_ONCE = 4
NOT_READ = ("single/fo-dicom/GH177_D_CLUNIE_CT1_IVRLE_BigEndian_undefined_length.dcm",)
"""What pydicom, which compares here, cannot read."""


PLAIN = ("1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2")
_TO_EXPLICIT = {
    "Implicit VR Little Endian -> Explicit VR Little Endian",
    "Explicit VR Big Endian -> Explicit VR Little Endian",
}
CHANGED: dict[str, set[str]] = {
    # dcmsend, by which they were stored, prefers explicit; one file of two with one UID has a padding value
    "both": _TO_EXPLICIT | {"PixelPaddingValue added"},
    # elements of group 0002 inside items are dropped
    "orthanc get": {
        f"{name}.TransferSyntaxUID lost"
        for name in ("ReferencedPerformedProcedureStepSequence", "AnatomicRegionSequence", "SourceImageSequence")
    },
    "qrscp get": set(),
    "qrscp move": set(),
}
CHANGED["orthanc move"] = CHANGED["orthanc get"]
NOT_SENT: dict[str, tuple[str, ...]] = {
    # SOP Classes that are not among its own: it stores them, and does not send them
    "orthanc get": (
        "series/rse-panimg/dicom/",
        "series/rse-panimg/dicom_4d_enhanced/",
        "seg/highdicom/seg_image_sm_control_labelmap",
        "single/fo-dicom/Issue1097_FailToOpenDeflatedFileWithSQ.dcm",
        "single/pydicom-data/color-pl.dcm",
    ),
    "qrscp get": (),
    # newer than its list of SOP Classes, or retired: by C-GET it is we who propose, and they come
    "qrscp move": (
        "single/pydicom-data/parametric_map",
        "single/pydicom-data/color-pl.dcm",
        "seg/highdicom/sm_annotations.dcm",
    ),
}
NOT_SENT["orthanc move"] = NOT_SENT["orthanc get"]
REFUSED = {
    "single/fo-dicom/GH1339.dcm",
    "single/fo-dicom/GH179B.dcm",
    "single/fo-dicom/GH364.dcm",
    "single/pydicom/MR_truncated.dcm",
    "single/pydicom/SC_rgb_jpeg.dcm",
    "single/pydicom/rtdose_rle.dcm",
    "single/pydicom/rtdose_rle_1frame.dcm",
    "single/pydicom/rtplan_truncated.dcm",
    "single/pydicom-data/emri_small_jpeg_2k_lossless_too_short.dcm",
    "single/pydicom-data/explicit_VR-UN.dcm",
    "single/pydicom-data/liver_deflate.dcm",
    "single/pydicom-data/liver_nonbyte_aligned_deflate.dcm",
    "single/pynetdicom/CTImageStorage_bad_meta.dcm",
    "sr/dwv/squares.dcm",
}
"""Files that dcmsend does not send, or that the server does not take for whole objects."""


@dataclass(frozen=True)
class Original:
    """A file of the corpus."""

    path: Path
    name: str
    uid: str
    study: str
    sop_class: str
    syntax: str


@dataclass(frozen=True)
class Served:
    """A server that was given the corpus: its answer to each file (empty where it was not offered at all)."""

    peer: Peer
    ours: Receiver
    taken: dict[str, list[Original]]
    refused: dict[str, str]


@pytest.fixture(scope="module", autouse=True)
def _values_as_they_are() -> Iterator[None]:
    """Values are compared here, not judged."""
    mode, settings.reading_validation_mode = settings.reading_validation_mode, IGNORE
    yield
    settings.reading_validation_mode = mode


@pytest.fixture(scope="module")
def originals(corpus: Path) -> list[Original]:
    found = []
    for path in sorted(corpus.rglob("*")):
        name = path.relative_to(corpus).as_posix()
        if not path.is_file() or name.split("/")[0] in LEFT_OUT or "/" not in name:
            continue
        with path.open("rb") as stream:
            if stream.read(132)[128:] != b"DICM":
                continue
        if name in NOT_READ:
            continue
        ds = dcmread(path, stop_before_pixels=True)
        if ds.get("SOPInstanceUID") and ds.get("SOPClassUID") and ds.get("StudyInstanceUID"):
            syntax = str(ds.file_meta.get("TransferSyntaxUID", ""))
            found.append(
                Original(path, name, str(ds.SOPInstanceUID), str(ds.StudyInstanceUID), str(ds.SOPClassUID), syntax)
            )
    return found


def offered(dcmtk: Path, peer: Peer, originals: list[Original], folder: Path) -> dict[str, str]:
    """Send every file by dcmsend, as it is; return the status of each, empty where there was no context for it."""
    folder.mkdir()
    for number, one in enumerate(originals):
        os.symlink(one.path, folder / f"{number:05}")
    report = folder.with_suffix(".txt")
    subprocess.run(
        [dcmtk / "dcmsend", "-dn", "-nh", "-nuc", "+sd", "-aec", peer.node.ae_title, "+crf", report,
         LOOPBACK, str(peer.node.port), folder],
        check=True, env=PROMPT, capture_output=True,
    )  # fmt: skip
    text = report.read_text(errors="replace")
    told = re.findall(r"^Filename +: [^\n]*/(\d{5})$.*?^DIMSE Status +: (?:0x(....)|<not sent>)", text, re.M | re.S)
    return {originals[int(number)].name: status for number, status in told}


@pytest.fixture(scope="module", params=["orthanc", "dcmqrscp"])
def served(
    request: pytest.FixtureRequest,
    dcmtk: Path,
    orthanc_program: Path,
    originals: list[Original],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp(request.param)
    with receiver(folder / "received", *{one.sop_class for one in originals}) as ours:
        to = [("WORKSTATION", ours.port)]
        at = folder / "server"
        started = orthanc(at, destinations=to) if request.param == "orthanc" else dcmqrscp(dcmtk, at, destinations=to)
        with started as peer:
            statuses = offered(dcmtk, peer, originals, folder / "sent")
            taken = defaultdict(list)
            for one in originals:
                if statuses.get(one.name) == "0000":
                    taken[one.uid].append(one)
            refused = {one.name: statuses.get(one.name, "") for one in originals if statuses.get(one.name) != "0000"}
            yield Served(peer, ours, dict(taken), refused)


def retrieved(served: Served, folder: Path, *, move: bool) -> dict[str, Outcome]:
    """Retrieve every study, some at a time."""

    def study(uid: str) -> list[Outcome]:
        job = retrieve(
            served.peer.node, Wish(uid), Spool(folder / "got", sync=False), have=lambda _uids: set(),
            stop=threading.Event(), receiver=served.ours if move else None, ledger_folder=folder / "ledger",
            patience=Patience(pauses=(), drain=0.3),
        )  # fmt: skip
        return [one.outcome for one in job if one.outcome]

    studies = {one.study for several in served.taken.values() for one in several}
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return {one.sop_instance_uid: one for several in pool.map(study, sorted(studies)) for one in several}


def differences(original: Dataset, came: Dataset) -> set[str]:
    """Return which elements differ, in any item; group lengths and padding are no content (PS3.5 7.2)."""
    found = set()
    for tag in {*original.keys(), *came.keys()}:
        if tag.element == 0 or tag == 0xFFFCFFFC:
            continue
        mine, theirs = original.get(tag), came.get(tag)
        name = str((mine or theirs).keyword or ("private" if tag.is_private else tag))
        if mine is None or theirs is None:
            found.add(f"{name} {'added' if mine is None else 'lost'}")
        elif mine.VR == theirs.VR == "SQ":
            items = (list(mine.value), list(theirs.value))
            if len(items[0]) != len(items[1]):
                found.add(f"{name} items")
            for one, other in zip(*items, strict=False):
                found |= {f"{name}.{one}" for one in differences(one, other)}
        elif isinstance(mine.value, bytes) and theirs.value == mine.value + b"\0" * (len(mine.value) % 2):
            continue
        elif mine.value != theirs.value and str(mine.value) != str(theirs.value):
            found.add(f"{name} {mine.VR}->{theirs.VR}")
    return found


def changes(original: Original, came: Dataset) -> set[str]:
    """Return what is not as in the file, the transfer syntax included."""
    syntax = came.file_meta.TransferSyntaxUID
    moved = {f"{UID(original.syntax).name} -> {syntax.name}"} if original.syntax != syntax else set()
    return moved | differences(dcmread(original.path), came)


@pytest.mark.parametrize("way", ["get", "move"])
def test_every_object_comes_as_it_was_stored(served: Served, tmp_path: Path, way: str) -> None:
    """G8, G9: same UID, same elements, same bytes of Pixel Data; what the server does is in the tables."""
    outcomes = retrieved(served, tmp_path, move=way == "move")
    name = f"{served.peer.node.name} {way}"
    assert set(outcomes) == set(served.taken)
    failed = {one.name for uid, outcome in outcomes.items() if outcome.kind != "done" for one in served.taken[uid]}
    assert {one for one in failed if not one.startswith(NOT_SENT[name])} == set()
    found: set[str] = set()
    for uid, outcome in outcomes.items():
        if outcome.kind == "done":
            came = dcmread(outcome.path)
            assert came.SOPInstanceUID == uid
            # several files of the corpus may have one UID; the server has one of them
            found |= min((changes(one, came) for one in served.taken[uid]), key=len)
    assert found <= CHANGED["both"] | CHANGED[name], found - CHANGED["both"]


def test_what_a_server_refuses_is_known(served: Served, originals: list[Original]) -> None:
    """dcmqrscp takes no compressed syntax, unless it is told to; Orthanc takes what it can read."""
    syntax_of = {one.name: one.syntax for one in originals}
    refused = set(served.refused)
    if served.peer.node.name == "qrscp":
        compressed = {name for name, syntax in syntax_of.items() if syntax not in PLAIN}
        assert compressed <= refused
        refused -= compressed
        # SOP Classes that it does not know
        refused = {name for name in refused if not name.startswith(NOT_SENT["orthanc get"])}
    assert sorted(refused - REFUSED) == []
