"""Words for the screen are those of the stages, whoever makes them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workstation.compiled import Kernel
from workstation.imaging import kernels as machine
from workstation.imaging.color import Palette
from workstation.imaging.color_maps import COLOR_MAPS, ramp_of
from workstation.imaging.lookup_table import LookupTable
from workstation.imaging.modality_lut import ModalityLut, Rescale
from workstation.imaging.painting import Painting
from workstation.imaging.pipeline import Pipeline, composed_table
from workstation.imaging.rendering import Rendering
from workstation.imaging.resampling import Boxes, boxes_of, points_of
from workstation.imaging.rgb32 import rgb32_of
from workstation.imaging.voi_lut import VoiLut
from workstation.imaging.window import VOILUTFunction, Window

pytestmark = pytest.mark.usefixtures("kernels")
KERNELS = [value for value in vars(machine).values() if isinstance(value, Kernel)]
RNG = np.random.default_rng(5)
SOFT = Window(40, 400)


@contextmanager
def numpy_only() -> Iterator[None]:
    """As before the machine code is there."""
    for each in KERNELS:
        each.ready = False
    composed_table.cache_clear()
    try:
        yield
    finally:
        for each in KERNELS:
            each.ready = True
        composed_table.cache_clear()


def every_value(dtype: str) -> np.ndarray:
    info = np.iinfo(dtype)
    return np.arange(info.min, info.max + 1).astype(dtype).reshape(16, -1)


def words_of(painting: Painting) -> np.ndarray:
    out = np.zeros((painting.rows, painting.columns), np.uint32)
    painting.write(0, 0, out)
    return out


def means_of(painting: Painting, rows: Boxes, columns: Boxes) -> np.ndarray:
    out = np.zeros((rows.count, columns.count), np.uint32)
    painting.average(rows, columns, out.reshape(-1), 0, columns.count, 1)
    return out


STAGES = st.one_of(
    st.builds(
        Rescale, st.sampled_from([1, 2, -1, 0.37, 1e-6, 3e7, -0.004]), st.sampled_from([0, -1024, 0.5, 1e9, -32768])
    ),
    st.builds(
        lambda first: ModalityLut(LookupTable(first, np.arange(900, dtype=np.int32) * 7 % 4096, 12)),
        st.integers(-500, 500),
    ),
)
VOIS = st.one_of(
    st.builds(Window, st.floats(-3000, 3000), st.floats(1, 9000), st.sampled_from(list(VOILUTFunction))),
    st.builds(Window, st.integers(-500, 500), st.sampled_from([1, 2, 255, 256, 257, 511, 512, 4096, 65536])),
    st.builds(
        lambda first: VoiLut(LookupTable(first, (np.arange(300, dtype=np.int32) ** 2) % 1024, 10)),
        st.integers(-300, 300),
    ),
)
DTYPES = st.sampled_from(["int16", "uint16", "int8", "uint8"])


@given(
    STAGES, VOIS, st.booleans(), st.booleans(), st.sampled_from([None, (-5, 5), (-32768, -2000)]), DTYPES,
    st.sampled_from([None, "hot_iron"]),
)  # fmt: skip
@settings(deadline=None, max_examples=150)
def test_every_stored_value_has_the_word_of_the_stages(
    stage: Any, voi: Any, inverted: bool, monochrome1: bool, padding: Any, dtype: str, color_map: str | None
) -> None:
    """B10-B14, B24, B26, B27: no pixel differs, by table or by arithmetic, in machine code or in numpy."""
    values = every_value(dtype)
    pipeline = Pipeline(Rendering(stage, padding=padding, monochrome1=monochrome1), voi, inverted)
    expected = ramp_of(color_map)[pipeline._by_stages(values)]
    assert np.array_equal(words_of(Painting(values, pipeline, color_map=color_map)), expected)
    with numpy_only():
        assert np.array_equal(words_of(Painting(values, pipeline, color_map=color_map)), expected)


@given(VOIS, st.booleans(), st.sampled_from([None, (-10, 10)]), st.sampled_from([1.0, 0.5]))
@settings(deadline=None, max_examples=60)
def test_real_values_have_the_words_of_the_stages(voi: Any, inverted: bool, padding: Any, slope: float) -> None:
    """F20: sections and float pixels, those that are not finite as background."""
    values = RNG.normal(0, 1500, (40, 50)).astype(np.float32)
    values[0, :4] = np.nan, np.inf, -np.inf, 1e7
    pipeline = Pipeline(Rendering(Rescale(slope), padding=padding), voi, inverted)
    assert np.array_equal(words_of(Painting(values, pipeline)), ramp_of(None)[pipeline.display(values)])


def test_most_windows_need_no_table() -> None:
    """Arithmetic is several times as fast; where it would be off by one somewhere, the table serves."""
    rescale = Rescale(1, -1024, stored_range=(0, 4095))
    windows = [Window(c, w) for c in (-600, 40, 400) for w in (80, 350, 400, 1500, 2500)]
    found = [Pipeline(Rendering(rescale, stored_range=(0, 4095)), w).linear_grey(np.dtype("uint16")) for w in windows]
    assert sum(each is not None for each in found) >= 12


@pytest.mark.parametrize("dtype", ["int32", "uint32", "float64"])
def test_wide_values_are_painted_too(dtype: str) -> None:
    values = RNG.integers(0, 2000, (8, 9)).astype(dtype)
    pipeline = Pipeline(Rendering(Rescale()), SOFT)
    assert np.array_equal(words_of(Painting(values, pipeline)), ramp_of(None)[pipeline.display(values)])


@pytest.mark.parametrize(("bits", "dtype"), [(8, "uint8"), (12, "uint16"), (5, "uint8")])
@pytest.mark.parametrize("inverted", [False, True])
def test_colours_pass_and_turn_over(bits: int, dtype: str, inverted: bool) -> None:
    """C7, C17."""
    values = RNG.integers(0, 1 << bits, (7, 9, 3)).astype(dtype)
    pipeline = Pipeline(Rendering(Rescale(), color=True, bits_stored=bits), inverted=inverted)
    expected = rgb32_of(pipeline.display(values))
    assert np.array_equal(words_of(Painting(values, pipeline, color_map="pet")), expected)
    with numpy_only():
        assert np.array_equal(words_of(Painting(values, pipeline)), expected)


@pytest.mark.parametrize("supplemental", [False, True])
@pytest.mark.parametrize("dtype", ["uint16", "int16", "uint8"])
def test_palettes_colour_by_stored_value(supplemental: bool, dtype: str) -> None:
    """C8, C10, C11."""
    palette = Palette(100, RNG.integers(0, 256, (60, 3)).astype(np.uint8), supplemental)
    pipeline = Pipeline(Rendering(Rescale(), palette=palette), SOFT)
    values = every_value(dtype)
    assert np.array_equal(words_of(Painting(values, pipeline)), rgb32_of(pipeline.display(values)))


def test_covers_replace_what_is_under_them_in_order() -> None:
    """F21-F23."""
    values = np.zeros((4, 5), np.int16)
    first, second = np.zeros((4, 5), bool), np.zeros((4, 5), bool)
    first[1], second[:, 2] = True, True
    painting = Painting(values, Pipeline(Rendering(Rescale()), SOFT), ((first, 0xFF123456), (second, 0xFFFFFFFF)))
    words = words_of(painting)
    assert (words[1, 0], words[1, 2], words[0, 2]) == (0xFF123456, 0xFFFFFFFF, 0xFFFFFFFF)
    part = np.zeros((2, 3), np.uint32)
    painting.write(1, 2, part)
    assert np.array_equal(part, words[1:3, 2:5])


@given(
    st.floats(0.03, 1), st.floats(0.03, 1), st.booleans(), st.booleans(), st.floats(-20, 20), st.sampled_from("tlfcv"),
)  # fmt: skip
@settings(deadline=None, max_examples=80)
def test_machine_code_and_numpy_give_the_same_means(
    scale_x: float, scale_y: float, back_x: bool, back_y: bool, shift: float, kind: str
) -> None:
    values = RNG.integers(-1000, 1000, (61, 83)).astype(np.int16)
    voi: Any = VoiLut(LookupTable(-200, np.arange(400, dtype=np.int32) ** 2 % 1024, 10)) if kind == "t" else SOFT
    pipeline = Pipeline(Rendering(Rescale(), color=kind == "c", bits_stored=8), voi)
    given_values: Any = {"f": values.astype(np.float32), "c": (values[..., None] % (251, 13, 90)).astype(np.uint8)}
    covers = ((values > 900, 0xFF0000FF),) if kind == "v" else ()
    columns = boxes_of(-scale_x if back_x else scale_x, shift + back_x * 83 * scale_x, 83, 60)
    rows = boxes_of(-scale_y if back_y else scale_y, shift + back_y * 61 * scale_y, 61, 50)
    if rows is None or columns is None:
        return
    found = means_of(Painting(given_values.get(kind, values), pipeline, covers), rows, columns)
    with numpy_only():
        twin = means_of(Painting(given_values.get(kind, values), pipeline, covers), rows, columns)
    assert np.array_equal(found, twin)


@given(
    st.floats(1, 9), st.floats(1, 9), st.booleans(), st.booleans(), st.floats(-90, 20), st.sampled_from("tlmf"),
)  # fmt: skip
@settings(deadline=None, max_examples=80)
def test_machine_code_and_numpy_mix_neighbours_alike(
    scale_x: float, scale_y: float, turned: bool, back: bool, shift: float, kind: str
) -> None:
    values = RNG.integers(-300, 400, (31, 43)).astype(np.int16)
    voi: Any = VoiLut(LookupTable(-200, np.arange(400, dtype=np.int32) ** 2 % 1024, 10)) if kind == "t" else SOFT
    pipeline, color_map = Pipeline(Rendering(Rescale()), voi), "pet" if kind == "m" else None
    values = values.astype(np.float32) if kind == "f" else values
    along_x = points_of(-scale_x if back else scale_x, shift + back * 43 * scale_x, 31 if turned else 43, 60)
    along_y = points_of(scale_y, shift, 43 if turned else 31, 50)
    if along_x is None or along_y is None:
        return
    found, twin = (np.zeros((along_y.count, along_x.count), np.uint32) for _ in range(2))
    Painting(values, pipeline, color_map=color_map).enlarge(along_y, along_x, turned, found)
    with numpy_only():
        Painting(values, pipeline, color_map=color_map).enlarge(along_y, along_x, turned, twin)
    assert np.array_equal(found, twin)


def test_the_middle_between_two_pixels_is_their_mean_and_the_rim_is_flat() -> None:
    values = np.array([[0, 200], [0, 200]], np.uint8)
    pipeline = Pipeline(Rendering(Rescale()), Window(127.5, 255, VOILUTFunction.LINEAR_EXACT))
    along = points_of(4, 0, 2, 8)
    assert along is not None
    out = np.zeros((8, 8), np.uint32)
    Painting(values, pipeline).enlarge(along, along, False, out)
    assert (out[0] & 255).tolist() == [0, 0, 25, 75, 125, 175, 200, 200]
    assert (out == out[0]).all()


def test_a_mean_is_that_of_display_values() -> None:
    """Beyond the ends of a window the mean of stored values would be another."""
    values = np.array([[-3000, 239], [-3000, 239]], np.int16)
    box = boxes_of(0.5, 0, 2, 1)
    assert box is not None
    assert means_of(Painting(values, Pipeline(Rendering(Rescale()), SOFT)), box, box).tolist() == [[0xFF808080]]


def test_a_box_takes_the_share_of_a_pixel_its_edge_runs_through() -> None:
    """Three pixels on two: the middle one belongs to both by halves."""
    values = np.array([[0, 90, 240]] * 3, np.uint8)
    box = boxes_of(2 / 3, 0, 3, 2)
    assert box is not None
    pipeline = Pipeline(Rendering(Rescale()), Window(127.5, 255, VOILUTFunction.LINEAR_EXACT))
    expected = [0xFF000000 + grey * 0x010101 for grey in (30, 190)]
    assert means_of(Painting(values, pipeline), box, box).tolist() == [expected, expected]


def test_one_to_one_is_every_pixel_itself_turned_or_not() -> None:
    values = every_value("int16")
    painting = Painting(values, Pipeline(Rendering(Rescale()), SOFT))
    rows, columns = boxes_of(1, 0, 16, 16), boxes_of(-1, 4096, 4096, 4096)
    assert rows is not None
    assert columns is not None
    out = np.zeros((16, 4096), np.uint32)
    painting.average(rows, columns, out.reshape(-1), 4095, 4096, -1)
    assert np.array_equal(out[:, ::-1], words_of(painting))


def test_large_pictures_are_shared_between_threads() -> None:
    values = RNG.integers(-1000, 1000, (1500, 1100)).astype(np.int16)
    pipeline = Pipeline(Rendering(Rescale()), SOFT)
    assert np.array_equal(words_of(Painting(values, pipeline)), ramp_of(None)[pipeline.display(values)])


def test_read_only_and_strided_values_are_painted() -> None:
    values = RNG.integers(-1000, 1000, (20, 30)).astype(np.int16)
    pipeline = Pipeline(Rendering(Rescale()), SOFT)
    expected = ramp_of(None)[pipeline.display(values[:, ::2])]
    values.flags.writeable = False
    assert np.array_equal(words_of(Painting(values[:, ::2], pipeline)), expected)


@pytest.mark.parametrize(
    ("color_map", "file"),
    [("hot_iron", "hotiron"), ("pet", "pet"), ("hot_metal_blue", "hotmetalblue"), ("pet_20_step", "pet20step")],
)
def test_well_known_palettes_are_the_standards(color_map: str, file: str) -> None:
    """B37, PS3.6 B.1."""
    import pydicom
    from pydicom.data import get_palette_files

    ds = pydicom.dcmread(get_palette_files(f"{file}.dcm")[0])
    channels = [
        np.frombuffer(ds[f"{name}PaletteColorLookupTableData"].value, np.uint8) for name in ("Red", "Green", "Blue")
    ]
    assert np.array_equal(ramp_of(color_map), rgb32_of(np.stack(channels, 1)[np.newaxis])[0])


def test_every_map_is_one_and_grey_is_none_of_them() -> None:
    grey = ramp_of(None)
    assert grey[[0, 1, 255]].tolist() == [0xFF000000, 0xFF010101, 0xFFFFFFFF]
    assert np.array_equal(ramp_of("no such map"), grey)
    assert all(not np.array_equal(ramp_of(each), grey) for each in COLOR_MAPS)
