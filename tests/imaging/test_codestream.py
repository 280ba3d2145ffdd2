from __future__ import annotations

import imagecodecs
import numpy as np
import pytest

from workstation.errors import UnreadablePixels
from workstation.imaging import codestream
from workstation.imaging.codestream import CodestreamHeader, codestream_header, starts_frame
from workstation.imaging.decode import check_header, jpeg_color_space

from .making import pixel_format

GREY = np.arange(35, dtype=np.uint16).reshape(5, 7)
RGB = np.zeros((5, 7, 3), np.uint8)

STREAMS = [
    (imagecodecs.jpeg8_encode(RGB), codestream.JPEG, 3, 8),
    (imagecodecs.jpeg8_encode(GREY, lossless=True, predictor=1, bitspersample=12), codestream.JPEG_LOSSLESS, 1, 12),
    (imagecodecs.jpegls_encode(GREY), codestream.JPEG_LS, 1, 6),
    (imagecodecs.jpeg2k_encode(GREY, codecformat="j2k"), codestream.JPEG_2000, 1, 16),
    (imagecodecs.jpeg2k_encode(RGB, codecformat="jp2"), codestream.JPEG_2000, 3, 8),
    (imagecodecs.htj2k_encode(GREY), codestream.HTJ2K, 1, 16),
    (imagecodecs.jpegxl_encode(RGB), codestream.JPEG_XL, 0, 0),
]


@pytest.mark.parametrize(("data", "kind", "components", "precision"), STREAMS, ids=lambda v: str(v)[:12])
def test_every_codestream_says_its_size_before_it_is_decoded(
    data: bytes, kind: str, components: int, precision: int
) -> None:
    """A28: rows, columns, components and precision from the header alone."""
    header = codestream_header(bytes(data))
    assert header is not None
    assert (header.kind, header.rows, header.columns, header.components) == (kind, 5, 7, components)
    assert header.precision >= precision
    assert starts_frame(bytes(data)[:12])


@pytest.mark.parametrize("data", [bytes(stream[0])[:9] for stream in STREAMS[:-1]])
def test_a_cut_header_is_a_sentence(data: bytes) -> None:
    """A28: no traceback."""
    with pytest.raises(UnreadablePixels):
        codestream_header(data)


def test_anything_else_is_no_codestream() -> None:
    """A7: RLE has no marker of its own, but a frame start."""
    rle = b"\x01\0\0\0\x40\0\0\0" + bytes(56)
    assert codestream_header(rle) is None
    assert starts_frame(rle)
    assert not starts_frame(b"\xfe\xff")


def header(**changes: object) -> CodestreamHeader:
    return CodestreamHeader(**{"kind": "JPEG", "rows": 2, "columns": 2, "components": 1, "precision": 8, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "changes", [{"rows": 3}, {"columns": 60000}, {"rows": 0}, {"components": 3}, {"precision": 17}]
)
def test_a_stream_that_contradicts_the_header_is_refused(changes: dict[str, int]) -> None:
    """A28: larger, other components, deeper."""
    with pytest.raises(UnreadablePixels):
        check_header(header(**changes), pixel_format(), [])


@pytest.mark.parametrize(
    ("changes", "photometric", "expected"),
    [
        ({"component_ids": (82, 71, 66)}, "YBR_FULL_422", "RGB"),
        ({"adobe_transform": 0}, "YBR_FULL", "RGB"),
        ({"adobe_transform": 1}, "RGB", "YBR_FULL"),
        ({"jfif": True}, "RGB", "YBR_FULL"),
        ({}, "RGB", "RGB"),
        ({}, "YBR_FULL_422", "YBR_FULL"),
    ],
)
def test_what_the_jpeg_stream_says_of_its_colour_wins(
    changes: dict[str, object], photometric: str, expected: str
) -> None:
    """C5: component identifiers, APP14, JFIF, then the header."""
    assert jpeg_color_space(header(**changes), photometric) == expected
