"""What the window has of the network: nodes, secrets, the queue of transfers; made when it is first asked for.

Nothing here opens a socket, asks the keyring of the system or imports pynetdicom before the user wants something of a
node. Jobs that waited when the program ended are shown paused: they go on when the user says so.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from workstation import log
from workstation.errors import WorkstationError

if TYPE_CHECKING:
    from workstation.network.doctor import Finding
    from workstation.network.nodes import Node, NodeBook
    from workstation.network.secrets import Secrets
    from workstation.transfers.jobs import Job, JobQueue, Runner
    from workstation.transfers.retrieve_job import Surroundings
    from workstation.ui.credentials import Credentials
    from workstation.ui.sign_ins import SignIns
    from workstation.ui.window_api import WindowApi
    from workstation.whole_file import NewestWriter

_LOG = log.get("network")
TELL = 100
"""Milliseconds between two looks at what changed in the queue, while something changes."""
LONGEST_END = 5.0
"""Seconds the window's end waits for transfers to stop."""

Check = Callable[["Node", threading.Event], Iterator["Finding"]]
Run = Callable[[threading.Event], Iterator[Any]]


class Errand:
    """Something that is being found out on a thread of its own; :meth:`stop` ends it and nothing more is told."""

    def __init__(self) -> None:
        self.stopped = threading.Event()

    def stop(self) -> None:
        """End it."""
        self.stopped.set()


