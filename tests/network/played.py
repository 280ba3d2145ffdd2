"""Peers played by the test: an archive whose answers are chosen, a receiver, and a wire that is cut."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from pydicom import dcmwrite
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian
from pynetdicom import AE, ALL_TRANSFER_SYNTAXES, AllStoragePresentationContexts, evt
from pynetdicom.transport import ThreadedAssociationServer

import workstation.network.association  # noqa: F401 - sets the habits of pynetdicom
from tests.network.peers import LOOPBACK, free_port, node
from workstation.network.arrival_relay import ArrivalRelay
from workstation.network.nodes import Node
from workstation.network.receiver_events import Arrived
from workstation.network.spool import Spool

CT = "1.2.840.10008.5.1.4.1.1.2"
MR = "1.2.840.10008.5.1.4.1.1.4"
STUDY = "1.2.3.4"
FIND, MOVE, GET = (f"1.2.840.10008.5.1.4.1.2.2.{number}" for number in (1, 2, 3))
STORE_REQUEST = b"\0\0\0\1\2\0\0\0\1\0"
"""(0000,0100) Command Field of a C-STORE-RQ, as every such command has it."""


def slices(count: int, *, series: str = f"{STUDY}.1", sop_class: str = CT, size: int = 8) -> list[Dataset]:
    """Return the objects of a made series."""
    grain = np.random.default_rng(7)
    made = []
    for number in range(1, count + 1):
        ds = Dataset()
        ds.SOPClassUID, ds.SOPInstanceUID = sop_class, f"{series}.{number}"
        ds.StudyInstanceUID, ds.SeriesInstanceUID, ds.Modality = STUDY, series, "CT"
        ds.PatientID, ds.PatientName, ds.StudyID, ds.StudyDate = "P1", "Made^Up", "1", "20260102"
        ds.StudyTime, ds.AccessionNumber, ds.PatientSex, ds.PatientBirthDate = "101010", "A1", "O", "19700101"
        ds.SeriesNumber, ds.InstanceNumber = series.rsplit(".", 1)[1], number
        ds.Rows = ds.Columns = size
        ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
        ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 16, 16, 15, 0
        ds.PixelData = grain.integers(0, 4096, (size, size), dtype=np.uint16).tobytes()
        ds.file_meta = FileMetaDataset()
        ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        made.append(ds)
    return made


def written(objects: Sequence[Dataset], folder: Path) -> Path:
    """Write objects as files of a new folder."""
    folder.mkdir(parents=True)
    for number, ds in enumerate(objects):
        dcmwrite(folder / f"{number:05}.dcm", ds, enforce_file_format=True)
    return folder


def named_by(identifier: Dataset, held: Sequence[Dataset]) -> list[Dataset]:
    """Return the objects a request names."""
    found = [one for one in held if one.StudyInstanceUID == identifier.StudyInstanceUID]
    for keyword in ("SeriesInstanceUID", "SOPInstanceUID"):
        value = identifier.get(keyword)
        if value:
            listed = [value] if isinstance(value, str) else list(value)
            found = [one for one in found if one[keyword].value in listed]
    return found


Script = Callable[[Dataset, list[Dataset]], Iterator[Any]]


def honest(_identifier: Dataset, found: list[Dataset]) -> Iterator[Any]:
    """Send everything that is named."""
    yield len(found)
    for one in found:
        yield 0xFF00, one


@dataclass
class Archive:
    """What a played archive was asked; ``told_class`` is what it says of SOP Classes instead of the truth."""

    node: Node
    held: list[Dataset]
    script: Script = honest
    told_class: str | None = None
    breaks: bool = False
    destinations: dict[str, int] = field(default_factory=dict)
    asked: list[Dataset] = field(default_factory=list)
    contexts: list[int] = field(default_factory=list)

    def find(self, event: Any) -> Iterator[tuple[int, Dataset | None]]:
        wanted = event.identifier
        seen = set()
        for one in self.held:
            if one.StudyInstanceUID != wanted.StudyInstanceUID:
                continue
            answer = Dataset()
            answer.QueryRetrieveLevel = wanted.QueryRetrieveLevel
            answer.StudyInstanceUID, answer.SeriesInstanceUID = one.StudyInstanceUID, one.SeriesInstanceUID
            if wanted.QueryRetrieveLevel == "IMAGE":
                if one.SeriesInstanceUID != wanted.SeriesInstanceUID:
                    continue
                answer.SOPInstanceUID, answer.InstanceNumber = one.SOPInstanceUID, one.InstanceNumber
                answer.SOPClassUID = one.SOPClassUID if self.told_class is None else self.told_class
            else:
                answer.Modality, answer.SeriesNumber = one.Modality, one.SeriesNumber
                if one.SeriesInstanceUID in seen:
                    continue
                seen.add(one.SeriesInstanceUID)
            yield 0xFF00, answer

    def get(self, event: Any) -> Iterator[Any]:
        self.asked.append(event.identifier)
        self.contexts.append(len(event.assoc.accepted_contexts))
        if self.breaks:
            event.assoc.abort()
            return
        yield from self.script(event.identifier, named_by(event.identifier, self.held))

    def move(self, event: Any) -> Iterator[Any]:
        self.asked.append(event.identifier)
        port = self.destinations.get(event.move_destination)
        if port is None:
            yield None, None
            return
        yield LOOPBACK, port
        yield from self.script(event.identifier, named_by(event.identifier, self.held))


@contextmanager
def serving(entity: AE, port: int, handlers: Sequence[Any]) -> Iterator[None]:
    """Serve until the end of the block, which comes at once: pynetdicom's own thread looks twice a second."""
    server = entity.make_server((LOOPBACK, port), evt_handlers=list(handlers), server_class=ThreadedAssociationServer)
    entity._servers.append(server)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield
    finally:
        entity.shutdown()
        thread.join()


