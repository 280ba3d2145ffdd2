"""Rows of library and servers as one list: order, places, what no longer fits (O2, G11)."""

from __future__ import annotations

import random

import pytest

from workstation.library.search import StudyQuery, StudyRow
from workstation.network.answers import StudyAnswer
from workstation.network.query import Counts
from workstation.transfers.study_places import ALL, LIBRARY, RemoteStudies


def row(number: int, **values: object) -> StudyRow:
    plain: dict[str, object] = dict.fromkeys(("birth_date", "sex", "time", "age", "accession", "comment", "status"), "")
    plain |= {"id": number, "uid": f"1.{number}", "patient": number, "name": f"N{number}", "patient_id": f"P{number}"}
    plain |= {"date": "20240101", "description": "", "modalities": ("CT",), "series_count": 1, "instance_count": 3}
    plain |= {"declared_series": None, "declared_instances": None, "added": 0.0, "opened": None, "binned": None}
    return StudyRow(**(plain | values))  # type: ignore[arg-type]


def answer(uid: str, node: str = "one", **values: object) -> StudyAnswer:
    return StudyAnswer(uid=uid, node=node, model={}, **({"name": "Doe^Jane", "date": "20240101"} | values))  # type: ignore[arg-type]


@pytest.fixture
def remote() -> RemoteStudies:
    return RemoteStudies()


@pytest.mark.parametrize(
    ("here", "counts", "kind"),
    [(3, (3,), "local"), (3, (5,), "partly"), (3, (5, None), "partly"), (3, (None,), "unsure"), (None, (5,), "remote")],
)
def test_where_a_study_is(remote: RemoteStudies, here: int | None, counts: tuple[int | None, ...], kind: str) -> None:
    """G11: a count that is not supplied is never 0."""
    for number, count in enumerate(counts):
        remote.add(answer("1.1", f"n{number}", instance_count=count))
    place = remote.place("1.1", None if here is None else row(1, instance_count=here))
    assert place.kind == kind
    assert place.uncounted == tuple(f"n{n}" for n, count in enumerate(counts) if count is None)


def test_what_was_counted_by_asking_stands_where_a_server_supplies_nothing(remote: RemoteStudies) -> None:
    remote.add(answer("1.1"))
    remote.set_counts("1.1", "one", Counts(series=2, instances=9))
    assert (remote.place("1.1", None).there, remote.place("1.1", None).nodes[0].asked) == (9, True)


def test_a_study_is_fetched_where_most_of_it_is_online(remote: RemoteStudies) -> None:
    remote.add(answer("1.1", "tape", instance_count=9, availability="NEARLINE"))
    remote.add(answer("1.1", "few", instance_count=3))
    remote.add(answer("1.1", "all", instance_count=5, availability="ONLINE"))
    assert remote.best_node("1.1") == "all"
    assert remote.best_node("9") == ""


def test_a_source_shows_its_own_studies(remote: RemoteStudies) -> None:
    local = [row(1), row(2)]
    remote.add(answer("1.2", "one"))
    remote.add(answer("1.9", "two"))
    query = StudyQuery()
    assert [one.uid for one in remote.merged(local, query, LIBRARY)[0]] == ["1.1", "1.2"]
    assert {one.uid for one in remote.merged(local, query, ALL)[0]} == {"1.1", "1.2", "1.9"}
    assert [one.uid for one in remote.merged(local, query, "one")[0]] == ["1.2"]
    assert [one.uid for one in remote.merged(local, query, "two")[0]] == ["1.9"]


def test_a_patient_of_library_and_servers_is_one(remote: RemoteStudies) -> None:
    """O2: as the count of patients and the names that stand where identity is hidden tell."""
    remote.add(answer("1.7", name="N1", patient_id="P1"))
    remote.add(answer("1.8", name="N1", patient_id=""))
    remote.add(answer("1.9", name="N2", patient_id="P1"))
    before, _places = remote.merged([], StudyQuery(), ALL)
    assert all(one.patient < 0 for one in before)
    rows, _places = remote.merged([row(1)], StudyQuery(), ALL)
    assert {one.uid: one.patient > 0 for one in rows} == {"1.1": True, "1.7": True, "1.8": False, "1.9": False}
    assert len({one.patient for one in rows}) == 3


def test_a_study_of_the_library_that_is_not_listed_now_is_known_all_the_same(remote: RemoteStudies) -> None:
    remote.add(answer("1.7", instance_count=5), row(7))
    rows, places = remote.merged([], StudyQuery(), ALL)
    assert [(one.id, places[one.uid].kind) for one in rows] == [(7, "partly")]


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("sort", ["date", "name", "patient_id", "modalities", "series", "instances", "description"])
def test_rows_of_servers_stand_where_the_order_puts_them(remote: RemoteStudies, sort: str, descending: bool) -> None:
    rolled = random.Random(f"{sort}{descending}")

    def values() -> dict[str, object]:
        names = ("", "alpha", "Beta", "gamma", "Delta")
        return {
            "date": rolled.choice(("", "20200101", "20220101", "20240101")),
            "name": rolled.choice(names),
            "description": rolled.choice(names),
            "patient_id": rolled.choice(names),
            "instance_count": rolled.randrange(5),
            "series_count": rolled.randrange(5),
            "modalities": (rolled.choice(("CT", "MR")),),
        }

    def key(one: StudyRow) -> tuple[object, ...]:
        value = getattr(one, {"series": "series_count", "instances": "instance_count"}.get(sort, sort))
        if isinstance(value, str):
            return (value == "" and not descending, value.lower() if sort in ("name", "description") else value)
        return (value,)

    local = sorted((row(n, **values()) for n in range(1, 40)), key=key, reverse=descending)
    for number in range(100, 140):
        remote.add(answer(f"1.{number}", **values()))
    query = StudyQuery(sort=sort, descending=descending)
    rows, _ = remote.merged(local, query, ALL)
    assert len(rows) == 79
    assert [key(one) for one in rows] == sorted(map(key, rows), reverse=descending)
    assert [one for one in rows if one.id > 0] == local


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (StudyQuery(text="doe jane"), True),
        (StudyQuery(text="Doe, J*"), True),
        (StudyQuery(text="roe"), False),
        (StudyQuery(columns=(("name", "doe"),)), True),
        (StudyQuery(columns=(("patient_id", "7"),)), False),
        (StudyQuery(modalities=("MR",)), True),
        (StudyQuery(first_date="20240102"), False),
        (StudyQuery(last_date="20231231"), False),
        (StudyQuery(status="unread"), False),
    ],
)
def test_answers_follow_what_is_typed_after_the_search(remote: RemoteStudies, query: StudyQuery, found: bool) -> None:
    """What a server does not tell, as modalities here, hides nothing."""
    remote.add(answer("1.1"))
    assert bool(remote.merged([], query, ALL)[0]) == found
