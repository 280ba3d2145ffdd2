"""What workers make of keys."""

from __future__ import annotations

import numpy as np
import pytest

from workstation.imaging.shrink import shrunk
from workstation.loading.fetch import THUMBNAIL


@pytest.mark.parametrize(
    ("shape", "aspect", "expected"),
    [
        ((64, 64), (1.0, 1.0), (64, 64)),
        ((512, 256), (0.5, 0.5), (128, 64)),
        ((64, 64), (2.0, 1.0), (128, 64)),
        ((100, 200), (2.0, 0.5), (128, 64)),
        ((3, 65535), (1.0, 1.0), (1, 128)),
        ((65535, 1), (1.0, 100.0), (128, 1)),
    ],
)
def test_thumbnails_are_small_and_physically_true(shape, aspect, expected) -> None:
    """D32: the pixel aspect holds in thumbnails too; no header makes one large."""
    small = shrunk(np.zeros(shape, np.uint8), aspect, THUMBNAIL)
    assert max(small.shape) <= THUMBNAIL
    assert np.abs(np.subtract(small.shape, expected)).max() <= 1
