"""What is told of a pixel: formulas that compute what they say, reasons that are the right ones."""

from __future__ import annotations

import re
from math import exp
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.imaging.making import data_set, lut_item, write
from workstation.dicom.facts import read_instance
from workstation.dicom.identity import FrameRef, Locator
from workstation.imaging.frame_origin import Lossy
from workstation.imaging.modality_lut import Rescale
from workstation.imaging.pipeline import Pipeline
from workstation.imaging.rendering import Rendering
from workstation.imaging.samples import CellReading
from workstation.imaging.voi_lut import WindowStage
from workstation.imaging.window import VOILUTFunction, Window
from workstation.objects.images import ImageReader
from workstation.viewing.provenance import Explanation, Look, frame_pixel, voi_source

CELLS = np.array([[0x87FF, 0x0800], [0x0001, 0xF123]], np.uint16)


def explained(
    folder: Path, pixels: np.ndarray, column: int = 0, row: int = 0, voi: Any = None, **header: Any
) -> Explanation:
    instance = read_instance(Locator(str(write(folder, data_set(pixels, **header)))))
    reader, ref = ImageReader(instance), FrameRef(instance.sop_instance_uid)
    picture = reader.picture(ref)
    chosen = voi if isinstance(voi, Window) else picture.rendering.voi[voi] if isinstance(voi, int) else None
    pipeline = Pipeline(picture.rendering, chosen)
    return frame_pixel(picture.values, pipeline, column, row, Look(voi), origin=reader.origin(ref), name="a.dcm")


def line(story: Explanation, stage: str) -> tuple[str, str]:
    return next((one.value, one.how) for one in story.lines if one.stage == stage)


def test_a_cell_is_told_in_hex_and_bits_with_those_that_count_in_brackets(tmp_path: Path) -> None:
    """B1: 12 bits stored, signed; whatever stands above them takes no part."""
    header = {"BitsStored": 12, "HighBit": 11, "PixelRepresentation": 1}
    story = explained(tmp_path, CELLS, **header)
    assert line(story, "Cell") == ("0x87FF", "1000 [0111 1111 1111]")
    assert line(story, "Stored value") == ("2047", "4 high bits masked, 12-bit two’s complement")
    assert line(explained(tmp_path, CELLS, 1, **header), "Stored value")[0] == "−2048"


def test_a_shifted_cell_says_so() -> None:
    """B2."""
    reading = CellReading(4, 12, signed=False)
    report = reading.explain(np.uint16(0x1230), 16)
    assert (report.output, report.sentence) == (0x123, "shifted down by 4, 12 bits unsigned")
    assert reading.bits_text(0x1230, 16) == "[0001 0010 0011] 0000"


@given(
    value=st.floats(-3000, 3000),
    center=st.floats(-1000, 1000),
    width=st.floats(1, 4000),
    function=st.sampled_from(list(VOILUTFunction)),
)
def test_a_formula_computes_what_it_says(value: float, center: float, width: float, function: VOILUTFunction) -> None:
    """PS3.3 C.11.2.1.2.1, C.11.2.1.3: the numbers of the sentence lead to its result."""
    report = WindowStage(Window(center, width, function)).explain(value)
    sentence = report.sentence.replace("−", "-").replace("×", "*")
    formula, _, result = sentence.partition(": ")[2].rpartition(" = ")
    if not formula:
        assert report.output in (0, 255)
        return
    rounding = 255 / width * 2e-2 + 0.5
    assert eval(formula, {"exp": lambda x: exp(min(x, 700.0))}) == pytest.approx(float(result), abs=rounding)
    assert float(result) == pytest.approx(float(report.output), abs=1e-3)


def test_the_modality_line_has_the_numbers_of_the_image(tmp_path: Path) -> None:
    story = explained(
        tmp_path, CELLS, 0, 1, RescaleSlope="2", RescaleIntercept="-24", WindowCenter="40", WindowWidth="80"
    )
    assert line(story, "Rescale") == ("−22", "1 × 2 − 24 = −22")


