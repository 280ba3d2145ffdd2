"""The thread of an association stands still while another waits for an answer."""

from __future__ import annotations

import threading

from workstation.network.reactor_gate import ReactorGate


class Reactor(threading.Thread):
    """Passes the gate as often as it may, as the thread of an association does."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._kill = False
        self.gate = ReactorGate(self)  # type: ignore[arg-type]
        self.passed = 0

    def run(self) -> None:
        while not self._kill:
            self.gate.wait()
            self.passed += 1


def test_a_closed_gate_lets_nothing_through() -> None:
    reactor = Reactor()
    reactor.start()
    for _ in range(500):
        reactor.gate.clear()
        before = reactor.passed
        for _ in range(50):
            assert reactor.passed == before
        reactor.gate.set()
    reactor._kill = True
    reactor.gate.set()
    reactor.join()
    assert reactor.passed > 0


def test_a_gate_does_not_wait_for_a_thread_that_has_ended() -> None:
    reactor = Reactor()
    reactor.gate.clear()
    assert not reactor.gate.is_set()


def test_the_thread_itself_may_close_the_gate() -> None:
    """A handler that asks the peer something runs on that thread."""
    closed = threading.Event()

    class Asking(Reactor):
        def run(self) -> None:
            self.gate.clear()
            closed.set()

    reactor = Asking()
    reactor.start()
    assert closed.wait(5)
    reactor.join()
