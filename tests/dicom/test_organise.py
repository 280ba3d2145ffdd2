"""The tree: identity, order, conflicts, duplicates."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from struct import pack, unpack

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.dicom import build
from workstation.dicom.duplicates import Duplicates
from workstation.dicom.facts import read_instance
from workstation.dicom.identity import Instance, Locator, Patient
from workstation.dicom.organise import Organiser, organise

make = build.instance


def listed(patients: tuple[Patient, ...]) -> list[Instance]:
    return [
        one for patient in patients for study in patient.studies for series in study.series for one in series.instances
    ]


def test_a_patient_is_the_id_with_its_issuer() -> None:
    """E1: the same ID of two issuers is two patients; padding does not count."""
    patients = organise(
        [
            make("a", values={"PatientID": "P1 "}),
            make("b", values={"PatientID": "P1"}),
            make("c", values={"PatientID": "P1", "IssuerOfPatientID": "other"}),
        ]
    )
    assert len(patients) == 2


def test_equal_names_with_different_ids_never_merge() -> None:
    """E1."""
    assert len(organise([make("a"), make("b", values={"PatientID": "P2"}, study_instance_uid="1.9")])) == 2


def test_an_empty_id_falls_back_to_name_birth_date_and_sex() -> None:
    """E1: grouped and flagged."""
    (patient,) = organise([make("a", values={"PatientID": None}), make("b", values={"PatientID": None})])
    assert "Patient ID is empty" in patient.notes[0]


def test_one_study_of_two_patients_is_shown_twice_with_a_conflict() -> None:
    """E2: no merge."""
    patients = organise([make("a"), make("b", values={"PatientID": "P2"})])
    assert [len(patient.studies) for patient in patients] == [1, 1]
    assert all("more than one patient" in patient.studies[0].notes[0] for patient in patients)


def test_series_are_known_by_their_uids_not_their_numbers() -> None:
    """E3: a Series Number may repeat."""
    (patient,) = organise([make("a"), make("b", series_instance_uid="1.2.6")])
    assert len(patient.studies[0].series) == 2


def test_the_most_frequent_name_wins_with_a_badge() -> None:
    """E16: never the first file's by chance."""
    names = ["Deo^Jane", "Doe^Jane", "Doe^Jane"]
    (patient,) = organise([make(f"{index}", values={"PatientName": name}) for index, name in enumerate(names)])
    assert patient.name == "Doe^Jane"
    assert "Name differs" in patient.notes[0]


def test_trailing_delimiters_are_no_conflict() -> None:
    """E16: "Doe^Jane^^" is "Doe^Jane" (PS3.5 6.2.1.1)."""
    (patient,) = organise([make("a"), make("b", values={"PatientName": "Doe^Jane^^"})])
    assert patient.notes == ()


def test_patients_are_ordered_by_family_name() -> None:
    """E8: case and accents do not matter, nameless last."""
    names = ["zeta", "Émile", "adam", None, "Echo"]
    found = organise(
        [
            make(f"{i}", study_instance_uid=f"1.{i}", values={"PatientName": n, "PatientID": f"{i}"})
            for i, n in enumerate(names)
        ]
    )
    assert [patient.name for patient in found] == ["adam", "Echo", "Émile", "zeta", ""]


def test_studies_are_ordered_latest_first_and_undated_last() -> None:
    """E8, A23: an invalid date sorts as unknown."""
    dates = ["20200101", None, "20210101", "someday", "2020.06.01"]
    (patient,) = organise(
        [make(f"{i}", study_instance_uid=f"1.{i}", values={"StudyDate": d}) for i, d in enumerate(dates)]
    )
    assert [study.date for study in patient.studies][:3] == ["20210101", "2020.06.01", "20200101"]


def test_series_are_ordered_by_number_then_time_then_uid() -> None:
    """E8: numeric, missing last."""
    keys = [(10, "9"), (2, "8"), (None, "7"), (2, "6")]
    (patient,) = organise([make(uid, series_instance_uid=f"1.{uid}", values={"SeriesNumber": n}) for n, uid in keys])
    assert [series.series_instance_uid for series in patient.studies[0].series] == ["1.6", "1.8", "1.9", "1.7"]


@settings(deadline=None, max_examples=40)
@given(
    st.lists(
        st.tuples(st.sampled_from("ab"), st.sampled_from("st"), st.sampled_from("xyz"), st.integers(0, 5)), max_size=25
    )
)
def test_nothing_is_ever_lost(keys: list[tuple[str, str, str, int]]) -> None:
    """E7: every instance is in the tree once."""
    given_instances = [
        make(
            f"{i}",
            sop_instance_uid=f"1.{i}",
            study_instance_uid=s,
            series_instance_uid=x,
            instance_number=n,
            values={"PatientID": p},
        )
        for i, (p, s, x, n) in enumerate(keys)
    ]
    assert {one.sop_instance_uid for one in listed(organise(given_instances))} == {
        one.sop_instance_uid for one in given_instances
    }


