"""One queue for everything that goes over the network: waiting, running, paused, ended; it survives a restart.

What a kind of job does is handed in as a function (:data:`Runner`), so that the queue knows neither services nor the
library. A job that is paused or cut off is run again from the start with the same parameters; its function is expected
to leave out what is there already.
"""

from __future__ import annotations

import json
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from workstation import log
from workstation.errors import WorkstationError
from workstation.network.failures import Cancelled, UserNeeded
from workstation.network.progress import Progress
from workstation.whole_file import NewestWriter, write_whole

FILE_NAME: Final = "transfers.json"
MOST_FAULTS: Final = 200
"""Faults that are kept of one job; how many there were is counted."""
MOST_ENDED: Final = 200
SAVED_EVERY: Final = 1.0
_log = log.get("network")

Runner = Callable[[Mapping[str, Any], threading.Event], Iterator[Progress]]
"""Does a job with its parameters; ends early, by :class:`Cancelled` or by returning, once the event is set."""


@dataclass(frozen=True, slots=True)
class Job:
    """One transfer. ``state`` is waiting, running, paused, done, faulty, failed or cancelled.

    ``title`` is for the user and may name a patient; it never goes to the log. ``faults`` are (SOP Instance UID,
    sentence) of what failed, ``speed`` bytes a second over the last seconds, ``order`` the place in the queue, smaller
    first. ``needs`` is what the user has to give before it can go on: password, token or sign_in; it is then paused.
    """

    key: str
    kind: str
    node: str
    title: str
    parameters: Mapping[str, Any]
    state: str = "waiting"
    progress: Progress = field(default_factory=Progress)
    faults: tuple[tuple[str, str], ...] = ()
    sentence: str = ""
    created: float = 0.0
    ended: float = 0.0
    order: float = 0.0
    speed: float = 0.0
    needs: str = ""

    @property
    def is_over(self) -> bool:
        """Tell whether it ended, well or not."""
        return self.state in ("done", "faulty", "failed", "cancelled")


@dataclass
class _Running:
    stop: threading.Event
    wish: str = ""
    thread: threading.Thread | None = None


@dataclass
class _Meter:
    """Bytes a second over the last five seconds."""

    points: deque[tuple[float, int]] = field(default_factory=lambda: deque(maxlen=200))

    def speed(self, size: int) -> float:
        now = time.monotonic()
        self.points.append((now, size))
        while len(self.points) > 2 and now - self.points[0][0] > 5:
            self.points.popleft()
        start, first = self.points[0]
        return (size - first) / (now - start) if now > start else 0.0


