"""The order of slices comes from where they lie (D4-D14)."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.geometry import factory
from workstation.geometry.frames import all_frames
from workstation.geometry.order import explain_order


def codes(report):
    return [event.code for event in report.events]


def report_of(*args, **facts):
    return explain_order(all_frames(factory.series(*args, **facts)))


@settings(deadline=None, max_examples=30)
@given(st.randoms(use_true_random=False), st.sampled_from([factory.AXIAL, factory.CORONAL, factory.OBLIQUE]))
def test_slices_are_sorted_along_the_normal_whatever_their_numbers(rng, orientation):
    """D4: neither instance number, file order nor patient position matter."""
    offsets = [3.0 * k for k in range(9)]
    rng.shuffle(offsets)
    report = explain_order(all_frames(factory.series(offsets, orientation, header={"PatientPosition": "FFP"})))
    found = [offsets[i] for i in report.order]
    assert found in (sorted(offsets), sorted(offsets, reverse=True))
    assert report.key == "position"


def test_slice_location_is_not_believed():
    """D7."""
    instances = [factory.image(k, (0, 0, z), values={"SliceLocation": -z}) for k, z in enumerate((9.0, 0.0, 3.0))]
    assert explain_order(all_frames(instances)).order == (1, 2, 0)


def test_the_stack_starts_where_instance_numbers_start():
    """D5: falling positions stay falling if numbers rise that way, else they rise."""
    assert report_of((9.0, 6.0, 3.0, 0.0)).order == (0, 1, 2, 3)
    assert report_of((9.0, 0.0, 6.0, 3.0)).order == (1, 3, 2, 0)


def test_spacing_is_measured_along_the_normal():
    """D9: 5 mm of table at 20 degrees are 4.698 mm."""
    report = report_of(
        (0.0, 5.0, 10.0), tilt=20.0, values={"SliceThickness": 7.0}, header={"SpacingBetweenSlices": 5.0}
    )
    assert report.spacing == pytest.approx(4.698, abs=1e-3)
    assert report.tilt_degrees == pytest.approx(20.0, abs=0.01)
    assert codes(report) == ["tilt"]


def test_no_tilt_is_seen_without_one():
    """D13: from geometry, not from the nominal tilt in the header."""
    report = report_of((0.0, 5.0, 10.0), factory.OBLIQUE, values={"GantryDetectorTilt": 20.0})
    assert (report.tilt_degrees, codes(report)) == (0.0, [])


def test_a_missing_slice_is_a_gap():
    """D11: steps of 5, 5, 10, 5 mm."""
    report = report_of((0.0, 5.0, 10.0, 20.0, 25.0))
    (gap,) = report.events
    assert (gap.code, gap.at) == ("gap", (2, 3))
    assert "10.00 mm" in gap.detail
    assert report.spacing == 5.0
    assert not report.uniform
    assert report.sentence == "sorted by position · 1 gap"


def test_uneven_steps_are_reported_with_their_range():
    """D10."""
    report = report_of((0.0, 3.0, 6.0, 9.0, 13.5, 18.0, 22.5))
    assert codes(report) == ["uneven"]
    assert "3.00–4.50 mm" in report.events[0].detail


def test_rounding_of_positions_is_no_unevenness():
    """D10: 1 % of the median or 0.01 mm."""
    assert report_of((0.0, 1.004, 1.999, 3.002)).uniform


def test_a_position_taken_twice_is_a_duplicate():
    """D12."""
    report = report_of((0.0, 3.0, 3.0, 6.0))
    assert codes(report) == ["duplicate"]
    assert report.events[0].at == (2,)


def test_a_slice_off_the_line_is_irregular():
    """D14: by more than a tenth of a pixel."""
    instances = factory.series((0.0, 3.0, 6.0, 9.0))
    moved = factory.image(3, (-7.5 + 1.0, 11.0, -34.0))
    report = explain_order(all_frames([*instances[:2], moved, instances[3]]))
    assert codes(report) == ["irregular"]
    assert report.events[0].at == (2,)


def test_frames_at_one_place_are_ordered_in_time():
    """D8: a cine, not a volume."""
    instances = [factory.image(k, (0, 0, 0), values={"TriggerTime": t}) for k, t in ((1, 80.0), (2, 0.0), (3, 40.0))]
    report = explain_order(all_frames(instances))
    assert (report.order, report.key) == ((1, 2, 0), "time")


def test_without_positions_numbers_decide_and_the_report_says_so():
    """D6: acquisition, instance number, then the natural file name."""
    facts = [(10, 1), (2, 1), (None, 1), (1, 2)]
    instances = [factory.image(n, uid=f"1.{k}", values={"AcquisitionNumber": a}) for k, (n, a) in enumerate(facts)]
    report = explain_order(all_frames(instances))
    assert (report.order, report.key) == ((1, 0, 2, 3), "instance_number")
    assert codes(report) == ["missing_position"]


def test_file_names_are_compared_naturally():
    """D6: IM2 before IM10."""
    from workstation.geometry.natural import natural_key

    assert sorted(["IM10", "IM2", "im1"], key=natural_key) == ["im1", "IM2", "IM10"]


def test_ultrasound_stills_follow_the_clock():
    """Images of one examination come in the order they were taken."""
    times = {1: "101500", 2: "101200", 3: "101300"}
    instances = [
        factory.image(n, modality="US", values={"AcquisitionTime": t}, frame_of_reference_uid="")
        for n, t in times.items()
    ]
    report = explain_order(all_frames(instances))
    assert (report.order, report.key, report.events) == ((1, 2, 0), "time", ())


def test_the_order_does_not_depend_on_the_order_of_arrival():
    """D6: total and stable, also without any number."""
    instances = [factory.image(None, uid=f"1.{k}") for k in range(6)]
    shuffled = random.Random(3).sample(instances, 6)
    names = [
        [group[i].sop_instance_uid for i in explain_order(all_frames(group)).order] for group in (instances, shuffled)
    ]
    assert names[0] == names[1]


def test_positions_are_in_the_final_order():
    """The series doctor plots them."""
    report = report_of((6.0, 3.0, 0.0))
    np.testing.assert_allclose(np.diff(report.positions), -3.0)
