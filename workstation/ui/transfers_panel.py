"""What is being sent, fetched and printed: a row for each, with what can be done about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QMenu,
    QStackedLayout,
    QToolButton,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from workstation.ui import theme
from workstation.ui.transfer_delegate import TransferDelegate
from workstation.ui.transfer_model import TransferModel
from workstation.ui.transfer_words import log_text
from workstation.ui.widgets import EmptyNote, tooltip

if TYPE_CHECKING:
    from workstation.transfers.jobs import Job

Able = Callable[["Job"], bool]


def may_pause(job: Job) -> bool:
    """Tell whether a job can be paused; a print that has begun cannot: sheets would be printed twice."""
    return job.state == "waiting" or (job.state == "running" and job.kind != "print")


def may_resume(job: Job) -> bool:
    """Tell whether a job is paused."""
    return job.state == "paused"


def may_retry(job: Job) -> bool:
    """Tell whether a job ended in a way that makes another try worth it."""
    return job.state in ("failed", "faulty", "cancelled")


def may_cancel(job: Job) -> bool:
    """Tell whether a job is not over."""
    return not job.is_over


def may_come_first(job: Job) -> bool:
    """Tell whether a job still has a place in the queue."""
    return job.state in ("waiting", "paused")


class TransfersPanel(QWidget):
    """Shows the queue it is given, and asks for what the user wants of it."""

    wanted = Signal()
    """The panel is seen: the queue is to be read, if that was not done."""
    asked = Signal(str, str)
    """What is to be done ("pause", "resume", "cancel", "retry", "first") with the job of a key."""
    clear_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.model = TransferModel(self)
        self.tree = QTreeView()
        self.tree.setModel(self.model)
        self.tree.setItemDelegate(TransferDelegate(self.model, self.tree))
        self.tree.setHeaderHidden(True)
        self.tree.setIndentation(18)
        self.tree.setMouseTracking(True)
        self.tree.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.tree.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.tree.setAccessibleName(self.tr("Transfers"))
        self.tree.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.tree.customContextMenuRequested.connect(self._menu)
        self.tree.selectionModel().selectionChanged.connect(self._enable)
        self._resumes = False
        self._able: dict[str, Able] = {}
        self.actions_by_name: dict[str, QAction] = {}
        for name, text, icon, key, able in (
            ("pause", self.tr("Pause"), "cine-pause", "Space", lambda job: may_pause(job) or may_resume(job)),
            ("cancel", self.tr("Cancel"), "close", "Del", may_cancel),
            ("retry", self.tr("Try again"), "reset", "R", may_retry),
            ("first", self.tr("To the front"), "chevron-up", "Ctrl+Home", may_come_first),
        ):
            self._able[name] = able
            self._action(name, text, icon, key, lambda _=False, name=name: self._ask(name))
        self._action("clear", self.tr("Clear what has ended"), "delete", "Shift+Del", self.clear_wanted.emit)
        self._action("copy", self.tr("Copy as a log without patient data"), "copy", "Ctrl+C", self.copy)
        self._lay_out()
        self.show_jobs(())

    def show_jobs(self, jobs: Sequence[Job]) -> None:
        """Show the queue as it is now."""
        self.model.show(jobs)
        self._pages.setCurrentIndex(1 if jobs else 0)
        if jobs and not self.tree.currentIndex().isValid():
            self.tree.setCurrentIndex(self.model.index(0, 0))
        self._enable()

    def set_identity_hidden(self, hidden: bool) -> None:
        """Hide titles of jobs, which may name patients, or show them again."""
        self.model.set_identity_hidden(hidden)

    def chosen(self) -> list[Job]:
        """Return the selected jobs, in their order; a fault stands for its job."""
        found: dict[str, Job] = {}
        for index in sorted(self.tree.selectionModel().selectedIndexes()):
            job = self.model.job(index)
            if job is not None:
                found[job.key] = job
        return list(found.values())

    def copy(self) -> None:
        """Copy the selected jobs, or all of them, as text without patient data."""
        jobs = self.chosen() or [job for row in range(self.model.rowCount()) if (job := self._at(row)) is not None]
        QGuiApplication.clipboard().setText(log_text(jobs, self.tr))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.wanted.emit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.tree.viewport().update()

    def _at(self, row: int) -> Job | None:
        return self.model.job(self.model.index(row, 0))

    def _ask(self, name: str) -> None:
        chosen = self.chosen()
        able: Able
        if name == "pause" and self._resumes:
            name, able = "resume", may_resume
        else:
            able = may_pause if name == "pause" else self._able[name]
        for job in chosen:
            if able(job):
                self.asked.emit(name, job.key)

    def _enable(self) -> None:
        chosen = self.chosen()
        for name, able in self._able.items():
            self.actions_by_name[name].setEnabled(any(able(job) for job in chosen))
        # one place and one key for both: what is paused goes on, what runs is paused
        resumes = any(may_resume(job) for job in chosen)
        if resumes != self._resumes:
            self._resumes = resumes
            action = self.actions_by_name["pause"]
            self._name_action(action, self.tr("Go on") if resumes else self.tr("Pause"))
            theme.give_icon(action, "cine-play" if resumes else "cine-pause")
            self._buttons["pause"].setAccessibleName(action.text())
        ended = any(job.is_over for row in range(self.model.rowCount()) if (job := self._at(row)) is not None)
        self.actions_by_name["clear"].setEnabled(ended)
        self.actions_by_name["copy"].setEnabled(self.model.rowCount() > 0)

    def _action(self, name: str, text: str, icon: str, key: str, run: Callable[..., object]) -> None:
        action = QAction(text, self)
        theme.give_icon(action, icon)
        action.setIconVisibleInMenu(False)
        action.setShortcut(QKeySequence(key))
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        self._name_action(action, text)
        action.triggered.connect(run)
        self.tree.addAction(action)
        self.actions_by_name[name] = action

    @staticmethod
    def _name_action(action: QAction, text: str) -> None:
        key = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        action.setText(text)
        action.setToolTip(tooltip(f"{text} ({key})"))

    def _menu(self, at: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for name in ("pause", "retry", "first", "cancel"):
            menu.addAction(self.actions_by_name[name])
        menu.addSeparator()
        menu.addAction(self.actions_by_name["copy"])
        menu.addAction(self.actions_by_name["clear"])
        menu.popup(self.tree.viewport().mapToGlobal(at))

    def _lay_out(self) -> None:
        bar = QHBoxLayout()
        bar.setContentsMargins(theme.GAP, 3, theme.GAP, 3)
        bar.setSpacing(2)
        self._buttons: dict[str, QToolButton] = {}
        for name, action in self.actions_by_name.items():
            if name == "clear":
                bar.addStretch(1)
            button = QToolButton()
            button.setDefaultAction(action)
            button.setAutoRaise(True)
            button.setToolButtonStyle(
                Qt.ToolButtonStyle.ToolButtonIconOnly if name == "copy" else Qt.ToolButtonStyle.ToolButtonTextBesideIcon
            )
            button.setAccessibleName(action.text())
            self._buttons[name] = button
            bar.addWidget(button)
        queue = QWidget()
        column = QVBoxLayout(queue)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        top = QWidget()
        top.setObjectName("panelBar")
        top.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        top.setLayout(bar)
        column.addWidget(top)
        column.addWidget(self.tree, 1)
        empty = EmptyNote(
            "transfers",
            self.tr("Nothing is being transferred"),
            self.tr("What is sent, fetched and printed is listed here, and stays until it is cleared."),
        )
        self._pages = QStackedLayout(self)
        self._pages.addWidget(empty)
        self._pages.addWidget(queue)
