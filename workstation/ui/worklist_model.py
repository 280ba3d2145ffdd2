"""What is scheduled as a table: one row for each scheduled procedure step."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from workstation.dicom import display_names
from workstation.ui.widgets import plain, tooltip

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

    from workstation.network.worklist import WorklistItem

Index = QModelIndex | QPersistentModelIndex
HIDDEN = "•••"


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """A scheduled procedure step, and all that came with it."""

    item: WorklistItem
    dataset: Dataset


@dataclass(frozen=True, slots=True)
class Column:
    """One column; ``names`` if it tells who the patient is, ``width`` is in characters."""

    title: str
    text: Callable[[WorklistItem], str]
    width: int
    names: bool = False


def when(item: WorklistItem) -> str:
    """Return date and time of the start as shown; nobody is scheduled to the second."""
    time = display_names.time(item.time).removesuffix(":00") if len(item.time) >= 6 else display_names.time(item.time)
    return " ".join(part for part in (display_names.date(item.date), time) if part)


def sex_and_age(item: WorklistItem) -> str:
    """Return sex, and age at the day of the step."""
    age = display_names.age_at(item.birth_date, item.date)
    return " ".join(part for part in (display_names.sex(item.sex)[:1], age) if part)


COLUMNS = (
    Column("Time", when, 17),
    Column("Patient", lambda item: display_names.person_name(item.name), 21, names=True),
    Column("ID", lambda item: item.patient_id, 9, names=True),
    Column("Sex, age", sex_and_age, 8),
    Column("Modality", lambda item: item.modality, 8),
    Column("Station", lambda item: item.station_title or item.station_name, 12),
    Column("Procedure", lambda item: item.step or item.procedure, 22),
    Column("Accession", lambda item: item.accession, 10, names=True),
    Column("Physician", lambda item: display_names.person_name(item.performing or item.referring), 18, names=True),
)


class WorklistModel(QAbstractTableModel):
    """Steps, by time unless a title was clicked."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.steps: list[Step] = []
        self._hidden = False
        self._column, self._order = 0, Qt.SortOrder.AscendingOrder

    def clear(self) -> None:
        """Show nothing."""
        self.beginResetModel()
        self.steps = []
        self.endResetModel()

    def add(self, step: Step) -> None:
        """Show one more, at its place in the order."""
        key = self._key(step)
        if self._order == Qt.SortOrder.AscendingOrder:
            place = next((n for n, one in enumerate(self.steps) if self._key(one) > key), len(self.steps))
        else:
            place = next((n for n, one in enumerate(self.steps) if self._key(one) < key), len(self.steps))
        self.beginInsertRows(QModelIndex(), place, place)
        self.steps.insert(place, step)
        self.endInsertRows()

    def set_identity_hidden(self, hidden: bool) -> None:
        """Leave names and numbers of patients out."""
        self._hidden = hidden
        if self.steps:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.steps) - 1, len(COLUMNS) - 1))

    def text(self, row: int, column: int) -> str:
        """Return what a cell says."""
        if COLUMNS[column].names and self._hidden:
            return HIDDEN
        return plain(COLUMNS[column].text(self.steps[row].item), 200)

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Order by a column; what is selected stays so."""
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        held = [self.steps[index.row()] for index in before]
        self._column, self._order = column, order
        self.steps.sort(key=self._key, reverse=order == Qt.SortOrder.DescendingOrder)
        places = {id(step): row for row, step in enumerate(self.steps)}
        after = [self.index(places[id(step)], index.column()) for step, index in zip(held, before, strict=True)]
        self.changePersistentIndexList(before, after)
        self.layoutChanged.emit()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.steps)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self.tr(COLUMNS[section].title)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.text(index.row(), index.column())
        if role == Qt.ItemDataRole.ToolTipRole:
            return tooltip(self.text(index.row(), index.column()))
        return None

    def _key(self, step: Step) -> tuple[str, str]:
        said = "" if self._column == 0 else COLUMNS[self._column].text(step.item).casefold()
        return said, when(step.item)


def day_span(first: int, last: int, today: datetime.date | None = None) -> str:
    """Return the DA key for the days from ``first`` to ``last``, counted from today.

    Examples
    --------
    >>> day_span(0, 6, datetime.date(2024, 2, 28))
    '20240228-20240305'
    """
    day = today or datetime.date.today()
    start, end = (day + datetime.timedelta(days=n) for n in (first, last))
    return f"{start:%Y%m%d}" if start == end else f"{start:%Y%m%d}-{end:%Y%m%d}"


def typed_span(text: str) -> str | None:
    """Return the DA key of a date or range as it is typed into the study list; None where it is neither."""
    from workstation.library.dates import date_range

    found = date_range(text)
    if found is None or not any(found):
        return None
    first, last = found
    return first if first == last else f"{first}-{last}"


def in_order(names: Sequence[str]) -> tuple[str, ...]:
    """Return the modalities that are asked for, one request each; no name is all of them."""
    return tuple(names) or ("",)
