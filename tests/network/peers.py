"""Real servers on loopback, each in its own folder, ended with the test: Orthanc and DCMTK's."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from workstation.network.nodes import Node, Tls, Web

LOOPBACK = "127.0.0.1"
# DCMTK keeps small packets back unless told otherwise: twenty times slower
PROMPT = {**os.environ, "TCP_NODELAY": "1"}


@dataclass(frozen=True)
class Peer:
    """A server that runs: how to call it, and where it keeps what it got."""

    node: Node
    folder: Path
    process: subprocess.Popen[bytes]

    def log(self) -> str:
        return (self.folder / "server.log").read_text(errors="replace")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def node(title: str, port: int, **more: object) -> Node:
    return replace(Node(name=title.lower(), ae_title=title, host=LOOPBACK, port=port, connect_timeout=5), **more)  # type: ignore[arg-type]


@contextmanager
def running(command: Sequence[str | Path], folder: Path, peer: Node, *ports: int) -> Iterator[Peer]:
    """Run a server in its folder until the end of the block."""
    with (folder / "server.log").open("wb") as output:
        process = subprocess.Popen(
            [str(word) for word in command],
            cwd=folder,
            stdout=output,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            env=PROMPT,
            start_new_session=True,
        )
    server = Peer(peer, folder, process)
    try:
        for port in (peer.port, *ports):
            _wait_for(port, server)
        yield server
    finally:
        with_children = os.getpgid(process.pid) if process.poll() is None else None
        if with_children is not None:
            os.killpg(with_children, signal.SIGTERM)
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                os.killpg(with_children, signal.SIGKILL)
                process.wait(5)


def _wait_for(port: int, server: Peer) -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        if server.process.poll() is not None:
            break
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex((LOOPBACK, port)) == 0:
                return
        time.sleep(0.02)
    raise AssertionError(f"{server.node.name} did not start: {server.log()[-2000:]}")


@contextmanager
def storescp(
    dcmtk: Path, folder: Path, *options: str, title: str = "STORESCP", tls: Tls | None = None
) -> Iterator[Peer]:
    """DCMTK's storage server, every syntax, files as they come in ``folder/got``; ``tls`` is its own side."""
    (folder / "got").mkdir(parents=True)
    port = free_port()
    secure = ["+tls", tls.key, tls.certificate, "+cf", tls.authorities] if tls else []
    command = [dcmtk / "storescp", "-aet", title, "-od", "got", "+xa", "-pm", *secure, *options, str(port)]
    with running(command, folder, node(title, port)) as server:
        yield server


@contextmanager
def dcmqrscp(
    dcmtk: Path, folder: Path, *options: str, destinations: Sequence[tuple[str, int]] = (), title: str = "QRSCP"
) -> Iterator[Peer]:
    """DCMTK's archive; ``destinations`` are the titles and ports on loopback it may move to."""
    port = free_port()
    (folder / "db").mkdir(parents=True)
    hosts = "\n".join(f"dest{number} = ({t}, localhost, {p})" for number, (t, p) in enumerate(destinations))
    names = ", ".join(f"dest{number}" for number in range(len(destinations)))
    table = f"{hosts}\npeers = {names}\n" if destinations else ""
    (folder / "dcmqrscp.cfg").write_text(
        f"NetworkTCPPort = {port}\nMaxPDUSize = 131072\nMaxAssociations = 16\n"
        f"HostTable BEGIN\n{table}HostTable END\nVendorTable BEGIN\nVendorTable END\n"
        f"AETable BEGIN\n{title} {folder / 'db'} RW (2000, 4096mb) ANY\nAETable END\n"
    )
    with running([dcmtk / "dcmqrscp", "-c", folder / "dcmqrscp.cfg", *options], folder, node(title, port)) as server:
        yield server


@contextmanager
def wlmscpfs(
    dcmtk: Path, folder: Path, items: Sequence[Path], *options: str, title: str = "WORKLIST"
) -> Iterator[Peer]:
    """DCMTK's worklist server over worklist files (DICOM)."""
    place = folder / "worklists" / title
    place.mkdir(parents=True)
    (place / "lockfile").touch()
    for item in items:
        shutil.copy(item, place / f"{item.stem}.wl")
    port = free_port()
    command = [dcmtk / "wlmscpfs", "-dfp", folder / "worklists", "-csk", *options, str(port)]
    with running(command, folder, node(title, port)) as server:
        yield server


