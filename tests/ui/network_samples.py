"""Nodes, findings and transfers for panels, without a network."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget

from workstation.errors import WorkstationError
from workstation.network.doctor import Finding
from workstation.network.failures import Step
from workstation.network.nodes import Node, NodeBook, Tls, Web
from workstation.network.progress import Progress
from workstation.network.secrets import Secrets
from workstation.transfers.jobs import Job
from workstation.ui.network_desk import Errand, NetworkDesk
from workstation.ui.node_checks import Heading, Line, Told


class DrawnDesk(NetworkDesk):
    """A desk that asks nobody: a check finds what it is told to, at once."""

    found: Sequence[Line] = ()

    def follow(self, run: Any, item: Callable[[Any], object], ended: Callable[..., object]) -> Errand:
        def replay() -> None:
            for line in self.found:
                item(line)
            ended(None)

        QTimer.singleShot(0, self, replay)
        return Errand()

    def tell_unsaved(self, names: Sequence[str]) -> None:
        self.unsaved = tuple(names)

    def ask(self, work: Callable[[], Any], answer: Callable[[Any], object]) -> Errand:
        try:
            answer(work())
        except WorkstationError as error:
            answer(error)
        return Errand()


def desk(*nodes: Node, found: Sequence[Line] = ()) -> NetworkDesk:
    made = DrawnDesk(cast("Any", SimpleNamespace(say=print)), home := QWidget())
    made.__dict__["home"] = home
    book = NodeBook(Path(os.devnull) / "nodes.json", write=lambda _text: None)
    for node in nodes:
        book.put(node)
    made.__dict__["book"] = book
    made.__dict__["secrets"] = Secrets(use_keyring=False)
    made.found = found
    return made


def nodes() -> tuple[Node, ...]:
    return (
        Node("Archive", "ARCHIVE", "archive.example.org", 104, tls=Tls(), services=frozenset({"query", "store"})),
        Node(
            "Research archive",
            "RESEARCH",
            "10.1.2.3",
            11112,
            retrieve="get",
            web=Web("https://10.1.2.3/dicom-web", "basic", "reader"),
        ),
        Node("Film printer", "PRINTER", "10.1.2.9", 10104, services=frozenset({"print"})),
        Node("Worklist of the CT", "RIS", "ris.example.org", 104, services=frozenset({"worklist"})),
    )


def web_nodes() -> tuple[Node, ...]:
    oidc = Web(
        "https://cloud.example.org/dicom-web",
        "oidc",
        issuer="https://login.example.org/hospital",
        client_id="workstation",
        scope="openid offline_access",
    )
    return (Node("Cloud archive", web=oidc, services=frozenset({"query", "store"})), *nodes())


GOOD: Sequence[Line] = (
    Heading("Echo"),
    Told(Finding(Step.ADDRESS, True, "archive.example.org is 192.0.2.7.")),
    Told(Finding(Step.CONNECT, True, "Port 104 is open.")),
    Told(Finding(Step.TLS, True, "The connection is secure, the certificate is trusted.")),
    Told(Finding(Step.ASSOCIATION, True, "It speaks DICOM.")),
    Told(Finding(Step.TITLE, True, "It answers to ARCHIVE and accepts WORKSTATION.")),
    Told(Finding(Step.SERVICE, True, "It answered the echo after 4 ms.")),
    Heading("Find"),
    Told(Finding(Step.SERVICE, True, "It answered with studies after 31 ms.")),
)
WEB_GOOD: Sequence[Line] = (
    Heading("DICOMweb"),
    Told(Finding(Step.ADDRESS, True, "cloud.example.org is 192.0.2.9.")),
    Told(Finding(Step.CONNECT, True, "Port 443 is open.")),
    Told(Finding(Step.TLS, True, "The connection is secure, the certificate is trusted.")),
    Told(Finding(Step.HTTP, True, "It answers by HTTP.")),
    Told(Finding(Step.SIGN_IN, True, "It accepts the sign-in.")),
    Told(Finding(Step.SERVICE, True, "It answered the search with studies after 41 ms.")),
)
WEB_BAD: Sequence[Line] = (
    *WEB_GOOD[:5],
    Told(
        Finding(
            Step.SIGN_IN,
            False,
            "Cloud archive: it does not accept the sign-in, or it has expired (HTTP 401).",
            "Sign in again.",
            "unauthorised",
        )
    ),
    Told(Finding(Step.SERVICE, None, "Not reached.")),
)
BAD: Sequence[Line] = (
    *GOOD[:3],
    Told(
        Finding(
            Step.TLS,
            False,
            "Archive: its certificate comes from an authority that is not trusted here.",
            "Name the authority's certificate in the node's page.",
            "unknown_authority",
        )
    ),
    Told(Finding(Step.ASSOCIATION, None, "Not reached.")),
    Told(Finding(Step.TITLE, None, "Not reached.")),
    Told(Finding(Step.SERVICE, None, "Not reached.")),
    Heading("Find"),
    Told(Finding(Step.SERVICE, None, "Not reached.")),
)


def job(key: str, kind: str, state: str, title: str, **more: Any) -> Job:
    progress = Progress(
        **{name: more.pop(name) for name in ("done", "total", "failed", "skipped", "size") if name in more}
    )
    return Job(key, kind, more.pop("node", "Archive"), title, {}, state=state, progress=progress, **more)


def jobs() -> tuple[Job, ...]:
    uid = "1.2.826.0.1.3680043.8.498."
    faults = (
        (uid + "1", "The server refuses it: out of resources (A700)."),
        (uid + "2", "No presentation context for JPEG 2000 was accepted; it cannot be unpacked: it is damaged."),
    )
    return (
        job(
            "1",
            "retrieve",
            "running",
            "Phantom, Maria · CT Thorax",
            done=312,
            total=1240,
            size=164_000_000,
            speed=12.3e6,
        ),
        job(
            "2",
            "send",
            "running",
            "Tester, Tom · MR Knee",
            node="Research archive",
            done=40,
            failed=8,
            total=96,
            size=21_000_000,
            speed=3.1e6,
            faults=faults,
        ),
        job("3", "retrieve", "waiting", "Phantom, Maria · CT Abdomen", total=620),
        job("4", "web_send", "paused", "Phantom, Maria · Key images", node="Research archive", done=3, total=12),
        job(
            "5", "send", "faulty", "Tester, Tom · MR Spine", done=94, failed=2, total=96, size=50_331_648, faults=faults
        ),
        job("6", "print", "done", "2 films", node="Film printer", done=2, total=2),
        job(
            "7",
            "retrieve",
            "failed",
            "Tester, Tom · CR Hand",
            sentence="Archive: nothing listens at archive.example.org:104. Check the port.",
        ),
        job("8", "commit", "cancelled", "Tester, Tom · MR Knee", done=20, total=96),
    )


class Steps:
    """A runner that goes on when it is told to: ``step()`` lets it yield once more."""

    def __init__(self, total: int = 4, *, failing: Sequence[int] = ()) -> None:
        self.total, self.failing = total, failing
        self.runs = 0
        self._may = threading.Semaphore(0)

    def step(self, times: int = 1) -> None:
        for _ in range(times):
            self._may.release()

    def __call__(self, parameters: Any, stop: threading.Event) -> Any:
        from workstation.network.failures import Cancelled
        from workstation.network.progress import Outcome

        self.runs += 1
        done = failed = 0
        yield Progress(total=self.total)
        for number in range(1, self.total + 1):
            while not self._may.acquire(timeout=0.01):
                if stop.is_set():
                    raise Cancelled
            bad = number in self.failing
            done, failed = done + (not bad), failed + bad
            outcome = Outcome(f"1.2.{number}", "failed" if bad else "done", "It was refused." if bad else "")
            yield Progress(done, self.total, failed=failed, size=number * 1000, outcome=outcome)
