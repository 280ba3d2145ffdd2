"""Which volumes are fetched before anyone asks for a section."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.loading.stacks import slice_of, stack_in, write_slices
from workstation.geometry.stack import Phase, Stack
from workstation.viewing.resolve import SHARE, reads_at_once

BYTES = 5 * 16 * 24 * 2


@pytest.fixture
def stack(tmp_path: Path) -> Stack:
    pixels = np.zeros((16, 24), "i2")
    write_slices(tmp_path, [slice_of(pixels + n, n) for n in range(5)])
    return stack_in(tmp_path)


def test_a_native_volume_that_fits_is(stack: Stack) -> None:
    assert reads_at_once(stack, SHARE * BYTES)


def test_one_that_takes_more_than_its_share_is_not(stack: Stack) -> None:
    assert not reads_at_once(stack, SHARE * BYTES - 1)


def test_neither_is_a_phase_of_which_many_pass_by(stack: Stack) -> None:
    assert not reads_at_once(replace(stack, phase=Phase("time", 1), phase_of="all"), 1 << 30)


def test_nor_what_is_no_volume(stack: Stack) -> None:
    assert not reads_at_once(replace(stack, is_volume=False), 1 << 30)


@pytest.mark.parametrize(("syntax", "at_once"), [("1.2.840.10008.1.2.4.90", False), ("1.2.840.10008.1.2.5", True)])
def test_nor_what_takes_time_to_decompress(stack: Stack, syntax: str, at_once: bool) -> None:
    first = stack.frames[0]
    place = first.instance.pixel_data
    assert place is not None
    packed = replace(first.instance, pixel_data=replace(place, encapsulated=True), transfer_syntax_uid=syntax)
    changed = replace(stack, frames=(replace(first, instance=packed), *stack.frames[1:]))
    assert reads_at_once(changed, 1 << 30) == at_once
