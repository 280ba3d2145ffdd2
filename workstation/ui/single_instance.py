"""One window per user: a second start hands its paths to the first (A3). A local socket, no network."""

from __future__ import annotations

import json
from collections.abc import Callable

from PySide6.QtCore import QObject, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from workstation.ui.running import server_name

PATIENCE = 1000
"""Milliseconds to wait for the other window."""
LARGEST = 4 << 20


class SingleInstance(QObject):
    """Either hands paths over, or listens for those of later starts."""

    paths_received = Signal(list)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._visitors: list[_Visitor] = []
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._serve)

    def hand_over(self, chosen: list[str]) -> bool:
        """Give paths to a running window; return False, and listen, if there is none."""
        socket = QLocalSocket()
        socket.connectToServer(server_name())
        if socket.waitForConnected(PATIENCE):
            socket.write(json.dumps(chosen).encode("utf-8", "surrogatepass"))
            done = socket.waitForBytesWritten(PATIENCE)
            socket.disconnectFromServer()
            return done
        QLocalServer.removeServer(server_name())
        self._server.listen(server_name())
        return False

    def _serve(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            self._visitors.append(_Visitor(socket, self._take))
            self._visitors = [visitor for visitor in self._visitors if not visitor.gone]

    def _take(self, message: bytes) -> None:
        try:
            chosen = json.loads(message.decode("utf-8", "surrogatepass"))
        except ValueError:
            return
        if isinstance(chosen, list) and all(isinstance(path, str) for path in chosen):
            self.paths_received.emit(chosen)


class _Visitor(QObject):
    """One connection. It lives until the next one comes: a socket must not be freed inside its own signal."""

    def __init__(self, socket: QLocalSocket, take: Callable[[bytes], None]) -> None:
        super().__init__()
        self._socket, self._take = socket, take
        self._received = bytearray()
        self.gone = False
        socket.readyRead.connect(self._read)
        socket.disconnected.connect(self._end)
        if socket.state() == QLocalSocket.LocalSocketState.UnconnectedState:
            self._end()  # it had said all and left before anyone listened

    def _read(self) -> None:
        self._received += bytes(self._socket.read(LARGEST - len(self._received)).data())

    def _end(self) -> None:
        if not self.gone:
            self.gone = True
            self._read()
            self._take(bytes(self._received))
