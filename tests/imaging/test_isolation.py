from __future__ import annotations

import time
from collections.abc import Iterator

import imagecodecs
import numpy as np
import pytest

from tests.imaging.making import pixel_format
from workstation.imaging import isolation
from workstation.imaging.isolation import DecoderProcess

GREY = (np.arange(256, dtype=np.uint16) * 16).reshape(16, 16)
FORMAT = pixel_format(rows=16, columns=16, transfer_syntax_uid="1.2.840.10008.1.2.4.90")


@pytest.fixture
def process() -> Iterator[DecoderProcess]:
    child = DecoderProcess()
    yield child
    child.close()


def test_the_second_opinion_decodes_in_a_process_of_its_own(process: DecoderProcess) -> None:
    """A29: and survives what it cannot decode."""
    stream = bytes(imagecodecs.jpeg2k_encode(GREY, codecformat="j2k"))
    assert process.decode(stream[:40], FORMAT) is None
    found = process.decode(stream, FORMAT)
    assert found is not None
    assert np.array_equal(found, GREY)


def test_a_process_that_dies_is_replaced(process: DecoderProcess) -> None:
    """A29: the next frame gets a new one."""
    stream = bytes(imagecodecs.jpeg2k_encode(GREY, codecformat="j2k"))
    assert process.decode(stream, FORMAT) is not None
    assert process._process is not None
    process._process.kill()
    process._process.wait()
    assert process.decode(stream, FORMAT) is None
    assert process.decode(stream, FORMAT) is not None


def test_a_decoder_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """A29: at its time limit."""
    code = f"{isolation._CODE.split(';')[0]}\nimport time, {isolation.__name__} as i\n"
    code += "i.decode_with_pydicom = lambda data, fmt: time.sleep(60)\nserve()"
    monkeypatch.setattr(isolation, "_CODE", code)
    child = DecoderProcess(time_limit=0.2)
    child.decode(b"", FORMAT)
    start = time.monotonic()
    assert child.decode(b"", FORMAT) is None
    assert time.monotonic() - start < 20
    assert child._process is None
