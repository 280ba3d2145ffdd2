"""The queue of transfers: order, pause, resume, faults, and what a restart finds (features O5)."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from workstation.network.failures import Cancelled, NetworkFailure, Step
from workstation.network.progress import Outcome, Progress
from workstation.transfers.jobs import Job, JobQueue


class Worker:
    """Does jobs as the test lets it: a step for each release of ``gate``."""

    def __init__(self) -> None:
        self.gate = threading.Semaphore(0)
        self.began: list[str] = []
        self.started = threading.Semaphore(0)

    def __call__(self, parameters: Mapping[str, Any], stop: threading.Event) -> Iterator[Progress]:
        self.began.append(parameters["name"])
        self.started.release()
        total = parameters.get("total", 2)
        for number in range(1, total + 1):
            while not self.gate.acquire(timeout=0.01):
                if stop.is_set():
                    raise Cancelled
            yield Progress(done=number, total=total, size=1000 * number)


def plain(parameters: Mapping[str, Any], stop: threading.Event) -> Iterator[Progress]:
    yield Progress(done=1, total=2, outcome=Outcome("1.2", "done"))
    yield Progress(done=1, failed=1, total=2, outcome=Outcome("1.3", "failed", "It has no room."))


def refused(parameters: Mapping[str, Any], stop: threading.Event) -> Iterator[Progress]:
    yield Progress()
    raise NetworkFailure("Nothing listens there.", step=Step.CONNECT, cause="refused")


def broken(parameters: Mapping[str, Any], stop: threading.Event) -> Iterator[Progress]:
    yield Progress()
    raise ZeroDivisionError("Doe^Jane")


@pytest.fixture
def worker() -> Worker:
    return Worker()


@pytest.fixture
def queue(tmp_path: Path, worker: Worker) -> Iterator[JobQueue]:
    made = JobQueue(tmp_path, {"step": worker, "plain": plain, "refused": refused, "broken": broken})
    yield made
    made.close()


def state(queue: JobQueue, job: Job) -> str:
    now = queue.job(job.key)
    assert now is not None
    return now.state


def test_jobs_of_one_node_run_one_after_another_and_of_others_beside(queue: JobQueue, worker: Worker) -> None:
    first, second = (queue.add("step", "archive", "study", {"name": name}) for name in "ab")
    other = queue.add("step", "other", "study", {"name": "c"})
    worker.started.acquire()
    worker.started.acquire()
    assert [state(queue, job) for job in (first, second, other)] == ["running", "waiting", "running"]
    worker.gate.release(6)
    assert queue.wait()
    assert [state(queue, job) for job in (first, second, other)] == ["done"] * 3
    assert worker.began.index("a") < worker.began.index("b")


def test_what_is_wanted_first_goes_before_what_waits(queue: JobQueue, worker: Worker) -> None:
    queue.add("step", "archive", "", {"name": "running"})
    worker.started.acquire()
    queue.add("step", "archive", "", {"name": "later"})
    queue.add("step", "archive", "", {"name": "urgent"}, first=True)
    moved = queue.add("step", "archive", "", {"name": "moved"})
    queue.move_to_front(moved.key)
    worker.gate.release(8)
    assert queue.wait()
    assert worker.began == ["running", "moved", "urgent", "later"]


def test_a_paused_job_goes_on_when_it_is_resumed(queue: JobQueue, worker: Worker) -> None:
    job = queue.add("step", "archive", "", {"name": "a"})
    worker.started.acquire()
    queue.pause(job.key)
    assert queue.wait()
    assert state(queue, job) == "paused"
    worker.gate.release(2)
    queue.resume(job.key)
    assert queue.wait()
    assert state(queue, job) == "done"


def test_a_cancelled_job_is_over_whether_it_waited_or_ran(queue: JobQueue, worker: Worker) -> None:
    running = queue.add("step", "archive", "", {"name": "a"})
    waiting = queue.add("step", "archive", "", {"name": "b"})
    worker.started.acquire()
    queue.cancel(waiting.key)
    queue.cancel(running.key)
    assert queue.wait()
    assert (state(queue, running), state(queue, waiting)) == ("cancelled", "cancelled")
    queue.forget_ended()
    assert queue.jobs() == ()


def test_faults_are_named_object_by_object(queue: JobQueue) -> None:
    """Features N7x: what failed is never marked as sent."""
    job = queue.add("plain", "archive", "", {})
    assert queue.wait()
    ended = queue.job(job.key)
    assert ended is not None
    assert (ended.state, ended.faults) == ("faulty", (("1.3", "It has no room."),))


def test_what_is_said_last_of_no_object_is_how_a_job_ended(tmp_path: Path) -> None:
    def telling(parameters: Mapping[str, Any], stop: threading.Event) -> Iterator[Progress]:
        yield Progress(done=1, total=1, outcome=Outcome("1.2", "done", "Unpacked."), sentence="Unpacked.")
        if parameters["more"]:
            yield Progress(done=1, total=1, sentence="It answers for 1 object.")

    made = JobQueue(tmp_path, {"telling": telling})
    with_word = made.add("telling", "a", "", {"more": True})
    without = made.add("telling", "b", "", {"more": False})
    assert made.wait()
    made.close()
    ended = [made.job(one.key) for one in (with_word, without)]
    assert [one.sentence for one in ended if one is not None] == ["It answers for 1 object.", ""]


def test_a_failure_is_told_in_its_own_words(queue: JobQueue) -> None:
    job = queue.add("refused", "archive", "", {})
    assert queue.wait()
    ended = queue.job(job.key)
    assert ended is not None
    assert (ended.state, ended.sentence) == ("failed", "Nothing listens there.")


def test_a_mistake_of_the_program_fails_one_job_and_the_next_runs(queue: JobQueue) -> None:
    bad = queue.add("broken", "archive", "", {})
    good = queue.add("plain", "archive", "", {})
    assert queue.wait()
    assert (state(queue, bad), state(queue, good)) == ("failed", "faulty")
    ended = queue.job(bad.key)
    assert ended is not None
    assert "Doe" not in ended.sentence


def test_a_restart_finds_what_waited_and_what_ran(tmp_path: Path, worker: Worker) -> None:
    """What ran when the program was killed is paused, not lost."""
    first = JobQueue(tmp_path, {"step": worker})
    running = first.add("step", "archive", "CT", {"name": "a"})
    waiting = first.add("step", "archive", "MR", {"name": "b"})
    worker.started.acquire()
    # a copy of the file at this moment is what a kill leaves
    first._writer.wait()
    left = (tmp_path / "transfers.json").read_text()
    first.close()
    (tmp_path / "transfers.json").write_text(left)
    worker.gate.release(4)
    second = JobQueue(tmp_path, {"step": worker})
    assert (state(second, running), state(second, waiting)) == ("paused", "waiting")
    second.start()
    second.resume(running.key)
    assert second.wait()
    assert [job.state for job in second.jobs()] == ["done", "done"]
    second.close()


def test_a_list_that_cannot_be_read_is_told_and_does_not_stop_the_program(tmp_path: Path) -> None:
    (tmp_path / "transfers.json").write_text('{"jobs": [{}]}')
    queue = JobQueue(tmp_path, {"plain": plain})
    assert queue.problem
    queue.add("plain", "archive", "", {})
    assert queue.wait()
    queue.close()


def test_listeners_see_every_change(queue: JobQueue) -> None:
    seen: list[str] = []
    end = queue.listen(lambda job: seen.append(job.state))
    queue.add("plain", "archive", "", {})
    assert queue.wait()
    end()
    assert seen[0] == "waiting"
    assert seen[-1] == "faulty"
    assert "running" in seen


def test_jobs_of_a_node_go_on_under_its_new_name(tmp_path: Path, worker: Worker, queue: JobQueue) -> None:
    running = queue.add("step", "old", "", {"name": "a", "node": "old"})
    waiting = queue.add("step", "old", "", {"name": "b", "node": "old"})
    other = queue.add("refused", "other", "", {"node": "other"})
    assert worker.started.acquire(timeout=5)
    queue.rename_node("old", "new")
    worker.gate.release(4)
    assert queue.wait(10)
    told = {key: queue.job(key) for key in (running.key, waiting.key, other.key)}
    assert [(job.node, job.parameters["node"], job.state) for job in told.values() if job] == [
        ("new", "new", "done"),
        ("new", "new", "done"),
        ("other", "other", "failed"),
    ]
    queue.close()
    assert {job.node for job in JobQueue(tmp_path, {}).jobs()} == {"new", "other"}
