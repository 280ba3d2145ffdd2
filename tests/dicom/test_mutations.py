"""Damaged copies of good files: each opens or is refused with a sentence."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest
from pydicom.data import get_testdata_file

from tests.dicom import build
from workstation.dicom.facts import instance_from
from workstation.dicom.header import clinical_rows, every_row
from workstation.dicom.identity import Locator
from workstation.dicom.read import read_dataset
from workstation.errors import WorkstationError

NAMES = (
    "CT_small.dcm",
    "MR_small_bigendian.dcm",
    "MR_small_implicit.dcm",
    "JPEG2000.dcm",
    "rtplan.dcm",
    "reportsi.dcm",
    "image_dfl.dcm",
    "liver_1frame.dcm",
)
SEED = 20200102


def truncated(data: bytearray, chance: random.Random) -> bytearray:
    return data[: chance.randrange(1, len(data))]


def flipped(data: bytearray, chance: random.Random) -> bytearray:
    for _ in range(chance.randrange(1, 64)):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    return data


def longer(data: bytearray, chance: random.Random) -> bytearray:
    """Overwrite what may be a length field."""
    for _ in range(8):
        at = chance.randrange(128, min(len(data), 4000) - 4)
        data[at : at + 4] = chance.choice([b"\xff\xff\xff\xff", b"\xf0\xff\xff\xff", b"\0\0\0\0", b"\xff\xff\0\0"])
    return data


def spliced(data: bytearray, chance: random.Random) -> bytearray:
    """Remove or repeat a piece of the header."""
    at, size = chance.randrange(128, min(len(data), 4000)), chance.randrange(1, 200)
    piece = data[at : at + size]
    return data[:at] + (piece * chance.choice([0, 2])) + data[at + size :]


def zeroed(data: bytearray, chance: random.Random) -> bytearray:
    at = chance.randrange(len(data))
    data[at : at + 300] = bytes(300)
    return data


MUTATIONS = (truncated, flipped, longer, spliced, zeroed)


@pytest.mark.parametrize("name", NAMES)
def test_a_mutated_file_opens_or_is_refused(tmp_path: Path, name: str) -> None:
    """A-lib: five mutations of each file, a fixed seed; no crash, no hang, no traceback."""
    path = get_testdata_file(name, download=False)
    assert path is not None
    original = Path(path).read_bytes()
    for number, mutate in enumerate(MUTATIONS):
        chance = random.Random(f"{SEED} {name} {number}")
        locator = build.write(tmp_path, bytes(mutate(bytearray(original), chance)), f"{number}.dcm")
        start = time.perf_counter()
        assert locator.name in sentence(locator)
        assert time.perf_counter() - start < 5


def sentence(locator: Locator) -> str:
    """Read all there is; return the reason of a refusal, else the name."""
    try:
        result = read_dataset(locator)
        instance_from(locator, result)
    except WorkstationError as error:
        return str(error)
    clinical_rows(result.ds)
    assert all("\n" not in row.value for row in every_row(result.ds))
    return locator.name
