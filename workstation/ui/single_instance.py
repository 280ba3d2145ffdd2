"""One window per user: a second start hands its paths to the first (A3). A local socket, no network."""

from __future__ import annotations

import getpass
import hashlib
import json

from PySide6.QtCore import QObject, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from workstation import paths

PATIENCE = 1000
"""Milliseconds to wait for the other window."""
LARGEST = 4 << 20


def server_name() -> str:
    """Return a name of the user's own; another data folder is another program."""
    who = f"{getpass.getuser()} {paths.data_folder()}"
    return "dicom-workstation-" + hashlib.sha256(who.encode()).hexdigest()[:16]


class SingleInstance(QObject):
    """Either hands paths over, or listens for those of later starts."""

    paths_received = Signal(list)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
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
        socket = self._server.nextPendingConnection()
        received = bytearray()
        socket.readyRead.connect(lambda: received.extend(bytes(socket.read(LARGEST - len(received)).data())))
        socket.disconnected.connect(lambda: self._take(bytes(received)))
        socket.disconnected.connect(socket.deleteLater)

    def _take(self, message: bytes) -> None:
        try:
            chosen = json.loads(message.decode("utf-8", "surrogatepass"))
        except ValueError:
            return
        if isinstance(chosen, list) and all(isinstance(path, str) for path in chosen):
            self.paths_received.emit(chosen)
