"""Our Storage SCP as the program sees it: a process that is started, tells what arrives, and is ended (G12, G13).

It is a process of its own so that a fast sender never makes the window wait. Nothing listens until it is started.
"""

from __future__ import annotations

import contextlib
import json
import queue
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Final

from workstation import log
from workstation.network.arrivals import Arrival, left_over, reports, settle
from workstation.network.failures import NetworkFailure, Step
from workstation.network.receiver_events import CommitmentReport, Event, Listening, Problem, Refused, event_from
from workstation.network.receiver_options import ReceiverOptions, options_document
from workstation.network.spool import Spool

__all__ = ["ARGUMENT", "Receiver", "ReceiverOptions"]

ARGUMENT: Final = "--receiver-process"
START_PATIENCE: Final = 30.0
STOP_PATIENCE: Final = 5.0
_log = log.get("network")


class Receiver:
    """A receiver that listens between :meth:`start` and :meth:`stop`; also a context manager.

    ``deliver`` is called with each event on a thread of this object; without it events wait in :attr:`events`.
    """

    def __init__(self, options: ReceiverOptions, deliver: Callable[[Event], None] | None = None) -> None:
        """Check the options.

        Raises
        ------
        NodeError
        """
        options.check()
        self.options = options
        self.spool = Spool(options.folder)
        self.events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self.left_over: list[Arrival] = []
        """What had arrived before :meth:`start` and was not released."""
        self.reports: list[CommitmentReport] = []
        """What was reported before :meth:`start`, as far as the ledger goes back: also what was dealt with."""
        self._deliver = deliver or self.events.put
        self._process: subprocess.Popen[bytes] | None = None
        self._thread: threading.Thread | None = None
        self._listening = threading.Event()
        self._stopping = False
        self._port = 0
        self._problem = ""

    @property
    def port(self) -> int:
        """The port peers connect to; 0 while it does not listen."""
        return self._port if self.running else 0

    @property
    def process_id(self) -> int:
        """The id of its process; 0 while there is none."""
        return self._process.pid if self._process is not None else 0

    @property
    def running(self) -> bool:
        """Whether it listens."""
        return self._process is not None and self._process.poll() is None and self._port > 0

    def start(self) -> Receiver:
        """Start the process and wait until peers can connect.

        Raises
        ------
        NetworkFailure
            If the port is taken, or certificates cannot be read.
        """
        if self.running:
            return self
        self.stop()  # one that ended by itself
        self.left_over, self.reports = left_over(self.spool), reports(self.spool)
        self._listening.clear()
        self._stopping, self._problem = False, ""
        program = [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-m", "workstation"]
        self._process = subprocess.Popen(
            [*program, ARGUMENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self._thread = threading.Thread(target=self._read, args=(self._process,), name="receiver", daemon=True)
        self._thread.start()
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # it ended; the reader tells why
            self._process.stdin.write(json.dumps(options_document(self.options)).encode() + b"\n")
            self._process.stdin.flush()
        self._listening.wait(START_PATIENCE)
        if not self._port:
            self.stop()
            reason = self._problem or "The receiver did not start."
            remedy = "Another program may listen there; choose another port." if "port" in reason else ""
            raise NetworkFailure(reason, step=Step.CONNECT, cause="listen", remedy=remedy)
        return self

    def stop(self) -> None:
        """End it: open associations are aborted, what is not whole is not kept."""
        process, self._process = self._process, None
        if process is None:
            return
        self._stopping = True
        assert process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()
        try:
            process.wait(STOP_PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()
        self._thread = None
        self._port = 0

    def settle(self) -> None:
        """Shorten the ledger to what still waits; only while it does not run and reports were dealt with.

        Raises
        ------
        OSError
        """
        if self._process is None:
            settle(self.spool)

    def __enter__(self) -> Receiver:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _read(self, process: subprocess.Popen[bytes]) -> None:
        """Hand on what the process tells until it ends."""
        assert process.stdout is not None
        with process.stdout as stream:
            for line in stream:
                event = _event(line)
                if event is not None:
                    self._take(event)
        listened, self._port = self._port > 0, 0
        if listened and not self._stopping:
            self._take(Problem("The receiver ended unexpectedly; nothing can be received until it is started again."))
        self._listening.set()

    def _take(self, event: Event) -> None:
        if isinstance(event, Listening):
            self._port = event.port
            self._listening.set()
        elif isinstance(event, Refused):
            _log.warning("receiver: %s (%s)", event.sentence, event.address)
        elif isinstance(event, Problem):
            _log.error("receiver: %s %s", event.sentence, event.detail)
            if not self._listening.is_set():
                self._problem = event.sentence
                return
        self._deliver(event)


def _event(line: bytes) -> Event | None:
    try:
        document = json.loads(line)
    except ValueError:
        return None
    return event_from(document) if isinstance(document, dict) else None
