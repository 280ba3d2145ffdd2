"""What every long job over the network tells while it runs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one object. ``kind`` is done, warning, failed or skipped; ``sentence`` says why, if not done.

    ``path`` is where a received object lies, or the file of one that was sent.
    """

    sop_instance_uid: str
    kind: str
    sentence: str = ""
    path: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is. ``total`` is None where nobody knows; ``size`` is bytes moved so far.

    ``outcome`` is the object that was just dealt with, None where something else happened (``sentence`` says what).
    """

    done: int = 0
    total: int | None = None
    warnings: int = 0
    failed: int = 0
    skipped: int = 0
    size: int = 0
    sentence: str = ""
    outcome: Outcome | None = None
