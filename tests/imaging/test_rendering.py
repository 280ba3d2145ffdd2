from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset

from tests.imaging.making import CT, data_set, lut_item
from workstation.imaging.modality_lut import ModalityLut, Rescale
from workstation.imaging.pipeline import Pipeline
from workstation.imaging.pixel_format import pixel_format_of
from workstation.imaging.rendering import Rendering, rendering_of, voi_function
from workstation.imaging.voi_lut import VoiLut
from workstation.imaging.window import VOILUTFunction, Window


def rendered(frame_index: int = 0, pixels: Any = None, **attributes: Any) -> Rendering:
    ds = data_set(np.zeros((2, 2), np.int16) if pixels is None else pixels, **attributes)
    fmt, _ = pixel_format_of(ds, "1.2.840.10008.1.2.1")
    return rendering_of(ds, fmt, frame_index)


def macro(name: str, **attributes: Any) -> Dataset:
    inner, group = Dataset(), Dataset()
    for keyword, value in attributes.items():
        setattr(inner, keyword, value)
    setattr(group, name, [inner])
    return group


def test_per_frame_groups_win_over_shared_ones() -> None:
    """B8: Pixel Value Transformation of frame 2, shared for frame 1."""
    shared = macro("PixelValueTransformationSequence", RescaleSlope=2, RescaleIntercept=-5, RescaleType="HU")
    own = macro("PixelValueTransformationSequence", RescaleSlope=3, RescaleIntercept=0, RescaleType="HU")
    groups = {"SharedFunctionalGroupsSequence": [shared], "PerFrameFunctionalGroupsSequence": [Dataset(), own]}
    first, second = (rendered(index, **groups).modality_stage for index in (0, 1))
    assert isinstance(first, Rescale)
    assert isinstance(second, Rescale)
    assert (first.slope, first.intercept, second.slope) == (2, -5, 3)


def test_the_window_of_a_frame_wins_over_the_top_level() -> None:
    """B20: Frame VOI LUT per frame."""
    own = macro("FrameVOILUTSequence", WindowCenter=7, WindowWidth=70)
    found = rendered(PerFrameFunctionalGroupsSequence=[own], WindowCenter=1, WindowWidth=10)
    assert found.voi == (Window(7, 70),)


@pytest.mark.parametrize(
    ("attributes", "unit"),
    [
        ({"RescaleType": "HU"}, "HU"),
        ({"SOPClassUID": CT, "ImageType": ["ORIGINAL", "PRIMARY", "AXIAL"]}, "HU"),
        ({"SOPClassUID": CT, "ImageType": ["ORIGINAL", "PRIMARY", "LOCALIZER"]}, ""),
        ({"SOPClassUID": CT, "ImageType": ["DERIVED", "SECONDARY"]}, ""),
        ({"SOPClassUID": CT, "RescaleType": "Z_EFF"}, "Z_EFF"),
        ({"Modality": "PT", "Units": "BQML", "RescaleType": "US"}, "BQML"),
        ({"Modality": "MR", "RescaleType": "HU"}, ""),
        ({"Modality": "CR", "RescaleType": "US"}, ""),
        ({}, ""),
    ],
)
def test_units_are_printed_only_where_they_are_known(attributes: dict[str, Any], unit: str) -> None:
    """B9: HU by Rescale Type, or for a CT image that is no localizer and not derived."""
    assert rendered(RescaleSlope=1, RescaleIntercept=-1024, **attributes).unit == unit


@pytest.mark.parametrize("attributes", [{"RescaleSlope": 2}, {"RescaleSlope": 2, "RescaleIntercept": None}])
def test_a_slope_without_intercept_is_not_applied(attributes: dict[str, Any]) -> None:
    """B9: identity and a note."""
    ds = data_set(np.zeros((2, 2), np.int16), RescaleSlope=2)
    if "RescaleIntercept" in attributes:
        ds.add_new("RescaleIntercept", "DS", None)
    found = rendering_of(ds, pixel_format_of(ds, "")[0])
    assert found.modality_stage == Rescale(1.0, 0.0, "", (-32768, 32767))
    assert any("without" in note for note in found.notes)


def test_a_modality_lut_excludes_the_rescale() -> None:
    """B5: both present, the table is used and a note says so."""
    found = rendered(ModalityLUTSequence=[lut_item(0, [1, 2], 8)], RescaleSlope=2, RescaleIntercept=0)
    assert isinstance(found.modality_stage, ModalityLut)
    assert any("table is used" in note for note in found.notes)


def test_dose_is_scaled_by_its_grid() -> None:
    """C.8.8.3: Dose Grid Scaling and Dose Units."""
    found = rendered(DoseGridScaling="0.001", DoseUnits="GY", Modality="RTDOSE")
    assert isinstance(found.modality_stage, Rescale)
    assert (found.modality_stage.slope, found.unit) == (0.001, "Gy")


@pytest.mark.parametrize("text", ["", "linear ", "LINEAR", "CUBIC", "linear"])
def test_unknown_functions_are_linear(text: str) -> None:
    """B13: absent, lower case, padded or unknown."""
    assert voi_function(text) == VOILUTFunction.LINEAR


