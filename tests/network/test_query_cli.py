"""``workstation find`` and ``workstation worklist``: tables for people, JSON for programs, exit codes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from pydicom.dataset import Dataset

from tests.network.find_scp import Answers, Stage, stage, study
from tests.network.peers import free_port
from tests.network.test_worklist import item
from workstation.cli.main import run
from workstation.network.nodes import Node, NodeBook

UID = "1.2.3.1"


@pytest.fixture(scope="module")
def server() -> Iterator[Stage]:
    with stage() as running:
        yield running


def two_studies(event: Any) -> Answers:
    wanted: Dataset = event.identifier
    if wanted.QueryRetrieveLevel == "STUDY":
        yield 0xFF00, study(1, PatientName="Doe^Jane", StudyDate="20240105", NumberOfStudyRelatedSeries="")
        yield 0xFF00, study(2, PatientName="王^小东", SpecificCharacterSet="GB18030", NumberOfStudyRelatedSeries=7)
    elif wanted.QueryRetrieveLevel == "SERIES" and wanted.StudyInstanceUID == UID:
        series = Dataset()
        series.QueryRetrieveLevel, series.StudyInstanceUID, series.SeriesInstanceUID = "SERIES", UID, f"{UID}.1"
        series.Modality, series.NumberOfSeriesRelatedInstances = "CT", 12
        yield 0xFF00, series


def peer(node: Node) -> str:
    return str(node)


def test_studies_are_a_table_with_a_question_mark_where_nothing_is_known(
    server: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    """G11."""
    assert run(["find", "--peer", peer(server.play(two_studies)), "--everything"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == [
        "date", "name", "ID", "modalities", "description", "accession", "series", "instances", "UID",
    ]  # fmt: skip
    assert lines[1].split() == ["2024-01-05", "Doe,", "Jane", "P1", "?", "?", "?", UID]
    assert lines[2].split() == ["王,", "小东", "P2", "?", "7", "?", "1.2.3.2"]


def test_json_holds_every_attribute_and_what_was_not_supplied(
    server: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    node = server.play(two_studies)
    assert run(["find", "--peer", peer(node), "-k", "PatientID=P1", "-k", "0008,1030", "--count", "--json"]) == 0
    output = capsys.readouterr()
    document = json.loads(output.out)
    (answer,) = document["answers"]
    assert answer["attributes"]["0020000D"]["Value"] == [UID]
    assert {"NumberOfStudyRelatedSeries", "ModalitiesInStudy", "StudyDescription"} <= set(answer["not_supplied"])
    assert answer["counted"] == {"studies": None, "series": 1, "instances": 12, "modalities": ["CT"]}
    assert (document["received"], document["dropped"], document["more"]) == (2, 1, False)
    assert "1 of 2 answers did not fit" in output.err


def test_a_configured_node_is_asked_by_its_name(server: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    NodeBook().put(server.play(two_studies))
    assert run(["find", "--node", "played", "-k", "PatientName=Doe*", "--limit", "5"]) == 0
    assert UID in capsys.readouterr().out


def test_exit_codes_say_what_became_of_it(server: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    def failing(event: Any) -> Answers:
        yield 0xFF00, study(1)
        yield 0xA700, None

    assert run(["find", "--peer", peer(server.play(failing)), "--everything", "--json"]) == 1
    output = capsys.readouterr()
    assert json.loads(output.out)["failure"]["cause"] == "status"
    assert "0xA700" in output.err
    assert run(["find", "--peer", f"X@127.0.0.1:{free_port()}", "--everything"]) == 2
    assert run(["find", "--peer", "X@127.0.0.1:1"]) == 2
    assert "everything" in capsys.readouterr().err
    assert run(["find", "--peer", "X@127.0.0.1:1", "--everything", "--limit", "-1"]) == 2
    assert run(["find", "--peer", "X@127.0.0.1:1", "--level", "series", "--dates", "today"]) == 2


def test_spans_of_dates_have_names(server: Stage) -> None:
    asked: list[str] = []

    def answers(event: Any) -> Answers:
        asked.append(event.identifier.StudyDate)
        yield from ()

    assert run(["find", "--peer", peer(server.play(answers)), "--dates", "last 7 days"]) == 0
    assert len(asked[0]) == len("20240101-20240107")


def test_every_level_has_its_table(server: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    def answers(event: Any) -> Answers:
        wanted: Dataset = event.identifier
        ds = Dataset()
        ds.QueryRetrieveLevel, ds.PatientID, ds.PatientName = wanted.QueryRetrieveLevel, "P1", "Doe^Jane"
        ds.StudyInstanceUID, ds.SeriesInstanceUID, ds.SOPInstanceUID = UID, f"{UID}.1", f"{UID}.1.1"
        ds.SOPClassUID = "1.2.840.10008.5.1.4.1.1.2"
        yield 0xFF00, ds

    to = ["find", "--peer", peer(server.play(answers))]
    assert run([*to, "--level", "patient", "--everything"]) == 0
    assert run([*to, "--level", "series", "-k", f"StudyInstanceUID={UID}"]) == 0
    keys = ["-k", f"StudyInstanceUID={UID}", "-k", f"SeriesInstanceUID={UID}.1"]
    assert run([*to, "--level", "image", *keys]) == 0
    output = capsys.readouterr().out
    assert "Doe, Jane" in output
    assert f"{UID}.1\n" in output
    assert "CT Image Storage" in output


def test_a_worklist_is_a_table_or_json(server: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    """G14."""

    def answers(event: Any) -> Answers:
        yield 0xFF00, item(1, "Doe^Jane", "CT", "CTSTATION", "20240105")

    to = ["worklist", "--peer", peer(server.play(answers))]
    assert run([*to, "--modality", "CT"]) == 0
    assert "2024-01-05  10:15" in capsys.readouterr().out
    assert run([*to, "--date", "20240101-20240131", "--name", "doe*", "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)["items"]
    assert found["00100010"]["Value"] == [{"Alphabetic": "Doe^Jane"}]
    assert run(to) == 2
