"""Objects reach real servers as they are, or unpacked and said so (G10)."""

from __future__ import annotations

import json
import shutil
import subprocess
import threading
import urllib.request
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.data import get_testdata_file
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian

from tests.network.certificates import authority
from tests.network.peers import Peer, free_port, node, orthanc, storescp
from workstation.network.failures import Cancelled, NetworkFailure
from workstation.network.outgoing import batches, meta
from workstation.network.progress import Outcome, Progress
from workstation.network.sending import send

CT = Path(str(get_testdata_file("CT_small.dcm")))
MR = Path(str(get_testdata_file("MR_small.dcm")))
JPEG2000 = Path(str(get_testdata_file("JPEG2000.dcm")))
IMPLICIT, EXPLICIT = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1"


def outcomes(steps: Iterator[Progress]) -> list[Outcome]:
    return [one.outcome for one in steps if one.outcome is not None]


def data_set(path: Path) -> bytes:
    content = path.read_bytes()
    found = meta(content)
    assert found is not None
    return content[found[0] :]


def received(peer: Peer) -> dict[str, Path]:
    """Return what storescp got by SOP Instance UID."""
    files = (peer.folder / "got").iterdir()
    return {str(pydicom.dcmread(path, stop_before_pixels=True).SOPInstanceUID): path for path in files}


@pytest.fixture(scope="module")
def server(dcmtk: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peer]:
    with storescp(dcmtk, tmp_path_factory.mktemp("storescp"), "+B") as peer:
        yield peer


def test_data_sets_arrive_byte_for_byte(server: Peer) -> None:
    """G10: the file's own syntax where it is accepted."""
    files = [CT, MR, JPEG2000]
    told = list(send(server.node, files))
    assert [(one.outcome.kind, one.outcome.sentence) for one in told if one.outcome] == [("done", "")] * 3
    assert (told[-1].done, told[-1].total, told[-1].failed) == (3, 3, 0)
    assert told[-1].size == sum(len(data_set(path)) for path in files)
    got = received(server)
    for path in files:
        sent = pydicom.dcmread(path, stop_before_pixels=True)
        kept = got[sent.SOPInstanceUID]
        assert data_set(kept) == data_set(path)
        assert pydicom.dcmread(kept).file_meta.TransferSyntaxUID == sent.file_meta.TransferSyntaxUID


def test_a_small_pdu_of_the_peer_is_kept_to(dcmtk: Path, tmp_path: Path) -> None:
    with storescp(dcmtk, tmp_path / "scp", "+B", "-pdu", "4096") as peer:
        assert outcomes(send(peer.node, [CT, JPEG2000]))[1].kind == "done"
        assert sorted(map(data_set, received(peer).values())) == sorted(map(data_set, (CT, JPEG2000)))


def test_a_secure_peer_gets_the_same_bytes(dcmtk: Path, tmp_path: Path) -> None:
    """G17."""
    ours = authority(tmp_path).issue(tmp_path, "peer")
    with storescp(dcmtk, tmp_path / "scp", "+B", tls=ours) as peer:
        told = outcomes(send(replace(peer.node, tls=ours), [CT, MR, JPEG2000]))
        assert [one.kind for one in told] == ["done"] * 3
        assert sorted(map(data_set, received(peer).values())) == sorted(map(data_set, (CT, MR, JPEG2000)))


@pytest.mark.parametrize(
    ("option", "syntax"), [("+xi", IMPLICIT), ("+xe", EXPLICIT), ("+xr", EXPLICIT)], ids=["implicit", "explicit", "rle"]
)
def test_a_peer_of_one_syntax_gets_every_value_and_the_outcome_says_how(
    dcmtk: Path, tmp_path: Path, option: str, syntax: str
) -> None:
    """G10: lossless only, and told."""
    with storescp(dcmtk, tmp_path / "scp", "+B", option) as peer:
        told = outcomes(send(peer.node, [CT, MR, JPEG2000]))
        got = received(peer)
    for path, outcome in zip((CT, MR, JPEG2000), told, strict=True):
        original, kept = pydicom.dcmread(path), pydicom.dcmread(got[outcome.sop_instance_uid])
        assert outcome.kind == "done"
        assert np.array_equal(original.pixel_array, kept.pixel_array)
        assert kept.SOPInstanceUID == original.SOPInstanceUID
        same = original.file_meta.TransferSyntaxUID == kept.file_meta.TransferSyntaxUID
        assert same == (outcome.sentence == "")
        if not same:
            assert kept.file_meta.TransferSyntaxUID == syntax
            assert outcome.sentence.startswith(f"Sent as {kept.file_meta.TransferSyntaxUID.name}: ")
            assert outcome.sentence.endswith(".")


def test_without_consent_nothing_is_unpacked(dcmtk: Path, tmp_path: Path) -> None:
    with storescp(dcmtk, tmp_path / "scp", "+xe") as peer:
        told = outcomes(send(peer.node, [CT, JPEG2000], consent="as_is"))
        assert [one.kind for one in told] == ["done", "failed"]
        assert "does not take" in told[1].sentence
        assert len(received(peer)) == 1


