"""Work in the background makes room while someone moves pictures: both want the one interpreter.

Whoever shows pictures says so; long loops ask often and sleep part of the time as long as that goes on, and the
interpreter changes hands more often: a frame asks for it several times, after every call into Qt. Collecting all
garbage stops the program for longer than a frame may take: it waits as well, though not for ever.
"""

from __future__ import annotations

import gc
import sys
from time import monotonic, sleep

LASTS = 0.15
"""Seconds after a movement for which another is expected."""
WORKS = 0.006
"""Seconds a loop works between two rests."""
RESTS = 0.008
"""Seconds of a rest: time for a frame."""
LONGEST = 60.0
"""Seconds of movement after which all garbage is collected all the same."""
NEVER = 1 << 30
TURN = 0.001
"""Seconds after which a thread hands the interpreter to another that waits for it, while pictures are moved."""

_until = 0.0
_since = 0.0
_usual: tuple[tuple[int, int, int], float] | None = None


def moving() -> None:
    """Say that pictures are being moved."""
    global _until, _since, _usual
    now = monotonic()
    if _usual is None:
        _since, _usual = now, (gc.get_threshold(), sys.getswitchinterval())
        gc.set_threshold(*_usual[0][:2], NEVER)
        sys.setswitchinterval(TURN)
    elif now - _since > LONGEST:
        rested()
    _until = now + LASTS


def rested() -> None:
    """Say that pictures have come to rest."""
    global _usual
    if _usual is not None:
        gc.set_threshold(*_usual[0])
        sys.setswitchinterval(_usual[1])
        _usual = None


class Courtesy:
    """Lets one loop give way."""

    __slots__ = ("_since",)

    def __init__(self) -> None:
        self._since = monotonic()

    @property
    def asked(self) -> bool:
        """Whether pictures are being moved: what can be put off should be."""
        return monotonic() < _until

    def give_way(self) -> None:
        """Sleep a moment if pictures are being moved and the loop has worked for a while; cheap otherwise."""
        now = monotonic()
        if now > _until:
            self._since = now
        elif now - self._since > WORKS:
            sleep(RESTS)
            self._since = monotonic()
