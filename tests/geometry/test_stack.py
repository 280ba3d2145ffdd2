"""Series become stacks: split with a reason, sorted, and no frame lost (D11-D25, D51, D52, E6, E7)."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.geometry import factory
from workstation.dicom.identity import Frame
from workstation.geometry.frames import frames_of
from workstation.geometry.stack import merge, stacks_of

ENHANCED = {"sop_class_uid": factory.ENHANCED_MR, "modality": "MR"}


def passes(values, positions=(0.0, 3.0, 6.0), keyword="EchoTime", **facts):
    """Return an MR series with one image per value and position; numbers run through the values first."""
    return [
        factory.image(
            1 + p * len(values) + v,
            (0.0, 0.0, z),
            values={} if value is None else {keyword: value},
            modality="MR",
            **facts,
        )
        for p, z in enumerate(positions)
        for v, value in enumerate(values)
    ]


def phases(stacks):
    return [(stack.phase.by, stack.phase.index, stack.phase.value) for stack in stacks]


def codes(stack):
    return [event.code for event in stack.order.events]


def enhanced(frames, number=1, **facts):
    return factory.image(number, frames=tuple(frames), uid=f"1.7.{number}", **{**ENHANCED, **facts})


VALUES = st.fixed_dictionaries(
    {},
    optional={
        "EchoTime": st.sampled_from([5.0, 10.0]),
        "DiffusionBValue": st.sampled_from([0.0, 1000.0]),
        "TriggerTime": st.floats(0, 3),
        "AcquisitionNumber": st.integers(1, 3),
        "ImageType": st.sampled_from([("ORIGINAL", "PRIMARY", "M"), ("ORIGINAL", "PRIMARY", "P")]),
    },
)
PLACES = st.one_of(st.none(), st.tuples(st.just(0.0), st.just(0.0), st.sampled_from([0.0, 2.0, 4.0, 6.0, 7.0])))
IMAGES = st.tuples(
    st.one_of(st.none(), st.integers(1, 9)),
    PLACES,
    st.sampled_from([factory.AXIAL, factory.CORONAL, factory.OBLIQUE, None]),
    VALUES,
    st.sampled_from([{}, {"rows": 5}, {"image_type": ("ORIGINAL", "PRIMARY", "LOCALIZER")}, {"samples_per_pixel": 3}]),
)


@settings(deadline=None, max_examples=150)
@given(st.lists(IMAGES, min_size=1, max_size=25))
def test_no_frame_is_lost_doubled_or_left_without_a_reason(images):
    """D17, E7: whatever the headers say."""
    instances = [
        factory.image(n, place, orientation, uid=f"1.{k}", values=values, **facts)
        for k, (n, place, orientation, values, facts) in enumerate(images)
    ]
    stacks = stacks_of(instances)
    found = sorted(frame.ref for stack in stacks for frame in stack.frames)
    assert found == sorted(frame.ref for instance in instances for frame in frames_of(instance))
    assert len(stacks) == 1 or all(stack.reason and stack.label for stack in stacks)
    assert len({stack.id for stack in stacks}) == len(stacks)
    assert all(stack.is_volume == (not stack.why_not) for stack in stacks)


def test_ids_do_not_change_when_more_of_the_series_arrives():
    """Panes keep showing their stack while a folder is scanned."""
    instances = factory.series((0.0, 3.0, 6.0))
    localizer = factory.image(9, (0, 0, 0), factory.CORONAL)
    assert stacks_of(instances)[0].id == stacks_of([*instances, localizer])[0].id


def test_a_plain_series_is_one_volume_without_a_reason():
    """E6: nothing is split that belongs together."""
    stack = factory.one_stack(factory.series((0.0, 3.0, 6.0)))
    assert (stack.reason, stack.label, stack.is_volume, stack.orientation) == (None, "", True, "axial")
    assert stack.spacing == (3.0, 2.0, 0.5)
    expected = [[0, 0, 0.5, -7.5], [0, 2, 0, 11], [3, 0, 0, -40], [0, 0, 0, 1]]
    np.testing.assert_allclose(stack.affine, expected)


def test_a_tilted_stack_has_a_sheared_affine():
    """D13: the third direction is the table's, not the normal."""
    stack = factory.one_stack(factory.series((0.0, 5.0, 10.0), tilt=20.0))
    np.testing.assert_allclose(np.array(stack.affine)[:3, 0], (0, -1.710, 4.698), atol=1e-3)
    assert stack.tilt_degrees == pytest.approx(20)
    assert stack.is_volume


