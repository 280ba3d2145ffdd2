"""Reads the counters for the performance panel while it is on screen, and writes them as a report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer

from workstation import machine, stopwatch
from workstation.loading.loader import Priority
from workstation.loading.memory_report import holdings, total_of
from workstation.ui.memory_meter import stack_name
from workstation.ui.performance_panel import PerformancePanel, Reading

if TYPE_CHECKING:
    from collections.abc import Callable

    from workstation.loading.loader import Loader
    from workstation.ui.workspace import Workspace

INTERVAL = 300
"""Milliseconds between readings."""
FRAMES, SECTIONS, VOLUMES = "FrameKey", "SectionKey", "VolumeKey"
"""Kinds of work as the loader names them: the type of the key."""


class PerformanceFollower(QObject):
    """Asks the counters now and then; nothing runs while the panel is hidden."""

    def __init__(
        self,
        panel: PerformancePanel,
        workspace: Workspace,
        loader: Loader,
        say: Callable[[str, str], object] = lambda level, text: None,
    ) -> None:
        super().__init__(panel)
        self._panel, self._workspace, self._loader, self._say = panel, workspace, loader, say
        self.timer = QTimer(self, interval=INTERVAL)
        self.timer.timeout.connect(self.look)
        panel.seen.connect(self._seen)
        panel.save_wanted.connect(self._ask)
        panel.reset_wanted.connect(self._reset)

    def _seen(self, shown: bool) -> None:
        if shown:
            self.look()
            self.timer.start()
        else:
            self.timer.stop()

    def _reset(self) -> None:
        stopwatch.reset()
        self.look()

    def look(self) -> None:
        """Show what the counters say now."""
        self._panel.show_reading(self.reading())

    def reading(self) -> Reading:
        """Return what the counters say now."""
        from workstation import compiled

        frames = stopwatch.times(stopwatch.FRAME)
        first = stopwatch.times(stopwatch.FIRST_IMAGE)
        memory = self._loader.memory()
        rows = holdings(self._workspace.catalogue, self._loader.sizes())
        catalogue = self._workspace.catalogue
        return Reading(
            frames=tuple(seconds * 1000 for _, seconds in frames),
            frame=stopwatch.summary(frames),
            graphics=stopwatch.summary(stopwatch.times(stopwatch.GRAPHICS)),
            per_second=stopwatch.rate(frames),
            longest_gap=stopwatch.longest_gap(frames),
            first_image=first[-1][1] * 1000 if first else None,
            decode=stopwatch.summary(stopwatch.times(FRAMES)),
            section=stopwatch.summary(stopwatch.times(SECTIONS)),
            volume=stopwatch.summary(stopwatch.times(VOLUMES)),
            queue=self._queue(),
            cine_shown=stopwatch.count(stopwatch.CINE_SHOWN),
            cine_dropped=stopwatch.count(stopwatch.CINE_DROPPED),
            kernels=compiled.readiness(),
            resident=machine.resident_bytes(),
            used=memory.used,
            budget=memory.budget,
            volumes=memory.volumes,
            copies=total_of(rows).copies,
            stacks=tuple((stack_name(catalogue, row.stack_id) or self.tr("other"), row.total) for row in rows),
        )

    def _queue(self) -> tuple[tuple[str, int], ...]:
        names = {
            Priority.VISIBLE: self.tr("now"),
            Priority.THUMBNAIL: self.tr("small"),
            Priority.PREFETCH: self.tr("ahead"),
        }
        up_to = [self._loader.pending(priority) for priority in Priority]
        alone = (count - before for before, count in zip((0, *up_to), up_to, strict=False))
        return tuple((names.get(p, self.tr("later")), n) for p, n in zip(Priority, alone, strict=True))

    # the report

    def report(self) -> dict[str, Any]:
        """Return the same document as ``workstation bench``, filled from the window's counters."""
        from workstation.loading.speed_report import counts_of, document, facts_of, work

        report, catalogue, memory = document("window"), self._workspace.catalogue, self._loader.memory()
        rows = {row.stack_id: row for row in holdings(catalogue, self._loader.sizes())}
        first = stopwatch.summary(stopwatch.times(stopwatch.FIRST_IMAGE))
        report["opening"] = {**counts_of(catalogue), "first_image_ms": round(first.last, 3) if first else None}
        for stack in catalogue.ordered_stacks():
            held = rows.get(stack.id)
            report["series"].append({**facts_of(stack), "memory_bytes": held.total if held is not None else 0})
        report["work"] = work()
        report["memory"] = {
            "resident_bytes": machine.resident_bytes(),
            "peak_bytes": machine.peak_bytes(),
            "cache_used_bytes": memory.used,
            "cache_budget_bytes": memory.budget,
            "volume_bytes": memory.volumes,
            "copy_bytes": total_of(rows.values()).copies,
        }
        report["cine"] = {
            "shown": stopwatch.count(stopwatch.CINE_SHOWN),
            "dropped": stopwatch.count(stopwatch.CINE_DROPPED),
        }
        return report

    def _ask(self) -> None:
        from PySide6.QtCore import QStandardPaths
        from PySide6.QtWidgets import QFileDialog

        folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        dialog = QFileDialog(self._panel.window(), self.tr("Save the performance report"), folder, "JSON (*.json)")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("json")
        dialog.selectFile("performance.json")
        dialog.fileSelected.connect(self.save)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def save(self, path: str) -> None:
        """Write the report."""
        import json
        from pathlib import Path

        try:
            Path(path).write_text(json.dumps(self.report(), indent=1) + "\n", encoding="utf-8")
        except OSError as error:
            self._say("warning", self.tr("The report could not be saved: {0}").format(error.strerror or error))
            return
        self._say("info", self.tr("The report was saved; it names no patient, no file and no date."))
