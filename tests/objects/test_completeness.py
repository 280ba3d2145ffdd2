"""What speaks for a study as open not being all there: one test for each source, and what is no evidence (N9)."""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType
from typing import Any

import pytest

from workstation.dicom.identity import Frame, Instance, Locator, Patient, Series, Study
from workstation.dicom.scan import Missing
from workstation.objects.completeness import Evidence, Light, Lights, gaps, key_of

CT = "1.2.840.10008.5.1.4.1.1.2"
SR = "1.2.840.10008.5.1.4.1.1.88.11"


def image(number: int | None, series: str = "s1", study: str = "st1", **values: Any) -> Instance:
    frames = values.pop("frames", ())
    more = {"modality": values.pop("modality", "CT"), "has_pixels": values.pop("has_pixels", True)}
    uid = values.pop("uid", f"{series}.{number}")
    return Instance(
        Locator(f"/{uid}"), uid, CT, series, study, "", instance_number=number, frames=frames,
        values=MappingProxyType(values), **more,
    )  # fmt: skip


def refers(*uids: str, study: str = "st1", uid: str = "r", **values: Any) -> Instance:
    more = {"modality": "KO", "has_pixels": False, "SeriesNumber": 9, **values}
    return image(1, f"s{uid}", study, uid=uid, ReferencedSOPInstanceUIDs=uids, **more)


def series(*instances: Instance, number: int | None = 1) -> Series:
    first = instances[0]
    key = first.series_instance_uid
    return Series(key, first.study_instance_uid, first.modality, number, "", instances, key=key)


def study(*groups: Series, uid: str = "st1") -> Study:
    return Study(uid, "", "", "", (), groups)


def lights(*studies: Study, missing: Sequence[Missing] = ()) -> list[Light]:
    instances = {one.sop_instance_uid for each in studies for group in each.series for one in group.instances}
    found = Lights().of((Patient("p", "", "", "", "", studies),), instances, missing)
    return [found[key_of(each)] for each in studies]


def told(light: Light, code: str) -> list[Evidence]:
    return [one for one in light.evidence if one.code == code]


def test_nothing_that_speaks_of_a_count_is_no_evidence() -> None:
    (light,) = lights(study(series(image(None))))
    assert (light.evidence, light.doubtful, light.missing) == ((), False, 0)


def test_counts_of_the_header_name_their_tag() -> None:
    """E9: (0020,1206), (0020,1208) and (0020,1209) against what is open; the highest of differing values counts."""
    said = {"NumberOfStudyRelatedSeries": 2, "NumberOfSeriesRelatedInstances": 3}
    one = image(1, NumberOfStudyRelatedInstances=9, **said)
    (light,) = lights(study(series(one, image(2, NumberOfStudyRelatedInstances=8))))
    counts = {(each.source, each.have, each.said) for each in light.evidence}
    assert ("header (0020,1206)", 1, 2) in counts
    assert ("header (0020,1208)", 2, 9) in counts
    assert ("header (0020,1209)", 2, 3) in counts
    assert light.missing == 7


def test_what_is_said_of_the_patient_marks_no_study() -> None:
    """Opening one study of several is a choice; the line is there all the same."""
    said = {"NumberOfPatientRelatedStudies": 4, "NumberOfPatientRelatedInstances": 90}
    (light,) = lights(study(series(image(1, **said))))
    assert {(one.have, one.said, one.source) for one in told(light, "patient")} == {
        (1, 4, "header (0020,1200)"),
        (1, 90, "header (0020,1204)"),
    }
    assert not light.doubtful


def test_a_kind_of_object_that_the_study_has_and_is_not_open() -> None:
    (light,) = lights(study(series(image(1, SOPClassesInStudy=(CT, SR)))))
    (line,) = told(light, "classes")
    assert (line.have, line.said, line.detail) == (1, 2, "Basic Text SR")
    assert light.doubtful
    assert light.missing == 0


