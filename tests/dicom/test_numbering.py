"""Numbers left out tell of missing images only where they count images (N9)."""

from __future__ import annotations

import pytest

from workstation.dicom.numbering import Numbering, numbering


@pytest.mark.parametrize(
    ("numbers", "told"),
    [
        ([1, 2, 4, 8], Numbering(8, "3, 5–7")),
        ([2, 4, 8], Numbering(4, "6")),
        ([1, 3, 5], Numbering(3, "")),
        ([1, 3, 5, 7, 9, 11, 13, 14], Numbering(14, "2, 4, 6, 8 …")),
        ([1, 2, 900], None),
        ([7], None),
        ([], None),
    ],
)
def test_ranges_follow_the_step_of_the_series(numbers: list[int], told: Numbering | None) -> None:
    assert numbering(numbers) == told
