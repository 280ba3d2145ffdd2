from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workstation.imaging.color import Palette
from workstation.imaging.lookup_table import LookupTable
from workstation.imaging.modality_lut import ModalityLut, Rescale
from workstation.imaging.pipeline import Pipeline
from workstation.imaging.rendering import Rendering
from workstation.imaging.voi_lut import VoiLut
from workstation.imaging.window import VOILUTFunction, Window

SOFT = Window(40, 400)


def rendering(slope: float = 1, intercept: float = 0, **more: Any) -> Rendering:
    bounds = more.pop("stored_range", (-32768, 32767))
    return Rendering(Rescale(slope, intercept, stored_range=bounds), stored_range=bounds, **more)


def shown(values: list[int], pipeline: Pipeline, dtype: str = "int16") -> list[int]:
    return pipeline.display(np.array([values], dtype))[0].tolist()


def test_values_are_rounded_once_at_the_end() -> None:
    """B10: 0.639, 102.256, 127.820, 166.165 of 255, halves up."""
    assert shown([-160, -159, 0, 40, 100, 239], Pipeline(rendering(), SOFT)) == [0, 1, 102, 128, 166, 255]


@pytest.mark.parametrize(("monochrome1", "inverted"), [(False, False), (True, False), (False, True), (True, True)])
def test_polarity_is_inverted_exactly_once(monochrome1: bool, inverted: bool) -> None:
    """B23, B24: MONOCHROME1 after VOI, the user's invert on top of it."""
    pipeline = Pipeline(rendering(monochrome1=monochrome1), SOFT, inverted)
    plain = [0, 102, 255]
    assert shown([-200, 0, 300], pipeline) == ([255 - v for v in plain] if monochrome1 != inverted else plain)


def test_inversion_does_not_depend_on_what_a_frame_holds() -> None:
    """B25: the nominal range is turned, not the values that occur."""
    pipeline = Pipeline(rendering(monochrome1=True), SOFT)
    assert shown([40, 40], pipeline) == shown([40, 3000], pipeline)[:1] * 2


def test_a_negative_slope_keeps_higher_modality_values_brighter() -> None:
    """B27: stored 500 is -500, stored -900 is 900."""
    assert shown([500, -900], Pipeline(rendering(-1), SOFT)) == [0, 255]


@pytest.mark.parametrize("dtype", ["int16", "float32", "int32"])
@pytest.mark.parametrize("monochrome1", [False, True])
def test_padding_is_background(dtype: str, monochrome1: bool) -> None:
    """B26: by stored value, ends included, whatever the polarity."""
    pipeline = Pipeline(rendering(padding=(-2000, -1990), monochrome1=monochrome1), Window(-1900, 100))
    found = shown([-2000, -1995, -1990, -1989], pipeline, dtype)
    assert found[:3] == [0, 0, 0]
    assert found[3] == (255 if monochrome1 else 0)


def test_values_that_are_not_finite_are_background() -> None:
    """F20, B26: NaN and infinities in float pixels."""
    values = np.array([[np.nan, np.inf, -np.inf, 40]], np.float32)
    assert Pipeline(rendering(monochrome1=True), SOFT).display(values).tolist() == [[0, 0, 0, 127]]


STAGES = st.one_of(
    st.builds(Rescale, st.sampled_from([1, 2, -1, 0.37, 1e-6]), st.sampled_from([0, -1024, 0.5])),
    st.builds(
        lambda first: ModalityLut(LookupTable(first, np.arange(900, dtype=np.int32) * 7 % 4096, 12)),
        st.integers(-500, 500),
    ),
)
VOIS = st.one_of(
    st.builds(Window, st.floats(-3000, 3000), st.floats(1, 5000), st.sampled_from(list(VOILUTFunction))),
    st.builds(
        lambda first: VoiLut(LookupTable(first, (np.arange(300, dtype=np.int32) ** 2) % 1024, 10)),
        st.integers(-300, 300),
    ),
)


@given(STAGES, VOIS, st.booleans(), st.sampled_from([None, (-5, 5)]), st.sampled_from(["int16", "uint16", "uint8"]))
@settings(deadline=None, max_examples=60)
def test_the_composed_table_equals_the_stages(
    stage: Any, voi: Any, inverted: bool, padding: tuple[int, int] | None, dtype: str
) -> None:
    """B38: one table per frame, the very greys of the stages one after the other."""
    info = np.iinfo(dtype)
    values = np.arange(info.min, info.max + 1, dtype=np.int64).astype(dtype).reshape(1, -1)
    pipeline = Pipeline(Rendering(stage, padding=padding), voi, inverted)
    assert np.array_equal(pipeline.display(values), pipeline._by_stages(values))


@given(VOIS, st.integers(-2000, 2000), st.booleans())
@settings(deadline=None, max_examples=40)
def test_explaining_a_value_ends_at_its_display_value(voi: Any, value: int, inverted: bool) -> None:
    """B38: no second implementation for the probe."""
    pipeline = Pipeline(rendering(2, -10), voi, inverted)
    assert pipeline.explain(value)[-1].output == shown([value], pipeline)[0]


def test_stages_come_in_the_standard_order() -> None:
    """PS3.4 N.2: modality, VOI, presentation, display."""
    reports = Pipeline(rendering(2, -10), SOFT).explain(30)
    assert [r.name for r in reports] == ["Rescale", "VOI LUT", "Presentation LUT", "Display value"]
    assert (reports[0].output, reports[-1].output) == (50, 134)


def test_a_palette_is_no_subject_of_windows() -> None:
    """C10: index to colour, nothing else."""
    palette = Palette(0, np.array([[255, 0, 0], [0, 0, 255]], np.uint8))
    pipeline = Pipeline(rendering(palette=palette), SOFT)
    assert pipeline.display(np.array([[0, 1]], np.uint8)).tolist() == [[[255, 0, 0], [0, 0, 255]]]
    assert pipeline.window is None


def test_a_supplemental_palette_colours_only_from_its_first_value_on() -> None:
    """C11: PS3.3 C.8.16.2.1.1.1."""
    palette = Palette(100, np.array([[255, 0, 0]], np.uint8), supplemental=True)
    found = Pipeline(rendering(palette=palette), Window(50, 101)).display(np.array([[50, 100]], np.uint16))
    assert found.tolist() == [[[129, 129, 129], [255, 0, 0]]]


def test_rgb_passes_unchanged() -> None:
    """C17: pure red stays red, and the rows are contiguous."""
    found = Pipeline(replace(rendering(), color=True, bits_stored=8)).display(np.array([[[255, 0, 0]]], np.uint8))
    assert found.tolist() == [[[255, 0, 0]]]
    assert found.flags.c_contiguous


def test_the_same_slope_uses_the_same_table() -> None:
    """B29: a drag or a scroll makes no new table for what it has seen."""
    from workstation.imaging.pipeline import composed_table

    Pipeline(rendering(3, 1), SOFT).display(np.zeros((1, 1), np.int16))
    before = composed_table.cache_info().misses
    Pipeline(rendering(3, 1), SOFT).display(np.zeros((1, 1), np.int16))
    assert composed_table.cache_info().misses == before
