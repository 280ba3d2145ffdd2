"""From files to sections: values linear in patient position are met at every pixel of every plane (D39)."""

from __future__ import annotations

import numpy as np
import pytest

from workstation.dicom.facts import read_instance
from workstation.dicom.identity import Locator
from workstation.geometry import reslice as module
from workstation.geometry.reslice import reslice, section_plane, standard_section
from workstation.geometry.stack import stacks_of
from workstation.geometry.volume import volume_from
from workstation.objects.images import ImageReader
from workstation.phantoms import zoo
from workstation.phantoms.enhanced import write_enhanced_ct
from workstation.phantoms.grid import AXIAL, CORONAL, OBLIQUE, SAGITTAL, linear_value
from workstation.phantoms.volumes import write_linear_series

OBLIQUES = {
    "oblique 1": ((0.8, 0.6, 0.0), (-0.36, 0.48, 0.8)),
    "oblique 2": ((0.0, 0.6, 0.8), (1.0, 0.0, 0.0)),
    "oblique 3": ((0.6, 0.0, -0.8), (0.0, 1.0, 0.0)),
}


@pytest.fixture(params=["numpy", "kernels"], scope="module", autouse=True)
def way(request, kernels):
    """Every section comes out the same with machine code and without."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "numpy":
            patch.setattr(module, "kernels_ready", lambda: False)
        yield request.param


def stacks_in(paths):
    return stacks_of([read_instance(Locator(str(path))) for path in paths])


def volume_of(stack):
    readers = {frame.ref.sop_instance_uid: ImageReader(frame.instance) for frame in stack.frames}
    return volume_from(stack, lambda frame: readers[frame.ref.sop_instance_uid].modality_values(frame.ref)[0])


def planes_of(volume):
    yield from (standard_section(volume, name) for name in ("axial", "coronal", "sagittal"))
    yield from (section_plane(volume, *directions) for directions in OBLIQUES.values())


@pytest.mark.parametrize("orientation", [AXIAL, CORONAL, SAGITTAL, OBLIQUE])
@pytest.mark.parametrize(
    "difficulty", [{}, {"tilt_degrees": 20.0}, {"gaps": (3,)}, {"gaps": (2,), "tilt_degrees": -15.0}]
)
def test_every_section_of_a_linear_phantom_equals_the_formula(tmp_path, orientation, difficulty):
    """D39, D13, D11: six planes within 1e-3 of the range."""
    paths = write_linear_series(tmp_path, orientation=orientation, shuffle=5, **difficulty)
    (stack,) = stacks_in(paths)
    volume = volume_of(stack)
    for plane in planes_of(volume):
        columns, rows = np.meshgrid(np.arange(plane.columns), np.arange(plane.rows))
        points = np.array([plane.patient_point(c, r) for c, r in zip(columns.ravel(), rows.ravel(), strict=True)])
        index = volume.grid.index_of(points)
        inside = ((index >= 0) & (index <= np.array(volume.grid.shape) - 1)).all(axis=1)
        assert inside.any()
        off = np.abs(reslice(volume, plane).ravel() - linear_value(points))[inside]
        assert off.max() <= 1e-3 * np.ptp(volume.modality_values())


@pytest.mark.parametrize(
    ("write", "stacks", "events"),
    [
        (zoo.write_gap, 1, {"gap"}),
        (zoo.write_duplicate, 2, {"duplicate"}),
        (zoo.write_uneven, 1, {"uneven"}),
        (zoo.write_tilt, 1, {"tilt"}),
        (zoo.write_mixed_orientation, 2, set()),
        (zoo.write_unplaced, 1, {"missing_position"}),
    ],
)
def test_each_difficulty_is_recognised(tmp_path, write, stacks, events):
    """L1: one difficulty a series, and no other is seen in it."""
    found = stacks_in(write(tmp_path))
    assert len(found) == stacks
    assert {event.code for stack in found for event in stack.order.events} == events


@pytest.mark.parametrize(
    ("write", "by"), [(zoo.write_time, "time"), (zoo.write_b_values, "b_value"), (zoo.write_echoes, "echo")]
)
def test_four_dimensional_series_become_phases(tmp_path, write, by):
    """D17."""
    found = stacks_in(write(tmp_path))
    assert len(found) > 1
    assert {stack.phase.by for stack in found} == {by}
    assert len({stack.phase_of for stack in found}) == 1


def test_a_mosaic_without_its_private_header_stays_one_picture(tmp_path):
    """D20: not measurable across tiles."""
    (stack,) = stacks_in(zoo.write_mosaic(tmp_path))
    assert (len(stack.frames), stack.is_volume) == (1, False)
    assert "mosaic" in stack.why_not


def test_an_enhanced_image_with_its_own_frame_order_and_slopes_is_a_volume(tmp_path):
    """D21: neither the frame number nor one slope for all would meet the formula."""
    (stack,) = stacks_in([write_enhanced_ct(tmp_path / "enhanced.dcm")])
    assert (stack.is_volume, stack.order.key, stack.order.uniform) == (True, "position", True)
    volume = volume_of(stack)
    points = volume.grid.point_of(np.moveaxis(np.indices(volume.grid.shape), 0, -1).astype(float))
    np.testing.assert_allclose(
        volume.modality_values(), linear_value(points), atol=1e-3 * np.ptp(volume.modality_values())
    )