def test_known_functions_are_read_whole() -> None:
    """B13: "sigmoid" is not cut to its first letter."""
    assert voi_function("sigmoid") == VOILUTFunction.SIGMOID


def test_every_window_is_offered_by_its_name() -> None:
    """B15: fewer explanations than pairs, fractions kept."""
    found = rendered(WindowCenter=["40.5", "-600"], WindowWidth=["400", "1500"], WindowCenterWidthExplanation=["BRAIN"])
    assert found.voi == (Window(40.5, 400, name="BRAIN"), Window(-600, 1500))


@pytest.mark.parametrize(
    "attributes",
    [
        {"WindowCenter": 40, "WindowWidth": 0},
        {"WindowCenter": 40, "WindowWidth": -1},
        {"WindowCenter": 40, "WindowWidth": "0.5"},
        {"WindowCenter": 40},
        {"WindowWidth": 40},
    ],
)
def test_unusable_windows_are_left_out(attributes: dict[str, Any]) -> None:
    """B14: with a note, no exception."""
    found = rendered(**attributes)
    assert found.voi == ()
    assert any("Window" in note for note in found.notes)


@pytest.mark.parametrize(("modality", "kinds"), [("DX", [VoiLut, Window]), ("CT", [Window, VoiLut])])
def test_the_table_comes_first_in_radiography(modality: str, kinds: list[type]) -> None:
    """B16: documented default, both listed."""
    found = rendered(Modality=modality, WindowCenter=1, WindowWidth=2, VOILUTSequence=[lut_item(0, [0, 255], 8)])
    assert [type(choice) for choice in found.voi] == kinds


def test_a_voi_lut_after_a_negative_intercept_has_a_signed_first_value() -> None:
    """B19: 64512 is -1024."""
    found = rendered(
        pixels=np.zeros((2, 2), np.uint16),
        RescaleSlope=1,
        RescaleIntercept=-1024,
        VOILUTSequence=[lut_item(64512, [0, 255], 8)],
    )
    assert isinstance(found.voi[0], VoiLut)
    assert found.voi[0].table.first == -1024


@pytest.mark.parametrize("shape", ["IDENTITY", "INVERSE"])
def test_photometric_interpretation_decides_the_polarity(shape: str) -> None:
    """B24: a contradicting Presentation LUT Shape is only noted."""
    found = rendered(PhotometricInterpretation="MONOCHROME1", PresentationLUTShape=shape)
    assert found.monochrome1
    assert any("contradicts" in note for note in found.notes) == (shape == "IDENTITY")


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({"PixelPaddingValue": -2000}, (-2000, -2000)),
        ({"PixelPaddingValue": 63536}, (-2000, -2000)),
        ({"PixelPaddingValue": -1000, "PixelPaddingRangeLimit": -2000}, (-2000, -1000)),
        ({}, None),
    ],
)
def test_padding_is_read_with_the_sign_of_the_pixels(attributes: dict[str, Any], expected: Any) -> None:
    """B26: US 63536 for -2000, limits in either order."""
    ds = data_set(np.zeros((2, 2), np.int16))
    for keyword, value in attributes.items():
        ds.add_new(keyword, "SS" if value < 32768 else "US", value)
    assert rendering_of(ds, pixel_format_of(ds, "")[0]).padding == expected


def test_images_for_processing_are_marked_raw() -> None:
    """B35: still shown, and nothing is done about intensity relationships."""
    found = rendered(PresentationIntentType="FOR PROCESSING", PixelIntensityRelationshipSign=-1)
    assert found.raw
    assert Pipeline(found, Window(0, 100)).display(np.array([[50]], np.int16)).tolist() == [[255]]


def test_a_bitmap_shutter_is_an_overlay_that_covers() -> None:
    """F23: 1 is covered, and the overlay is not drawn as graphics too."""
    ds = data_set(np.zeros((1, 8), np.int16), ShutterShape="BITMAP", ShutterOverlayGroup=0x6000)
    ds.add_new(0x60000010, "US", 1)
    ds.add_new(0x60000011, "US", 8)
    ds.add_new(0x60003000, "OW", b"\x0f\0")
    found = rendering_of(ds, pixel_format_of(ds, "")[0])
    assert found.overlays == ()
    assert found.shutter is not None
    assert found.shutter.visible(1, 8).tolist() == [[False] * 4 + [True] * 4]


def test_an_icc_profile_is_noted() -> None:
    """C13: sRGB is assumed, and said."""
    found = rendered(pixels=np.zeros((2, 2, 3), np.uint8), ICCProfile=b"\0\0")
    assert any("ICC" in note for note in found.notes)


def test_colour_has_no_window() -> None:
    """C10: RGB ignores a Window Center."""
    found = rendered(pixels=np.zeros((2, 2, 3), np.uint8), WindowCenter=1, WindowWidth=2)
    assert (found.voi, found.has_window) == ((), False)
