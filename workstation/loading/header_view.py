"""The header inspector's pages of one instance for one frame, made on a worker thread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

from workstation.dicom.header import (
    HeaderRow,
    children,
    clinical_rows,
    effective_frame_rows,
    full_value,
    meta_rows,
    preamble_row,
    top_rows,
)
from workstation.dicom.identifying import HIDDEN, is_identifying

if TYPE_CHECKING:
    from workstation.dicom.identity import Instance
    from workstation.dicom.read import ReadResult

IDENTIFYING_GROUPS = frozenset({"Patient", "Study"})
"""Groups of the clinical page that are hidden whole."""

Row = TypeVar("Row", bound=HeaderRow)

Group = tuple[str, tuple[HeaderRow, ...]]
"""A heading and its rows."""


@dataclass(frozen=True, slots=True, eq=False)
class HeaderView:
    """Two pages of grouped rows; ``children`` opens a sequence. One thread at a time may hold it."""

    title: str
    clinical: tuple[Group, ...]
    everything: tuple[Group, ...]
    dataset: Any
    result: ReadResult | None = None
    hidden: bool = False

    def children(self, row: HeaderRow) -> Sequence[HeaderRow]:
        """Return the rows below a row."""
        below = children(self.dataset, row)
        return [masked(each) for each in below] if self.hidden else below

    def full_value(self, row: HeaderRow) -> str:
        """Return a value unshortened, for copying."""
        return full_value(self.dataset, row)

    def dump(self, form: str) -> str:
        """Return the whole header as "text", "json" or "csv"."""
        from workstation.dicom.dump import dumped

        return dumped(self.result, form) if self.result is not None else ""

    def without_identity(self) -> HeaderView:
        """Return the same pages with identifying values hidden."""
        return replace(
            self,
            clinical=tuple((title, _masked_all(rows, title in IDENTIFYING_GROUPS)) for title, rows in self.clinical),
            everything=tuple((title, _masked_all(rows)) for title, rows in self.everything),
            hidden=True,
        )


def header_view(instance: Instance, frame_index: int) -> HeaderView:
    """Read the header of an instance and resolve it for a frame.

    Raises
    ------
    WorkstationError
        If the file can no longer be read.
    """
    from workstation.dicom.read import read_dataset

    result = read_dataset(instance.locator, pixels_in_buffer=False)
    ds = result.ds
    groups: dict[str, list[HeaderRow]] = {}
    for row in clinical_rows(ds, frame_index):
        groups.setdefault(row.group, []).append(
            HeaderRow("", row.group, row.label, "", 1, row.value, path=(hash((row.group, row.label)),))
        )
    everything: list[Group] = [("File Meta Information", (preamble_row(ds), *meta_rows(ds)))]
    notes = tuple(
        HeaderRow("note", "", "Deviation", "", 1, text, path=(-1, n)) for n, text in enumerate(result.deviations)
    )
    if notes:
        everything.insert(0, ("What was guessed or ignored", notes))
    frame = effective_frame_rows(ds, frame_index) if instance.number_of_frames > 1 else []
    if frame:
        rows = tuple(replace(found.row, name=f"{found.row.name} · {found.source}") for found in frame)
        everything.append((f"In force for frame {frame_index + 1}", rows))
    everything.append(("Data Set", tuple(top_rows(result))))
    suffix = f" · frame {frame_index + 1} of {instance.number_of_frames}" if instance.number_of_frames > 1 else ""
    return HeaderView(
        instance.locator.name + suffix,
        tuple((title, tuple(rows)) for title, rows in groups.items()),
        tuple(everything),
        ds,
        result,
    )


def _masked_all(rows: tuple[HeaderRow, ...], whole: bool = False) -> tuple[HeaderRow, ...]:
    return tuple(replace(row, value=HIDDEN) if whole else masked(row) for row in rows)


def masked(row: Row) -> Row:
    """Return a row with its value hidden where that tells who or where the patient is."""
    group = int(row.tag[1:5], 16) if row.tag.startswith("(") else 0
    if is_identifying(group << 16, row.keyword, row.vr):
        return replace(row, value=HIDDEN, is_sequence=False)
    return row