def test_order_of_arrival_does_not_matter() -> None:
    """E8: a scan's order is chance."""
    some = [make(f"{i}", sop_instance_uid=f"1.{i}", instance_number=9 - i) for i in range(9)]
    assert [one.sop_instance_uid for one in listed(organise(some))] == [
        one.sop_instance_uid for one in listed(organise(some[::-1]))
    ]


def read(tmp_path: Path, name: str, pixels: bytes = bytes(32), series: str = "1.2.5") -> Instance:
    body = build.image(pixels=pixels).replace(
        build.element(0x0020000E, "UI", "1.2.5"), build.element(0x0020000E, "UI", series)
    )
    return read_instance(build.write(tmp_path, build.part10(body), name))


def test_an_identical_file_is_one_object(tmp_path: Path) -> None:
    """E4: byte-identical -> ignored with a note; opening twice is idempotent."""
    first, second = read(tmp_path, "a"), read(tmp_path, "b")
    assert len(listed(organise([first, second, first]))) == 1


def test_copies_that_differ_in_their_file_meta_are_one_object(tmp_path: Path) -> None:
    """E4: who wrote the file is not what the object is."""
    first = read(tmp_path, "a")
    data = Path(first.locator.path).read_bytes().replace(b"UI\x06\x001.2.3\0", b"UI\x08\x001.2.3.9\0", 1)
    grown = data[:140] + pack("<L", unpack("<L", data[140:144])[0] + 2) + data[144:]
    second = read_instance(build.write(tmp_path, grown, "b"))
    assert len(listed(organise([first, second]))) == 1


def test_a_wrong_length_of_the_file_meta_hides_no_difference(tmp_path: Path) -> None:
    """E4: the data set is compared from its first byte, or the file is."""
    read(tmp_path, "a")
    read(tmp_path, "b", pixels=b"\1" + bytes(31))
    for name in "ab":
        data = (tmp_path / name).read_bytes()
        (tmp_path / name).write_bytes(data[:140] + pack("<L", len(data) - 146) + data[144:])
    assert len(listed(organise([read_instance(Locator(str(tmp_path / name))) for name in "ab"]))) == 2


def test_the_same_uid_with_other_content_keeps_both(tmp_path: Path) -> None:
    """E4: flagged, never overwritten, and no key of one shows the other."""
    found = listed(organise([read(tmp_path, "a"), read(tmp_path, "b", b"\1" * 32)]))
    assert len({one.sop_instance_uid for one in found}) == 2
    assert found[1].values["DuplicateOf"] == found[0].sop_instance_uid
    assert "different content" in found[1].deviations[-1]


def test_the_same_uid_in_another_series_keeps_both(tmp_path: Path) -> None:
    """E4: a different series is a different object."""
    assert len(listed(organise([read(tmp_path, "a"), read(tmp_path, "b", series="1.2.6")]))) == 2


def test_a_duplicate_gets_the_same_name_every_time(tmp_path: Path) -> None:
    """E4: re-import is idempotent."""
    first, second = read(tmp_path, "a"), read(tmp_path, "b", b"\1" * 32)
    names = []
    for _ in range(2):
        known = Duplicates()
        known.admit(first)
        names.append(known.admit(second))
    assert names[0] == names[1]


def test_a_vanished_file_hides_nothing() -> None:
    """E4, A39: what can't be compared is kept."""
    one = make("a", sop_instance_uid="1.7")
    assert len(listed(organise([one, replace(one, locator=build.Locator("/nowhere/b"))]))) == 2


def test_a_tree_that_grows_is_the_tree_made_at_once() -> None:
    """Patients are kept from one tree to the next; a study that two patients share changes both (E2)."""
    studies = (1, 2, 3, 1, 4, 3, 2, 1, 5)
    found = [
        make(f"{number}", values={"PatientID": f"P{number % 3}"}, study_instance_uid=f"1.2.{study}")
        for number, study in enumerate(studies)
    ]
    organiser = Organiser()
    for count, one in enumerate(found, 1):
        organiser.add(one)
        assert organise(found[:count]) == organiser.tree()
    before = {patient.key: patient for patient in organiser.tree()}
    organiser.add(make("99", values={"PatientID": "new"}, study_instance_uid="1.2.77"))
    assert len([patient for patient in organiser.tree() if before.get(patient.key) is patient]) == len(before) == 3


def test_what_was_forgotten_may_come_again_while_its_double_stays() -> None:
    """E4: three files share a UID in two studies; forgetting the first study leaves the other's object known."""
    first = make("a", sop_instance_uid="1.7")
    other = replace(make("b", sop_instance_uid="1.7"), study_instance_uid="1.99")
    known = Duplicates()
    assert known.admit(first) is first
    renamed = known.admit(other)
    assert renamed is not None
    assert renamed.sop_instance_uid != "1.7"
    known.forget({first.study_instance_uid})
    assert known.admit(other) is None
    assert known.original_of(other) == other.locator
