from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pydicom
import pytest
from numpy.testing import assert_allclose

from workstation.phantoms.enhanced import write_enhanced_ct
from workstation.phantoms.grid import AXIAL, CORONAL, OBLIQUE, SAGITTAL, Grid, linear_value
from workstation.phantoms.volumes import write_linear_series
from workstation.phantoms.zoo import ZOO

if TYPE_CHECKING:
    from pathlib import Path


def modality(ds: pydicom.Dataset) -> np.ndarray:
    return ds.pixel_array * float(ds.RescaleSlope) + float(ds.RescaleIntercept)


@pytest.mark.parametrize("orientation", [AXIAL, CORONAL, SAGITTAL, OBLIQUE])
@pytest.mark.parametrize("tilt", [0.0, 20.0])
def test_each_voxel_holds_the_formula_of_its_place(tmp_path: Path, orientation, tilt) -> None:
    """D39's golden volume: 2x + 3y - 5z on anisotropic, oblique and tilted grids."""
    grid = Grid(orientation, tilt_degrees=tilt)
    paths = write_linear_series(tmp_path, orientation=orientation, tilt_degrees=tilt, slices=3)
    for offset, path in enumerate(paths):
        ds = pydicom.dcmread(path)
        assert_allclose(modality(ds), linear_value(grid.points(offset)), atol=float(ds.RescaleSlope))


def test_a_tilt_of_twenty_degrees_steps_as_the_standard_says(tmp_path: Path) -> None:
    """D9: 20 degrees and a table step of 5 mm give 4.698 mm along the normal, -1.710 mm in plane."""
    first, second = write_linear_series(tmp_path, slices=2, spacing=(5, 2, 0.5), tilt_degrees=20)
    step = np.subtract(*(pydicom.dcmread(p).ImagePositionPatient for p in (second, first)))
    assert_allclose(step, (0.0, -1.710, 4.698), atol=5e-4)


def test_a_pixel_lies_where_the_image_plane_module_puts_it() -> None:
    """D1: Pixel Spacing is row spacing, then column spacing."""
    grid = Grid(AXIAL, (3.0, 2.0, 0.5), origin=(0, 0, 0))
    assert_allclose(grid.points(0)[0, 1], (0.5, 0, 0))
    assert_allclose(grid.points(0)[1, 0], (0, 2, 0))


def test_the_same_call_writes_the_same_bytes(tmp_path: Path) -> None:
    one = write_linear_series(tmp_path / "a", shuffle=5)
    two = write_linear_series(tmp_path / "b", shuffle=5)
    assert [p.read_bytes() for p in one] == [p.read_bytes() for p in two]


def test_shuffled_names_do_not_follow_position(tmp_path: Path) -> None:
    numbers = [pydicom.dcmread(p).InstanceNumber for p in write_linear_series(tmp_path, shuffle=5)]
    assert sorted(numbers) == list(range(1, 9))
    assert numbers != sorted(numbers)


def test_uids_are_valid_and_all_different(tmp_path: Path) -> None:
    uids = [pydicom.dcmread(p).SOPInstanceUID for p in write_linear_series(tmp_path)]
    assert len(set(uids)) == len(uids)
    assert all(u.is_valid for u in uids)


@pytest.mark.parametrize("name", ZOO)
def test_every_animal_of_the_zoo_is_one_readable_series(tmp_path: Path, name: str) -> None:
    found = [pydicom.dcmread(path) for path in ZOO[name](tmp_path)]
    assert len({ds.SeriesInstanceUID for ds in found}) == 1
    assert all(ds.pixel_array.shape == (ds.Rows, ds.Columns) for ds in found)


def test_enhanced_frames_need_their_own_rescale_and_position(tmp_path: Path) -> None:
    """D21, B8: out of order, with slope and intercept per frame."""
    ds = pydicom.dcmread(write_enhanced_ct(tmp_path / "enhanced.dcm"))
    grid, offsets = Grid(OBLIQUE, (2.5, 2.0, 0.5)), []
    for stored, item in zip(ds.pixel_array, ds.PerFrameFunctionalGroupsSequence, strict=True):
        rescale = item.PixelValueTransformationSequence[0]
        offsets.append(item.FrameContentSequence[0].InStackPositionNumber - 1)
        values = stored * float(rescale.RescaleSlope) + float(rescale.RescaleIntercept)
        assert_allclose(values, linear_value(grid.points(offsets[-1])), atol=float(rescale.RescaleSlope))
    assert offsets != sorted(offsets)
