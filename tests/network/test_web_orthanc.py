"""A real archive by DICOMweb: what is stored is found and comes back byte for byte (G18, G20)."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from io import BytesIO
from pathlib import Path

import pydicom
import pytest
from PIL import Image

from tests.network.certificates import authority
from tests.network.peers import Peer, orthanc
from tests.network.tls_proxy import tls_in_front_of
from workstation.network.answers import InstanceAnswer, SeriesAnswer, StudyAnswer
from workstation.network.failures import NetworkFailure
from workstation.network.find_service import FindReport
from workstation.network.nodes import Tls, Web
from workstation.network.query_keys import Query
from workstation.network.spool import Spool
from workstation.network.web.auth import Basic
from workstation.network.web.resources import bulk_data, frames, metadata, rendered
from workstation.network.web.retrieve import Wanted, retrieve
from workstation.network.web.search import search
from workstation.network.web.session import WebSession
from workstation.network.web.store import store

USER = ("ada", "pâss:word")
NOT_PARSED = frozenset(
    {
        "single/fo-dicom/GH1339.dcm",
        "single/fo-dicom/GH179B.dcm",
        "single/fo-dicom/GH364.dcm",
        "single/pydicom-data/emri_small_jpeg_2k_lossless_too_short.dcm",
        "single/pydicom-data/explicit_VR-UN.dcm",
        "single/pydicom/MR_truncated.dcm",
        "single/pydicom/SC_rgb_jpeg.dcm",
        "single/pydicom/rtdose_rle.dcm",
        "single/pydicom/rtdose_rle_1frame.dcm",
        "single/pydicom/rtplan_truncated.dcm",
    }
)
"""Objects with all UIDs that Orthanc's parser (DCMTK) refuses for their content."""

BEYOND_THE_ORACLE = "GH177_D_CLUNIE_CT1_IVRLE_BigEndian_undefined_length.dcm"
"""pydicom, which names what was sent, cannot read this one."""


@dataclass
class Archive:
    """Orthanc, and what became of each file of the corpus that was sent to it."""

    peer: Peer
    corpus: Path
    accepted: dict[str, Path] = field(default_factory=dict)
    stored: list[Path] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)

    def session(self, **more: object) -> WebSession:
        return WebSession(dataclasses.replace(self.peer.node, **more), Basic(*USER))  # type: ignore[arg-type]


def objects_of(corpus: Path) -> list[Path]:
    return [
        path
        for path in sorted(corpus.rglob("*"))
        if path.is_file()
        and path.relative_to(corpus).parts[0] not in ("broken", "fuzz", "dicomdir", "worklist", "licences")
        and path.name != BEYOND_THE_ORACLE
        and path.suffix not in (".csv", ".md", ".json", ".txt")
    ]


