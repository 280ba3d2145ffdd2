"""C-FIND against Orthanc and DCMTK's archive: four levels, keys, counts, character sets (G3-G7, G11)."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.network.archive_content import PEOPLE, STUDIES, push, series_uid, study_uid, write_archive
from tests.network.peers import Peer, dcmqrscp, orthanc
from workstation.network.answers import InstanceAnswer, PatientAnswer, SeriesAnswer, StudyAnswer
from workstation.network.failures import Cancelled, NetworkFailure
from workstation.network.query import Counts, FindReport, Query, QueryError, count_children, find


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("content") / "files"
    write_archive(folder)
    return folder


@pytest.fixture(scope="module")
def qrscp(dcmtk: Path, files: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peer]:
    with dcmqrscp(dcmtk, tmp_path_factory.mktemp("qrscp")) as server:
        push(dcmtk, server, files)
        yield server


@pytest.fixture(scope="module")
def archive(
    dcmtk: Path, orthanc_program: Path, files: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Peer]:
    with orthanc(tmp_path_factory.mktemp("orthanc"), worklist=False) as server:
        push(dcmtk, server, files)
        yield server


@pytest.fixture(params=["qrscp", "archive"])
def server(request: pytest.FixtureRequest) -> Peer:
    found: Peer = request.getfixturevalue(request.param)
    return found


def studies(server: Peer, *keys: tuple[str, str], **more: object) -> set[str]:
    """Return the Study IDs that keys find."""
    rows = list(find(server.node, Query(keys=keys), **more))  # type: ignore[arg-type]
    assert all(isinstance(row, StudyAnswer) for row in rows)
    return {row.study_id for row in rows if isinstance(row, StudyAnswer)}


def test_patients_are_listed_in_the_patient_root(server: Peer) -> None:
    """G3, G6: each name by the answer's own character set."""
    rows = list(find(server.node, Query("PATIENT", "patient", everything=True)))
    assert all(isinstance(row, PatientAnswer) for row in rows)
    found = {row.patient_id: row.name for row in rows if isinstance(row, PatientAnswer)}
    assert found == {patient: name for patient, (_, name) in PEOPLE.items()}


def test_a_study_has_the_fields_of_the_study_list(server: Peer) -> None:
    (row,) = find(server.node, Query(keys=(("StudyInstanceUID", study_uid("B")),)))
    assert isinstance(row, StudyAnswer)
    assert (row.uid, row.name, row.patient_id, row.birth_date, row.sex) == (
        study_uid("B"), "Doe^Jane", "D1", "19700101", "F",
    )  # fmt: skip
    assert (row.date, row.time, row.description, row.accession) == ("20240210", "101500", "Study B", "ACCB")
    assert row.node == server.node.name
    assert row.model["00100010"]["Value"] == [{"Alphabetic": "Doe^Jane"}]


@pytest.mark.parametrize("root", ["study", "patient"])
def test_series_and_images_are_found_below_their_study(server: Peer, root: str) -> None:
    """G3: every unique key of the levels above is given."""
    above = (("StudyInstanceUID", study_uid("B")), *((("PatientID", "D1"),) if root == "patient" else ()))
    series = list(find(server.node, Query("SERIES", root, above)))
    assert {(row.uid, row.number, row.modality) for row in series if isinstance(row, SeriesAnswer)} == {
        (series_uid("B", 1), 1, "CT"),
        (series_uid("B", 2), 2, "MR"),
    }
    images = list(find(server.node, Query("IMAGE", root, (*above, ("SeriesInstanceUID", series_uid("B", 2))))))
    assert {(row.number, row.series_uid) for row in images if isinstance(row, InstanceAnswer)} == {
        (1, series_uid("B", 2)),
        (2, series_uid("B", 2)),
    }


