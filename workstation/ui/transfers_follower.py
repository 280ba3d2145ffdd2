"""Joins the queue of transfers with its panel and with the word of it at the foot of the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from workstation.ui.transfer_words import summary

if TYPE_CHECKING:
    from workstation.ui.network_desk import NetworkDesk
    from workstation.ui.transfer_chip import TransferChip
    from workstation.ui.transfers_panel import TransfersPanel
    from workstation.ui.workspace import Workspace


class TransfersFollower(QObject):
    """Lives as long as the desk."""

    def __init__(self, desk: NetworkDesk, panel: TransfersPanel, chip: TransferChip, workspace: Workspace) -> None:
        super().__init__(desk)
        self._desk, self._panel, self._chip, self._workspace = desk, panel, chip, workspace
        self._seen: set[str] = set()
        """Jobs whose failing was seen."""
        desk.jobs_changed.connect(self.renew)
        panel.asked.connect(self._ask)
        panel.clear_wanted.connect(lambda: desk.queue.forget_ended())
        workspace.options_changed.connect(self._hide_identity)
        self._hide_identity()

    def renew(self) -> None:
        """Show the queue as it is now."""
        jobs = self._desk.queue.jobs()
        failed = {job.key for job in jobs if job.state in ("failed", "faulty")}
        self._seen &= {job.key for job in jobs if job.is_over}
        if self._panel.isVisible():
            self._panel.show_jobs(jobs)
            self._seen |= failed
        self._chip.show_state(summary(jobs, self.tr), len(failed - self._seen - self._desk.ended_before))

    def _ask(self, name: str, key: str) -> None:
        queue = self._desk.queue
        {
            "pause": queue.pause,
            "resume": self._desk.resume,
            "cancel": queue.cancel,
            "retry": queue.retry,
            "first": queue.move_to_front,
        }[name](key)

    def _hide_identity(self) -> None:
        self._panel.set_identity_hidden(self._workspace.options.identity_hidden)
