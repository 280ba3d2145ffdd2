"""Transfers as rows, with the faults of each below it; what did not change is left alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from workstation.ui.transfer_words import details, failed_words, kind_name, object_name, sentence
from workstation.ui.widgets import plain, tooltip

if TYPE_CHECKING:
    from workstation.transfers.jobs import Job

Index = QModelIndex | QPersistentModelIndex
_TOP = 0
"""Internal number of the rows of jobs; that of a fault is the number of its job, from 1."""


class TransferModel(QAbstractItemModel):
    """The queue as :meth:`show` was given it last."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs: list[Job] = []
        self._numbers: dict[str, int] = {}
        self._keys: dict[int, str] = {}
        self._shown_faults: dict[str, int] = {}
        self.hidden = False
        """Whether titles, which may name patients, are hidden."""

    def show(self, jobs: Sequence[Job]) -> None:
        """Show these jobs in this order."""
        wanted = {job.key for job in jobs}
        for row in range(len(self._jobs) - 1, -1, -1):
            if self._jobs[row].key not in wanted:
                self.beginRemoveRows(QModelIndex(), row, row)
                gone = self._jobs.pop(row)
                self._shown_faults.pop(gone.key, None)
                self.endRemoveRows()
        for row, job in enumerate(jobs):
            self._place(row, job)

    def set_identity_hidden(self, hidden: bool) -> None:
        """Hide titles, or show them again."""
        if hidden != self.hidden:
            self.hidden = hidden
            if self._jobs:
                self.dataChanged.emit(self.index(0, 0), self.index(len(self._jobs) - 1, 0))

    def job(self, index: Index) -> Job | None:
        """Return the job of a row, also of the row of a fault."""
        if not index.isValid():
            return None
        if index.internalId() == _TOP:
            return self._jobs[index.row()] if index.row() < len(self._jobs) else None
        key = self._keys.get(index.internalId())
        return next((job for job in self._jobs if job.key == key), None)

    def fault(self, index: Index) -> tuple[str, str] | None:
        """Return a fault as (object, sentence) in words, None for the row of a job."""
        job = self.job(index)
        if job is None or index.internalId() == _TOP or index.row() >= len(job.faults):
            return None
        uid, said = job.faults[index.row()]
        return object_name(job, uid, self.tr), plain(said, 600)

    def title(self, job: Job) -> str:
        """Return what a job is called: without a name where identity is hidden."""
        kind = kind_name(job.kind, self.tr)
        return kind if self.hidden or not job.title else plain(job.title, 200)

    def index(self, row: int, column: int, parent: Index | None = None) -> QModelIndex:
        if column or row < 0:
            return QModelIndex()
        if parent is None or not parent.isValid():
            return self.createIndex(row, 0, _TOP) if row < len(self._jobs) else QModelIndex()
        job = self.job(parent)
        if job is None or parent.internalId() != _TOP or row >= self._shown_faults.get(job.key, 0):
            return QModelIndex()
        return self.createIndex(row, 0, self._numbers[job.key])

    def parent(self, index: Index | None = None) -> Any:
        if index is None:
            return super().parent()
        key = self._keys.get(index.internalId()) if index.isValid() else None
        row = next((row for row, job in enumerate(self._jobs) if job.key == key), None)
        return QModelIndex() if row is None else self.createIndex(row, 0, _TOP)

    def rowCount(self, parent: Index | None = None) -> int:
        if parent is None or not parent.isValid():
            return len(self._jobs)
        job = self.job(parent)
        return self._shown_faults.get(job.key, 0) if job is not None and parent.internalId() == _TOP else 0

    def columnCount(self, parent: Index | None = None) -> int:
        return 1

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        job = self.job(index)
        if job is None or role not in (
            Qt.ItemDataRole.DisplayRole,
            Qt.ItemDataRole.ToolTipRole,
            Qt.ItemDataRole.AccessibleTextRole,
        ):
            return None
        fault = self.fault(index)
        if fault is not None:
            text = f"{fault[0]}: {fault[1]}"
        elif role == Qt.ItemDataRole.DisplayRole:
            return self.title(job)
        else:
            parts = [self.title(job), job.node, sentence(job, self.tr), *details(job, self.tr)]
            text = ", ".join(part for part in [*parts, failed_words(job, self.tr)] if part)
        return tooltip(text) if role == Qt.ItemDataRole.ToolTipRole else text

    def _place(self, row: int, job: Job) -> None:
        at = next((n for n in range(row, len(self._jobs)) if self._jobs[n].key == job.key), None)
        if at is None:
            number = self._numbers.setdefault(job.key, len(self._numbers) + 1)
            self._keys[number] = job.key
            self.beginInsertRows(QModelIndex(), row, row)
            self._jobs.insert(row, job)
            self._shown_faults[job.key] = len(job.faults)
            self.endInsertRows()
            return
        if at != row:
            self.beginMoveRows(QModelIndex(), at, at, QModelIndex(), row)
            self._jobs.insert(row, self._jobs.pop(at))
            self.endMoveRows()
        if self._jobs[row] is not job:
            self._renew(row, job)

    def _renew(self, row: int, job: Job) -> None:
        old = self._jobs[row]
        above, shown = self.index(row, 0), self._shown_faults[job.key]
        if shown and job.faults[:shown] != old.faults[:shown]:
            self.beginRemoveRows(above, 0, shown - 1)
            self._shown_faults[job.key] = shown = 0
            self.endRemoveRows()
        self._jobs[row] = job
        if len(job.faults) > shown:
            self.beginInsertRows(above, shown, len(job.faults) - 1)
            self._shown_faults[job.key] = len(job.faults)
            self.endInsertRows()
        self.dataChanged.emit(above, above)