def test_a_stray_orientation_is_a_stack_of_its_own():
    """D15, D16: a coronal scout in an axial series is a localizer."""
    axial, scout = stacks_of([*factory.series((0.0, 3.0, 6.0, 9.0)), factory.image(9, (0, 0, 0), factory.CORONAL)])
    assert (axial.label, axial.localizer, axial.is_volume) == ("axial", False, True)
    assert (scout.label, scout.localizer, scout.why_not) == ("coronal", True, "it is a single slice")
    assert scout.reason == "series split by orientation: coronal"


def test_a_three_plane_localizer_gives_three_stacks():
    """D15, D16."""
    planes = (factory.AXIAL, factory.CORONAL, factory.SAGITTAL)
    kind = ("ORIGINAL", "PRIMARY", "LOCALIZER")
    stacks = stacks_of([factory.image(k, (0, 0, 0), o, image_type=kind, uid=f"1.{k}") for k, o in enumerate(planes)])
    assert [stack.orientation for stack in stacks] == ["axial", "coronal", "sagittal"]
    assert all(stack.localizer for stack in stacks)


def test_slices_turning_around_an_axis_stay_together():
    """D15: a rotating projection is not exploded into single images."""
    angles = np.radians(np.arange(0, 180, 20))
    instances = [
        factory.image(k, (0, 0, 0), (float(np.cos(a)), float(np.sin(a)), 0.0, 0.0, 0.0, -1.0))
        for k, a in enumerate(angles)
    ]
    stack = factory.one_stack(instances)
    assert (len(stack.frames), stack.is_volume) == (9, False)
    assert "mixed_orientation" in codes(stack)


def test_rounding_of_directions_does_not_split():
    """D3: decimal strings of 16 characters."""
    a = (0.7262333631038, -0.6816839993252, 0.0888370833543, 0.6873778036216, 0.7219207610099, -0.0796377417515)
    b = tuple(value + 2e-8 for value in a)
    assert len(stacks_of([factory.image(1, (0, 0, 0), a), factory.image(2, (0, 0, 3), b)])) == 1


@pytest.mark.parametrize(
    ("keyword", "values", "by"),
    [
        ("TemporalPositionIdentifier", (1, 2, 3), "time"),
        ("DiffusionBValue", (0.0, 1000.0), "b_value"),
        ("TriggerTime", (0.0, 40.0, 80.0), "trigger_time"),
        ("EchoTime", (5.0, 10.0), "echo"),
        ("EchoNumbers", (1, 2), "echo"),
        ("InversionTime", (100.0, 900.0), "inversion_time"),
        ("FlipAngle", (5.0, 20.0), "flip_angle"),
        ("AcquisitionNumber", (1, 2), "acquisition"),
        ("AcquisitionTime", ("101500", "101530.5"), "time"),
        ("FrameReferenceTime", (1000.0, 2000.0), "time"),
    ],
)
def test_images_at_the_same_positions_become_phases(keyword, values, by):
    """D17, D19: by the first attribute that sorts them out, tied together and named."""
    stacks = stacks_of(passes(values, keyword=keyword))
    assert [stack.phase.by for stack in stacks] == [by] * len(values)
    assert [stack.phase.index for stack in stacks] == list(range(1, len(values) + 1))
    assert len({stack.phase_of for stack in stacks}) == 1
    assert all(stack.is_volume and len(stack.frames) == 3 for stack in stacks)


def test_phases_of_text_times_are_seconds_from_the_first():
    """D55: the axis of a time curve."""
    stacks = stacks_of(passes(("235959", "000001.5"), keyword="AcquisitionTime"))
    assert sorted(stack.phase.value for stack in stacks)[0] == 0
    assert {stack.phase.unit for stack in stacks} == {"s"}


def test_a_missing_b_value_is_not_zero():
    """D17: three passes, none lost."""
    stacks = stacks_of(passes((None, 0.0, 800.0), keyword="DiffusionBValue"))
    assert [stack.label for stack in stacks] == ["no b", "b 0", "b 800"]
    assert phases(stacks) == [("b_value", 1, None), ("b_value", 2, 0.0), ("b_value", 3, 800.0)]


def test_b_zero_once_and_three_directions_of_another_give_four_phases():
    """D17: 84 images of 28 positions must not become 28."""
    directions = [None, (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)]
    instances = [
        factory.image(
            1 + p + 28 * d,
            (0.0, 0.0, 3.0 * p),
            values={"DiffusionBValue": 1000.0, "DiffusionGradientOrientation": g} if g else {"DiffusionBValue": 0.0},
        )
        for p in range(28)
        for d, g in enumerate(directions)
    ]
    stacks = stacks_of(instances)
    assert [len(stack.frames) for stack in stacks] == [28] * 4
    assert [stack.label for stack in stacks][:2] == ["b 0", "b 1000 · direction 1"]
    assert [stack.phase.index for stack in stacks] == [1, 2, 3, 4]


