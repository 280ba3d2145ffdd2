"""Exports as the window uses them: one worker writes, one copies and reads stamps, signals bring what came of it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QStandardPaths, QTimer, Signal
from PySide6.QtWidgets import QWidget

from workstation import log
from workstation.errors import WorkstationError

if TYPE_CHECKING:
    from PySide6.QtGui import QImage

    from workstation.export.stamp import Stamp
    from workstation.ui.export_jobs import Job, Outcome
    from workstation.ui.window_api import WindowApi

_LOG = log.get("export")
KEY = "export"
"""Key of the one message of an export, from its start to its end."""
LOOK = 150
"""Milliseconds between two looks at how far a job is."""


class ExportDesk(QObject):
    """Runs one job after the other; the window goes on meanwhile."""

    ended = Signal(object)
    """The :class:`Outcome` of a job, or the exception that ended it."""
    _done = Signal(object, object)

    def __init__(self, window: WindowApi, parent: QWidget) -> None:
        super().__init__(parent)
        self._window = window
        self._workers: dict[str, ThreadPoolExecutor] = {}
        self._stops: list[Event] = []
        self._count, self._total, self._errands, self._closed = 0, 0, 0, False
        self.folder = ""
        """Where the last export went."""
        self._clock = QTimer(self, interval=LOOK)
        self._clock.timeout.connect(self._tell)
        self._done.connect(self._take)

    @property
    def running(self) -> bool:
        """Whether something is being written or waits for it."""
        return bool(self._stops)

    @property
    def asked(self) -> bool:
        """Whether something is being copied or found out."""
        return self._errands > 0

    def start(self, job: Job, total: int, where: Path) -> None:
        """Write something in the background, after what is being written."""
        self.folder = str(where.parent)
        stop = Event()
        self._stops.append(stop)
        text = self.tr("Exporting…")
        self._window.messages.show_message(text, action=self.tr("Cancel"), run=self.stop, key=KEY)
        self._clock.start()
        self._submit("export", self._run, job, total, stop)
        self._window.update_later()

    def stop(self) -> None:
        """End what is being written, and what waits."""
        for stop in self._stops:
            stop.set()

    def close(self) -> None:
        """Stop and wait for the workers."""
        self._closed = True
        self.stop()
        self._clock.stop()
        for worker in self._workers.values():
            worker.shutdown(wait=True, cancel_futures=True)

    def home(self) -> str:
        """Return the folder to write to: the last one, at first the user's own for documents."""
        place = QStandardPaths.StandardLocation
        found = self.folder or QStandardPaths.writableLocation(place.DocumentsLocation)
        return found if Path(found).is_dir() else QStandardPaths.writableLocation(place.HomeLocation)

    def copy(self, make: Callable[[], tuple[QImage, Stamp]], said: str) -> None:
        """Put an image with its stamp on the clipboard once the worker has made it."""
        self._errands += 1
        self._submit("errand", self._make, make, said)

    def ask(self, work: Callable[[], Any], answer: Callable[[Any], object]) -> None:
        """Let the worker find something out, and use it on the window's thread."""
        self._errands += 1
        self._submit("errand", self._found, work, answer)

    # on the worker

    def _submit(self, name: str, work: Callable[..., None], *given: object) -> None:
        if self._closed:
            return
        if name not in self._workers:
            self._workers[name] = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._workers[name].submit(work, *given)

    def _run(self, job: Job, total: int, stop: Event) -> None:
        from workstation.loading.courtesy import Courtesy

        courtesy = Courtesy()
        self._count, self._total = 0, total

        def progress(count: int) -> None:
            self._count = count
            courtesy.give_way()

        result = self._guarded(lambda: job(progress, stop))
        self._done.emit(result, lambda result: self._job_ended(result, stop))

    def _make(self, make: Callable[[], tuple[QImage, Stamp]], said: str) -> None:
        from workstation.ui.view_picture import stamped

        self._found(lambda: stamped(*make()), lambda image: self._to_clipboard(image, said))

    def _found(self, work: Callable[[], Any], answer: Callable[[Any], object]) -> None:
        result = self._guarded(work)

        def use(result: Any) -> None:
            self._errands -= 1
            (self._failed if isinstance(result, Exception) else answer)(result)

        self._done.emit(result, use)

    def _guarded(self, work: Callable[[], Any]) -> Any:
        try:
            return work()
        except WorkstationError as error:
            return error
        except Exception as error:
            _LOG.exception("an export failed")
            return error

    # on the window's thread

    def _take(self, result: object, use: Callable[[Any], object]) -> None:
        if not self._closed:
            use(result)

    def _to_clipboard(self, image: QImage, said: str) -> None:
        from PySide6.QtGui import QGuiApplication

        QGuiApplication.clipboard().setImage(image)
        self._window.say("info", said)

    def _tell(self) -> None:
        if self._count:
            self._window.messages.retell(KEY, self.tr("Exporting… {0} of {1}").format(self._count, self._total))

    def _failed(self, error: Exception) -> None:
        level, text = self._sentence(error)
        self._window.messages.show_message(text, level, key=KEY)

    def _sentence(self, error: Exception) -> tuple[str, str]:
        if getattr(error, "code", "") == "cancelled":
            return "info", self.tr("The export was stopped; nothing was written.")
        if isinstance(error, WorkstationError):
            return "warning", str(error)
        return "error", self.tr("The export failed; the log says why (Help › Open log folder).")

    def _job_ended(self, result: Outcome | Exception, stop: Event) -> None:
        self._stops.remove(stop)
        if not self.running:
            self._clock.stop()
        if isinstance(result, Exception):
            self._failed(result)
        else:
            self._report(result)
        self._window.update_later()
        self.ended.emit(result)

    def _report(self, outcome: Outcome) -> None:
        if outcome.printer:
            self._printed(outcome)
            return
        shown, count = outcome.written > 0, len(outcome.failed)
        parts = [self._counted(outcome)] if shown or not count else []
        if outcome.failed:
            name, why = outcome.failed[0]
            first = f"{name}: {why}" if name else why
            one, many = self.tr("1 was not: {1}"), self.tr("{0} were not; the first: {1}")
            if not shown:
                one, many = self.tr("Nothing was written. {1}"), self.tr("Nothing was written; the first of {0}: {1}")
            parts.append((one if count == 1 else many).format(count, first))
        parts += outcome.notes[:1]
        self._window.messages.show_message(
            " ".join(parts),
            "warning" if outcome.failed else "info",
            action=self.tr("Show") if shown else "",
            run=(lambda: show_folder(outcome.place)) if shown else None,
            key=KEY,
        )

    def _printed(self, outcome: Outcome) -> None:
        said = self.tr("1 page was sent to {1}.") if outcome.written == 1 else self.tr("{0} pages were sent to {1}.")
        if outcome.cancelled:
            said = self.tr("The print was stopped.")
        self._window.messages.show_message(said.format(outcome.written, outcome.printer), "info", key=KEY)

    def _counted(self, outcome: Outcome) -> str:
        words = {
            "image": (self.tr("1 image"), self.tr("{0} images")),
            "frame": (self.tr("A movie of 1 frame"), self.tr("A movie of {0} frames")),
            "slice": (self.tr("A volume of 1 slice"), self.tr("A volume of {0} slices")),
            "file": (self.tr("1 DICOM file"), self.tr("{0} DICOM files")),
            "page": (self.tr("1 page"), self.tr("{0} pages")),
        }
        one, many = words[outcome.what]
        written, several = outcome.written, outcome.what in ("image", "file", "page") and outcome.written != 1
        counted = one if written == 1 else many.format(written)
        if outcome.cancelled:
            if not written:
                return self.tr("The export was stopped; nothing was written.")
            return self.tr("The export was stopped: {0} of {1} are in {2}.").format(
                counted, outcome.total, outcome.place
            )
        were, was = self.tr("{0} were written to {1}."), self.tr("{0} was written to {1}.")
        return (were if several else was).format(counted, outcome.place)


def show_folder(place: Path) -> None:
    """Open the folder of what was written, or the folder that was written."""
    from PySide6.QtCore import QUrl
    from PySide6.QtGui import QDesktopServices

    folder = place if place.is_dir() else place.parent
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))