@contextmanager
def dcmprscp(dcmtk: Path, folder: Path, title: str = "PRINTER") -> Iterator[Peer]:
    """DCMTK's printer (Basic Grayscale): stored prints in ``folder/db`` as SP_*.dcm, film images as HG_*.dcm."""
    (folder / "db").mkdir(parents=True)
    port = free_port()
    (folder / "printers.cfg").write_text(
        "[[GENERAL]]\n[DATABASE]\nDirectory = db\n[LOG]\nDirectory = db\n[[COMMUNICATION]]\n"
        f"[{title}]\nHostname = localhost\nType = LOCALPRINTER\nDescription = film printer\nPort = {port}\n"
        f"AETitle = {title}\nDisableNewVRs = false\n"
        "FilmDestination = MAGAZINE\\PROCESSOR\nFilmSizeID = 8INX10IN\\14INX17IN\\A4\n"
        "MagnificationType = NONE\\REPLICATE\\BILINEAR\\CUBIC\nMaxDensity = 320\\310\\300\nMaxPDU = 131072\n"
        "MediumType = PAPER\\CLEAR FILM\\BLUE FILM\nResolutionID = STANDARD\\HIGH\n"
        "BorderDensity = BLACK\\WHITE\nEmptyImageDensity = BLACK\\WHITE\nMinDensity = 20\n"
        "Supports12Bit = true\n"
        "SupportsPresentationLUT = true\nPresentationLUTInFilmSession = false\nSupportsDecimateCrop = true\n"
        "SupportsImageSize = true\n"
        "SupportsTrim = true\nDisplayFormat = 1,1\\1,2\\2,2\\2,3\\3,4\\4,5\n"
    )
    command = [dcmtk / "dcmprscp", "-c", folder / "printers.cfg", "-p", title, "+d", "-v"]
    with running(command, folder, node(title, port)) as server:
        yield server


@contextmanager
def orthanc(
    folder: Path,
    *,
    destinations: Sequence[tuple[str, int]] = (),
    user: tuple[str, str] | None = None,
    tls: Tls | None = None,
    worklist: bool = True,
    **more: object,
) -> Iterator[Peer]:
    """Orthanc with DICOMweb and worklists (``folder/worklists``); ``more`` goes into its configuration."""
    port, http = free_port(), free_port()
    (folder / "worklists").mkdir(parents=True)
    plugins = sorted(Path("/usr/share/orthanc/plugins").glob("*"))
    wanted = [str(one) for one in plugins if "DicomWeb" in one.name or (worklist and "Worklists" in one.name)]
    configuration: dict[str, object] = {
        "Name": "loopback",
        "StorageDirectory": str(folder / "db"),
        "IndexDirectory": str(folder / "db"),
        "HttpPort": http,
        "RemoteAccessAllowed": False,
        "AuthenticationEnabled": user is not None,
        "RegisteredUsers": {user[0]: user[1]} if user else {},
        "DicomAet": "ORTHANC",
        "DicomPort": port,
        "DicomCheckCalledAet": False,
        "DicomAlwaysAllowFind": True,
        "DicomAlwaysAllowFindWorklist": True,
        "DicomAlwaysAllowGet": True,
        "DicomAlwaysAllowMove": True,
        "DicomModalities": {title: [title, LOOPBACK, to] for title, to in destinations},
        "UnknownSopClassAccepted": True,
        "OverwriteInstances": True,
        "DefaultEncoding": "Utf8",
        "StableAge": 2,
        "SaveJobs": False,
        "Plugins": wanted,
        "Worklists": {"Enable": True, "Database": str(folder / "worklists")},
        "DicomWeb": {"Enable": True, "Root": "/dicom-web/", "EnableWado": True, "Host": f"{LOOPBACK}:{http}"},
        **more,
    }
    if tls:
        configuration |= {
            "DicomTlsEnabled": True,
            "DicomTlsCertificate": tls.certificate,
            "DicomTlsPrivateKey": tls.key,
            "DicomTlsTrustedCertificates": tls.authorities,
        }
    (folder / "orthanc.json").write_text(json.dumps(configuration))
    program = shutil.which("Orthanc", path=os.environ.get("PATH", "") + ":/usr/sbin")
    assert program is not None
    web = Web(
        root=f"http://{LOOPBACK}:{http}/dicom-web",
        authentication="basic" if user else "none",
        user=user[0] if user else "",
    )
    with running([program, folder / "orthanc.json"], folder, node("ORTHANC", port, web=web), http) as server:
        yield server
