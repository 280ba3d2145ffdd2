"""The study list: any substring of any name, filters, sorts; quick among many."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from workstation.library.folding import document, folded, words
from workstation.library.importer import ImportReport
from workstation.library.marks import opened, put_into_bin, set_comment, set_status, take_out
from workstation.library.removal import empty_bin
from workstation.library.search import StudyQuery, count, modalities, studies, studies_by_uid
from workstation.library.store import Library

NAMES = {
    "1": "Müller^Jürgen",
    "2": "Yamada^Tarou=山田^太郎=やまだ^たろう",
    "3": "Hong^Gildong=洪^吉洞=홍^길동",
    "4": "O'Brien^Anne-Marie",
    "5": "Иванова^Анна",
}


@pytest.fixture
def people(library: Library, write: Callable[..., Path], add: Callable[..., ImportReport]) -> Library:
    for number, name in NAMES.items():
        write(
            number,
            SpecificCharacterSet="ISO_IR 192",
            PatientID=f"ID{number}",
            PatientName=name,
            StudyInstanceUID=f"1.2.{number}",
            SeriesInstanceUID=f"1.2.{number}.1",
            SOPInstanceUID=f"1.2.{number}.1.1",
            StudyDate=f"2020010{number}",
            AccessionNumber=f"ACC-{number}00%_",
            Modality="MR" if number == "3" else "CT",
        )
    add(write("0", PatientID="", PatientName="", StudyDate="").parent)
    return library


def found(library: Library, **asked: object) -> set[str]:
    return {row.patient_id for row in studies(library, StudyQuery(**asked))}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("muller", {"ID1"}),
        ("MÜLL", {"ID1"}),
        ("jurgen mul", {"ID1"}),
        ("山田", {"ID2"}),
        ("田", {"ID2"}),
        ("やまだ", {"ID2"}),
        ("길동", {"ID3"}),
        ("吉", {"ID3"}),
        ("brien", {"ID4"}),
        ("o'b", {"ID4"}),
        ("иван", {"ID5"}),
        ("acc-4", {"ID4"}),
        ("00%_", {"ID1", "ID2", "ID3", "ID4", "ID5"}),
        ('"', set()),
        ("NEAR(", set()),
        ("x*", set()),
        ("MR", {"ID3"}),
    ],
)
def test_any_substring_of_any_name_group_finds_its_study(people: Library, text: str, ids: set[str]) -> None:
    assert found(people, text=text) == ids
    assert count(people, StudyQuery(text=text)) == len(ids)


def test_filters_narrow_and_sorts_order(people: Library) -> None:
    assert found(people, modalities=("MR",)) == {"ID3"}
    assert found(people, first_date="20200102", last_date="20200103") == {"ID2", "ID3"}
    assert found(people, last_date="20200101") == {"ID1"}
    assert found(people, columns=(("patient_id", "id4"),)) == {"ID4"}
    assert found(people, columns=(("accession", "%"),)) == {"ID1", "ID2", "ID3", "ID4", "ID5"}
    ranked = [row.patient_id for row in studies(people, StudyQuery(sort="patient_id", descending=False))]
    assert ranked == ["ID1", "ID2", "ID3", "ID4", "ID5", ""]  # nothing known comes last
    newest = studies(people, StudyQuery(limit=2))
    assert [row.patient_id for row in newest] == ["ID5", "ID4"]
    assert modalities(people) == ("CT", "MR")


def test_studies_are_found_by_uid_however_many_are_asked_for(people: Library) -> None:
    """What a server has is looked up in the library (O2); the bin is not on the list."""
    rows = {row.uid: row for row in studies(people)}
    asked = [f"9.{number}" for number in range(1200)] + ["1.2.1", "1.2.4"]
    assert studies_by_uid(people, asked) == {uid: rows[uid] for uid in ("1.2.1", "1.2.4")}
    put_into_bin(people, [rows["1.2.1"].id])
    assert set(studies_by_uid(people, asked)) == {"1.2.4"}


def test_marks_and_comments_are_found(people: Library) -> None:
    ids = {row.patient_id: row.id for row in studies(people)}
    set_status(people, [ids["ID1"]], "reviewed")
    set_comment(people, ids["ID2"], "second look")
    opened(people, [ids["ID3"]], 5.0)
    assert found(people, status="reviewed") == {"ID1"}
    assert found(people, text="second") == {"ID2"}
    assert next(row.opened for row in studies(people) if row.patient_id == "ID3") == 5.0
    with pytest.raises(ValueError, match="dictated"):
        set_status(people, [ids["ID1"]], "dictated")


def test_the_bin_gives_back_until_it_is_emptied(people: Library) -> None:
    ids = {row.patient_id: row.id for row in studies(people)}
    put_into_bin(people, [ids["ID1"], ids["ID2"]], now=100.0)
    assert found(people, binned=True) == {"ID1", "ID2"}
    take_out(people, [ids["ID1"]])
    assert "ID1" in found(people)
    assert empty_bin(people, before=50.0) == 0
    assert empty_bin(people) == 1
    assert found(people, binned=True) == set()
    assert found(people, text="山田") == set()
    assert people.query("SELECT count(*) FROM patients")[0][0] == 5


def test_folding_keeps_what_tells_words_apart() -> None:
    assert folded("ＡＢＣ^Ärzte=x") == "abc arzte x"
    assert folded("が") != folded("か")
    assert folded("Straße") == "strasse"
    assert words(" a^b  A ") == ("a", "b")
    assert document(["A", "a", "", "b"]) == "a\nb"


@pytest.mark.parametrize(
    ("column", "text", "ids"),
    [
        ("name", "muller", {"ID1"}),
        ("name", "MÜLLER, jürgen", {"ID1"}),
        ("name", "ИВАНОВА", {"ID5"}),
        ("name", "田", {"ID2"}),
        ("name", "ID1", set()),
        ("patient_id", "id2", {"ID2"}),
        ("accession", "acc-3", {"ID3"}),
        ("modalities", "mr", {"ID3"}),
        ("sex", "x", set()),
        ("name", ",", {"", "ID1", "ID2", "ID3", "ID4", "ID5"}),
    ],
)
def test_a_column_is_searched_as_everything_is(people: Library, column: str, text: str, ids: set[str]) -> None:
    assert found(people, columns=((column, text),)) == ids


def test_a_name_is_found_as_it_is_shown(people: Library) -> None:
    assert found(people, text="Müller, Jürgen") == {"ID1"}


def test_modalities_are_those_of_the_list_or_of_the_bin(people: Library) -> None:
    (study,) = [row.id for row in studies(people) if row.patient_id == "ID3"]
    put_into_bin(people, [study])
    assert (modalities(people), modalities(people, binned=True)) == (("CT",), ("MR",))


def test_what_is_not_known_comes_last_whichever_way_names_are_sorted(people: Library) -> None:
    for descending in (False, True):
        rows = studies(people, StudyQuery(sort="name", descending=descending))
        assert rows[-1].name == ""


@pytest.mark.parametrize("days", [0, 7, 10**9, -3])
def test_the_last_days_are_counted_from_today(people: Library, days: int) -> None:
    assert found(people, days=days) == ({"ID1", "ID2", "ID3", "ID4", "ID5"} if days > 10000 else set())