@pytest.fixture(scope="module")
def archive(orthanc_program: Path, corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    folder = tmp_path_factory.mktemp("archive")
    with orthanc(folder / "server", user=USER, worklist=False, SyncStorageArea=False) as peer:
        archive = Archive(peer, corpus)
        with archive.session() as web:
            for step in store(web, objects_of(corpus)):
                if step.outcome is None:
                    continue
                path = Path(step.outcome.path)
                if step.outcome.kind == "done":
                    archive.stored.append(path)
                    # the last of several objects with one UID is what it keeps, if they are of one study
                    archive.accepted[step.outcome.sop_instance_uid] = path
                else:
                    archive.refused[path.relative_to(corpus).as_posix()] = step.outcome.sentence
        yield archive


def header(path: Path) -> pydicom.Dataset:
    return pydicom.dcmread(path, force=True, stop_before_pixels=True)


def of(archive: Archive, modality: str) -> Wanted:
    """Return an object of a modality that was accepted."""
    path = next(path for path in archive.accepted.values() if header(path).get("Modality") == modality)
    ds = header(path)
    return Wanted(ds.StudyInstanceUID, ds.SeriesInstanceUID, ds.SOPInstanceUID)


def test_what_is_refused_has_a_reason_of_its_own(archive: Archive) -> None:
    """G18."""
    unexplained = set()
    for name, sentence in archive.refused.items():
        path = archive.corpus / name
        ds = header(path)
        if path.read_bytes()[128:132] != b"DICM":
            assert "prefix" in sentence
        elif not ds.get("SOPInstanceUID") and not ds.file_meta.get("MediaStorageSOPInstanceUID"):
            assert "does not say which object" in sentence
        elif all(ds.get(name) for name in ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")):
            unexplained.add(name)
            assert "HTTP 400" in sentence or "does not say what became" in sentence
    assert unexplained == NOT_PARSED


def test_everything_comes_back_byte_for_byte(archive: Archive, tmp_path: Path) -> None:
    """G18, G20: elements, pixels, transfer syntax: the files are the same."""
    spool = Spool(tmp_path / "spool", sync=False)
    patients = defaultdict(set)
    for path in archive.accepted.values():
        ds = header(path)
        patients[ds.get("StudyInstanceUID", "")].add(ds.get("PatientID", ""))
    faults, got = [], {}
    with archive.session() as web:
        for study in (uid for uid in patients if uid):
            for step in retrieve(web, Wanted(study), spool):
                if step.outcome is not None:
                    got[step.outcome.sop_instance_uid] = Path(step.outcome.path)
                    faults += [step.outcome] if step.outcome.kind != "done" else []
    assert faults == []
    assert len(got) > 800
    for uid, path in got.items():
        assert path.read_bytes() == archive.accepted[uid].read_bytes()
    for uid in archive.accepted.keys() - got.keys():
        # Orthanc knows a study by patient and UID, DICOMweb by its UID alone
        study = header(archive.accepted[uid]).get("StudyInstanceUID", "")
        assert not study or len(patients[study]) > 1


def test_studies_are_found_page_by_page_and_counted(archive: Archive) -> None:
    """G11, G18: counts against the files that were sent."""
    instances, series, claimed = defaultdict(set), defaultdict(set), {}
    for path in archive.stored:
        ds = header(path)
        study = ds.get("StudyInstanceUID")
        instances[study].add(ds.get("SOPInstanceUID"))
        series[study].add(ds.get("SeriesInstanceUID"))
        if "NumberOfStudyRelatedInstances" in ds:
            # what a file says of its study is what Orthanc answers, whatever it has of it
            claimed[study] = int(ds.NumberOfStudyRelatedInstances)
    with archive.session() as web:
        report = FindReport()
        found = list(search(web, Query(everything=True), limit=0, report=report))
    assert report.sentence.replace("1 answers could not be read.", "").strip() == ""
    studies = {row.uid: row for row in found if isinstance(row, StudyAnswer)}
    assert studies.keys() == {uid for uid in instances if uid}
    assert {uid: (row.series_count, row.instance_count) for uid, row in studies.items()} == {
        uid: (len(series[uid]), claimed.get(uid, len(instances[uid]))) for uid in studies
    }


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("PatientName", "*^*"),
        ("PatientName", "?est*"),
        ("PatientName", "Buc^Jérôme"),
        ("PatientID", "*1*"),
        ("ModalitiesInStudy", "CT\\MR"),
        ("StudyDate", "20040101-20101231"),
        ("StudyDate", "-20000101"),
    ],
)
def test_keys_find_what_they_find_by_our_own_rules(archive: Archive, key: str, value: str) -> None:
    """G5: the same as all studies, filtered here."""
    from workstation.dicom.vocabulary import vr_of
    from workstation.network.matching import matches
    from workstation.network.query_keys import key_tag

    attribute = {"PatientName": "name", "PatientID": "patient_id", "StudyDate": "date"}.get(key, "modalities")
    with archive.session() as web:
        every = list(search(web, Query(everything=True), limit=0))
        found = list(search(web, Query(keys=((key, value),)), limit=0))
    expected = set()
    for row in every:
        assert isinstance(row, StudyAnswer)
        there = getattr(row, attribute) or ""
        values = there if isinstance(there, tuple) else (there,)
        if matches(vr_of(key_tag(key)), value, values):
            expected.add(row.uid)
    assert expected
    assert {row.uid for row in found if isinstance(row, StudyAnswer)} == expected