@contextmanager
def archive(held: Sequence[Dataset], script: Script = honest, **more: Any) -> Iterator[Archive]:
    """Play an archive until the end of the block."""
    port = free_port()
    entity = AE("PLAYED")
    for model in (FIND, MOVE, GET):
        entity.add_supported_context(model)
    for context in AllStoragePresentationContexts:
        entity.add_supported_context(context.abstract_syntax, ALL_TRANSFER_SYNTAXES, scu_role=True, scp_role=True)
    entity.requested_contexts = [
        one for one in AllStoragePresentationContexts if one.abstract_syntax in {ds.SOPClassUID for ds in held}
    ]
    played = Archive(node("PLAYED", port), list(held), script, **more)
    handlers = [(evt.EVT_C_FIND, played.find), (evt.EVT_C_GET, played.get), (evt.EVT_C_MOVE, played.move)]
    with serving(entity, port, handlers):
        yield played


class Receiver(ArrivalRelay):
    """A Storage SCP that keeps what comes in a spool and tells of it."""

    def __init__(self, spool: Spool, port: int) -> None:
        super().__init__()
        self.spool, self.port = spool, port

    def store(self, event: Any) -> int:
        request = event.request
        kept = self.spool.keep(
            [request.DataSet.getbuffer()],
            sop_class_uid=str(request.AffectedSOPClassUID),
            sop_instance_uid=str(request.AffectedSOPInstanceUID),
            transfer_syntax_uid=str(event.context.transfer_syntax),
        )
        self.deliver(Arrived(kept, "", ""))
        return 0


@contextmanager
def receiver(folder: Path, *classes: str) -> Iterator[Receiver]:
    """Play our receiver until the end of the block; ``classes`` are taken besides those of the Standard."""
    port = free_port()
    entity = AE("WORKSTATION")
    entity.maximum_pdu_size = 131072
    known = [str(one.abstract_syntax) for one in AllStoragePresentationContexts]
    # the first that is offered is taken: implicit would lose the VRs of private elements
    syntaxes = list(dict.fromkeys((str(ExplicitVRLittleEndian), *ALL_TRANSFER_SYNTAXES)))
    for one in dict.fromkeys((*known, *classes)):
        entity.add_supported_context(one, syntaxes)
    played = Receiver(Spool(folder, sync=False), port)

    def prompt(event: Any) -> None:
        event.assoc.dul.socket.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    handlers = [(evt.EVT_C_STORE, played.store), (evt.EVT_CONN_OPEN, prompt)]
    with serving(entity, port, handlers):
        yield played


class Wire:
    """A wire to a port of loopback that breaks: a connection is cut after so many bytes of one direction.

    ``cuts`` are those numbers of bytes, one for each connection on which more comes than a query's answer; after the
    last nothing is cut. ``stores`` counts the C-STORE requests that went through.
    """

    QUIET = 200_000

    def __init__(self, to: int, cuts: Sequence[int], port: int) -> None:
        self.stores = 0
        self.cut = 0
        self._to, self._cuts = to, list(cuts)
        self._listener = socket.create_server((LOOPBACK, port))
        self.port = int(self._listener.getsockname()[1])
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(10)

    def _accept(self) -> None:
        while True:
            try:
                near, _address = self._listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._carry, args=(near,))
            self._threads.append(thread)
            thread.start()

    def _carry(self, near: socket.socket) -> None:
        with near, socket.create_connection((LOOPBACK, self._to)) as far:
            for one in (near, far):
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            up = threading.Thread(target=self._pump, args=(near, far))
            up.start()
            self._pump(far, near)
            up.join(10)

    def _pump(self, source: socket.socket, target: socket.socket) -> None:
        passed, tail = 0, b""
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                passed += len(data)
                seen = tail + data
                self.stores += seen.count(STORE_REQUEST) - tail.count(STORE_REQUEST)
                tail = seen[-len(STORE_REQUEST) + 1 :]
                if self._cuts and passed > max(self.QUIET, self._cuts[0]):
                    self._cuts.pop(0)
                    self.cut += 1
                    break
                target.sendall(data)
        for one in (source, target):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)


@contextmanager
def wire(to: int, cuts: Sequence[int] = (), port: int = 0) -> Iterator[Wire]:
    """Lay a wire to a port of loopback until the end of the block; it begins at ``port``, or at a free one."""
    laid = Wire(to, cuts, port)
    try:
        yield laid
    finally:
        laid.close()