def test_magnitude_and_phase_images_are_groups_of_their_own():
    """E6: two echoes of each play, but not through each other."""
    instances = [
        factory.image(
            100 * e + 10 * t + z,
            (0.0, 0.0, 3.0 * z),
            values={"EchoTime": 5.0 * e, "ImageType": ("ORIGINAL", "PRIMARY", kind)},
        )
        for e in (1, 2)
        for t, kind in enumerate("MP")
        for z in range(3)
    ]
    stacks = stacks_of(instances)
    assert [stack.label for stack in stacks] == [
        "echo 1 (5 ms) · M", "echo 2 (10 ms) · M", "echo 1 (5 ms) · P", "echo 2 (10 ms) · P",
    ]  # fmt: skip
    assert len({stack.phase_of for stack in stacks}) == 2


def test_a_trigger_time_that_differs_in_every_image_is_used_by_rank():
    """D17: its values partition nothing, its order at each position does."""
    instances = [
        factory.image(1 + p * 3 + t, (0.0, 0.0, 3.0 * p), values={"TriggerTime": 300.0 * t + p})
        for p in range(4)
        for t in range(3)
    ]
    stacks = stacks_of(instances)
    assert [stack.phase.by for stack in stacks] == ["trigger_time"] * 3
    assert [[f.value("TriggerTime") // 300 for f in stack.frames] for stack in stacks] == [[t] * 4 for t in range(3)]


@pytest.mark.parametrize("volume_first", [True, False])
def test_instance_numbers_that_run_through_space_again_and_again_give_passes(volume_first):
    """D17: a 4-D series stripped of everything else."""
    instances = [
        factory.image(1 + (t * 4 + p if volume_first else p * 3 + t), (0.0, 0.0, 3.0 * p))
        for p in range(4)
        for t in range(3)
    ]
    stacks = stacks_of(instances)
    assert [(len(stack.frames), stack.phase.by) for stack in stacks] == [(4, "instance_number")] * 3


def test_without_any_attribute_all_images_stay_in_one_long_stack():
    """D17: nothing is hidden, nothing is guessed."""
    order = [1, 2, 4, 6, 3, 5, 7, 8]
    instances = [factory.image(n, (0.0, 0.0, 3.0 * (k % 4)), uid=f"1.{k}") for k, n in enumerate(order)]
    stack = factory.one_stack(instances)
    assert (len(stack.frames), stack.is_volume) == (8, False)
    assert codes(stack) == ["duplicate"]


def test_a_stray_second_image_is_set_aside_and_noted():
    """D12: both are shown, and the rest stays a volume."""
    instances = [*factory.series((0.0, 3.0, 6.0, 9.0, 12.0)), factory.image(6, (-7.5, 11.0, -34.0))]
    main, extra = stacks_of(instances)
    assert (len(main.frames), main.is_volume, codes(main)) == (5, True, ["duplicate"])
    assert main.order.events[0].at == (2,)
    assert (len(extra.frames), extra.label) == (1, "duplicate")


def test_an_unfinished_last_pass_is_still_a_phase():
    """D17: a scan stopped halfway."""
    instances = passes((1, 2, 3), (0.0, 3.0, 6.0, 9.0), "TemporalPositionIdentifier")
    stacks = stacks_of(
        [i for i in instances if i.frames[0].values["TemporalPositionIdentifier"] < 3 or i.frames[0].position[2] < 5]
    )
    assert [len(stack.frames) for stack in stacks] == [4, 4, 2]
    assert len({stack.phase_of for stack in stacks}) == 1


def test_two_acquisitions_end_to_end_stay_one_stack():
    """E6: attributes that differ without a position taken twice split nothing."""
    facts = [(k, 1 if k < 5 else 2) for k in range(10)]
    instances = [
        factory.image(k, (0.0, 0.0, 3.0 * k), values={"AcquisitionNumber": a, "ConvolutionKernel": f"B{a}"})
        for k, a in facts
    ]
    assert factory.one_stack(instances).is_volume


def test_interleaved_reconstructions_are_told_apart():
    """E6: two kernels with different spacing, no position in common."""
    soft = [factory.image(k, (0.0, 0.0, 3.0 * k), values={"ConvolutionKernel": "B30"}) for k in range(6)]
    hard = [factory.image(10 + k, (0.0, 0.0, 0.7 + 2.0 * k), values={"ConvolutionKernel": "B70"}) for k in range(7)]
    assert [stack.label for stack in stacks_of([*soft, *hard])] == ["kernel B30", "kernel B70"]


def test_sizes_colour_and_sides_are_split_with_their_reason():
    """E6: radiographs give one set for each side and view."""
    views = [("R", "CC"), ("L", "CC"), ("R", "MLO")]
    instances = [
        factory.image(k, modality="MG", uid=f"1.{k}", values={"ImageLaterality": side, "ViewPosition": view})
        for k, (side, view) in enumerate(views)
    ]
    assert [stack.label for stack in stacks_of(instances)] == ["R CC", "L CC", "R MLO"]
    mixed = stacks_of(
        [
            factory.image(1, (0, 0, 0)),
            factory.image(2, (0, 0, 3), rows=5),
            factory.image(3, (0, 0, 6), samples_per_pixel=3),
        ]
    )
    assert [stack.label for stack in mixed] == ["9 × 7 · grey", "9 × 5 · grey", "9 × 7 · colour"]


def test_an_enhanced_image_with_random_frame_order_is_sorted_by_its_frames_positions():
    """D21: frame numbers mean nothing."""
    heights = (6.0, 0.0, 9.0, 3.0)
    stack = factory.one_stack([enhanced(Frame(k, (0, 0, z), factory.AXIAL, (1, 1)) for k, z in enumerate(heights))])
    assert [frame.ref.frame_index for frame in stack.frames] == [1, 3, 0, 2]
    assert (stack.order.key, stack.is_volume) == ("position", True)


def test_an_enhanced_image_is_split_by_stack_and_time():
    """D21, D22."""
    frames = [
        Frame(k, (0, 0, 3.0 * z + 100 * s), factory.AXIAL, (1, 1), {"StackID": str(s), "TemporalPositionIndex": t})
        for k, (s, t, z) in enumerate(np.ndindex(2, 2, 3))
    ]
    stacks = stacks_of([enhanced(frames)])
    assert [stack.label for stack in stacks] == [
        "stack 0 · time 1", "stack 0 · time 2", "stack 1 · time 1", "stack 1 · time 2",
    ]  # fmt: skip


def test_enhanced_images_of_the_same_slices_are_phases():
    """E6, D17: each instance is a stack; together they are one 4-D series."""
    instances = [
        enhanced([Frame(z, (0, 0, 3.0 * z), factory.AXIAL, (1, 1), {"AcquisitionNumber": 4 - n}) for z in range(3)], n)
        for n in (1, 2, 3)
    ]
    stacks = stacks_of(instances)
    assert phases(stacks) == [("acquisition", 1, 1.0), ("acquisition", 2, 2.0), ("acquisition", 3, 3.0)]
    assert [stack.frames[0].instance.instance_number for stack in stacks] == [3, 2, 1]


def test_stations_of_one_series_are_not_phases():
    """D17: they lie elsewhere."""
    instances = [
        enhanced([Frame(z, (0, 0, 3.0 * z + 200 * n), factory.AXIAL, (1, 1)) for z in range(3)], n) for n in (1, 2)
    ]
    assert [stack.phase for stack in stacks_of(instances)] == [None, None]


def test_the_parts_of_a_concatenation_are_one_stack():
    """D22: by their frame offset."""
    parts = [
        factory.image(
            1,
            frames=tuple(Frame(k) for k in range(2)),
            uid=f"1.7.{n}",
            header={"ConcatenationUID": "1.5", "ConcatenationFrameOffsetNumber": 2 * (n - 1)},
            **ENHANCED,
        )
        for n in (2, 1)
    ]
    stack = factory.one_stack(parts)
    assert [frame.ref.sop_instance_uid for frame in stack.frames] == ["1.7.1", "1.7.1", "1.7.2", "1.7.2"]


def test_an_ultrasound_clip_is_a_film_not_a_volume():
    """D52: many frames make no volume."""
    clip = factory.image(
        1, frames=tuple(Frame(k) for k in range(5)), modality="US", sop_class_uid="1.2.840.10008.5.1.4.1.1.3.1"
    )
    stack = factory.one_stack([clip])
    assert (stack.order.key, stack.is_volume, len(stack.frames)) == ("time", False, 5)
    assert "Orientation" in stack.why_not


def test_clips_and_stills_are_not_mixed():
    """E6: each multi-frame instance is a stack of its own."""
    clips = [factory.image(n, frames=tuple(Frame(k) for k in range(3)), modality="US", uid=f"1.{n}") for n in (1, 2)]
    stills = [factory.image(n, modality="US", uid=f"1.{n}") for n in (3, 4)]
    assert [len(stack.frames) for stack in stacks_of([*clips, *stills])] == [3, 3, 2]


def test_tomosynthesis_is_not_offered_as_a_volume():
    """D52."""
    frames = tuple(Frame(k, (0, 0, float(k)), factory.AXIAL, (0.1, 0.1)) for k in range(5))
    stack = factory.one_stack(
        [factory.image(1, frames=frames, modality="MG", sop_class_uid="1.2.840.10008.5.1.4.1.1.13.1.3")]
    )
    assert not stack.is_volume
    assert "tomosynthesis" in stack.why_not


def test_nuclear_medicine_is_split_by_detector_and_energy():
    """D24: anterior and posterior side by side."""
    frames = tuple(
        Frame(k, values={"Detector": 1 + k // 4, "EnergyWindow": 1, "AngularView": 1 + k % 4}) for k in range(8)
    )
    stacks = stacks_of([factory.image(1, frames=frames, modality="NM")])
    assert [(stack.label, len(stack.frames)) for stack in stacks] == [("detector 1", 4), ("detector 2", 4)]


def test_gated_slices_are_phases():
    """D24, D17."""
    frames = tuple(
        Frame(k, (0, 0, 4.0 * (k % 3)), factory.AXIAL, (4, 4), {"TimeSlot": 1 + k // 3, "RRInterval": 1})
        for k in range(6)
    )
    stacks = stacks_of([factory.image(1, frames=frames, modality="NM")])
    assert [stack.label for stack in stacks] == ["time slot 1", "time slot 2"]
    assert all(stack.is_volume for stack in stacks)


def test_slices_that_stack_against_the_normal_keep_their_direction():
    """D23: a negative spacing puts further slices behind; the affine says so, and nothing is turned over."""
    frames = tuple(Frame(k, (0, 0, -4.0 * k), factory.AXIAL, (4, 4), {"NMSliceIndex": k + 1}) for k in range(4))
    stack = factory.one_stack([factory.image(1, frames=frames, modality="NM")])
    assert [frame.ref.frame_index for frame in stack.frames] == [0, 1, 2, 3]
    assert stack.affine[2][0] == -4


def test_different_frames_of_reference_do_not_share_a_volume():
    """D51, E6."""
    stacks = stacks_of([factory.image(k, (0, 0, 3.0 * k), frame_of_reference_uid=f"1.{k % 2}") for k in range(6)])
    assert [len(stack.frames) for stack in stacks] == [3, 3]


def test_differing_pixel_spacing_scrolls_but_is_no_volume():
    """D51."""
    instances = [factory.image(k, (0, 0, 3.0 * k), spacing=(1.0, 1.0 + 0.1 * (k == 2))) for k in range(4)]
    assert factory.one_stack(instances).why_not == "slices differ in pixel spacing"


def test_objects_without_an_image_are_each_their_own():
    """E6, E7: reports and presentation states in a series of images."""
    reports = [
        factory.image(k, has_pixels=False, rows=0, columns=0, sop_class_uid="1.2.3", uid=f"1.{k}") for k in (1, 2)
    ]
    stacks = stacks_of([*reports, *factory.series((0.0, 3.0))])
    assert [(stack.kind, len(stack.frames)) for stack in stacks] == [("other", 1), ("other", 1), ("image", 2)]
    assert stacks[0].why_not == "it holds no image"


def test_split_stacks_can_be_merged_again():
    """E6, D51: sorted if they fit, scrollable anyway."""
    halves = stacks_of([factory.image(k, (0, 0, 3.0 * k), frame_of_reference_uid=f"1.{k % 2}") for k in range(6)])
    joined = merge(halves)
    assert (len(joined.frames), joined.reason) == (6, "merged by hand")
    assert joined.why_not == "slices differ in Frame of Reference"
    assert [frame.position[2] for frame in joined.frames] == [0, 3, 6, 9, 12, 15]


def test_three_thousand_slices_are_stacked_at_once():
    """Well under a second."""
    instances = factory.series(np.arange(3000.0))
    start = time.perf_counter()
    assert len(factory.one_stack(instances).frames) == 3000
    assert time.perf_counter() - start < 1.0


@pytest.mark.parametrize("step", [1e-4, 2500.0])
def test_spacings_that_do_not_fit_each_other_make_no_volume(step):
    """D8: a stack a thousand times as long or as flat as its pixels is a damaged header."""
    stack = factory.one_stack(factory.series((0.0, step, 2 * step), spacing=(0.5, 0.5)))
    assert not stack.is_volume
    assert "cannot both be true" in stack.why_not or "same position" in stack.why_not
