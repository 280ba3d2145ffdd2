"""The receiver's own process: listens, keeps, tells; lives no longer than the program that started it (G12, A35).

Options come as one JSON document on the first line of stdin, whose end ends the process, also after the program was
killed. What happens goes to stdout, one event a line.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import signal
import socket
import sys
import threading
import time
import traceback
from collections.abc import Callable
from typing import IO, TYPE_CHECKING, Final

from workstation.errors import WorkstationError
from workstation.network.arrivals import Arrivals
from workstation.network.conversation import Conversation, Service
from workstation.network.nodes import NodeError
from workstation.network.receiver_events import (
    AssociationClosed,
    AssociationOpened,
    Event,
    Listening,
    Problem,
    Refused,
    to_document,
)
from workstation.network.receiver_options import LOCK, ReceiverOptions, options_from
from workstation.network.spool import Spool
from workstation.network.upper_layer import Connection
from workstation.whole_file import hold

if TYPE_CHECKING:
    import ssl

WAITING_ROOM: Final = 64
"""Connections that have not said who they are; the one that waits longest goes when another comes."""
LONGEST_OPTIONS: Final = 1 << 20


class Listener:
    """Takes connections on a thread of its own and holds each conversation on another."""

    def __init__(self, options: ReceiverOptions, tell: Callable[[Event], None]) -> None:
        """Bind the port.

        Raises
        ------
        WorkstationError
            If certificates cannot be read.
        OSError
        """
        self._options = options
        self._tell = tell
        self._tls = _tls_context(options)
        spool = Spool(options.folder, quota=options.largest_object, total=options.total, sync=options.sync)
        self._held = os.open(options.folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        if not hold(self._held):
            raise NodeError("Another receiver keeps its objects in this folder; end it first, or choose another.")
        spool.clear_unfinished()
        self._arrivals = Arrivals(spool, sync=options.sync)
        self._service = Service(options, spool, self._arrivals, tell, self._enter)
        self._lock = threading.Lock()
        self._waiting: dict[Conversation, Connection] = {}
        self._open: dict[Conversation, Connection] = {}
        self._threads: set[threading.Thread] = set()
        self._numbers = itertools.count(1)
        self._run = f"{time.time_ns():x}"
        self._closing = threading.Event()
        family = socket.AF_INET6 if ":" in options.address else socket.AF_INET
        self._socket = socket.create_server((options.address, options.port), family=family, backlog=256)
        self._thread = threading.Thread(target=self._accept, name="listener", daemon=True)

    @property
    def port(self) -> int:
        """The port that peers connect to."""
        return int(self._socket.getsockname()[1])

    def start(self) -> None:
        """Begin to take connections."""
        self._thread.start()

    def close(self) -> None:
        """Take no more connections, end those that are open, and wait until nothing is being written."""
        self._closing.set()
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        with self._lock:
            connections, threads = [*self._waiting.values(), *self._open.values()], list(self._threads)
        for connection in connections:
            connection.shut()
        end = time.monotonic() + 2
        for thread in threads:
            thread.join(max(0.0, end - time.monotonic()))
        self._arrivals.close()

    def _accept(self) -> None:
        while not self._closing.is_set():
            try:
                connection, address = self._socket.accept()
            except OSError as error:
                if self._closing.is_set():
                    return
                # too many open files, or a peer that was gone before it was greeted
                self._tell(Problem(f"A connection could not be taken: {error.strerror or error}."))
                time.sleep(0.05)
                continue
            thread = threading.Thread(target=self._hold, args=(connection, str(address[0])), daemon=True)
            with self._lock:
                self._threads.add(thread)
            thread.start()

    def _hold(self, plain: socket.socket, address: str) -> None:
        peer = Connection(plain, self._options.largest_pdu)
        conversation = Conversation(self._service, peer, address, f"{self._run}-{next(self._numbers)}")
        self._make_room(conversation, peer)
        try:
            if self._tls is not None:
                plain.settimeout(self._options.start_patience)
                plain = self._tls.wrap_socket(plain, server_side=True)
                peer.secure(plain)
            self._leave(conversation, conversation.run())
        except OSError as error:
            reason = getattr(error, "reason", "") or type(error).__name__  # a word of OpenSSL's, none of the peer's
            told = str(reason).replace("_", " ").lower()
            self._tell(Refused(f"A peer could not agree with us on TLS: {told}.", address=address))
            self._leave(conversation, "")
        except Exception as error:
            # places in the program alone: what an exception says may quote the peer
            where = "".join(traceback.format_tb(error.__traceback__, limit=-6))
            self._tell(Problem("The receiver stumbled over a conversation.", f"{type(error).__name__}\n{where}"))
            self._leave(conversation, "The receiver stumbled.")
        finally:
            plain.close()
            with self._lock:
                self._threads.discard(threading.current_thread())

    def _make_room(self, conversation: Conversation, peer: Connection) -> None:
        with self._lock:
            full = len(self._waiting) >= WAITING_ROOM
            oldest, theirs = next(iter(self._waiting.items())) if full else (None, None)
            if oldest is not None:
                del self._waiting[oldest]
            self._waiting[conversation] = peer
        if oldest is not None and theirs is not None:
            theirs.shut()
            self._tell(Refused("A peer that said nothing was sent away to let others in.", address=oldest.address))

    def _enter(self, conversation: Conversation) -> bool:
        with self._lock:
            if len(self._open) >= self._options.most_associations or conversation not in self._waiting:
                return False
            self._open[conversation] = self._waiting.pop(conversation)
            count = len(self._open)
        self._tell(AssociationOpened(conversation.identifier, conversation.calling, conversation.address, count))
        return True

    def _leave(self, conversation: Conversation, ending: str) -> None:
        with self._lock:
            self._waiting.pop(conversation, None)
            connection = self._open.pop(conversation, None)
            count = len(self._open)
        if connection is not None:
            counts = conversation.counts
            self._tell(
                AssociationClosed(
                    conversation.identifier,
                    conversation.calling,
                    count,
                    counts.kept,
                    counts.repeated,
                    counts.refused,
                    connection.received,
                    conversation.released,
                    ending,
                )
            )


def _tls_context(options: ReceiverOptions) -> ssl.SSLContext | None:
    if options.tls is None:
        return None
    from workstation.network.tls import server_context

    return server_context(options.tls, "The receiver")


def serve(given: IO[bytes], told: IO[bytes]) -> int:
    """Be the process: return its exit code when ``given`` ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to us too; the program says when to end
    lock = threading.Lock()

    def tell(event: Event) -> None:
        line = json.dumps(to_document(event)).encode() + b"\n"
        with lock, contextlib.suppress(BrokenPipeError, ValueError):
            # nobody reads any more: the end of stdin says so too
            told.write(line)
            told.flush()

    try:
        options = options_from(json.loads(given.readline(LONGEST_OPTIONS)))
        listener = Listener(options, tell)
    except WorkstationError as error:
        tell(Problem(str(error)))
        return 1
    except OSError as error:
        tell(Problem(f"The receiver cannot listen at this port: {error.strerror or type(error).__name__}."))
        return 1
    tell(Listening(options.address, listener.port))
    listener.start()
    while given.read(4096):
        pass
    listener.close()
    return 0


def main() -> None:
    """Run on the process's own pipes and end, whatever threads still wait for."""
    code = serve(sys.stdin.buffer, sys.stdout.buffer)
    os._exit(code)


if __name__ == "__main__":
    main()
