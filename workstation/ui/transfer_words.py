"""What is said of a transfer: its state, how far it is, how long it takes, and a log without patient data."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from workstation.log import path_token

if TYPE_CHECKING:
    from collections.abc import Iterable

    from workstation.transfers.jobs import Job

Translate = Callable[[str], str]

KINDS = {
    "retrieve": ("Fetch", "retrieve"),
    "send": ("Send", "send"),
    "commit": ("Storage commitment", "check"),
    "print": ("Print", "print"),
    "web_retrieve": ("Fetch over the web", "retrieve"),
    "web_send": ("Send over the web", "send"),
}
"""By kind of job: its name and its icon."""
STATES = {
    "waiting": "Waiting",
    "running": "Running",
    "paused": "Paused",
    "done": "Done",
    "faulty": "Done, with faults",
    "failed": "Failed",
    "cancelled": "Cancelled",
}
TONES = {"done": "ok", "faulty": "warning", "failed": "error", "paused": "warning"}
"""Colour of a state's words; the others are plain."""


def kind_name(kind: str, tr: Translate) -> str:
    """Return what a kind of job is called."""
    return tr(KINDS.get(kind, ("Transfer", ""))[0])


def kind_icon(kind: str) -> str:
    """Return the icon of a kind of job."""
    return KINDS.get(kind, ("", "transfers"))[1]


def size_words(size: float) -> str:
    """Return bytes in the unit that fits, as drives are sold: kB is 1000."""
    for unit, scale in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size >= scale:
            return f"{size / scale:.3g} {unit}" if size < 1000 * scale else f"{size / scale:.0f} {unit}"
    return f"{size:.0f} B"


def speed_words(speed: float) -> str:
    """Return bytes a second in words, nothing for none."""
    return f"{size_words(speed)}/s" if speed >= 1 else ""


def seconds_left(job: Job) -> float | None:
    """Return how long a running job takes yet, by the size of what it has done; None where nobody knows."""
    progress = job.progress
    handled = progress.done + progress.failed
    if job.state != "running" or progress.total is None or not handled or not progress.size or job.speed < 1:
        return None
    left = max(progress.total - handled - progress.skipped, 0)
    return left * progress.size / handled / job.speed


def time_words(seconds: float, tr: Translate) -> str:
    """Return a rough time: nobody reads seconds of an hour."""
    if seconds < 60:
        return tr("{0} s left").format(max(round(seconds), 1))
    if seconds < 5400:
        return tr("{0} min left").format(round(seconds / 60))
    return tr("{0} h left").format(round(seconds / 3600))


def share(job: Job) -> float | None:
    """Return how much is done, 0 to 1; None where nobody knows."""
    progress = job.progress
    if progress.total is None or progress.total <= 0:
        return 1.0 if job.state == "done" else None
    return min((progress.done + progress.failed + progress.skipped) / progress.total, 1.0)


def counts(job: Job, tr: Translate) -> str:
    """Return how many of how many; failed ones are told apart, see :func:`failed_words`."""
    progress = job.progress
    done = progress.done + progress.skipped
    if progress.total is not None:
        return tr("{0} of {1}").format(f"{done:,}", f"{progress.total:,}")
    return f"{done:,}" if done else ""


def failed_words(job: Job, tr: Translate) -> str:
    """Return how many failed, nothing where none did."""
    return tr("{0} failed").format(f"{job.progress.failed:,}") if job.progress.failed else ""


def details(job: Job, tr: Translate) -> list[str]:
    """Return what is told beside the bar, in its order, without the failed ones."""
    told = [counts(job, tr)]
    if job.state == "running":
        left = seconds_left(job)
        told += [speed_words(job.speed), time_words(left, tr) if left is not None else ""]
    elif job.progress.size:
        told.append(size_words(job.progress.size))
    return [one for one in told if one]


def object_name(job: Job, uid: str, tr: Translate) -> str:
    """Return the name an object of a fault goes by: a hash of its UID, or the number of a sheet."""
    if job.kind == "print":
        return tr("Sheet {0}").format(uid)
    return f"#{path_token(uid)[:8]}"


def sentence(job: Job, tr: Translate) -> str:
    """Return why a job is as it is: its own sentence, or the words of its state."""
    return f"{tr(STATES[job.state])}: {job.sentence}" if job.sentence else tr(STATES[job.state])


def log_text(jobs: Iterable[Job], tr: Translate) -> str:
    """Return jobs as text for others: no title, no UID, nothing that a peer said in its own words."""
    lines = []
    for job in jobs:
        parts = [kind_name(job.kind, tr), job.node, tr(STATES[job.state]), *details(job, tr), failed_words(job, tr)]
        lines.append(" · ".join(part for part in parts if part))
        if job.sentence:
            lines.append(f"  {_without_quotes(job.sentence)}")
        lines += [f"  {object_name(job, uid, tr)}: {_without_quotes(said)}" for uid, said in job.faults]
    return "\n".join(lines) + "\n" if lines else ""


def _without_quotes(said: str) -> str:
    """Leave out what a peer said in its own words, which stands in quotation marks."""
    return re.sub(r"“[^”]*”?", "“…”", " ".join(said.split()))


def summary(jobs: Iterable[Job], tr: Translate) -> str:
    """Return what goes on, for the window's foot: how many run, and how fast."""
    running = [job for job in jobs if job.state == "running"]
    if not running:
        return ""
    text = tr("1 transfer") if len(running) == 1 else tr("{0} transfers").format(len(running))
    speed = speed_words(sum(job.speed for job in running))
    return f"{text}, {speed}" if speed else text
