"""Volumes through the loader: whole, reduced where they do not fit, with a second copy where it helps."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.loading.stacks import slice_of, write_slices
from workstation.dicom.scan import Found, scan
from workstation.errors import TooLarge
from workstation.geometry.reslice import standard_section
from workstation.geometry.stack import Stack
from workstation.geometry.volume import Volume, grid_of
from workstation.loading.collection import Collection
from workstation.loading.fetch import SECTIONS_FOR_COPY, SMALL, Fetcher
from workstation.loading.keys import CopyKey, VolumeKey, is_long
from workstation.loading.loader import Loaded, Loader, Priority
from workstation.objects.picture import FrameKey, SectionKey

SIZE = 64
SLICES = 6
BYTES = SIZE * SIZE * SLICES * 2


class House:
    """A loader over one series."""

    def __init__(self, folder: Path, budget: int) -> None:
        collection = Collection()
        for item in scan([str(folder)]):
            if isinstance(item, Found):
                collection.add(item)
        catalogue = collection.snapshot(finished=True)
        self.stack: Stack = catalogue.ordered_stacks()[0]
        self.answers: list[Loaded] = []
        self.fetcher = Fetcher(lambda: catalogue, lambda key: self.loader.peek(key))
        self.loader = Loader(self.fetcher.fetch, self.answers.append, cache_bytes=budget, is_long=is_long)
        self.volume_key = VolumeKey(self.stack.id, len(self.stack.frames))

    def section(self, orientation: str, number: int) -> SectionKey:
        grid = grid_of(self.stack)
        x, y, z = grid.centre
        return SectionKey(self.stack.id, standard_section(grid, orientation, (x + number, y + number, z)))


@pytest.fixture
def house(tmp_path: Path, until: Callable) -> Callable[[int], House]:
    pixels = np.arange(SIZE * SIZE, dtype="i2").reshape(SIZE, SIZE)
    write_slices(tmp_path, [slice_of(pixels + n, n) for n in range(SLICES)])
    made: list[House] = []

    def make(budget: int) -> House:
        made.append(House(tmp_path, budget))
        return made[-1]

    yield make
    for one in made:
        one.loader.close()


def answered(house: House, key: object, until: Callable) -> Loaded:
    house.loader.want("pane", [(key, Priority.VISIBLE)])
    until(lambda: any(answer.key == key for answer in house.answers))
    return next(answer for answer in house.answers if answer.key == key)


def test_a_volume_that_fits_is_whole_and_counted(house: Callable[[int], House], until: Callable) -> None:
    made = house(1 << 30)
    volume = answered(made, made.volume_key, until).value
    assert isinstance(volume, Volume)
    assert volume.array.shape == (SLICES, SIZE, SIZE)
    assert made.loader.memory().volumes == BYTES


def test_a_volume_that_does_not_fit_comes_reduced_and_says_so(house: Callable[[int], House], until: Callable) -> None:
    """D42: a preview with its factor and all sizes, in every section of it."""
    made = house(BYTES // 2)
    volume = answered(made, made.volume_key, until).value
    assert volume.array.shape == (SLICES, SIZE // 2, SIZE // 2)
    shown = answered(made, made.section("coronal", 0), until).value
    assert shown.notes[0].startswith("Reduced preview 1:2; the whole volume does not fit: it needs 0 MiB, the budget")


def test_a_volume_of_which_not_even_a_preview_fits_is_refused(house: Callable[[int], House], until: Callable) -> None:
    made = house(BYTES // 100)
    error = answered(made, made.volume_key, until).error
    assert isinstance(error, TooLarge)
    assert "not even reduced: it needs" in str(error)


def test_a_float_volume_is_counted_with_all_its_bytes(tmp_path: Path, until: Callable) -> None:
    """D42: slopes that vary make it twice as large; a preview comes where that does not fit any more."""
    pixels = np.arange(SIZE * SIZE, dtype="i2").reshape(SIZE, SIZE)
    write_slices(tmp_path, [slice_of(pixels, n, RescaleSlope=n + 0.5, RescaleIntercept=0) for n in range(SLICES)])
    made = House(tmp_path, BYTES + 1000)
    volume = answered(made, made.volume_key, until).value
    used = made.loader.memory().volumes
    made.loader.close()
    assert volume.array.dtype == np.float32
    assert used == volume.nbytes == BYTES // 2


@pytest.mark.usefixtures("kernels")
def test_a_second_copy_is_made_after_some_sagittal_sections(house: Callable[[int], House], until: Callable) -> None:
    made = house(1 << 30)
    volume = answered(made, made.volume_key, until).value
    for number in range(SECTIONS_FOR_COPY + 2):
        answered(made, made.section("coronal", number), until)
    assert volume.copies.nbytes == 0
    for number in range(SECTIONS_FOR_COPY):
        answered(made, made.section("sagittal", number), until)
    until(lambda: made.loader.has(CopyKey(made.volume_key)))
    assert volume.copies.nbytes == BYTES
    made.loader.forget(lambda key: key == made.volume_key)
    assert volume.copies.nbytes == 0


def test_no_second_copy_is_made_where_the_budget_ends(house: Callable[[int], House], until: Callable) -> None:
    made = house(BYTES + BYTES // 2)
    volume = answered(made, made.volume_key, until).value
    for number in range(SECTIONS_FOR_COPY):
        answered(made, made.section("sagittal", number), until)
    until(lambda: any(isinstance(answer.key, CopyKey) for answer in made.answers))
    assert volume.copies.nbytes == 0
    assert made.loader.has(made.volume_key)


def test_a_frame_lies_in_the_memory_of_its_volume_and_goes_with_it(
    house: Callable[[int], House], until: Callable
) -> None:
    made = house(10 * BYTES)
    key = FrameKey(made.stack.frames[2].ref)
    alone = answered(made, key, until).value
    assert alone.of is None
    made.loader.forget(lambda other: True)
    made.answers.clear()
    volume = answered(made, made.volume_key, until).value
    before = made.loader.cache_used
    shared = answered(made, key, until).value
    assert np.shares_memory(shared.values, volume.array)
    assert not shared.values.flags.writeable
    np.testing.assert_array_equal(shared.values, alone.values)
    assert made.loader.cache_used - before <= SMALL
    made.loader.forget(lambda other: other == made.volume_key)
    assert not made.loader.has(key)


def test_who_shows_a_frame_keeps_no_volume(house: Callable[[int], House], until: Callable) -> None:
    """A pane that shows one image must not stand in the way of another series' volume."""
    made = house(10 * BYTES)
    volume = answered(made, made.volume_key, until).value
    shared = answered(made, FrameKey(made.stack.frames[1].ref), until).value
    apart = shared.apart()
    assert not np.shares_memory(apart.values, volume.array)
    assert not apart.values.flags.writeable
    np.testing.assert_array_equal(apart.values, shared.values)
    assert apart.apart() is apart


def test_only_slices_whose_padding_the_volume_replaced_keep_their_own_memory(tmp_path: Path, until: Callable) -> None:
    """B26: padding is air in a volume and itself in an image."""
    pixels = np.arange(SIZE * SIZE, dtype="i2").reshape(SIZE, SIZE)
    slices = [pixels + n for n in range(SLICES)]
    slices[3][0, :8] = -2000
    write_slices(tmp_path, [slice_of(one, n, PixelPaddingValue=-2000) for n, one in enumerate(slices)])
    made = House(tmp_path, 10 * BYTES)
    try:
        volume = answered(made, made.volume_key, until).value
        assert volume.padding is not None
        of = {
            frame.instance.instance_number: answered(made, FrameKey(frame.ref), until).value
            for frame in made.stack.frames
        }
        assert [number for number, shown in sorted(of.items()) if shown.of is None] == [4]
        assert of[4].values[0, 0] == -2000
    finally:
        made.loader.close()
