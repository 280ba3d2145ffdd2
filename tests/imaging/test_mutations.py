from __future__ import annotations

import random
import time
from collections.abc import Callable

import imagecodecs
import numpy as np
import pytest

from tests.imaging.making import pixel_format
from workstation.errors import UnreadablePixels
from workstation.imaging import decode
from workstation.phantoms.pixels import rle

GREY = (np.add.outer(np.arange(64) * 37, np.arange(64) * 11) % 4096).astype(np.uint16)
BYTES = (GREY >> 4).astype(np.uint8)
RGB = np.stack([BYTES, BYTES.T, 255 - BYTES], axis=2)

STREAMS: dict[str, tuple[bytes, dict[str, object]]] = {
    "1.2.840.10008.1.2.5": (rle(GREY), {}),
    "1.2.840.10008.1.2.4.50": (
        bytes(imagecodecs.jpeg8_encode(RGB)),
        {"samples_per_pixel": 3, "photometric": "YBR_FULL_422", "bits_allocated": 8, "bits_stored": 8},
    ),
    "1.2.840.10008.1.2.4.70": (
        bytes(imagecodecs.jpeg8_encode(GREY, lossless=True, predictor=1, bitspersample=12)),
        {"bits_stored": 12},
    ),
    "1.2.840.10008.1.2.4.80": (bytes(imagecodecs.jpegls_encode(GREY)), {"bits_stored": 12}),
    "1.2.840.10008.1.2.4.90": (bytes(imagecodecs.jpeg2k_encode(GREY, codecformat="j2k")), {}),
    "1.2.840.10008.1.2.4.112": (
        bytes(imagecodecs.jpegxl_encode(BYTES)),
        {"bits_allocated": 8, "bits_stored": 8},
    ),
    "1.2.840.10008.1.2.4.201": (bytes(imagecodecs.htj2k_encode(GREY)), {}),
}


def mutated(data: bytes, choice: random.Random) -> bytes:
    """Flip bits, overwrite runs, cut, or double a part."""
    out = bytearray(data)
    for _ in range(choice.randint(1, 6)):
        at = choice.randrange(len(out))
        action = choice.randrange(4)
        if action == 0:
            out[at] ^= 1 << choice.randrange(8)
        elif action == 1:
            out[at : at + 4] = choice.randbytes(4)
        elif action == 2:
            del out[max(2, at) :]
        else:
            out[at:at] = out[at : at + choice.randint(1, 40)]
    return bytes(out)


@pytest.mark.parametrize("uid", STREAMS)
def test_a_mutated_stream_gives_pixels_or_a_sentence(uid: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A29: no crash, nothing but UnreadablePixels, and no frame over five seconds."""
    monkeypatch.setattr(decode, "decode_isolated", lambda data, fmt: None)
    data, changes = STREAMS[uid]
    fmt = pixel_format(rows=64, columns=64, transfer_syntax_uid=uid, **changes)
    assert decode.decode_frame(data, fmt).values.shape[:2] == (64, 64)
    choice = random.Random(uid)
    longest = 0.0
    for _ in range(150):
        start = time.perf_counter()
        outcome(lambda: decode.decode_frame(mutated(data, choice), fmt).values.shape[:2])
        longest = max(longest, time.perf_counter() - start)
    assert longest < 5


def outcome(run: Callable[[], tuple[int, ...]]) -> None:
    try:
        assert run() == (64, 64)
    except UnreadablePixels:
        pass