def test_levels_below_a_study_are_found(archive: Archive) -> None:
    wanted = of(archive, "MR")
    study, series = ("StudyInstanceUID", wanted.study), ("SeriesInstanceUID", wanted.series)
    with archive.session() as web:
        rows = list(search(web, Query("SERIES", keys=(study,))))
        assert wanted.series in {row.uid for row in rows if isinstance(row, SeriesAnswer)}
        images = list(search(web, Query("IMAGE", keys=(study, series))))
    assert wanted.instance in {row.uid for row in images if isinstance(row, InstanceAnswer)}
    assert all(isinstance(row, InstanceAnswer) and row.rows for row in images)


def test_what_is_there_is_skipped(archive: Archive, tmp_path: Path) -> None:
    """G20."""
    wanted = replace(of(archive, "MR"), instance="")
    spool = Spool(tmp_path / "spool", sync=False)
    with archive.session() as web:
        first = [step.outcome for step in retrieve(web, wanted, spool) if step.outcome]
        there = {one.sop_instance_uid for one in first}
        again = list(retrieve(web, wanted, spool, have=there.__contains__))
    assert (again[-1].skipped, again[-1].done, again[-1].size) == (len(first), 0, 0)


def test_a_jpeg_2000_object_comes_as_it_is(archive: Archive, tmp_path: Path) -> None:
    """Trap: asked for in any other syntax, Orthanc fails."""
    path = next(
        path
        for path in archive.accepted.values()
        if path.read_bytes()[128:132] == b"DICM"
        and header(path).file_meta.get("TransferSyntaxUID") == "1.2.840.10008.1.2.4.90"
        and header(path).get("StudyInstanceUID")
    )
    ds = header(path)
    with archive.session() as web:
        wanted = Wanted(ds.StudyInstanceUID, ds.SeriesInstanceUID, ds.SOPInstanceUID)
        (step,) = [one for one in retrieve(web, wanted, Spool(tmp_path, sync=False)) if one.outcome]
    assert step.outcome is not None
    assert (step.outcome.kind, step.outcome.sentence) == ("done", "")


def test_metadata_frames_pictures_and_bulk_data(archive: Archive) -> None:
    wanted, colours = of(archive, "MR"), of(archive, "US")
    ds = pydicom.dcmread(archive.accepted[wanted.instance])
    with archive.session() as web:
        ((_kind, frame),) = frames(web, wanted, [1])
        assert frame[:64] in ds.PixelData
        for kind, form in (("image/png", "PNG"), ("image/jpeg", "JPEG")):
            picture = Image.open(BytesIO(rendered(web, wanted, kind=kind)))
            assert (picture.format, picture.size) == (form, (ds.Columns, ds.Rows))
        (model,) = metadata(web, colours)
        assert model["00080018"]["Value"] == [colours.instance]
        addresses = [element["BulkDataURI"] for element in model.values() if "BulkDataURI" in element]
        assert addresses
        for address in addresses:
            # what it calls itself does not matter
            foreign = address.replace("127.0.0.1", "archive.example")
            assert b"".join(bulk_data(web, foreign)) == b"".join(bulk_data(web, address)) != b""


def test_a_wrong_password_and_a_wrong_root_are_told(archive: Archive) -> None:
    root = archive.peer.node.web.root if archive.peer.node.web else ""
    for node, authority_, cause in (
        (archive.peer.node, Basic("ada", "no"), "unauthorised"),
        (replace(archive.peer.node, web=Web(root.replace("dicom-web", "rs"))), Basic(*USER), "not_found"),
        (replace(archive.peer.node, web=Web(root.replace("dicom-web", "app"))), Basic(*USER), "not_found"),
    ):
        with WebSession(node, authority_) as web, pytest.raises(NetworkFailure) as caught:
            list(search(web, Query(everything=True)))
        assert caught.value.cause == cause


