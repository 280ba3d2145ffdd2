"""A peer that refuses and closes at once is heard, however late we look (G1)."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.network.peers import dcmqrscp
from workstation.network import association
from workstation.network.doctor import echo
from workstation.network.failures import NetworkFailure
from workstation.network.peer_socket import PeerSocket


class LateSocket(PeerSocket):
    """Whoever waits for the connection is woken only after the peer has closed it."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        connection = self

        class Late(threading.Event):
            def wait(self, timeout: float | None = None) -> bool:
                end = time.monotonic() + 20
                while connection.socket is not None and time.monotonic() < end:
                    time.sleep(0.002)
                return super().wait(timeout)

        self._ready = Late()


def test_a_refusal_is_not_taken_for_a_connection_that_never_was(
    dcmtk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """G1: on a busy computer every tenth refusal was told as a closed connection."""
    monkeypatch.setattr(association, "PeerSocket", LateSocket)
    with dcmqrscp(dcmtk, tmp_path) as peer, pytest.raises(NetworkFailure) as caught:
        echo(replace(peer.node, ae_title="OTHER"))
    assert caught.value.cause == "called_title"