SUPPLIED = {
    # level: what Orthanc counts; DCMTK's archive counts nothing (G11)
    "PATIENT": {"study_count": 2, "series_count": 3, "instance_count": 4},
    "STUDY": {"series_count": 2, "instance_count": 3, "modalities": ("CT", "MR")},
    "SERIES": {"instance_count": 2},
}
QUERIES = {
    "PATIENT": Query("PATIENT", "patient", (("PatientID", "D1"),)),
    "STUDY": Query("STUDY", "study", (("StudyInstanceUID", study_uid("B")),)),
    "SERIES": Query(
        "SERIES", "study", (("StudyInstanceUID", study_uid("B")), ("SeriesInstanceUID", series_uid("B", 2)))
    ),
}


@pytest.mark.parametrize("level", SUPPLIED)
def test_counts_are_the_servers_or_none(archive: Peer, qrscp: Peer, level: str) -> None:
    """G11: what a server does not count is unknown, never 0."""
    (row,) = find(archive.node, QUERIES[level])
    assert {name: getattr(row, name) for name in SUPPLIED[level]} == SUPPLIED[level]
    (row,) = find(qrscp.node, QUERIES[level])
    assert {name: getattr(row, name) for name in SUPPLIED[level]} == dict.fromkeys(SUPPLIED[level])
    assert any(keyword.startswith("NumberOf") for keyword in row.not_supplied)


def test_empty_counts_are_not_supplied(archive: Peer) -> None:
    """G11: Orthanc returns the counts of a patient empty where studies are asked for."""
    (row,) = find(archive.node, QUERIES["STUDY"])
    assert row.not_supplied == (
        "NumberOfPatientRelatedStudies", "NumberOfPatientRelatedSeries", "NumberOfPatientRelatedInstances",
    )  # fmt: skip
    assert {"00201200", "00201206"} <= set(row.model)
    assert isinstance(row, StudyAnswer)
    assert row.sop_classes == ("1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.4")


@pytest.mark.parametrize(
    ("level", "uids", "expected"),
    [
        ("PATIENT", {"PatientID": "D1"}, Counts(2, 3, 4, ("CT", "MR"))),
        ("STUDY", {"StudyInstanceUID": study_uid("B")}, Counts(None, 2, 3, ("CT", "MR"))),
        (
            "SERIES",
            {"StudyInstanceUID": study_uid("A"), "SeriesInstanceUID": series_uid("A", 1)},
            Counts(None, None, 3),
        ),
    ],
)
def test_what_a_server_does_not_count_is_counted_by_asking(
    server: Peer, level: str, uids: dict[str, str], expected: Counts
) -> None:
    """G11."""
    counts = count_children(server.node, level, uids)
    assert replace(counts, modalities=tuple(sorted(counts.modalities))) == expected


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("StudyDate", "20240101-20240131", {"A"}),
        ("StudyDate", "20240101-", {"A", "B"}),
        ("0008,0020", "-20231231", {"C", "Y", "W", "H"}),
        ("StudyDate", "20240210", {"B"}),
        ("StudyInstanceUID", f"{study_uid('A')}\\{study_uid('C')}", {"A", "C"}),
        ("PatientName", "Doe*", {"B", "C"}),
        ("PatientName", "D?e^J*", {"B", "C"}),
        ("StudyDescription", "*A", {"A"}),
        ("AccessionNumber", "ACC?", set(STUDIES)),
        ("PatientID", "D1", {"B", "C"}),
        ("ModalitiesInStudy", "MR", {"B", "C", "Y"}),
        ("Modality", "MR\\CT", set(STUDIES)),
        ("StudyTime", "1000-1100", set(STUDIES)),
        ("PatientName", "Nobody", set()),
    ],
)
def test_keys_find_what_they_say(server: Peer, key: str, value: str, expected: set[str]) -> None:
    """G5: the same on both, although one of them ignores ModalitiesInStudy."""
    assert studies(server, (key, value)) == expected


def test_what_a_server_ignores_is_filtered_here_and_told(qrscp: Peer) -> None:
    """G5: DCMTK's archive returns all studies, whatever modalities are asked for, and does not say which they have."""
    report = FindReport()
    assert studies(qrscp, ("ModalitiesInStudy", "MR"), report=report) == {"B", "C", "Y"}
    assert (report.received, report.kept, report.dropped) == (6, 3, 3)
    assert "3 of 6 answers did not fit" in report.sentence
    assert "series by series" in report.sentence


