"""What real senders send is kept byte for byte, once, and told; whoever is killed loses nothing it was told (G12)."""

from __future__ import annotations

import contextlib
import csv
import json
import os
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pydicom
import pytest
from pydicom.data import get_testdata_file

from tests.network.certificates import authority
from tests.network.peers import LOOPBACK, PROMPT, free_port, orthanc, storescp
from tests.network.raw_peer import ASSOCIATE_RJ, CT, EXPLICIT, IMPLICIT, RawPeer, small_object
from workstation.network import arrivals
from workstation.network.conversation import is_stored
from workstation.network.failures import NetworkFailure
from workstation.network.nodes import NodeError
from workstation.network.receiver import Receiver, ReceiverOptions
from workstation.network.receiver_events import (
    Arrived,
    AssociationClosed,
    CommitmentReport,
    Event,
    Problem,
    Refused,
)

SMALL = str(get_testdata_file("CT_small.dcm"))


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[Receiver]:
    with Receiver(ReceiverOptions(tmp_path / "spool", anyone=True, idle=5.0)) as one:
        yield one


def until(receiver: Receiver, kind: type[Event], count: int = 1) -> list[Event]:
    """Return the events up to the ``count``-th of a kind."""
    out: list[Event] = []
    while count:
        out.append(receiver.events.get(timeout=20))
        count -= isinstance(out[-1], kind)
    return out


def closing(receiver: Receiver, count: int = 1) -> tuple[list[Arrived], list[AssociationClosed]]:
    """Return what arrived until so many associations were closed, and their ends."""
    events = until(receiver, AssociationClosed, count)
    return (
        [event for event in events if isinstance(event, Arrived)],
        [event for event in events if isinstance(event, AssociationClosed)],
    )


def send(program: Path, receiver: Receiver, *words: str | Path, title: str = "SENDER") -> None:
    command = [program, "-aet", title, "-aec", "WORKSTATION", *words[:-1], LOOPBACK, str(receiver.port), words[-1]]
    done = subprocess.run([str(word) for word in command], env=PROMPT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]


def body(content: bytes) -> bytes:
    """Return the data set's bytes of a file, behind its File Meta Information if it has one."""
    if content[128:132] != b"DICM":
        return content
    place = 144 + int.from_bytes(content[140:144], "little")
    if content[132:136] == b"\2\0\0\0" and content[place : place + 2] not in (b"\2\0", b""):
        return content[place:]
    place = 132
    while content[place : place + 2] == b"\2\0":
        long = content[place + 4 : place + 6] in (b"OB", b"UN")
        length = int.from_bytes(content[place + 8 : place + 12] if long else content[place + 6 : place + 8], "little")
        place += length + (12 if long else 8)
    return content[place:]