def test_a_modality_lut_names_its_entry(tmp_path: Path) -> None:
    """B5, B6: below the table its first entry holds."""
    item = lut_item(10, [100, 200, 300], 16)
    item.ModalityLUTType = "OD"
    pixels = np.array([[11, 3]], np.uint16)
    inside = line(explained(tmp_path, pixels, 0, ModalityLUTSequence=[item]), "Modality LUT")
    below = line(explained(tmp_path, pixels, 1, ModalityLUTSequence=[item]), "Modality LUT")
    assert inside == ("200 OD", "entry 2 of 3 (the first is for 10) is 200 OD")
    assert below == ("100 OD", "below the table: its first of 3 entries is 100 OD")


@pytest.mark.parametrize(
    ("voi", "reason"),
    [
        (None, "window 1 of 2 in the header “soft”: the first one wins"),
        (1, "window 2 of 2 in the header “bone”, chosen in this pane"),
        (Window(1, 2), "set by hand in this pane: comes before the header"),
        (Window(-600, 1500, name="Lung"), "“Lung” in this pane: comes before the header"),
        ("auto", "automatic, from the values: chosen in this pane, comes before the header"),
    ],
)
def test_who_chose_the_window_is_told(tmp_path: Path, voi: Any, reason: str) -> None:
    """B20."""
    header = {
        "WindowCenter": ["40", "400"],
        "WindowWidth": ["80", "900"],
        "WindowCenterWidthExplanation": ["soft", "bone"],
    }
    assert line(explained(tmp_path, CELLS, voi=voi, **header), "VOI")[1] == reason


def test_a_preset_of_the_modality_is_called_one() -> None:
    rendering = Rendering(Rescale(unit="HU"), "HU", modality="CT")
    lung = Window(-600, 1500, name="Lung")
    assert voi_source(lung, Pipeline(rendering, lung)).startswith("preset Lung in this pane")


def test_padding_is_no_measurement(tmp_path: Path) -> None:
    """B26."""
    story = explained(tmp_path, np.array([[7, 9]], np.uint16), PixelPaddingValue=7)
    assert line(story, "Padding") == ("0", "7 is padding, no measurement: shown as background")
    assert story.screen == (0,)


def test_a_value_that_is_no_number_is_background() -> None:
    pipeline = Pipeline(Rendering(Rescale()), Window(0, 10))
    assert pipeline.explain(np.float32("nan"))[-1].output == 0


def test_lossy_compressions_are_told_in_their_order() -> None:
    """PS3.3 C.7.6.1.1.5: one ratio and method for each time."""
    assert Lossy("01", (10.0, 4.5), ("ISO_10918_1", "ISO_15444_1")).steps() == (
        "ISO_10918_1 10 : 1",
        "ISO_15444_1 4.5 : 1",
    )
    assert Lossy("01", (3.0,)).steps() == ("method not said 3 : 1",)


def test_a_colour_map_and_a_cover_are_the_last_stages() -> None:
    pipeline = Pipeline(Rendering(Rescale(stored_range=(0, 255)), stored_range=(0, 255)), Window(128, 256))
    values = np.array([[200]], np.uint8)
    mapped = frame_pixel(values, pipeline, 0, 0, Look(color_map="hot_iron"))
    covered = frame_pixel(values, pipeline, 0, 0, Look(color_map="hot_iron", cover=("Shutter", 0)))
    assert len(mapped.screen) == 3
    assert covered.screen == (0,)
    assert re.search("Shutter", covered.text())


@pytest.mark.parametrize(
    ("came", "reason"),
    [
        ("made", "window, taken over from the pane it was made from: comes before the header"),
        ("kept", "window, taken over from what this pane showed before: comes before the header"),
        ("alike", "window, as in the other panes of this volume: comes before the header"),
        ("picture", "window, from the picture that was opened: comes before the header"),
    ],
)
def test_a_window_that_was_handed_on_is_told_as_such(came: str, reason: str) -> None:
    """B20: nobody set it by hand in this pane."""
    window = Window(40, 400)
    assert voi_source(window, Pipeline(Rendering(Rescale(unit="HU"), "HU", modality="CT"), window), came) == reason
