from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from subprocess import run
from types import MappingProxyType

import numpy as np
import pytest

from tests.imaging.making import data_set, write
from workstation.dicom.facts import read_instance
from workstation.dicom.identity import FrameRef, Instance, Locator
from workstation.errors import UnreadablePixels
from workstation.objects.images import ImageReader

FRAMES = np.arange(6 * 4 * 4, dtype=np.int16).reshape(6, 4, 4)


def opened(folder: Path, **attributes: object) -> tuple[ImageReader, Instance]:
    instance = read_instance(Locator(str(write(folder, data_set(FRAMES, **attributes)))))
    return ImageReader(instance), instance


def ref(instance: Instance, frame: int = 0, tile: int | None = None) -> FrameRef:
    return FrameRef(instance.sop_instance_uid, frame, tile)


def test_a_picture_carries_its_values_and_how_to_show_them(tmp_path: Path) -> None:
    """One picture: stored values, rendering, statistics."""
    reader, instance = opened(tmp_path, WindowCenter=5, WindowWidth=10, RescaleSlope=2, RescaleIntercept=1)
    picture = reader.picture(ref(instance, 2))
    assert np.array_equal(picture.values, FRAMES[2])
    assert (picture.statistics.minimum, picture.statistics.maximum) == (65, 95)
    assert (picture.plane, picture.is_truncated) == (None, False)


def test_the_file_is_opened_when_a_picture_is_asked_for(tmp_path: Path) -> None:
    """Readers are cheap; a file that is gone is an error of the picture."""
    reader, instance = opened(tmp_path)
    path = Path(instance.locator.path)
    kept = path.read_bytes()
    path.unlink()
    with pytest.raises(Exception, match=r"image\.dcm"):
        reader.picture(ref(instance))
    path.write_bytes(kept)
    assert np.array_equal(reader.picture(ref(instance)).values, FRAMES[0])


def test_a_reader_can_be_used_from_many_threads(tmp_path: Path) -> None:
    """A38: one lock per reader."""
    reader, instance = opened(tmp_path)
    with ThreadPoolExecutor(4) as pool:
        pictures = list(pool.map(lambda index: reader.picture(ref(instance, index % 6)), range(48)))
    assert all(np.array_equal(picture.values, FRAMES[index % 6]) for index, picture in enumerate(pictures))


def test_a_closed_reader_opens_again(tmp_path: Path) -> None:
    """Closing only forgets."""
    reader, instance = opened(tmp_path)
    reader.picture(ref(instance))
    reader.close()
    assert np.array_equal(reader.picture(ref(instance, 1)).values, FRAMES[1])


def test_modality_values_for_a_volume_are_int16_or_float32(tmp_path: Path) -> None:
    """B7: whole ones as int16, others as float32."""
    reader, instance = opened(tmp_path, BitsStored=12, HighBit=11, RescaleSlope=1, RescaleIntercept=-100)
    values, unit = reader.modality_values(ref(instance, 1))
    assert (values.dtype, values[0, 0], unit) == (np.int16, -84, "")
    reader, instance = opened(tmp_path, RescaleSlope="0.5", RescaleIntercept=0)
    values, _ = reader.modality_values(ref(instance, 1))
    assert (values.dtype, values[0, 1]) == (np.float32, 8.5)


def test_a_mosaic_is_cut_into_its_slices(tmp_path: Path) -> None:
    """D20: three slices in a grid of 2 x 2."""
    mosaic = np.arange(16, dtype=np.int16).reshape(4, 4)
    whole = read_instance(Locator(str(write(tmp_path, data_set(mosaic)))))
    instance = replace(
        whole,
        image_type=("ORIGINAL", "PRIMARY", "MOSAIC"),
        values=MappingProxyType({**whole.values, "Mosaic": (3, (0.0, 0.0, 1.0)), "SpacingBetweenSlices": 3.0}),
    )
    reader = ImageReader(instance)
    tiles = [reader.picture(ref(instance, 0, tile)).values for tile in range(3)]
    assert [tile.tolist() for tile in tiles] == [[[0, 1], [4, 5]], [[2, 3], [6, 7]], [[8, 9], [12, 13]]]
    with pytest.raises(UnreadablePixels, match="mosaic slice 4"):
        reader.picture(ref(instance, 0, 3))


def test_an_object_without_pixels_says_so(tmp_path: Path) -> None:
    """A25: a sentence that names the file."""
    reader, instance = opened(tmp_path, PixelData=None)
    with pytest.raises(UnreadablePixels, match=r"image\.dcm: the object has no pixel data"):
        reader.picture(ref(instance))


def test_embedded_overlays_come_with_the_picture(tmp_path: Path) -> None:
    """F22: from the cells before masking."""
    ds = data_set(np.array([[0x4001, 2]], np.uint16), BitsStored=12, HighBit=11)
    for element, value in ((0x10, 1), (0x11, 2), (0x100, 16), (0x102, 14)):
        ds.add_new(0x60000000 | element, "US", value)
    instance = read_instance(Locator(str(write(tmp_path, ds))))
    picture = ImageReader(instance).picture(ref(instance))
    assert picture.values.tolist() == [[1, 2]]
    assert picture.rendering.overlays[0].mask(0, 1, 2).tolist() == [[True, False]]


def test_the_table_of_handlers_needs_neither_numpy_nor_pydicom() -> None:
    """The browser shows badges before anything heavy is loaded."""
    code = "import sys, workstation.objects as o; sys.exit(any(m in sys.modules for m in ('numpy', 'pydicom')))"
    assert run([sys.executable, "-c", code], check=False).returncode == 0