def loadable(corpus: Path) -> Iterator[tuple[Path, str, str, str]]:
    """Yield path, SOP Class, SOP Instance and Transfer Syntax UID of every good object of the corpus."""
    with (corpus / "index.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            if row["path"].startswith(("broken/", "fuzz/", "dicomdir/")) or row["parse_status"] != "ok":
                continue
            path = corpus / row["path"]
            read = pydicom.dcmread(path, specific_tags=["SOPClassUID", "SOPInstanceUID"], stop_before_pixels=True)
            syntax = read.file_meta.get("TransferSyntaxUID")
            if syntax and read.get("SOPClassUID") and read.get("SOPInstanceUID"):
                yield path, str(read.SOPClassUID), str(read.SOPInstanceUID), str(syntax)


def test_every_object_of_the_corpus_is_kept_as_its_bytes_came(tmp_path: Path, corpus: Path) -> None:
    """G12: no class or syntax is refused, nothing is decoded and encoded again."""
    receiver = Receiver(ReceiverOptions(tmp_path, anyone=True, sync=False)).start()
    objects = list(loadable(corpus))
    kinds = sorted({(sop_class, syntax) for _path, sop_class, _uid, syntax in objects})
    numbers = {kind: 2 * place + 1 for place, kind in enumerate(kinds)}
    assert len(objects) > 900
    assert len(kinds) <= 128
    wanted = {}
    with RawPeer(receiver.port) as peer:
        peer.associate(kinds, calling="CORPUS")
        for path, sop_class, uid, syntax in objects:
            data = body(path.read_bytes())
            status = peer.store(sop_class, uid, data, numbers[sop_class, syntax])
            assert status == 0, (path, hex(status))
            wanted[uid, data] = (sop_class, syntax)
        peer.release()
    came, ends = closing(receiver)
    receiver.stop()
    assert ends[0].kept == len(wanted)
    assert ends[0].released
    kept = [event.kept for event in came if not event.kept.repeated]
    assert {(one.sop_instance_uid, body(one.path.read_bytes())) for one in kept} == set(wanted)
    for one in kept[::25]:
        meta = pydicom.dcmread(one.path, stop_before_pixels=True).file_meta
        said = (meta.MediaStorageSOPInstanceUID, meta.MediaStorageSOPClassUID, meta.TransferSyntaxUID)
        assert said == (one.sop_instance_uid, one.sop_class_uid, one.transfer_syntax_uid)
        assert meta.SourceApplicationEntityTitle == "CORPUS"


@pytest.mark.parametrize("folder", ["single/pydicom-data", "single/fo-dicom", "ts"])
def test_what_dcmsend_sends_is_what_dcmtk_itself_receives(
    receiver: Receiver, dcmtk: Path, corpus: Path, tmp_path: Path, folder: str
) -> None:
    """G12: storescp in its bit-preserving mode is the oracle, compressed and not."""
    words = ["-dn", "--no-halt", "--no-uid-checks", "+sd", "+r"]
    with storescp(dcmtk, tmp_path, "+B", "-uf", title="WORKSTATION") as oracle:
        for port in (oracle.node.port, receiver.port):
            command = [dcmtk / "dcmsend", *words, "-aec", "WORKSTATION", LOOPBACK, str(port), corpus / folder]
            subprocess.run([str(word) for word in command], env=PROMPT, capture_output=True)
    wanted = {body(path.read_bytes()) for path in (tmp_path / "got").iterdir()}
    got = {body(path.read_bytes()) for path in receiver.spool.waiting()}
    assert len(wanted) > 5
    receiver.stop()
    refused = 0
    while not receiver.events.empty():
        event = receiver.events.get()
        refused += event.refused if isinstance(event, AssociationClosed) else 0
    # dcmsend announces a UID that a file holds as UN by the first byte of its dump: we refuse, storescp takes it
    assert len(wanted - got) == refused <= 1


@pytest.mark.parametrize("option", ["-x=", "-xi", "-xr", "-xv", "-xs", "-xd"])
def test_storescu_is_answered_in_the_syntax_it_asks_for(
    receiver: Receiver, dcmtk: Path, tmp_path: Path, option: str
) -> None:
    """G12: one context for each syntax, first come."""
    syntax = {"-xr": "rle", "-xv": "j2k", "-xs": "jls"}.get(option)
    source = Path(SMALL)
    if option in ("-xr",):
        source = tmp_path / "rle.dcm"
        subprocess.run([dcmtk / "dcmcrle", SMALL, source], check=True)
    elif option == "-xs":
        source = tmp_path / "jpeg.dcm"
        subprocess.run([dcmtk / "dcmcjpeg", "+e1", SMALL, source], check=True)
    elif syntax:
        source = Path(str(get_testdata_file("JPEG2000.dcm")))
        option = "-xw"
    send(dcmtk / "storescu", receiver, *(["-R"] if option == "-xw" else []), option, source)
    (arrived,), _ends = closing(receiver)
    read, original = pydicom.dcmread(arrived.kept.path), pydicom.dcmread(source)
    assert read.SOPInstanceUID == original.SOPInstanceUID
    if source != Path(SMALL):
        assert arrived.kept.transfer_syntax_uid == original.file_meta.TransferSyntaxUID
        assert read.PixelData == original.PixelData


def test_orthanc_sends_to_us(orthanc_program: Path, corpus: Path, tmp_path: Path) -> None:
    """G12: a real archive as the sender."""
    objects = list(loadable(corpus))[::40]
    port = free_port()
    with (
        Receiver(ReceiverOptions(tmp_path / "spool", port=port, allowed=frozenset({"ORTHANC"}))) as receiver,
        orthanc(tmp_path, destinations=[("WORKSTATION", port)], worklist=False) as peer,
    ):
        assert peer.node.web is not None
        root = peer.node.web.root.removesuffix("/dicom-web")
        names = set()
        for path, _sop_class, _uid, _syntax in objects:
            with contextlib.suppress(urllib.error.HTTPError):  # it takes less than we do
                names.add(json.loads(asked(f"{root}/instances", path.read_bytes()))["ID"])
        assert len(names) > 15
        answer = asked(f"{root}/modalities/WORKSTATION/store", json.dumps(sorted(names)).encode())
        assert json.loads(answer)["FailedInstancesCount"] == 0
        theirs = {}
        for name in names:
            read = pydicom.dcmread(BytesIO(asked(f"{root}/instances/{name}/file")))
            theirs[str(read.SOPInstanceUID)] = read
    got = {uid: one for one in map(pydicom.dcmread, receiver.spool.waiting()) if (uid := str(one.SOPInstanceUID))}
    assert set(got) == set(theirs)
    for uid, one in got.items():
        pixels, wanted = one.get("PixelData") or b"", theirs[uid].get("PixelData") or b""
        assert pixels.rstrip(b"\0") == wanted.rstrip(b"\0")  # an odd length is padded on the way
        assert one.file_meta.TransferSyntaxUID == theirs[uid].file_meta.TransferSyntaxUID


def asked(address: str, data: bytes | None = None) -> bytes:
    """Return the answer of a server on this computer, without a proxy."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(address, data, timeout=60) as answer:
        return bytes(answer.read())


def test_the_same_object_twice_is_one_file_and_another_under_its_uid_lies_beside_it(receiver: Receiver) -> None:
    """E4, G12."""
    with RawPeer(receiver.port) as peer:
        peer.associate()
        for more in (b"one!", b"one!", b"two!"):
            assert peer.store(CT, "1.2.3", small_object("1.2.3", more=more)) == 0
        peer.release()
    came, (end,) = closing(receiver)
    assert [event.kept.repeated for event in came] == [False, True, False]
    assert (end.kept, end.repeated) == (2, 1)
    assert {path.read_bytes()[-4:] for path in receiver.spool.waiting()} == {b"one!", b"two!"}


def test_what_does_not_fit_its_command_is_refused(receiver: Receiver) -> None:
    """G12: A900 for another object than announced, C000 for what is no data set."""
    with RawPeer(receiver.port) as peer:
        peer.associate([*[("1.2.840.10008.1.1", IMPLICIT), (CT, EXPLICIT)], (CT, IMPLICIT)])
        assert peer.store(CT, "1.2.3", small_object("1.2.4")) == 0xA900
        assert peer.store(CT, "1.2.3", small_object("1.2.3", "1.2.840.10008.5.1.4.1.1.4")) == 0xA900
        assert peer.store("1.2.840.10008.5.1.4.1.1.4", "1.2.3", small_object("1.2.3")) == 0xA900
        assert peer.store(CT, "1.2.3", os.urandom(300_000).replace(b"UI", b"..")) == 0xC000
        assert peer.store(CT, "1.2.3", b"\xff" * 5000, 5) == 0xC000
        assert peer.store(CT, "1.2.3", b"") == 0xC000
        assert peer.echo() == 0
        # what is broken behind its beginning is kept as it is
        assert peer.store(CT, "1.2.3", small_object("1.2.3")[:-3]) == 0
        peer.release()
    came, (end,) = closing(receiver)
    assert (len(came), end.refused) == (1, 6)


def test_an_object_over_its_limit_and_one_too_many_hear_that_there_is_no_room(tmp_path: Path) -> None:
    """A35, G12: A700, and nothing of them is left."""
    options = ReceiverOptions(tmp_path, anyone=True, largest_object=200_000, total=250_000)
    with Receiver(options) as receiver, RawPeer(receiver.port) as peer:
        peer.associate()
        assert peer.store(CT, "1.2.1", small_object("1.2.1", more=b"0" * 300_000)) == 0xA700
        assert peer.store(CT, "1.2.2", small_object("1.2.2", more=b"0" * 190_000)) == 0
        assert peer.store(CT, "1.2.3", small_object("1.2.3", more=b"0" * 190_000)) == 0xA700
        for path in receiver.spool.waiting():
            receiver.spool.release(path)
        time.sleep(0.6)  # others are asked what they took away twice a second
        assert peer.store(CT, "1.2.3", small_object("1.2.3", more=b"0" * 190_000)) == 0
        peer.release()
        events = until(receiver, AssociationClosed)
    assert [type(event) for event in events if isinstance(event, Arrived | Problem)] == [
        Problem,
        Arrived,
        Problem,
        Arrived,
    ]
    assert len(receiver.spool.waiting()) == 1


def test_a_full_disk_is_told_and_survived(tmp_path: Path) -> None:
    """G12: what cannot be written is answered A700; the receiver goes on."""
    full = tmp_path / "spool"
    with Receiver(ReceiverOptions(full, anyone=True)) as receiver, RawPeer(receiver.port) as peer:
        peer.associate()
        resource_limit(receiver.process_id, 100_000)
        assert peer.store(CT, "1.2.3", small_object("1.2.3", more=b"0" * 200_000)) == 0xA700
        assert peer.store(CT, "1.2.4", small_object("1.2.4", more=b"0" * 20_000)) == 0
        peer.release()
    assert len(receiver.spool.waiting()) == 1
    assert list(full.glob("*.part")) == []


def resource_limit(process: int, size: int) -> None:
    """Let a process write no file longer than this; longer ones fail as on a full disk."""
    import resource

    resource.prlimit(process, resource.RLIMIT_FSIZE, (size, size))


def test_who_may_not_send_is_rejected_with_the_right_reason(tmp_path: Path) -> None:
    """G13: result, source and reason of PS3.8 9.3.4."""
    options = ReceiverOptions(tmp_path, allowed=frozenset({"FRIEND"}), most_associations=1)
    with Receiver(options) as receiver:
        for called, calling, answer in (
            ("OTHER", "FRIEND", (1, 1, 7)),
            ("WORKSTATION", "STRANGER", (1, 1, 3)),
            ("WORKSTATION", "\1FRIEND", (1, 1, 3)),
            ("WORKSTATION", "friend", (1, 1, 3)),
            ("WORKSTATION", "", (1, 1, 3)),
        ):
            with RawPeer(receiver.port) as peer:
                kind, reason = peer.associate(called=called, calling=calling)
                assert (kind, tuple(reason[1:])) == (ASSOCIATE_RJ, answer)
        with RawPeer(receiver.port) as first, RawPeer(receiver.port) as second:
            first.associate(calling="FRIEND")
            kind, reason = second.associate(calling="FRIEND")
            assert (kind, tuple(reason[1:])) == (ASSOCIATE_RJ, (2, 3, 2))
            assert first.echo() == 0
            first.release()
        closing(receiver)
        with RawPeer(receiver.port) as peer:
            assert peer.associate(called="WORKSTATION\0", calling=" FRIEND\0")[0] != ASSOCIATE_RJ, "padded as some do"
        events = until(receiver, AssociationClosed)
    assert not any(isinstance(event, Refused) and "FRIEND" not in event.calling for event in events)


def test_nobody_may_send_unless_somebody_was_named(tmp_path: Path) -> None:
    """A35."""
    with pytest.raises(NodeError):
        Receiver(ReceiverOptions(tmp_path))
    assert ReceiverOptions(tmp_path).address == "127.0.0.1"


def test_only_storage_is_offered(receiver: Receiver) -> None:
    """G12: classes of the Standard that are not stored are refused, private ones kept as configured."""
    find, private = "1.2.840.10008.5.1.4.1.2.2.1", "1.3.46.670589.5.0.10"
    with RawPeer(receiver.port) as peer:
        _kind, answer = peer.associate([(find, IMPLICIT), (private, EXPLICIT), (CT, "1.2.840.10008.1.2.4.203")])
        results = [answer[place + 6] for place in range(len(answer)) if answer[place : place + 2] == b"\x21\0"]
        assert results == [3, 0, 0]
        assert peer.store(private, "1.2.3", small_object("1.2.3", private)) == 0
        peer.release()


def test_every_storage_class_that_others_know_is_kept() -> None:
    """G12: pynetdicom's list is the oracle; what is asked or ordered rather than stored is not taken."""
    from pynetdicom import presentation
    from pynetdicom.sop_class import _STORAGE_CLASSES

    assert len(_STORAGE_CLASSES) > 150
    assert [uid for uid in _STORAGE_CLASSES.values() if not is_stored(uid, private=False)] == []
    others = (
        presentation.QueryRetrievePresentationContexts
        + presentation.BasicWorklistManagementPresentationContexts
        + presentation.PrintManagementPresentationContexts
        + presentation.ModalityPerformedPresentationContexts
    )
    assert [one.abstract_syntax for one in others if is_stored(str(one.abstract_syntax), private=True)] == []
    assert not is_stored("1.3.46.670589.5.0.10", private=False)


def test_a_folder_belongs_to_one_receiver(receiver: Receiver) -> None:
    """A35: what another is just writing is not cleared away."""
    with pytest.raises(NetworkFailure, match="Another receiver"):
        Receiver(ReceiverOptions(receiver.spool.folder, anyone=True)).start()


def test_a_port_that_is_taken_is_told(receiver: Receiver, tmp_path: Path) -> None:
    with pytest.raises(NetworkFailure, match="port"):
        Receiver(ReceiverOptions(tmp_path, port=receiver.port, anyone=True)).start()


def test_a_silent_association_ends(tmp_path: Path) -> None:
    """G13: the idle timeout, and the one before a request (ARTIM)."""
    options = ReceiverOptions(tmp_path, anyone=True, idle=0.2, start_patience=0.2)
    with Receiver(options) as receiver:
        with RawPeer(receiver.port) as quiet:
            assert quiet.receive() == (0, b"")
        with RawPeer(receiver.port) as idle:
            idle.associate()
            assert idle.receive()[0] in (0, 7)
        (end,) = closing(receiver)[1]
        assert "silent" in end.ending


def test_secure_senders_are_served_and_plain_ones_are_not(dcmtk: Path, tmp_path: Path) -> None:
    """G17."""
    ours = authority(tmp_path)
    options = ReceiverOptions(tmp_path / "spool", anyone=True, tls=ours.issue(tmp_path, "server"), start_patience=1)
    theirs = ours.issue(tmp_path, "client")
    with Receiver(options) as receiver:
        words = ("+tls", theirs.key, theirs.certificate, "+cf", theirs.authorities)
        send(dcmtk / "storescu", receiver, *words, SMALL)
        closing(receiver)
        with RawPeer(receiver.port) as plain:
            assert plain.associate()[0] != 2
        (refusal,) = [event for event in until(receiver, Refused) if isinstance(event, Refused)]
        assert "TLS" in refusal.sentence
    assert len(receiver.spool.waiting()) == 1


def test_a_report_of_storage_commitment_is_handed_on_and_outlives_us(receiver: Receiver) -> None:
    """G16: on an association of its own, the peer as the provider."""
    from pynetdicom import AE, build_role
    from pynetdicom.sop_class import StorageCommitmentPushModel, StorageCommitmentPushModelInstance

    report = pydicom.Dataset()
    report.TransactionUID = "1.2.9"
    good, bad = pydicom.Dataset(), pydicom.Dataset()
    good.ReferencedSOPClassUID = bad.ReferencedSOPClassUID = CT
    good.ReferencedSOPInstanceUID, bad.ReferencedSOPInstanceUID, bad.FailureReason = "1.2.1", "1.2.2", 0x0112
    report.ReferencedSOPSequence, report.FailedSOPSequence = [good], [bad]
    entity = AE("ARCHIVE")
    entity.add_requested_context(StorageCommitmentPushModel)
    role = build_role(StorageCommitmentPushModel, scp_role=True)
    association = entity.associate(LOOPBACK, receiver.port, ae_title="WORKSTATION", ext_neg=[role])
    assert association.is_established
    status, _reply = association.send_n_event_report(
        report, 2, StorageCommitmentPushModel, StorageCommitmentPushModelInstance
    )
    association.release()
    association.join()
    assert status.Status == 0
    wanted = CommitmentReport("1.2.9", ("1.2.1",), (("1.2.2", 0x0112),), "ARCHIVE")
    assert wanted in until(receiver, AssociationClosed)
    receiver.stop()
    assert arrivals.reports(receiver.spool) == [wanted]
