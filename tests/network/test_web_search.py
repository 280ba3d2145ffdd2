"""Searches of DICOMweb services that page, warn and match in their own ways (G5, G11, G18)."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.network.played_web import Reply, Request, json_reply, played, told_before
from workstation.errors import BadUsage
from workstation.network.answers import Answer, SeriesAnswer, StudyAnswer
from workstation.network.failures import Cancelled, NetworkFailure
from workstation.network.find_service import FindReport
from workstation.network.matching import QueryError
from workstation.network.nodes import Node
from workstation.network.query_keys import Query
from workstation.network.web.json_data_set import data_set_of
from workstation.network.web.qido import query_string
from workstation.network.web.search import search
from workstation.network.web.session import WebSession

EVERYTHING = Query(everything=True)


def study(number: int, name: str = "Doe^Jane", **more: Any) -> dict[str, Any]:
    return {
        "0020000D": {"vr": "UI", "Value": [f"1.2.{number}"]},
        "00100010": {"vr": "PN", "Value": [{"Alphabetic": name}]},
        **more,
    }


def paging(rows: Sequence[Any], most: int = 1000, at_end: Reply | None = None) -> Callable[[Request], Reply]:
    """Return a server that gives at most ``most`` answers at once, whatever it is asked for."""

    def answer(request: Request) -> Reply:
        offset, limit = int(request.query["offset"][0]), int(request.query["limit"][0])
        page = rows[offset : offset + min(limit, most)]
        return json_reply(page) if page else at_end or Reply(204)

    return answer


def asked(node: Node, query: Query = EVERYTHING, **more: Any) -> list[Answer]:
    with WebSession(node) as web:
        return list(search(web, query, **more))


@pytest.mark.parametrize("most", [1000, 7, 1])
def test_pages_that_are_smaller_than_asked_for_are_not_the_end(most: int) -> None:
    """G18: only an empty page is."""
    rows = [study(number) for number in range(30)]
    with played(paging(rows, most)) as server:
        report = FindReport()
        found = asked(server.node(), limit=0, report=report)
        assert [row.uid for row in found if isinstance(row, StudyAnswer)] == [f"1.2.{n}" for n in range(30)]
        assert not report.more


@pytest.mark.parametrize("end", [json_reply([]), Reply(204), Reply(404), Reply(400), Reply(200)])
def test_every_way_to_say_that_there_is_no_more_is_understood(end: Reply) -> None:
    with played(paging([study(1)], at_end=end)) as server:
        assert len(asked(server.node())) == 1


def test_nothing_found_is_no_fault() -> None:
    with played(lambda _request: Reply(204)) as server:
        assert asked(server.node()) == []


def test_a_server_that_knows_no_offset_is_asked_once_more_and_each_answer_told_once() -> None:
    with played(lambda _request: json_reply([study(1), study(2), study(2)])) as server:
        assert len(asked(server.node(), limit=0)) == 2
        assert len(server.asked) == 2


def test_pages_are_asked_for_when_they_are_needed() -> None:
    rows = [study(number) for number in range(500)]
    with played(paging(rows)) as server, WebSession(server.node()) as web:
        answers = search(web, EVERYTHING, limit=0)
        assert server.asked == []
        first = list(itertools.islice(answers, 200))
        assert (len(first), len(server.asked)) == (200, 1)
        answers.close()  # type: ignore[attr-defined]


def test_a_limit_says_that_there_is_more() -> None:
    with played(paging([study(number) for number in range(10)])) as server:
        report = FindReport()
        assert len(asked(server.node(), limit=4, report=report)) == 4
        assert report.more


def test_a_search_that_is_stopped_keeps_what_came() -> None:
    stop = threading.Event()
    rows = [study(number) for number in range(10)]
    with played(paging(rows, 2)) as server, WebSession(server.node(), stop=stop) as web:
        report, found = FindReport(), []
        for row in search(web, EVERYTHING, report=report):
            found.append(row)
            stop.set()
        assert len(found) == 2
        assert report.stopped
        with pytest.raises(Cancelled):
            search(web, EVERYTHING)


def test_what_a_server_warns_of_is_told() -> None:
    """G18: a partial answer must not look like all there is."""
    partial = json_reply([study(1)], 206, Warning='299 pacs "There are 20 additional results"')
    silent = json_reply([study(1)], 206)
    for reply, words in ((partial, "There are 20 additional results"), (silent, "not all answers")):
        with played(lambda _request, reply=reply: reply) as server:
            report = FindReport()
            assert len(asked(server.node(), report=report)) == 1
            assert words in report.sentence


def test_keys_go_out_with_raw_wildcards_and_the_counts_are_asked_for() -> None:
    """Trap: an escaped asterisk finds nothing on Orthanc."""
    query = Query(keys=(("PatientName", "M?ll*"), ("StudyDate", "20240101-"), ("StudyInstanceUID", "1.2\\1.3")))
    with played(lambda _request: Reply(204)) as server:
        asked(server.node(), query, fuzzy=True)
        words = urlsplit(server.asked[0].target).query.split("&")
        assert {"PatientName=M?ll*", "StudyDate=20240101-", "StudyInstanceUID=1.2,1.3", "fuzzymatching=true"} <= {
            *words
        }
        fields = next(word for word in words if word.startswith("includefield="))
        assert {"00201206", "00201208", "00080061"} <= set(fields.partition("=")[2].split(","))


def test_text_goes_out_in_utf8() -> None:
    assert query_string([("PatientName", "Ümit^Ş a&b=c")]) == "PatientName=%C3%9Cmit%5E%C5%9E%20a%26b%3Dc"


def test_answers_that_do_not_fit_are_left_out_and_counted() -> None:
    """G5: servers ignore keys."""
    rows = [study(1, "Doe^Jane"), study(2, "Roe^Richard")]
    with played(paging(rows)) as server:
        report = FindReport()
        found = asked(server.node(), Query(keys=(("PatientName", "doe*"),)), report=report)
        assert [row.uid for row in found if isinstance(row, StudyAnswer)] == ["1.2.1"]
        assert report.dropped == 1


def test_a_server_that_does_not_read_escapes_is_asked_for_more() -> None:
    """Trap: Orthanc 1.7 takes escaped characters as they stand."""

    def answer(request: Request) -> Reply:
        if "%" in urlsplit(request.target).query or request.query["offset"] != ["0"]:
            return Reply(204)
        assert request.query["PatientName"] == ["M*ller*Ida"]
        return json_reply([study(1, "Müller^Ida"), study(2, "Moeller^Ida")])

    with played(answer) as server:
        report = FindReport()
        found = asked(server.node(), Query(keys=(("PatientName", "Müller^Ida"),)), report=report)
        assert [row.name for row in found if isinstance(row, StudyAnswer)] == ["Müller^Ida"]
        assert "filtered here" in report.sentence


def test_several_modalities_are_asked_for_one_by_one_and_each_study_told_once() -> None:
    both = {"00080061": {"vr": "CS", "Value": ["CT", "MR"]}}
    with played(paging([study(1, **both)])) as server:
        assert len(asked(server.node(), Query(keys=(("ModalitiesInStudy", "CT\\MR"),)))) == 1
        assert {one.query["ModalitiesInStudy"][0] for one in server.asked} == {"CT", "MR"}


def test_counts_that_are_not_supplied_are_unknown_never_zero() -> None:
    """G11."""
    rows = [study(1, **{"00201206": {"vr": "IS", "Value": [3]}, "00201208": {"vr": "IS"}})]
    with played(paging(rows)) as server:
        (row,) = asked(server.node())
        assert isinstance(row, StudyAnswer)
        assert (row.series_count, row.instance_count) == (3, None)
        assert "NumberOfStudyRelatedInstances" in row.not_supplied


def test_series_are_asked_for_below_their_study_and_know_it() -> None:
    row = {"0020000E": {"vr": "UI", "Value": ["1.2.3"]}, "00080060": {"vr": "CS", "Value": ["CT"]}}
    with played(paging([row])) as server:
        (found,) = asked(server.node(), Query("SERIES", keys=(("StudyInstanceUID", "1.2"), ("Modality", "CT"))))
        assert isinstance(found, SeriesAnswer)
        assert (found.uid, found.study_uid) == ("1.2.3", "1.2")
        assert server.asked[0].path == "/dicom-web/studies/1.2/series"


def test_patients_are_no_level_of_a_web_service() -> None:
    with played(lambda _request: Reply(204)) as server, WebSession(server.node()) as web:
        with pytest.raises(QueryError):
            search(web, Query("PATIENT", "patient", everything=True))
        assert server.asked == []


def test_a_failure_after_some_pages_keeps_what_came() -> None:
    def answer(request: Request) -> Reply:
        return json_reply([study(1)]) if request.query["offset"] == ["0"] else Reply(500)

    with played(answer) as server, WebSession(server.node()) as web:
        assert len(told_before(NetworkFailure, search(web, EVERYTHING))) == 1


def test_a_row_is_read_whatever_is_in_it() -> None:
    """What cannot be understood costs its own element alone."""
    ds = data_set_of(
        {
            "00100010": {"vr": "PN", "Value": ["Plain^Text"]},
            "PatientID": {"vr": "LO", "Value": ["7"]},
            "00201208": {"vr": "IS", "Value": ["many"]},
            "00080020": {"Value": ["20240101"]},
            "00080061": {"vr": "CS", "Value": "CT"},
            "nonsense": {"vr": "LO", "Value": ["x"]},
            "00081140": {"vr": "SQ", "Value": [{"00081155": {"vr": "UI", "Value": ["1.2"]}}]},
            "00080050": "text",
            "00080090": {"vr": "PN", "Value": [None]},
            "7FE00010": {"vr": "OW", "BulkDataURI": "http://elsewhere/"},
        }
    )
    assert str(ds.PatientName) == "Plain^Text"
    assert (ds.PatientID, ds.StudyDate, ds.ModalitiesInStudy) == ("7", "20240101", "CT")
    assert ds.ReferencedImageSequence[0].ReferencedSOPInstanceUID == "1.2"
    assert "AccessionNumber" not in ds


def test_uids_in_addresses_are_escaped() -> None:
    """A24: what a query holds becomes no path of its own."""
    from workstation.network.web.retrieve import Wanted

    assert Wanted("../x?y", "a/b").path == "studies/..%2Fx%3Fy/series/a%2Fb"
    with pytest.raises(BadUsage):
        _ = Wanted("1.2", "..").path
