from __future__ import annotations

import numpy as np
import pytest
from pydicom.dataset import Dataset

from tests.imaging.making import lut_item
from workstation.errors import UnreadablePixels
from workstation.imaging.lookup_table import Descriptor, descriptor_of, entries_from, lookup_table_of


def test_zero_entries_mean_65536() -> None:
    """B6: the count of a full table does not fit 16 bits."""
    table = lookup_table_of(lut_item(0, np.arange(65536), 16), signed=False)
    assert (len(table.entries), table.last) == (65536, 65535)


def test_a_negative_first_value_written_as_unsigned_is_read_as_signed() -> None:
    """B19: 64512 is -1024 where inputs may be negative."""
    item = lut_item(64512, [0, 1], 8)
    assert descriptor_of(item, "LUTDescriptor", signed=True).first == -1024
    assert descriptor_of(item, "LUTDescriptor", signed=False).first == 64512


@pytest.mark.parametrize("bits", [9, 12, 13])
def test_odd_depths_are_fine(bits: int) -> None:
    """B6, B18: 9 or 12 bits are no dtype, and none is needed."""
    assert lookup_table_of(lut_item(0, [0, 300], bits), signed=False).bits == bits


def test_packed_8_bit_entries_are_told_by_their_length() -> None:
    """B6, B18: as many bytes as entries, whatever the descriptor says."""
    entries, bits = entries_from(bytes(range(6)), Descriptor(6, 0, 16))
    assert (entries.tolist(), bits) == ([0, 1, 2, 3, 4, 5], 8)


def test_8_bit_entries_in_16_bit_cells_are_told_by_their_length() -> None:
    """B6: twice as many bytes as entries."""
    entries, bits = entries_from(np.array([1, 255], "<u2").tobytes(), Descriptor(2, 0, 8))
    assert (entries.tolist(), bits) == ([1, 255], 8)


def test_entries_deeper_than_stated_widen_the_depth() -> None:
    """B6: a depth of 8 with 12-bit entries would leave the output range."""
    assert entries_from(np.array([0, 4095], "<u2").tobytes(), Descriptor(2, 0, 8))[1] == 12


def test_a_table_without_data_is_refused_with_a_sentence() -> None:
    """B6: no traceback."""
    with pytest.raises(UnreadablePixels, match="descriptor"):
        lookup_table_of(Dataset(), signed=False)


def test_real_values_are_rounded_to_entries() -> None:
    """B18: values after a fractional rescale."""
    table = lookup_table_of(lut_item(0, [0, 10, 20], 8), signed=False)
    assert table.look_up(np.array([0.4, 0.6, np.nan, 9.0])).tolist() == [0, 10, 0, 20]
