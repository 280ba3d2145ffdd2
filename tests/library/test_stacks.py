"""Stacks and their pictures are made when first looked at and kept until the series changes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from imagecodecs import png_decode
from pydicom import dcmread

from workstation.library.importer import ImportReport
from workstation.library.search import series_of, studies
from workstation.library.stacks import stacks
from workstation.library.store import Library

Write = Callable[..., Path]
Add = Callable[..., ImportReport]


@pytest.fixture
def series(library: Library, write: Write, add: Add) -> int:
    pixels = np.arange(16, dtype="<u2").tobytes()
    for number in (1, 2, 3):
        add(write(str(number), SOPInstanceUID=f"1.2.3.1.{number}", InstanceNumber=number, PixelData=pixels))
    (row,) = studies(library)
    (one,) = series_of(library, row.id)
    return one.id


def test_a_series_has_its_stack_with_a_picture_of_the_middle(library: Library, series: int) -> None:
    (stack,) = stacks(library, series)
    assert (stack.kind, stack.frames) == ("image", 3)
    assert stack.picture is not None
    picture = png_decode(stack.picture)
    assert picture.shape == (4, 4)
    assert 0 == picture.min() < picture.max() == 255


def test_what_was_made_is_taken_from_the_index(library: Library, series: int, tmp_path: Path) -> None:
    first = stacks(library, series)
    for path in (tmp_path / "files").iterdir():
        path.unlink()
    assert first == stacks(library, series)


def test_a_series_that_grew_is_looked_at_again(library: Library, series: int, write: Write, add: Add) -> None:
    stacks(library, series)
    add(write("4", SOPInstanceUID="1.2.3.1.4", InstanceNumber=4))
    assert [stack.frames for stack in stacks(library, series)] == [4]


def test_files_are_not_read_where_nobody_waits_any_more(library: Library, series: int) -> None:
    assert stacks(library, series, read=lambda: False) == []


def test_an_object_without_a_picture_is_a_stack_without_one(library: Library, write: Write, add: Add) -> None:
    report = dcmread(write(SOPClassUID="1.2.840.10008.5.1.4.1.1.88.11", Modality="SR"))
    del report.PixelData, report.Rows, report.Columns
    report.save_as(str(report.filename))
    add(Path(str(report.filename)))
    (row,) = studies(library)
    (one,) = series_of(library, row.id)
    assert [(stack.kind, stack.picture) for stack in stacks(library, one.id)] == [("other", None)]
