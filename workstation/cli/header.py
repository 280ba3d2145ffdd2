"""``workstation header``: every element, as a tree or in the DICOM JSON model (PS3.18 F)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workstation.cli.collect import complain, printable
from workstation.cli.documents import write_json
from workstation.dicom.dump import dumped
from workstation.dicom.header import children, effective_frame_rows, preamble_block, top_rows
from workstation.dicom.identity import Locator
from workstation.dicom.json_model import json_model
from workstation.dicom.read import read_dataset
from workstation.errors import BadUsage

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from pydicom.dataset import Dataset

    from workstation.dicom.header import HeaderRow
    from workstation.dicom.read import ReadResult


def run(options: argparse.Namespace) -> int:
    """Print the header of one file; ``FILE.zip!member`` names a file in an archive."""
    locator = locator_of(options.path)
    result = read_dataset(locator, pixels_in_buffer=False)
    if options.frame is not None:
        _check_frame(result, options.frame)
    if options.json or options.format == "json":
        write_json(json_model(result, options.frame))
    elif options.format in ("text", "csv"):
        if options.frame is not None:
            raise BadUsage(f"--frame goes with tree and json, not with {options.format}.")
        for line in dumped(result, options.format).splitlines():
            print(printable(line))
    else:
        for line in lines(locator, result, options.frame):
            print(line)
    for problem in result.problems:
        complain(options.path, problem.reason)
    return 1 if result.problems else 0


def locator_of(path: str) -> Locator:
    """Return the locator of a file, or of ``archive.zip!member``."""
    import os

    archive, mark, member = path.partition("!")
    if mark and not os.path.exists(path) and os.path.isfile(archive):
        return Locator(archive, member)
    return Locator(path)


def _check_frame(result: ReadResult, frame: int) -> None:
    from workstation.dicom.attributes import integer

    count = max(integer(result.ds, "NumberOfFrames") or 1, 1)
    if frame > count:
        raise BadUsage(f"--frame {frame}: the last frame is {count}.")


def lines(locator: Locator, result: ReadResult, frame: int | None) -> Iterator[str]:
    """Yield the tree as text: preamble and group 0002 as a block of their own, then the data set."""
    yield from (_line(row, 0) for row in preamble_block(locator))
    yield ""
    for row in top_rows(result):
        yield from _tree(result.ds, row, 0)
    if frame is not None:
        yield ""
        yield f"Frame {frame}"
        for found in effective_frame_rows(result.ds, frame - 1):
            yield f"{_line(found.row, 1)}  ({found.source}, {found.macro})"
    for deviation in result.deviations:
        yield f"! {printable(deviation)}"


def _tree(ds: Dataset, row: HeaderRow, depth: int) -> Iterator[str]:
    yield _line(row, depth)
    if row.opens:
        for child in children(ds, row):
            yield from _tree(ds, child, depth + 1)


def _line(row: HeaderRow, depth: int) -> str:
    creator = f"[{row.private_creator}]" if row.private_creator else ""
    parts = (row.tag, row.vr, row.name, creator, row.value)
    return "  " * depth + "  ".join(printable(part) for part in parts if part)
