from __future__ import annotations

from pathlib import Path

import imagecodecs
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from workstation.dicom.identity import FrameRef, Instance
from workstation.dicom.scan import Found, scan
from workstation.export.frames import Look, display_pixels, export_picture, shown_frames, stamp_of
from workstation.export.picture import read_stamp
from workstation.export.reading import pictures_of
from workstation.export.saving import ExportError
from workstation.export.stamp import matches, pixel_hash
from workstation.export.values import known_unit, modality_pixels, stored_pixels
from workstation.imaging.lookup_table import LookupTable
from workstation.imaging.modality_lut import ModalityLut, Rescale
from workstation.imaging.pipeline import Pipeline, modality_values
from workstation.imaging.rendering import Rendering
from workstation.imaging.window import Window
from workstation.objects.picture import FrameKey, Picture
from workstation.phantoms.volumes import write_linear_series

WINDOW = Window(250.0, 300.0, name="DOE^JANE")


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Instance:
    paths = write_linear_series(tmp_path_factory.mktemp("linear"))
    return next(item.instance for item in scan([str(paths[0])]) if isinstance(item, Found))


@pytest.fixture(scope="module")
def picture(instance: Instance) -> Picture:
    return next(pictures_of([(instance, FrameRef(instance.sop_instance_uid))]))


def made(values: np.ndarray, **rendering: object) -> Picture:
    known = {"modality_stage": Rescale(), **rendering}
    key = FrameKey(FrameRef("1.2.3", 2))
    return Picture(key, values, Rendering(**known), None, values.shape[0], ())  # type: ignore[arg-type]


def test_a_picture_is_what_the_pane_shows(instance: Instance, picture: Picture, tmp_path: Path) -> None:
    stamp = export_picture(tmp_path / "a.png", instance, picture, Look(WINDOW, inverted=True))
    expected = Pipeline(picture.rendering, WINDOW, True).display(picture.values)
    assert_array_equal(imagecodecs.png_decode((tmp_path / "a.png").read_bytes()), expected)
    assert read_stamp(tmp_path / "a.png") == stamp


def test_the_stamp_says_what_is_shown_and_how(instance: Instance, picture: Picture) -> None:
    stamp = stamp_of(instance, picture, Look(WINDOW, inverted=True, color_map="pet"), view={"rotation": 90})
    assert (stamp.window, stamp.voi_function, stamp.window_source) == ((250.0, 300.0), "LINEAR", "chosen")
    assert (stamp.inverted, stamp.color_map, stamp.view) == (True, "pet", {"rotation": 90})
    assert pixel_hash(picture.values) == stamp.pixel_sha256
    assert matches(stamp, instance.sop_instance_uid)
    assert instance.sop_instance_uid not in stamp.to_json()


def test_identified_stamps_hold_plain_uids_and_still_no_text_of_the_data(instance: Instance, picture: Picture) -> None:
    text = stamp_of(instance, picture, Look(WINDOW), identified=True).to_json()
    assert instance.series_instance_uid in text
    assert "DOE" not in text


def test_where_a_window_came_from_is_told() -> None:
    values = np.arange(600, dtype=np.int16).reshape(20, 30)
    header = (Window(1.0, 2.0), Window(30.0, 40.0))
    known = made(values, voi=header)
    assert [stamp_of(BARE, known, Look(voi)).window_source for voi in (None, header[1], Window(3, 4))] == [
        "header 1",
        "header 2",
        "chosen",
    ]
    assert stamp_of(BARE, made(values, modality="MR"), Look()).window_source == "automatic"
    assert stamp_of(BARE, made(values, modality="CT", unit="HU"), Look()).window_source == "preset"


BARE = Instance(None, "1.2.3", "", "1.2", "1.1", "")  # type: ignore[arg-type]


def test_colour_has_no_window_in_its_stamp() -> None:
    stamp = stamp_of(BARE, made(np.zeros((2, 3, 3), np.uint8), color=True, bits_stored=8), Look(color_map="pet"))
    assert (stamp.window, stamp.window_source, stamp.color_map, stamp.frame) == (None, "", "", 3)


def test_a_colour_map_colours_greys() -> None:
    picture = made(np.arange(256, dtype=np.uint8).reshape(16, 16), bits_stored=8)
    assert display_pixels(picture, Look(Window(128, 256), color_map="pet")).shape == (16, 16, 3)


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int16", "uint16", "int32", "uint32"])
def test_stored_values_that_fit_go_out_exactly(dtype: str) -> None:
    values = np.array([[0, 1, 127]], dtype)
    found = stored_pixels(made(values))
    assert found.pixels.dtype in (np.int16, np.uint16)
    assert_array_equal(found.pixels, values)


@pytest.mark.parametrize(
    "stage",
    [
        Rescale(1, -1024),
        Rescale(0.003, 204.2),
        Rescale(7, 3),
        ModalityLut(LookupTable(0, np.array([5, 9, 60000], np.uint16), 16)),
    ],
    ids=["whole", "fraction", "steep", "table"],
)
def test_modality_values_are_recovered_from_pixels(stage) -> None:
    values = np.array([[0, 1, 2], [2, 1, 0]], np.uint16)
    picture = made(values, modality_stage=stage, unit="HU")
    found = modality_pixels(picture)
    expected = modality_values(values, picture.rendering).astype(float)
    recovered = found.pixels.astype(float) * found.slope + found.intercept
    assert_allclose(recovered, expected, rtol=1e-6, atol=np.ptp(expected) / 65535 / 2 + 1e-6)


def test_real_values_are_rounded_to_steps_of_their_range() -> None:
    values = np.linspace(-3.5, 9.25, 12, dtype=np.float32).reshape(3, 4)
    found = modality_pixels(made(values))
    assert_allclose(found.pixels * found.slope + found.intercept, values, atol=12.75 / 65535)
    with pytest.raises(ExportError, match="finite"):
        modality_pixels(made(np.full((2, 2), np.nan, np.float32)))
    with pytest.raises(ExportError, match="16 bits"):
        stored_pixels(made(values))


def test_colour_has_no_values_of_sixteen_bits() -> None:
    with pytest.raises(ExportError, match="Colour"):
        stored_pixels(made(np.zeros((2, 3, 3), np.uint8), color=True))


def test_a_unit_that_is_none_of_the_standard_stays_out() -> None:
    assert (known_unit("HU"), known_unit("DOE^JANE")) == ("HU", "")


def test_a_film_without_a_window_in_its_header_does_not_flicker() -> None:
    first = np.arange(600, dtype=np.int16).reshape(20, 30)
    shown = list(shown_frames([made(first, modality="MR"), made(first // 2, modality="MR")], Look()))
    expected = display_pixels(made(first, modality="MR"), Look())
    assert_array_equal(expected, shown[0])
    assert shown[1].max() < expected.max()
