"""The study list as a table: what each column says, and how complete a study looks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from workstation.dicom import display_names
from workstation.library.search import StudyRow
from workstation.transfers.study_places import Place
from workstation.ui import place_words, theme
from workstation.ui.widgets import plain, tooltip

Index = QModelIndex | QPersistentModelIndex
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
TOP_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop
TOP_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop

DISPLAY, ALIGNMENT, FOREGROUND = (
    int(role)
    for role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.TextAlignmentRole, Qt.ItemDataRole.ForegroundRole)
)
_ANSWERED = frozenset(
    {DISPLAY, ALIGNMENT, FOREGROUND}
    | {
        int(role)
        for role in (Qt.ItemDataRole.EditRole, Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole)
    }
)
"""As numbers: Qt asks for ten roles of every cell it paints, and enums of Qt are slow to compare."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: ``sort`` names what the library sorts by, ``width`` is in characters."""

    title: str
    sort: str
    text: Callable[[StudyRow], str]
    width: int
    number: bool = False
    names: bool = False
    filter: str = ""
    """What a text under the title is looked for in; empty where there is no field."""


def counted(have: int, declared: int | None) -> str:
    """Return a count, with what the headers speak of where that is another number; below zero nobody knows it."""
    if have < 0:
        return "?"
    return str(have) if declared is None or declared == have else f"{have} / {declared}"


def sex_and_age(row: StudyRow) -> str:
    """Return sex and age at the time of the study, as far as they are known."""
    said = display_names.age(row.age)
    age = said if said[:2] not in ("", "0 ") else display_names.age_at(row.birth_date, row.date) or said
    return " ".join(part for part in (row.sex[:1], age) if part)


COLUMNS = (
    Column("", "status", lambda row: "", 2),
    Column("Patient", "name", lambda row: display_names.person_name(row.name), 26, names=True, filter="name"),
    Column("ID", "patient_id", lambda row: row.patient_id, 14, names=True, filter="patient_id"),
    Column("Sex, age", "birth_date", sex_and_age, 9, filter="sex"),
    Column("Date", "date", lambda row: display_names.date(row.date), 12, filter="date"),
    Column("Modalities", "modalities", lambda row: " ".join(row.modalities), 11, filter="modalities"),
    Column("Description", "description", lambda row: row.description, 30, filter="description"),
    Column("Accession", "accession", lambda row: row.accession, 13, names=True, filter="accession"),
    Column("Series", "series", lambda row: counted(row.series_count, row.declared_series), 8, number=True),
    Column("Images", "instances", lambda row: counted(row.instance_count, row.declared_instances), 10, number=True),
    Column("Comment", "comment", lambda row: row.comment, 20, filter="comment"),
    Column("Where", "where", lambda row: place_words.library(), 18),
)
COMMENT = len(COLUMNS) - 2
WHERE = len(COLUMNS) - 1
"""Shown once there are servers; it then stands beside the marks."""
SERIES, IMAGES = COMMENT - 2, COMMENT - 1
MODALITIES = next(number for number, column in enumerate(COLUMNS) if column.sort == "modalities")
MARK = 0
"""The column of the status and the completeness light."""


def lacks(row: StudyRow) -> bool:
    """Whether a header speaks of more than the library has: something is missing, or was left behind."""
    return (row.declared_instances or 0) > row.instance_count or (row.declared_series or 0) > row.series_count


def doubted(row: StudyRow) -> bool:
    """Whether anything says that something is missing: what the light, its tip and the line below the list agree on."""
    return row.doubtful or lacks(row) or row.gaps > 0


def light(row: StudyRow) -> str:
    """Return the colour of the completeness light: amber where something is missing; nothing says "complete" (N9)."""
    return "warning" if doubted(row) else "text-off"


def plural(number: int, one: str, more: str) -> str:
    """Return ``more`` with the number in it, ``one`` where it is one."""
    return one if number == 1 else more.format(f"{number:,}".replace(",", "\u202f"))


MOST_WRITTEN = 20_000
"""Rows whose texts are kept."""
_PLAIN = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren
_EDITABLE = _PLAIN | Qt.ItemFlag.ItemIsEditable


