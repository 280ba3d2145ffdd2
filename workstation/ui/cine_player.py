"""Plays the active stack by the clock: frames drop, time never stretches (F25)."""

from __future__ import annotations

from collections import deque
from time import monotonic

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from workstation import stopwatch
from workstation.ui.workspace import Workspace
from workstation.viewing.cine import CineClock, clock_of

TICK = 8
"""Milliseconds between looks at the clock: half a frame of a 60 Hz screen."""


class CinePlayer(QObject):
    """One run at a time, in the pane it was started in."""

    state_changed = Signal(bool)
    rate_changed = Signal(str)

    def __init__(self, workspace: Workspace, default_fps: float = 15.0, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self.default_fps = default_fps
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(TICK)
        self._timer.timeout.connect(self._tick)
        self._clock: CineClock | None = None
        self._pane = 0
        self._stack_id: str | None = None
        self._start = 0
        self._places: tuple[int, ...] = ()
        self._due = self._painted = 0
        self._since = 0.0
        self._shown: deque[float] = deque(maxlen=30)

    @property
    def running(self) -> bool:
        """Whether a run goes on."""
        return self._timer.isActive()

    def toggle(self) -> None:
        """Play or stop."""
        if self.running:
            self.stop()
        else:
            self.play()

    def play(self) -> None:
        """Play the active pane's stack from the frame on screen."""
        pane = self._workspace.active
        stack = self._workspace.stack(pane)
        # a pane that shows key images only plays those; others play everything
        places = self._places = self._workspace.key_places(self._workspace.state(pane))
        count = len(places) or self._workspace.length(pane)
        if stack is None or count < 2:
            return
        instance = stack.frames[0].instance
        self._clock = clock_of(instance.values, count, self.default_fps)
        self._pane, self._stack_id = pane, stack.id
        place = self._workspace.place(pane)
        self._start, self._since = (places.index(place) if place in places else 0) if places else place, monotonic()
        self._due, self._painted = 0, -1  # the picture it starts from is on screen
        self._shown.clear()
        self._timer.start()
        self.state_changed.emit(True)

    def stop(self) -> None:
        """Stop at the frame on screen."""
        self._timer.stop()
        self.rate_changed.emit("")
        self.state_changed.emit(False)

    def _tick(self) -> None:
        clock, workspace = self._clock, self._workspace
        if clock is None or workspace.state(self._pane).stack_id != self._stack_id:
            self.stop()
            return
        now = monotonic()
        index = clock.frame_at((now - self._since) * 1000.0, self._start)
        index = self._places[index] if self._places else index
        if index != workspace.place(self._pane):
            self._count((now - self._since) * 1000.0, clock)
            workspace.go_to(self._pane, index)
            self._shown.append(now)
            self.rate_changed.emit(self._rate(clock))

    def _count(self, elapsed: float, clock: CineClock) -> None:
        """Count the picture before, if it came to the screen, and what the clock has passed over."""
        due, painted = clock.frames_until(elapsed, self._start), stopwatch.count(stopwatch.FRAME)
        came = painted != self._painted
        stopwatch.add(stopwatch.CINE_SHOWN, int(came))
        stopwatch.add(stopwatch.CINE_DROPPED, max(due - self._due - int(came), 0))
        self._due, self._painted = due, painted

    def _rate(self, clock: CineClock) -> str:
        if len(self._shown) < 5:
            return self.tr("{0:.0f} fps ({1})").format(clock.fps, clock.source)
        achieved = (len(self._shown) - 1) / max(self._shown[-1] - self._shown[0], 1e-6)
        return self.tr("{0:.0f} of {1:.0f} fps ({2})").format(achieved, clock.fps, clock.source)