FOUND_BY_NAME = {
    # key: by Orthanc, by DCMTK's archive
    "Müller*": ({"A"}, {"A"}),
    "müller*": ({"A"}, set()),  # case counts there
    "*山田*": ({"Y"}, set()),  # it compares bytes with their escapes
    "*王*": ({"W"}, {"W"}),
    "*홍*": ({"H"}, {"H"}),
}


@pytest.mark.parametrize("key", FOUND_BY_NAME)
def test_names_of_any_script_can_be_asked_for(archive: Peer, qrscp: Peer, key: str) -> None:
    """G6: the request names the character set its keys are in."""
    assert (studies(archive, ("PatientName", key)), studies(qrscp, ("PatientName", key))) == FOUND_BY_NAME[key]


def test_a_limit_ends_the_query_and_says_so(server: Peer) -> None:
    """G7."""
    report = FindReport()
    rows = list(find(server.node, Query(everything=True), limit=2, report=report))
    assert len(rows) == 2
    assert report.more
    assert "first 2" in report.sentence
    whole = FindReport()
    assert len(list(find(server.node, Query(everything=True), limit=6, report=whole))) == 6
    assert not whole.more


def test_the_nodes_own_limit_is_kept(server: Peer) -> None:
    assert len(list(find(replace(server.node, answer_limit=1), Query(everything=True)))) == 1


def test_a_reader_that_leaves_ends_the_query(server: Peer) -> None:
    answers = find(server.node, Query(everything=True))
    assert next(answers)
    answers.close()  # type: ignore[attr-defined]
    assert studies(server, ("PatientID", "M1")) == {"A"}


def test_nothing_is_asked_after_a_stop(server: Peer) -> None:
    stop = threading.Event()
    stop.set()
    with pytest.raises(Cancelled):
        list(find(server.node, Query(everything=True), stop=stop))


def test_a_server_without_the_model_is_told(dcmtk: Path, tmp_path: Path) -> None:
    from tests.network.peers import storescp

    with storescp(dcmtk, tmp_path / "scp") as store, pytest.raises(NetworkFailure) as caught:
        list(find(store.node, Query(everything=True)))
    assert caught.value.cause == "no_context"


@pytest.mark.parametrize(
    ("query", "said"),
    [
        (Query(), "everything"),
        (Query(keys=(("PatientName", "*"),)), "everything"),
        (Query("PATIENT", "study", everything=True), "root patient"),
        (Query("SERIES", everything=True), "needs one StudyInstanceUID"),
        (Query("SERIES", "patient", (("StudyInstanceUID", "1.2"),)), "needs one PatientID"),
        (Query("SERIES", keys=(("StudyInstanceUID", "1.2\\1.3"),)), "single value"),
        (Query("STUDY", "patient", (("PatientID", "A*"),)), "single value"),
        (Query("STUDY", "patient", (("PatientID", "A"), ("PatientName", "B"))), "key of patients"),
        (Query(keys=(("SeriesDescription", "x"),)), "key of series"),
        (Query("SERIES", keys=(("StudyInstanceUID", "1.2"), ("StudyDate", "20240101"))), "key of studies"),
        (Query(keys=(("NoSuchThing", "x"),)), "no attribute"),
        (Query(keys=(("PatientID", "x"), ("0010,0020", "y"))), "twice"),
        (Query(keys=(("QueryRetrieveLevel", "STUDY"),)), "by the program"),
        (Query("FRAME", everything=True), "four levels"),
        (Query("STUDY", "worklist", everything=True), "two roots"),
    ],
)
def test_what_cannot_be_asked_is_refused_before_anything_is_sent(query: Query, said: str) -> None:
    """G3, G4."""
    from tests.network.peers import node

    with pytest.raises(QueryError, match=said):
        find(node("NOBODY", 1), query)