class JobQueue:
    """Runs jobs on threads, at most ``at_once``, and one for each node; listeners are called on those threads."""

    def __init__(self, folder: Path, runners: Mapping[str, Runner], *, at_once: int = 3) -> None:
        """Read what an earlier run left: what was waiting waits again, what was running is paused."""
        self._path = folder / FILE_NAME
        self._runners = runners
        self._at_once = at_once
        self._jobs: dict[str, Job] = {}
        self._running: dict[str, _Running] = {}
        self._listeners: list[Callable[[Job], None]] = []
        self._lock = threading.RLock()
        self._writer = NewestWriter(self._write)
        self._saved = 0.0
        self._closed = False
        self.problem = ""
        self._read()

    def jobs(self) -> tuple[Job, ...]:
        """Return every job, what runs and waits first, then what ended, the latest first."""
        with self._lock:
            jobs = list(self._jobs.values())
        return tuple(sorted(jobs, key=lambda job: (job.is_over, -job.ended if job.is_over else job.order)))

    def job(self, key: str) -> Job | None:
        """Return a job as it is now."""
        with self._lock:
            return self._jobs.get(key)

    def listen(self, listener: Callable[[Job], None]) -> Callable[[], None]:
        """Call ``listener(job)`` after each change, on whatever thread it happens; returns what ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def add(self, kind: str, node: str, title: str, parameters: Mapping[str, Any], *, first: bool = False) -> Job:
        """Put a job into the queue, in front of all that wait if it is ``first``, and start what may start."""
        with self._lock:
            orders = [job.order for job in self._jobs.values() if not job.is_over] or [0.0]
            order = min(orders) - 1 if first else max(orders) + 1
            job = Job(secrets.token_hex(8), kind, node, title, dict(parameters), created=time.time(), order=order)
            self._jobs[job.key] = job
        self._changed(job)
        self._start_next()
        return job

    def pause(self, key: str) -> None:
        """Stop a job where it is; :meth:`resume` goes on."""
        self._end(key, "paused")

    def cancel(self, key: str) -> None:
        """End a job; what had arrived is kept."""
        self._end(key, "cancelled")

    def resume(self, key: str, *, first: bool = False) -> None:
        """Let a job that was paused, failed or was cancelled wait for its turn again."""
        with self._lock:
            job = self._jobs.get(key)
            if job is None or job.state in ("waiting", "running"):
                return
            order = job.order
            if first:
                order = min([other.order for other in self._jobs.values() if not other.is_over] or [0.0]) - 1
            job = self._put(replace(job, state="waiting", sentence="", needs="", faults=(), ended=0.0, order=order))
        self._changed(job)
        self._start_next()

    retry = resume

    def move_to_front(self, key: str) -> None:
        """Let a waiting job be the next."""
        with self._lock:
            job = self._jobs.get(key)
            if job is None or job.is_over:
                return
            orders = [other.order for other in self._jobs.values() if not other.is_over]
            job = self._put(replace(job, order=min(orders) - 1))
        self._changed(job)

    def rename_node(self, old: str, new: str) -> None:
        """Let the jobs of a node go on under its new name, those that ended as well: they may be tried again."""
        with self._lock:
            renamed = [
                self._put(replace(job, node=new, parameters=_with_node(job.parameters, new)))
                for job in list(self._jobs.values())
                if job.node == old
            ]
        for job in renamed:
            self._tell(job)
        self._save(now=True)

    def forget_ended(self) -> None:
        """Take what ended off the list."""
        with self._lock:
            gone = [job for job in self._jobs.values() if job.is_over]
            for job in gone:
                del self._jobs[job.key]
        for job in gone:
            self._tell(job)
        self._save(now=True)

    def start(self) -> None:
        """Start what waits from an earlier run."""
        self._start_next()

    def close(self, seconds: float = 10.0) -> None:
        """Pause what runs, wait for it and write the list."""
        with self._lock:
            self._closed = True
            running = list(self._running.items())
        for key, _one in running:
            self._end(key, "paused")
        for _key, one in running:
            if one.thread is not None:
                one.thread.join(seconds)
        self._save(now=True)
        self._writer.wait()

    def wait(self, seconds: float = 60.0) -> bool:
        """Wait until nothing runs or waits; False where that takes longer."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with self._lock:
                if not self._running and not any(job.state == "waiting" for job in self._jobs.values()):
                    return True
            time.sleep(0.01)
        return False

    def _end(self, key: str, state: str) -> None:
        with self._lock:
            running = self._running.get(key)
            if running is not None:
                running.wish = state
                running.stop.set()
                return
            job = self._jobs.get(key)
            if job is None or job.is_over:
                return
            job = self._put(replace(job, state=state, ended=time.time() if state == "cancelled" else 0.0))
        self._changed(job)

    def _start_next(self) -> None:
        with self._lock:
            if self._closed:
                return
            busy = {self._jobs[key].node for key in self._running}
            for job in sorted(self._jobs.values(), key=lambda job: job.order):
                if len(self._running) >= self._at_once:
                    break
                if job.state != "waiting" or job.node in busy:
                    continue
                busy.add(job.node)
                running = _Running(threading.Event())
                self._running[job.key] = running
                self._put(replace(job, state="running", sentence="", progress=Progress(), faults=(), speed=0.0))
                running.thread = threading.Thread(target=self._run, args=(job.key,), name="transfer", daemon=True)
                running.thread.start()

    def _run(self, key: str) -> None:
        running = self._running[key]
        job = self._jobs[key]
        self._changed(job)
        meter = _Meter()
        state, sentence, needs = "done", "", ""
        try:
            runner = self._runners.get(job.kind)
            if runner is None:
                raise WorkstationError("This version of the program does not know this kind of transfer.")
            for progress in runner(job.parameters, running.stop):
                self._advance(key, progress, meter)
                # what is said last, of no object, is how it ended
                sentence = progress.sentence if progress.outcome is None else ""
        except Cancelled:
            state, sentence = running.wish or "cancelled", ""
        except UserNeeded as error:
            state, sentence, needs = running.wish or "paused", str(error), error.what
        except WorkstationError as error:
            state, sentence = "failed", str(error)
        except OSError as error:
            state, sentence = "failed", f"The system refused: {error.strerror or type(error).__name__}."
        except Exception:
            _log.exception("a transfer of kind %s ended by a fault of the program", job.kind)
            state, sentence = "failed", "The program made a mistake here; its log says where."
        if running.stop.is_set() and state == "done" and not self._is_complete(key):
            state, sentence = running.wish or "cancelled", ""
        self._finish(key, state, sentence, needs if state == "paused" else "")

    def _is_complete(self, key: str) -> bool:
        progress = self._jobs[key].progress
        return progress.total is not None and progress.done + progress.failed + progress.skipped >= progress.total

    def _advance(self, key: str, progress: Progress, meter: _Meter) -> None:
        with self._lock:
            job = self._jobs[key]
            faults = job.faults
            outcome = progress.outcome
            if outcome is not None and outcome.kind in ("failed", "warning") and len(faults) < MOST_FAULTS:
                faults = (*faults, (outcome.sop_instance_uid, outcome.sentence))
            job = self._put(replace(job, progress=progress, faults=faults, speed=meter.speed(progress.size)))
        self._changed(job, soon=True)

    def _finish(self, key: str, state: str, sentence: str, needs: str) -> None:
        with self._lock:
            job = self._jobs[key]
            if state == "done" and job.progress.failed:
                state = "faulty"
            ended = 0.0 if state == "paused" else time.time()
            job = self._put(replace(job, state=state, sentence=sentence, needs=needs, ended=ended, speed=0.0))
        _log.info("transfer %s: %s", job.kind, job.state)
        self._changed(job)
        with self._lock:
            # whoever waits for the queue has been told of its last change by then
            del self._running[key]
        self._start_next()

    def _put(self, job: Job) -> Job:
        self._jobs[job.key] = job
        return job

    def _changed(self, job: Job, *, soon: bool = False) -> None:
        self._tell(job)
        self._save(now=not soon)

    def _tell(self, job: Job) -> None:
        for listener in tuple(self._listeners):
            listener(job)

    def _save(self, *, now: bool) -> None:
        if not now and time.monotonic() - self._saved < SAVED_EVERY:
            return
        self._saved = time.monotonic()
        self._writer.write(json.dumps({"jobs": [_document(job) for job in self._kept()]}) + "\n")

    def _write(self, text: str) -> None:
        try:
            write_whole(self._path, text)
        except OSError as error:
            self.problem = f"The list of transfers could not be saved: {error.strerror or error}."

    def _kept(self) -> list[Job]:
        jobs = self.jobs()
        return [job for job in jobs if not job.is_over] + [job for job in jobs if job.is_over][:MOST_ENDED]

    def _read(self) -> None:
        try:
            listed = json.loads(self._path.read_text(encoding="utf-8"))["jobs"]
            jobs = [_job(one) for one in listed]
        except FileNotFoundError:
            return
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
            self.problem = (
                f"{FILE_NAME} could not be read ({type(error).__name__}); the list of transfers starts empty."
            )
            return
        self._jobs = {job.key: job for job in jobs}