def test_over_tls_with_a_certificate_of_ours(archive: Archive, tmp_path: Path) -> None:
    """G17."""
    assert archive.peer.node.web is not None
    trusted = authority(tmp_path)
    plain = int(archive.peer.node.web.root.split(":")[2].partition("/")[0])
    with tls_in_front_of(plain, trusted.issue(tmp_path, "server"), ask_for_certificate=True) as port:
        web_ = replace(archive.peer.node.web, root=f"https://127.0.0.1:{port}/dicom-web")
        with archive.session(web=web_, tls=trusted.issue(tmp_path, "client")) as web:
            assert list(search(web, Query(everything=True), limit=3))
        unknown = archive.session(web=web_, tls=Tls(authorities=str(trusted.pem)))
        with unknown as web, pytest.raises(NetworkFailure) as caught:
            list(search(web, Query(everything=True), limit=3))
    assert caught.value.cause in ("client_certificate", "broken")


def command(archive: Archive, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    assert archive.peer.node.web is not None
    verb, *rest = words
    return subprocess.run(
        [sys.executable, "-m", "workstation", "web", verb, "--url", archive.peer.node.web.root, *rest],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        env={**os.environ, "SECRET": USER[1], **variables},
        check=False,
    )


def test_the_command_line_searches_fetches_and_stores(archive: Archive, tmp_path: Path) -> None:
    who = ("--user", USER[0], "--password-env", "SECRET")
    wanted = of(archive, "US")
    listed = command(archive, "search", *who, "-k", f"StudyInstanceUID={wanted.study}", "--json")
    assert (listed.returncode, listed.stderr) == (0, "")
    assert [one["attributes"]["0020000D"]["Value"] for one in json.loads(listed.stdout)["answers"]] == [[wanted.study]]
    out = tmp_path / "out"
    fetched = command(archive, "retrieve", *who, "--study", wanted.study, "--out", str(out), "--json")
    document = json.loads(fetched.stdout)
    assert (fetched.returncode, document["failed"], document["done"]) == (0, 0, document["total"])
    again = command(archive, "retrieve", *who, "--study", wanted.study, "--out", str(out))
    assert f"0 done, {document['total']} there already" in again.stdout
    (out / "notes.txt").write_text("none of DICOM")
    stored = command(archive, "store", *who, str(out))
    assert (stored.returncode, "1 files" in stored.stderr) == (0, True)


def test_the_command_line_shows_what_the_server_renders(archive: Archive, tmp_path: Path) -> None:
    wanted = of(archive, "MR")
    who = ("--user", USER[0], "--password-env", "SECRET")
    place = ("--study", wanted.study, "--series", wanted.series, "--instance", wanted.instance)
    target = tmp_path / "picture.png"
    assert command(archive, "rendered", *who, *place, "--out", str(target)).returncode == 0
    assert target.read_bytes().startswith(b"\x89PNG")
    again = command(archive, "rendered", *who, *place, "--out", str(target))
    assert (again.returncode, "exists already" in again.stderr) == (2, True)
    model = json.loads(command(archive, "metadata", *who, *place).stdout)
    assert [one["00080018"]["Value"] for one in model] == [[wanted.instance]]


def test_the_command_line_tells_faults_and_never_takes_a_password(archive: Archive) -> None:
    everything: Sequence[str] = ("search", "--everything")
    refused = command(archive, *everything, "--user", "ada", "--password-env", "SECRET", SECRET="wrong")
    assert (refused.returncode, "HTTP 401" in refused.stderr) == (2, True)
    missing = command(archive, *everything, "--user", "ada")
    assert (missing.returncode, "needs a password" in missing.stderr) == (2, True)
    unset = command(archive, *everything, "--token-env", "NOT_SET")
    assert (unset.returncode, "NOT_SET holds nothing" in unset.stderr) == (2, True)
    assert command(archive, *everything, "--user", "ada", "--password", "x").returncode == 2