class NetworkDesk(QObject):
    """The one owner of nodes, secrets and transfers in a window."""

    jobs_changed = Signal()
    """Something changed in the queue; at most ten times a second."""
    nodes_changed = Signal()
    """A node was added, changed or removed."""
    secret_kept = Signal(str)
    """The page of nodes kept a password or token of the node of this name, or forgot it."""
    closing = Signal()
    """The window closes: what is written is to be saved now."""
    _job_moved = Signal()
    _told = Signal(object, object, object)
    _over = Signal(object)
    _unsaved = Signal(str)

    def __init__(self, window: WindowApi, parent: QWidget) -> None:
        super().__init__(parent)
        self._window = window
        self._closed = False
        self._begun = time.time() - 1.0
        self._errands: dict[Errand, threading.Thread] = {}
        self._runners: dict[str, Runner] = {}
        self.ended_before: set[str] = set()
        """Keys of jobs that were over before this run of the program."""
        self.drafts: list[Any] = []
        """Nodes that could not be saved when their page was closed; it shows them again."""
        self._clock = QTimer(self, singleShot=True, interval=TELL)
        self._clock.timeout.connect(self.jobs_changed)
        self._job_moved.connect(self._look_soon)
        self._told.connect(self._answer)
        self._over.connect(self._forget)
        self._unsaved.connect(self._refused)

    # what it owns

    @cached_property
    def book(self) -> NodeBook:
        """The nodes; change them by :meth:`put_node` and :meth:`remove_node`."""
        from workstation.network.nodes import NodeBook

        book = NodeBook(write=self._nodes_writer.write)
        if book.problem:
            self._window.say("warning", book.problem)
        return book

    @cached_property
    def secrets(self) -> Secrets:
        """Passwords and tokens; asking them may ask the keyring of the system, so do it by :meth:`ask`."""
        from workstation.network.secrets import Secrets

        return Secrets()

    @cached_property
    def sign_ins(self) -> SignIns:
        """Signs the user in and out where a node asks for that."""
        from workstation.ui.sign_ins import SignIns

        return SignIns(self, self)

    @cached_property
    def credentials(self) -> Credentials:
        """Asks the user for what nodes need."""
        from workstation.ui.credentials import Credentials

        return Credentials(self, self._window.messages, self)

    @cached_property
    def queue(self) -> JobQueue:
        """The queue of transfers, as the last run of the program left it; nothing is started."""
        from workstation.paths import data_folder
        from workstation.transfers.jobs import JobQueue
        from workstation.transfers.runners import Context, runners
        from workstation.ui.film_keeper import FilmKeeper

        secrets = self.secrets  # made here, since jobs ask for it on their threads
        made = runners(Context(self.book.named, self._surroundings(), lambda: secrets))
        made.update(self._runners)
        queue = JobQueue(data_folder(), made)
        self.ended_before = {job.key for job in queue.jobs() if job.is_over}
        for job in queue.jobs():
            if job.state == "waiting":
                queue.pause(job.key)
        if queue.problem:
            self._window.say("warning", queue.problem)
        queue.listen(self._moved)
        self.jobs_changed.connect(FilmKeeper(queue, self.ask, self._begun, self).look)
        return queue

    def _surroundings(self) -> Surroundings:
        from workstation.paths import data_folder
        from workstation.transfers.retrieve_job import Surroundings

        window, library = self._window, self._window.library.desk
        return Surroundings(
            library.opened_library,
            data_folder() / "retrieved",
            receiver=lambda: window.receiving.source if window.receives else None,
            move_port=lambda: int(window.settings["receive_port"]),
            changed=library.changed.emit,
        )

    @cached_property
    def move_check(self) -> Check:
        """Asks a node to move something to us. Ask for it on the window's thread: the study list may be made for it."""
        from workstation.transfers.move_check import check_retrieve

        around = self._surroundings()
        return lambda node, stop: check_retrieve(node, around, stop)

    @property
    def has_queue(self) -> bool:
        """Whether the queue was asked for already."""
        return "queue" in self.__dict__

    def use_runners(self, more: Mapping[str, Runner]) -> None:
        """Let kinds of jobs be done by these functions; before the queue is first asked for."""
        self._runners.update(more)

    @cached_property
    def _nodes_writer(self) -> NewestWriter:
        from workstation.network.nodes import FILE_NAME
        from workstation.paths import config_folder
        from workstation.whole_file import NewestWriter, write_whole

        def write(text: str) -> None:
            try:
                write_whole(config_folder() / FILE_NAME, text)
            except OSError as error:
                self._unsaved.emit(error.strerror or type(error).__name__)

        return NewestWriter(write)

    # jobs

    def add(self, kind: str, node: str, title: str, parameters: Mapping[str, Any], *, first: bool = False) -> Job:
        """Put a job into the queue; it starts as soon as its node is free. ``title`` is for the user alone."""
        return self.queue.add(kind, node, title, parameters, first=first)

    def pause_all(self) -> None:
        """Pause what runs and waits; prints that have begun go on, since a sheet cannot be taken back."""
        for job in self.queue.jobs():
            if job.state == "waiting" or (job.state == "running" and job.kind != "print"):
                self.queue.pause(job.key)

    def resume(self, key: str, *, first: bool = False) -> None:
        """Let a job go on; should it need something of the user again, that is asked again."""
        self.credentials.expect(key)
        self.queue.resume(key, first=first)

    def resume_all(self) -> None:
        """Let everything that is paused go on."""
        for job in self.queue.jobs():
            if job.state == "paused":
                self.resume(job.key)

    def _moved(self, _job: Job) -> None:
        """Hear of a change, on whatever thread."""
        if not self._closed:
            self._job_moved.emit()

    def _look_soon(self) -> None:
        if not self._clock.isActive() and not self._closed:
            self._clock.start()

    # nodes

    def put_node(self, node: Node, *, instead_of: str = "", at: int | None = None) -> None:
        """Add a node, at a place or the end, or put it in the place of another.

        Raises
        ------
        NodeError
        """
        self.book.put(node, instead_of=instead_of, at=at)
        if instead_of and instead_of != node.name:
            self.queue.rename_node(instead_of, node.name)
        self.nodes_changed.emit()

    def remove_node(self, name: str) -> None:
        """Forget a node."""
        self.book.remove(name)
        self.nodes_changed.emit()

    def tell_unsaved(self, names: Sequence[str]) -> None:
        """Say in the window that what was written of some nodes is not saved, and offer to go on with it."""
        said = self.tr("Not saved, because something is missing or wrong: {0}.").format(", ".join(names))
        self._window.messages.show_message(
            said,
            "warning",
            action=self.tr("Edit"),
            run=lambda: self._window.prompts.nodes(),
            key="nodes",
        )

    def _refused(self, reason: str) -> None:
        self._window.say("error", self.tr("The nodes could not be saved: {0}.").format(reason))

    # errands

    def ask(self, work: Callable[[], Any], answer: Callable[[Any], object]) -> Errand:
        """Find something out on a thread, and use it on the window's; a known failure is the answer as well."""

        def once(_stop: threading.Event) -> Iterator[Any]:
            yield work()

        return self.follow(once, answer, lambda failure: answer(failure) if failure is not None else None)

    def follow(
        self, run: Run, item: Callable[[Any], object], ended: Callable[[WorkstationError | None], object]
    ) -> Errand:
        """Run a generator on a thread of its own; what it yields, and how it ended, comes to the window's thread.

        ``ended`` is given the failure, or None; neither is called once the errand is stopped.
        """
        errand = Errand()
        thread = threading.Thread(target=self._run, args=(errand, run, item, ended), name="network errand", daemon=True)
        self._errands[errand] = thread
        thread.start()
        return errand

    def _run(self, errand: Errand, run: Run, item: Callable[[Any], object], ended: Callable[..., object]) -> None:
        failure: WorkstationError | None = None
        try:
            for one in run(errand.stopped):
                if errand.stopped.is_set():
                    break
                self._tell(errand, item, one)
        except WorkstationError as error:
            failure = error
        except Exception as error:
            _LOG.exception("an errand to a node failed")
            failure = WorkstationError(f"The program made a mistake here ({type(error).__name__}); its log says where.")
        self._tell(errand, ended, failure)
        if not self._closed:
            self._over.emit(errand)

    def _tell(self, errand: Errand, use: Callable[..., object], value: object) -> None:
        if not self._closed:
            self._told.emit(errand, use, value)

    def _answer(self, errand: Errand, use: Callable[[Any], object], value: object) -> None:
        if not errand.stopped.is_set() and not self._closed:
            use(value)

    def _forget(self, errand: Errand) -> None:
        self._errands.pop(errand, None)

    # the end

    def close(self) -> None:
        """Stop everything and wait for it, not for ever; transfers are paused."""
        self.closing.emit()
        self._closed = True
        self._clock.stop()
        for errand in self._errands:
            errand.stop()
        if self.has_queue:
            self.queue.close(LONGEST_END)
        if "_nodes_writer" in self.__dict__:
            self._nodes_writer.wait()
        for thread in self._errands.values():
            thread.join(1.0)