_COUNTS: Final = ("done", "total", "warnings", "failed", "skipped", "size")


def _with_node(parameters: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    return {**parameters, "node": name} if "node" in parameters else parameters


def _document(job: Job) -> dict[str, Any]:
    return {
        "key": job.key,
        "kind": job.kind,
        "node": job.node,
        "title": job.title,
        "parameters": dict(job.parameters),
        "state": job.state,
        "progress": {name: getattr(job.progress, name) for name in _COUNTS},
        "faults": [list(fault) for fault in job.faults],
        "sentence": job.sentence,
        "created": job.created,
        "ended": job.ended,
        "order": job.order,
    }


def _job(document: Mapping[str, Any]) -> Job:
    """Return a job of an earlier run; one that ran when the program ended is paused."""
    progress = document["progress"]
    return Job(
        key=str(document["key"]),
        kind=str(document["kind"]),
        node=str(document["node"]),
        title=str(document["title"]),
        parameters=dict(document["parameters"]),
        state="paused" if document["state"] == "running" else str(document["state"]),
        progress=Progress(**{name: progress[name] for name in _COUNTS}),
        faults=tuple((str(uid), str(sentence)) for uid, sentence in document["faults"]),
        sentence=str(document["sentence"]),
        created=float(document["created"]),
        ended=float(document["ended"]),
        order=float(document["order"]),
    )
