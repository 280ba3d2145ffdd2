"""Memory fetched ahead for a volume: only where the first files agree, never much more than used, never kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.loading.stacks import slice_of, stack_in, write_slices
from workstation.dicom.identity import Instance, Locator
from workstation.loading import room as room_module
from workstation.loading.room import SAMPLE, Guess, Room
from workstation.loading.volume_builder import build_volume

SIZE = 1 << 20


@pytest.fixture
def room(monkeypatch: pytest.MonkeyPatch) -> Iterator[Room]:
    monkeypatch.setattr(room_module, "LEAST", 1024)
    made = Room(lambda: 100 * SIZE)
    yield made
    made.leave()


def fetched(room: Room, until: Callable, size: int = SIZE) -> None:
    room.expect(size)
    until(lambda: room._made is not None)


def test_what_was_fetched_is_given_once(room: Room, until: Callable) -> None:
    fetched(room, until)
    taken = room.take(SIZE)
    assert taken is not None
    assert (taken.nbytes, taken.flags.writeable, taken.flags.c_contiguous) == (SIZE, True, True)
    assert room.take(SIZE) is None


@pytest.mark.parametrize(("wanted", "given"), [(SIZE + 1, False), (SIZE // 2, False), (int(SIZE * 0.9), True)])
def test_memory_fits_or_is_given_back(room: Room, until: Callable, wanted: int, given: bool) -> None:
    fetched(room, until)
    taken = room.take(wanted)
    assert (taken is not None) == given
    assert taken is None or taken.nbytes == wanted
    assert room._made is None


@pytest.mark.parametrize("size", [100, 60 * SIZE])
def test_neither_little_nor_more_than_half_of_the_budget_is_fetched(room: Room, size: int) -> None:
    room.expect(size)
    assert room.take(size) is None
    assert room._made is None


def test_nothing_is_fetched_where_memory_is_short(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room_module.memory, "available", lambda: room_module.memory.LEFT_FREE + SIZE)
    room.expect(SIZE)
    assert room._made is None


def test_what_nobody_takes_is_given_back(room: Room, monkeypatch: pytest.MonkeyPatch, until: Callable) -> None:
    monkeypatch.setattr(room_module, "KEPT", 0.05)
    fetched(room, until)
    until(lambda: room._made is None)


def test_another_expectation_replaces_the_one_before(room: Room, until: Callable) -> None:
    fetched(room, until)
    fetched(room, until, 2 * SIZE)
    taken = room.take(2 * SIZE)
    assert taken is not None
    assert taken.nbytes == 2 * SIZE


@pytest.mark.parametrize("dtype", ["int16", "float32"])
def test_a_volume_in_such_memory_is_the_same(tmp_path: Path, dtype: str) -> None:
    """D42: also where slopes vary and voxels are float32."""
    pixels = np.arange(64 * 64, dtype="i2").reshape(64, 64)
    slopes = [1.5 if dtype == "float32" and n == 1 else 1.0 for n in range(5)]
    write_slices(
        tmp_path, [slice_of(pixels + n, n, RescaleSlope=slopes[n], RescaleIntercept=0) for n in range(len(slopes))]
    )
    stack, asked = stack_in(tmp_path), []

    def room(size: int) -> np.ndarray:
        asked.append(size)
        return np.full(size, 77, np.uint8)

    there, usual = build_volume(stack, room=room).volume, build_volume(stack).volume
    assert there.array.dtype == dtype
    assert asked == [usual.array.nbytes]
    np.testing.assert_array_equal(there.array, usual.array)
    assert not there.array.flags.writeable


def instances(folder: Path, count: int = SAMPLE, **attributes: object) -> list[Instance]:
    pixels = np.zeros((16, 24), "i2")
    write_slices(folder, [slice_of(pixels, n, **attributes) for n in range(count)])
    return [frame.instance for frame in stack_in(folder).frames]


def test_files_of_one_kind_tell_how_large_their_volume_is(tmp_path: Path) -> None:
    found, guess = instances(tmp_path, SAMPLE + 2), Guess()
    assert [guess.after(one) for one in found[:SAMPLE]] == [None] * (SAMPLE - 1) + [(SAMPLE + 2) * 16 * 24 * 2]


@pytest.mark.parametrize(
    "other",
    [
        {"series_instance_uid": "1.2.3.77"},
        {"rows": 32},
        {"samples_per_pixel": 3},
        {"number_of_frames": 2},
        {"pixel_data": None},
        {"locator": Locator("archive.zip", "slice")},
    ],
)
def test_a_file_of_another_kind_ends_the_guess(tmp_path: Path, other: dict[str, object]) -> None:
    first, second, *_ = instances(tmp_path)
    guess = Guess()
    assert guess.after(first) is None
    assert guess.after(replace(second, **other)) == 0


def test_a_folder_that_is_gone_ends_the_guess(tmp_path: Path) -> None:
    found, guess = instances(tmp_path), Guess()
    gone = [replace(one, locator=Locator(str(tmp_path / "gone" / "slice"))) for one in found]
    assert [guess.after(one) for one in gone][-1] == 0