def test_records_of_files_that_are_not_there() -> None:
    """Of this study only, and not where the file is open from elsewhere."""
    missing = (
        Missing("A/IM3", "", "st1", "s1.3"),
        Missing("A/IM2", "", "st1", "s1.2"),
        Missing("A/IM9", "", "other", "s9.1"),
    )
    (light,) = lights(study(series(image(1), image(2))), missing=missing)
    (line,) = told(light, "records")
    assert (line.source, line.have, line.said, line.detail) == ("DICOMDIR", 2, 3, "A/IM3")


def test_references_to_what_is_not_open_are_told_for_each_object() -> None:
    """E14: and an image that two objects want is missing once."""
    marks = [refers("s1.1", "s1.2", "s1.3", uid="a"), refers("s1.3", "s1.4", uid="b"), refers("s1.1", uid="c")]
    (light,) = lights(study(series(image(1)), *(series(one, number=9) for one in marks)))
    counts = [(one.have, one.said) for one in told(light, "references")]
    assert counts == [(1, 3), (0, 2), (1, 1)]
    assert light.missing == 3


def test_references_to_other_studies_are_counted_apart() -> None:
    """E14: open in the other study they are resolved; what is not marks that study where it is open, not this one."""
    elsewhere = MappingProxyType({"s2.1": "st2", "s2.2": "st2"})
    mark = refers("s1.1", "s2.1", "s2.2", ReferencedElsewhere=elsewhere)
    own, other = lights(study(series(image(1)), series(mark)), study(series(image(1, "s2", "st2")), uid="st2"))
    (line,) = told(own, "elsewhere")
    assert (line.have, line.said, line.aside) == (1, 2, True)
    assert not own.doubtful
    assert other.missing == 1


def test_images_in_acquisition_count_frames_of_that_acquisition() -> None:
    said = {"AcquisitionNumber": 4, "ImagesInAcquisition": 5}
    (light,) = lights(study(series(image(1, **said), image(2, **said), image(3, AcquisitionNumber=5))))
    (line,) = told(light, "acquisition")
    assert (line.have, line.said, line.source) == (2, 5, "header (0020,1002)")


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ((1, 2, 5, 6, 9), [(5, 9, "numbers 3–4, 7–8")]),
        ((1, 3), [(2, 2, "")]),
        ((10, 20, 40), [(3, 4, "numbers 30")]),
        ((5, 6, 7), [(3, 3, "")]),
        ((1, 1, 5), []),
        ((1, None, 5), []),
        ((7,), []),
        ((101512, 174233, 204001), []),
    ],
    ids=["gaps", "even steps", "tens", "late start", "doubled", "one without", "single", "times of day"],
)
def test_numbers_left_out(numbers: tuple[int | None, ...], expected: list[tuple[int, int, str]]) -> None:
    """Only where each image has a number of its own, counted in even steps."""
    items = tuple(image(number, uid=f"u{place}") for place, number in enumerate(numbers))
    assert [(one.have, one.said, one.detail) for one in gaps(series(*items))] == expected


def test_temporal_positions_that_are_not_there() -> None:
    def phase(number: int, place: int) -> Instance:
        frame = Frame(0, values=MappingProxyType({"TemporalPositionIdentifier": place}))
        return image(number, frames=(frame,), NumberOfTemporalPositions=3)

    (light,) = lights(study(series(phase(1, 1), phase(2, 3))))
    (line,) = told(light, "positions")
    assert (line.have, line.said, line.source) == (2, 3, "header (0020,0105)")
    assert light.doubtful


def test_what_speaks_for_missing_images_comes_first() -> None:
    said = {"NumberOfStudyRelatedSeries": 1, "NumberOfPatientRelatedStudies": 3}
    (light,) = lights(study(series(image(1, **said), image(2), image(5))))
    assert [(one.code, bool(one.missing)) for one in light.evidence] == [
        ("numbers", True),
        ("patient", True),
        ("series count", False),
    ]


def test_a_series_that_did_not_change_is_not_looked_at_again(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []
    from workstation.objects import completeness

    real = completeness.series_facts
    monkeypatch.setattr(completeness, "series_facts", lambda one: looked.append(one.key) or real(one))
    source, first = Lights(), series(image(1))
    for groups in ((first,), (first, series(image(1, "s2")))):
        source.of((Patient("p", "", "", "", "", (study(*groups),)),), set())
    assert looked == ["s1", "s2"]