class StudyListModel(QAbstractTableModel):
    """Rows of the library, in the order the library gave them."""

    sort_wanted = Signal(str, bool)
    """A column to sort by, and whether the greatest comes first."""
    commented = Signal(int, str)
    """Id of a study, and the comment that was written."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: tuple[StudyRow, ...] = ()
        self.places: Mapping[str, Place] = {}
        """Where studies are, by UID; of those that are not in it nobody asked."""
        self._texts: dict[int, tuple[StudyRow, Place | None, tuple[str, ...]]] = {}
        self._hidden = False

    def set_rows(self, rows: Sequence[StudyRow], places: Mapping[str, Place] | None = None) -> None:
        """Show other studies, those of servers have ids below zero."""
        self.beginResetModel()
        self.rows, self.places = tuple(rows), places or {}
        if len(self._texts) > MOST_WRITTEN:
            self._texts.clear()
        self.endResetModel()

    @property
    def identity_hidden(self) -> bool:
        """Whether names and numbers of patients are left out."""
        return self._hidden

    def set_identity_hidden(self, hidden: bool) -> None:
        """Leave names and numbers of patients out, or show them again."""
        if hidden != self._hidden:
            self.beginResetModel()
            self._hidden = hidden
            self._texts.clear()
            self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.tr(COLUMNS[section].title)
        if role == Qt.ItemDataRole.InitialSortOrderRole:
            newest = COLUMNS[section].number or COLUMNS[section].sort == "date"
            return Qt.SortOrder.DescendingOrder if newest else Qt.SortOrder.AscendingOrder
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return TOP_RIGHT if COLUMNS[section].number else TOP_LEFT
        return None

    def data(self, index: Index, role: int = DISPLAY) -> Any:
        if role not in _ANSWERED or not index.isValid():
            return None
        number = index.row()
        if role == DISPLAY:
            return self.text(number, index.column())
        column = COLUMNS[index.column()]
        if role == ALIGNMENT:
            return RIGHT if column.number else LEFT
        row = self.rows[number]
        hidden = self._hidden and column.names
        if role == Qt.ItemDataRole.EditRole:
            return row.comment if index.column() == COMMENT else None
        place = self.places.get(row.uid)
        counted_there = place is not None and (column.number or index.column() in (MARK, WHERE))
        if role == Qt.ItemDataRole.ToolTipRole and place is not None and counted_there:
            return tooltip(place_words.details(place))
        if role == Qt.ItemDataRole.ToolTipRole:
            told = column.number or index.column() == MARK
            return self._completeness(row) if told else "" if hidden else tooltip(self._more(row, column))
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self._spoken(row) if index.column() == MARK else self.text(number, index.column())
        if role == FOREGROUND and column.number and lacks(row):
            return theme.current()["warning"]
        return None

    def text(self, number: int, column: int) -> str:
        """Return what stands in a cell."""
        row = self.rows[number]
        known, place = self._texts.get(row.id), self.places.get(row.uid)
        if known is None or known[0] is not row or known[1] is not place:
            known = self._texts[row.id] = row, place, self._written(row, place)
        return known[2][column]

    def _written(self, row: StudyRow, place: Place | None) -> tuple[str, ...]:
        """Return the texts of a row, kept while it is the same: a list that scrolls or grows asks for them often."""
        texts = [
            self._instead(row, column) if self._hidden and column.names else plain(column.text(row), 120)
            for column in COLUMNS
        ]
        if place is not None:
            texts[WHERE] = plain(place_words.badge(place), 120)
            if place.nodes:
                here = None if place.here is None else row.series_count
                texts[SERIES] = place_words.count(here, place.series)
                texts[IMAGES] = place_words.count(place.here, place.there)
            if place.here is None and not row.modalities:
                texts[MODALITIES] = place_words.UNKNOWN
        return tuple(texts)

    def place(self, row: StudyRow) -> Place | None:
        """Return where a study is, None where nobody asked."""
        return self.places.get(row.uid)

    def _instead(self, row: StudyRow, column: Column) -> str:
        """Return what stands where identity is hidden: which studies are one patient's may still be seen."""
        if column.sort != "name":
            return ""
        text = self.tr("Patient {0}") if row.patient > 0 else self.tr("Patient {0} of servers")
        return text.format(abs(row.patient))

    def flags(self, index: Index) -> Qt.ItemFlag:
        return _EDITABLE if index.column() == COMMENT and self.rows[index.row()].id >= 0 else _PLAIN

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.EditRole or index.column() != COMMENT:
            return False
        row = self.rows[index.row()]
        text = plain(str(value), 400).strip()
        if text != row.comment:
            self.change(row.id, comment=text)
            self.commented.emit(row.id, text)
        return True

    def change(self, study: int, **said: Any) -> None:
        """Show something else of one study before the library has answered."""
        for number, row in enumerate(self.rows):
            if row.id == study:
                self.rows = (*self.rows[:number], replace(row, **said), *self.rows[number + 1 :])
                self.dataChanged.emit(self.index(number, 0), self.index(number, len(COLUMNS) - 1))

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        if column >= 0:  # sorted by something that is no column
            self.sort_wanted.emit(COLUMNS[column].sort, order == Qt.SortOrder.DescendingOrder)

    def _completeness(self, row: StudyRow) -> str:
        """Say where the counts come from; that nothing is known to be missing is not that all is there."""
        lines = [
            self._marks(row),
            self.tr("In the library: {0} series, {1}").format(
                row.series_count, plural(row.instance_count, self.tr("1 image"), self.tr("{0} images"))
            ),
        ]
        if row.declared_series is not None:
            lines.append(self.tr("Header (0020,1206): {0} series").format(row.declared_series))
        if row.declared_instances is not None:
            lines.append(self.tr("Header (0020,1208): {0} images").format(row.declared_instances))
        if row.gaps:
            lines.append(self.tr("Instance numbers left out inside series: {0}").format(row.gaps))
        if lacks(row):
            lines.append(self.tr("Less is here than the headers speak of."))
        elif row.doubtful and not row.gaps:
            lines.append(
                self.tr("A series, the patient's counts or a list of kinds of objects speak of more than is here.")
            )
        elif not row.gaps:
            lines.append(self.tr("No evidence of missing images."))
        return tooltip("\n".join(line for line in lines if line))

    def _more(self, row: StudyRow, column: Column) -> str:
        """Return what a cell holds, with what has no column of its own."""
        more = {
            "birth_date": self.tr("Born {0}").format(display_names.date(row.birth_date))
            if row.birth_date and not self._hidden
            else "",
            "date": display_names.time(row.time) if row.time else "",
            "description": "" if self._hidden else row.institution,
        }
        return "\n".join(part for part in (column.text(row), more.get(column.sort, "")) if part)

    def _spoken(self, row: StudyRow) -> str:
        """Return the marks in words, for those who do not see them."""
        missing = self.tr("something is missing") if doubted(row) else ""
        return ", ".join(part for part in (self._marks(row), missing) if part)

    def _marks(self, row: StudyRow) -> str:
        return {"unread": self.tr("Unread"), "reviewed": self.tr("Reviewed")}.get(row.status, "")
