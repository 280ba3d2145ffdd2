"""Compressed pixel data that ends too early is said when the file is listed."""

from __future__ import annotations

from pathlib import Path
from struct import pack

import pytest

from tests.dicom import build
from workstation.dicom.facts import read_instance
from workstation.dicom.identity import Locator

END = b"\xfe\xff\xdd\xe0\0\0\0\0"


def compressed(folder: Path, frames: int, *, cut: int = 0, end: bytes = END, empty_table: bool = True) -> Locator:
    """A file with one fragment of 20 bytes for each frame, ``cut`` bytes shorter."""
    table = [b""] if empty_table else [b"".join(pack("<L", 28 * number) for number in range(frames))]
    items = b"".join(build.item(fragment) for fragment in (*table, *[b"\xff\xd8" + bytes(18)] * frames))
    head = build.image(extra=build.element(0x00280008, "IS", str(frames)))[: -(32 + 12)]
    body = head + build.element(0x7FE00010, "OB", b"", length=0xFFFFFFFF) + items + end
    data = build.part10(body, build.JPEG)
    return build.write(folder, data[: len(data) - cut])


@pytest.mark.parametrize("empty_table", [True, False])
def test_whole_data_has_no_problem(tmp_path: Path, empty_table: bool) -> None:
    """A10: with and without a Basic Offset Table."""
    assert read_instance(compressed(tmp_path, 3, empty_table=empty_table)).problems == ()


@pytest.mark.parametrize(
    ("cut", "whole"), [(8 + 1, 2), (8 + 20, 2), (8 + 28, 2), (8 + 29, 1), (8 + 83, 0), (8 + 84, 0), (8 + 90, 0)]
)
def test_complete_frames_are_counted(tmp_path: Path, cut: int, whole: int) -> None:
    """A8: fragments of which bytes are missing, and frames of which nothing is there."""
    (problem,) = read_instance(compressed(tmp_path, 3, cut=cut)).problems
    assert problem.code == "truncated"
    assert f"{whole} of 3 frames" in problem.reason


def test_a_single_frame_is_said_to_be_cut(tmp_path: Path) -> None:
    """A8."""
    (problem,) = read_instance(compressed(tmp_path, 1, cut=18)).problems
    assert problem.code == "truncated"


def test_a_cut_in_the_last_of_many_fragments_is_said(tmp_path: Path) -> None:
    """A8: one frame may have several fragments; the number of whole ones alone does not tell."""
    fragments = build.item(b"") + build.item(bytes(20)) * 3
    head = build.image()[: -(32 + 12)] + build.element(0x7FE00010, "OB", b"", length=0xFFFFFFFF)
    locator = build.write(tmp_path, build.part10(head + fragments, build.JPEG)[:-5])
    assert [problem.code for problem in read_instance(locator).problems] == ["truncated"]


@pytest.mark.parametrize(("cut", "end"), [(8, END), (3, END), (0, b"")])
def test_a_missing_end_mark_is_only_noted(tmp_path: Path, cut: int, end: bytes) -> None:
    """A5: every frame is there."""
    instance = read_instance(compressed(tmp_path, 2, cut=cut, end=end))
    assert instance.problems == ()


def test_elements_after_the_pixel_data_are_no_damage(tmp_path: Path) -> None:
    """A37: what follows the delimiter is not looked at."""
    tail = END + build.element(0xFFFCFFFC, "OB", bytes(64))
    assert read_instance(compressed(tmp_path, 2, end=tail)).problems == ()
