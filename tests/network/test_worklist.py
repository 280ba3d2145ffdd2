"""What is scheduled, asked of DCMTK's worklist server and Orthanc's plugin (G14)."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

from tests.network.find_scp import Answers, stage
from tests.network.peers import Peer, orthanc, wlmscpfs
from workstation.dicom.uids import synthetic
from workstation.network.failures import NetworkFailure
from workstation.network.find_service import FindReport
from workstation.network.matching import QueryError
from workstation.network.worklist import STEPS, Code, WorklistItem, WorklistQuery, worklist

ALL = WorklistQuery(everything=True)


def item(number: int, name: str, modality: str, station: str, date: str, character_set: object = "") -> Dataset:
    """Return a worklist item."""
    ds, step, code = Dataset(), Dataset(), Dataset()
    if character_set:
        ds.SpecificCharacterSet = character_set
    ds.AccessionNumber, ds.ReferringPhysicianName = f"ACC{number}", "REFERRING^DOC"
    ds.PatientName, ds.PatientID = name, f"WL{number}"
    ds.PatientBirthDate, ds.PatientSex = "19700101", "F"
    ds.StudyInstanceUID = synthetic("worklist", number)
    ds.RequestedProcedureDescription, ds.RequestedProcedureID = "CT chest", f"RP{number}"
    ds.RequestedProcedurePriority = "LOW"
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = "P1", "99LOCAL", "Native"
    step.Modality, step.ScheduledStationAETitle = modality, station
    step.ScheduledProcedureStepStartDate, step.ScheduledProcedureStepStartTime = date, "101500"
    step.ScheduledPerformingPhysicianName = "PERFORMER^DOC"
    step.ScheduledProcedureStepDescription, step.ScheduledProcedureStepID = f"step {number}", f"SPS{number}"
    step.ScheduledStationName, step.ScheduledProcedureStepLocation = "STN1", "ROOM1"
    step.ScheduledProtocolCodeSequence = [code]
    ds.ScheduledProcedureStepSequence = [step]
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.file_meta.MediaStorageSOPClassUID = "1.2.276.0.7230010.3.1.0.1"
    ds.file_meta.MediaStorageSOPInstanceUID = synthetic("worklist file", number)
    return ds


@pytest.fixture(scope="module")
def items(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("items")
    paths = []
    for number, ds in enumerate(
        (
            item(1, "Müller^Worklist", "CT", "CTSTATION", "20240105", "ISO_IR 100"),
            item(2, "Doe^Jane", "MR", "MRSTATION", "20240106"),
            item(3, "Yamada^Tarou=山田^太郎", "CT", "CTSTATION", "20240201", ["", "ISO 2022 IR 87"]),
        ),
        1,
    ):
        paths.append(folder / f"item{number}.wl")
        ds.save_as(paths[-1], enforce_file_format=True)
    return paths


@pytest.fixture(scope="module")
def dcmtk_worklist(dcmtk: Path, items: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peer]:
    with wlmscpfs(dcmtk, tmp_path_factory.mktemp("wlm"), items) as server:
        yield server


@pytest.fixture(scope="module")
def orthanc_worklist(
    orthanc_program: Path, items: list[Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Peer]:
    folder = tmp_path_factory.mktemp("orthanc")
    with orthanc(folder) as server:
        for path in items:
            shutil.copy(path, folder / "worklists")
        yield server


@pytest.fixture(params=["dcmtk_worklist", "orthanc_worklist"])
def server(request: pytest.FixtureRequest) -> Peer:
    found: Peer = request.getfixturevalue(request.param)
    return found


def ids(server: Peer, query: WorklistQuery) -> set[str]:
    return {one.patient_id for one in worklist(server.node, query)}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (ALL, {"WL1", "WL2", "WL3"}),
        (WorklistQuery(modality="CT"), {"WL1", "WL3"}),
        (WorklistQuery(modality="CT", start_date="20240105"), {"WL1"}),
        (WorklistQuery(start_date="20240101-20240131"), {"WL1", "WL2"}),
        (WorklistQuery(start_date="20240106-"), {"WL2", "WL3"}),
        (WorklistQuery(station_title="MRSTATION"), {"WL2"}),
        (WorklistQuery(patient_name="M*"), {"WL1"}),
        (WorklistQuery(patient_id="WL2"), {"WL2"}),
        (WorklistQuery(accession="ACC3"), {"WL3"}),
        (WorklistQuery(keys=(("RequestedProcedureID", "RP1"),)), {"WL1"}),
        (WorklistQuery(modality="US"), set()),
        (WorklistQuery(start_date="29990101-"), set()),
    ],
)
def test_what_is_scheduled_is_found_by_its_keys(server: Peer, query: WorklistQuery, expected: set[str]) -> None:
    """G14: nothing scheduled is no error."""
    assert ids(server, query) == expected


def test_an_item_holds_all_that_is_known_of_it(server: Peer) -> None:
    (found,) = worklist(server.node, WorklistQuery(patient_id="WL1"))
    assert replace(found, model={}) == WorklistItem(
        node=server.node.name,
        model={},
        name="Müller^Worklist",
        patient_id="WL1",
        birth_date="19700101",
        sex="F",
        accession="ACC1",
        study_uid=synthetic("worklist", 1),
        procedure_id="RP1",
        procedure="CT chest",
        priority="LOW",
        referring="REFERRING^DOC",
        step_id="SPS1",
        step="step 1",
        protocols=(Code("P1", "99LOCAL", "Native"),),
        modality="CT",
        station_title="CTSTATION",
        station_name="STN1",
        location="ROOM1",
        date="20240105",
        time="101500",
        performing="PERFORMER^DOC",
    )
    assert found.model["00400100"]["Value"][0]["00080060"]["Value"] == ["CT"]


def test_names_of_a_worklist_are_read_by_their_character_set(server: Peer) -> None:
    """G6."""
    (found,) = worklist(server.node, WorklistQuery(patient_id="WL3"))
    assert found.name == "Yamada^Tarou=山田^太郎"


def test_a_worklist_that_names_no_character_set_is_read_as_it_looks_or_as_the_node_says(
    dcmtk: Path, items: list[Path], tmp_path: Path
) -> None:
    """G6: wlmscpfs without -csk leaves (0008,0005) out of its answers."""
    with wlmscpfs(dcmtk, tmp_path, items, "-cs0") as silent:
        (german,) = worklist(silent.node, WorklistQuery(patient_id="WL1"))
        assert "00080005" not in german.model
        assert german.name == "Müller^Worklist"
        japanese = replace(silent.node, character_set="\\ISO 2022 IR 87")
        (found,) = worklist(japanese, WorklistQuery(patient_id="WL3"))
        assert found.name == "Yamada^Tarou=山田^太郎"


def test_a_limit_ends_the_worklist(server: Peer) -> None:
    report = FindReport()
    assert len(list(worklist(server.node, ALL, limit=1, report=report))) == 1
    assert report.more


def test_a_wrong_title_is_told(dcmtk_worklist: Peer) -> None:
    with pytest.raises(NetworkFailure) as caught:
        list(worklist(replace(dcmtk_worklist.node, ae_title="OTHER"), ALL))
    assert caught.value.cause == "called_title"


def test_what_a_worklist_ignores_is_filtered_here() -> None:
    """G5; and the identifier has no level, one step, no group of its own for keys of the step (PS3.4 K.4.1.1.3)."""
    asked: list[Dataset] = []

    def answers(event: Any) -> Answers:
        asked.append(event.identifier)
        yield 0xFF00, item(1, "Doe^Jane", "CT", "A", "20240105")
        yield 0xFF00, item(2, "Doe^John", "MR", "A", "20240105")

    report = FindReport()
    with stage() as played:
        found = list(worklist(played.play(answers), WorklistQuery(modality="MR"), report=report))
    assert [one.patient_id for one in found] == ["WL2"]
    assert report.dropped == 1
    assert "QueryRetrieveLevel" not in asked[0]
    assert "Modality" not in asked[0]
    (step,) = asked[0][STEPS].value
    assert (step.Modality, asked[0].PatientName) == ("MR", "")


@pytest.mark.parametrize(
    ("query", "said"),
    [
        (WorklistQuery(), "everything"),
        (WorklistQuery(patient_name="*"), "everything"),
        (WorklistQuery(start_date="today"), "ScheduledProcedureStepStartDate"),
        (WorklistQuery(modality="CT\\MR"), "one modality"),
        (WorklistQuery(patient_id="A", keys=(("PatientID", "B"),)), "twice"),
        (WorklistQuery(keys=((STEPS, ""),)), "by the program"),
    ],
)
def test_what_cannot_be_asked_is_refused(query: WorklistQuery, said: str) -> None:
    from tests.network.peers import node

    with pytest.raises(QueryError, match=said):
        worklist(node("NOBODY", 1), query)