@pytest.mark.parametrize("syntax", [DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian], ids=["deflated", "big"])
@pytest.mark.parametrize("option", ["+xa", "+xi"])
def test_deflated_and_big_endian_files_arrive(
    dcmtk: Path, tmp_path: Path, syntax: pydicom.uid.UID, option: str
) -> None:
    made = tmp_path / "made.dcm"
    converted = "+td" if syntax == DeflatedExplicitVRLittleEndian else "+tb"
    subprocess.run([dcmtk / "dcmconv", converted, CT, made], check=True)
    original = pydicom.dcmread(CT)
    with storescp(dcmtk, tmp_path / "scp", "+B", option) as peer:
        (outcome,) = outcomes(send(peer.node, [made]))
        (kept,) = received(peer).values()
        assert outcome.kind == "done"
        assert (outcome.sentence == "") == (option == "+xa")
        if option == "+xa":
            assert data_set(kept).rstrip(b"\0") == data_set(made).rstrip(b"\0")
        assert np.array_equal(pydicom.dcmread(kept).pixel_array, original.pixel_array)


def test_what_cannot_be_sent_has_its_reason_and_the_rest_goes_on(server: Peer, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("no DICOM")
    (tmp_path / "b.dcm").write_bytes(CT.read_bytes()[:-2000])
    shutil.copy(MR, tmp_path / "c.dcm")
    told = {Path(one.path).name: one for one in outcomes(send(server.node, [tmp_path, tmp_path / "none.dcm"]))}
    assert {name: one.kind for name, one in told.items()} == {
        "a.txt": "skipped",
        "b.dcm": "failed",
        "c.dcm": "done",
        "none.dcm": "failed",
    }
    assert "cut short" in told["b.dcm"].sentence
    assert "no such file" in told["none.dcm"].sentence


def test_a_file_without_its_head_is_written_anew_with_its_own_uids(server: Peer, tmp_path: Path) -> None:
    bare = tmp_path / "bare.dcm"
    changed = pydicom.dcmread(CT)
    changed.SOPInstanceUID = "1.2.3.4.5.6"
    del changed[0xFFFC, 0xFFFC]
    changed.save_as(bare)
    bare.write_bytes(data_set(bare))
    (outcome,) = outcomes(send(server.node, [bare]))
    assert (outcome.kind, outcome.sop_instance_uid) == ("done", "1.2.3.4.5.6")
    assert "irregular" in outcome.sentence
    assert pydicom.dcmread(received(server)["1.2.3.4.5.6"]) == changed
    assert outcomes(send(server.node, [bare], consent="as_is"))[0].kind == "failed"


def test_an_archive_and_a_disc_are_sent_from_within(server: Peer, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "study.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(CT, "one/ct.dcm")
        archive.write(JPEG2000, "two.dcm")
    disc = Path(str(get_testdata_file("DICOMDIR")))
    named = {
        record.ReferencedSOPInstanceUIDInFile
        for record in pydicom.dcmread(disc).DirectoryRecordSequence
        if "ReferencedFileID" in record
    }
    told = outcomes(send(server.node, [tmp_path / "study.zip", disc]))
    assert {one.kind for one in told} <= {"done", "skipped"}
    assert [one.kind for one in told if "study.zip!" in one.path] == ["done"] * 2
    assert named <= {one.sop_instance_uid for one in told}


def test_contexts_are_one_for_each_class_and_syntax_in_batches_of_128() -> None:
    """G10."""
    from workstation.dicom.identity import Instance, Locator

    made = [
        Instance(Locator(f"{number}"), f"1.{number}", f"1.2.{number % 90}", "1", "1", f"1.2.840.10008.1.2.4.{syntax}")
        for number, syntax in enumerate([50, 70, 90] * 90)
    ]
    for transcode in (True, False):
        planned = batches(made, transcode=transcode)
        assert max(len(batch.proposals) for batch in planned) <= 128
        assert sum(len(batch.instances) for batch in planned) == len(made)
        for batch in planned:
            offered = {(one.abstract_syntax, uid) for one in batch.proposals for uid in one.transfer_syntaxes}
            for one in batch.instances:
                assert (one.sop_class_uid, one.transfer_syntax_uid) in offered
                assert ((one.sop_class_uid, EXPLICIT) in offered) == transcode


def test_a_node_that_is_not_there_is_told_at_once() -> None:
    with pytest.raises(NetworkFailure) as caught:
        list(send(node("NOBODY", free_port()), [CT]))
    assert caught.value.cause == "refused"


def test_sending_stops_when_asked(server: Peer) -> None:
    stop = threading.Event()
    steps = send(server.node, [CT, MR, JPEG2000], stop=stop)
    for step in steps:
        if step.outcome:
            break
    stop.set()
    with pytest.raises(Cancelled):
        list(steps)


def test_orthanc_gives_back_every_element_and_pixel(orthanc_program: Path, tmp_path: Path) -> None:
    with orthanc(tmp_path / "orthanc", worklist=False) as peer:
        assert {one.kind for one in outcomes(send(peer.node, [CT, MR, JPEG2000]))} == {"done"}
        assert peer.node.web is not None
        root = peer.node.web.root.removesuffix("/dicom-web")
        assert len(json.loads(_get(f"{root}/instances"))) == 3
        for name in json.loads(_get(f"{root}/instances")):
            kept = tmp_path / "kept.dcm"
            kept.write_bytes(_get(f"{root}/instances/{name}/file"))
            read = pydicom.dcmread(kept)
            original = next(
                one for one in map(pydicom.dcmread, (CT, MR, JPEG2000)) if one.SOPInstanceUID == read.SOPInstanceUID
            )
            assert read == original


def _get(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return bytes(answer.read())
