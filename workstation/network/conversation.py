"""One peer's association with the receiver, from its first byte to its last (G12, G13, A35; PS3.7, PS3.8, PS3.4 B)."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from workstation import __version__
from workstation.dicom.uids import synthetic
from workstation.network import data_set_head, dimse_commands, upper_layer
from workstation.network.dimse_commands import Command
from workstation.network.receiver_events import Arrived, Event, Problem, Refused
from workstation.network.spool import SpoolFull
from workstation.network.upper_layer import Answer, AssociateRequest, Connection, Gone, ProposedContext, ProtocolFault

if TYPE_CHECKING:
    from workstation.network.arrivals import Arrivals
    from workstation.network.receiver_options import ReceiverOptions
    from workstation.network.spool import Spool

VERIFICATION: Final = "1.2.840.10008.1.1"
COMMITMENT: Final = "1.2.840.10008.1.20.1"
STANDARD_ROOT: Final = "1.2.840.10008."
STORAGE_ROOTS: Final = (
    "1.2.840.10008.5.1.4.1.1.",
    "1.2.840.10008.5.1.4.34.7",  # RT Beams Delivery Instruction
    "1.2.840.10008.5.1.4.34.10",
    "1.2.840.10008.5.1.4.38.1",  # Hanging Protocol
    "1.2.840.10008.5.1.4.39.1",  # Color Palette
    "1.2.840.10008.5.1.4.43.1",  # implant templates
    "1.2.840.10008.5.1.4.44.1",
    "1.2.840.10008.5.1.4.45.1",
    "1.2.840.10008.5.1.1.27",  # stored prints, hardcopy images
    "1.2.840.10008.5.1.1.29",
    "1.2.840.10008.5.1.1.30",
)
"""What SOP Class UIDs of Storage begin with (PS3.4 B.5, B.6, GG.3)."""
INVENTORY, INVENTORIES = "1.2.840.10008.5.1.4.1.1.201.1", "1.2.840.10008.5.1.4.1.1.201."
"""An inventory is stored; the other classes of its family ask for some (PS3.4 KK)."""
IMPLEMENTATION_UID: Final = synthetic("workstation")
IMPLEMENTATION_VERSION: Final = f"WORKSTATION_{__version__}"[:16]
DONE, NO_ROOM, NO_MATCH, UNREADABLE = 0x0000, 0xA700, 0xA900, 0xC000
UNKNOWN_OPERATION, NOT_ITS_CLASS, FAILED, NO_SUCH_EVENT = 0x0211, 0x0122, 0x0110, 0x0113
DISCARDED: Final = 64 << 20
"""Bytes of an object over its limit that are read and thrown away, so that its sender hears why."""
SHORT_HEAD, LONG_HEAD = 4096, 1 << 17
REPORT_LIMIT: Final = 8 << 20
_NO_ROOM_ERRORS: Final = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}


class _NotKept(Exception):
    """An object is refused with a DIMSE status."""

    def __init__(self, status: int, comment: str) -> None:
        super().__init__(comment)
        self.status = status
        self.comment = comment


@dataclass(slots=True)
class Service:
    """What all conversations share. ``enter`` takes a place for an association, False where there is none left."""

    options: ReceiverOptions
    spool: Spool
    arrivals: Arrivals
    tell: Callable[[Event], None]
    enter: Callable[[Conversation], bool]


@dataclass(slots=True)
class Counts:
    """What became of the objects of one association."""

    kept: int = 0
    repeated: int = 0
    refused: int = 0


class Conversation:
    """Answers one peer until one of both ends it; :meth:`run` returns how it ended."""

    def __init__(self, service: Service, connection: Connection, address: str, identifier: str) -> None:
        self.address = address
        self.identifier = identifier
        self.calling = ""
        self.counts = Counts()
        self.released = False
        self._service = service
        self._options = service.options
        self._connection = connection
        self._contexts: dict[int, tuple[ProposedContext, str]] = {}
        self._peer_pdu = 0
        self._fragments = self._received()

    def run(self) -> str:
        """Talk until the end; return how it ended, a sentence. Faults of the peer are told, not raised."""
        try:
            if self._negotiate():
                while True:
                    self._answer()
            return "The peer was refused."
        except _Released:
            self.released = True
            return "The peer released the association."
        except Gone as end:
            if self._connection.received or str(end) != "closed the connection":
                self._refuse(f"The peer {end}.")  # a mere look whether somebody listens is none
            return f"The peer {end}."
        except ProtocolFault as fault:
            self._refuse(f"The peer {fault}.")
            self._send_last(upper_layer.encode_abort())
            return f"The peer {fault}."

    # the association

    def _negotiate(self) -> bool:
        options = self._options
        body = self._connection.negotiation(options.start_patience)
        request = upper_layer.decode_request(body)
        self.calling = request.calling
        if verdict := self._verdict(request):
            rejection, sentence = verdict
            self._refuse(sentence)
            self._send_last(upper_layer.encode_reject(*rejection))
            return False
        answers = [self._answer_context(context) for context in request.contexts]
        proposed = {context.abstract_syntax for context, _syntax in self._contexts.values()}
        roles = {
            name: (scu, scp and name == COMMITMENT) for name, (scu, scp) in request.roles.items() if name in proposed
        }
        accept = upper_layer.encode_accept(
            body,
            answers,
            largest_pdu=options.largest_pdu,
            implementation_uid=IMPLEMENTATION_UID,
            implementation_version=IMPLEMENTATION_VERSION,
            roles=roles,
        )
        self._peer_pdu = request.largest_pdu
        self._connection.send(accept, options.patience)
        return True

    def _verdict(self, request: AssociateRequest) -> tuple[tuple[int, int, int], str] | None:
        """Return result, source and reason of a rejection (PS3.8 9.3.4) with a sentence; None to accept."""
        if not request.version & 1:
            return (1, 2, 2), "A peer asked for a version of the protocol that does not exist."
        if request.application_context != upper_layer.APPLICATION_CONTEXT:
            return (1, 1, 2), "A peer asked for an application context that is not DICOM's."
        if request.called != self._options.ae_title.strip(" "):
            return (1, 1, 7), f"{request.calling} called us {request.called}, which is not our title."
        if not self._options.may_call(request.calling):
            return (1, 1, 3), f"{request.calling} is not among those who may send."
        if not self._service.enter(self):
            return (2, 3, 2), f"{request.calling} was sent away: as many associations as allowed are open."
        return None

    def _answer_context(self, proposed: ProposedContext) -> Answer:
        syntax = next((one for one in proposed.transfer_syntaxes if one), "")
        if proposed.abstract_syntax in (VERIFICATION, COMMITMENT):
            plain = {"1.2.840.10008.1.2", "1.2.840.10008.1.2.1"}
            syntax = next((one for one in proposed.transfer_syntaxes if one in plain), "")
        elif not is_stored(proposed.abstract_syntax, private=self._options.private_classes):
            return Answer(proposed.number, upper_layer.NO_ABSTRACT_SYNTAX, syntax)
        if not syntax or not proposed.number % 2 or proposed.number in self._contexts:
            return Answer(proposed.number, upper_layer.NO_TRANSFER_SYNTAX, syntax)
        self._contexts[proposed.number] = (proposed, syntax)
        return Answer(proposed.number, upper_layer.ACCEPTED, syntax)

    def _refuse(self, sentence: str) -> None:
        self._service.tell(Refused(sentence, self.calling, self.address))

    def _send_last(self, data: bytes) -> None:
        try:
            self._connection.send(data, 1.0)
        except Gone:
            return  # nobody is there to be told
        self._connection.linger(min(1.0, self._options.start_patience))

    # messages

    def _received(self) -> Iterator[tuple[int, int, memoryview]]:
        """Yield context, control header and bytes of each PDV (PS3.8 9.3.5, E.2) until the association ends."""
        idle, patience = self._options.idle, self._options.patience
        while True:
            kind, body = self._connection.pdu(idle, patience)
            if kind == upper_layer.RELEASE_RQ:
                self._send_last(upper_layer.encode_release())
                raise _Released
            if kind == upper_layer.ABORT:
                raise Gone("aborted the association")
            if kind != upper_layer.P_DATA:
                raise ProtocolFault("sent a PDU that does not belong here")
            place, end = 0, len(body)
            while place < end:
                length = int.from_bytes(body[place : place + 4], "big")
                if length < 2 or place + 4 + length > end:
                    raise ProtocolFault("sent a PDU whose parts do not fit into it")
                yield body[place + 4], body[place + 5], body[place + 6 : place + 4 + length]
                place += 4 + length

    def _answer(self) -> None:
        """Take one message and answer it."""
        encoded, number, header = bytearray(), -1, 0
        while not header & 2:
            context, header, piece = next(self._fragments)
            if not header & 1 or (number not in (-1, context)):
                raise ProtocolFault("sent data where a command was due")
            number = context
            encoded += piece
            if len(encoded) > dimse_commands.COMMAND_LIMIT:
                raise ProtocolFault("sent a command without end")
        if number not in self._contexts:
            raise ProtocolFault("used a presentation context that was not accepted")
        command = dimse_commands.decode(bytes(encoded))
        if command.field == dimse_commands.C_CANCEL or command.field & dimse_commands.RESPONSE:
            return  # nothing of ours is under way that could be meant
        pieces = self._data(number) if command.has_data_set else iter(())
        status, comment = self._done(command, number, pieces)
        for _ in pieces:
            pass  # the rest of what was refused
        response = dimse_commands.encode_response(command, status, comment)
        self._connection.send(upper_layer.encode_message(number, response, self._peer_pdu), self._options.patience)

    def _done(self, command: Command, number: int, pieces: Iterator[memoryview]) -> tuple[int, str]:
        proposed, syntax = self._contexts[number]
        service = {
            VERIFICATION: dimse_commands.C_ECHO,
            COMMITMENT: dimse_commands.N_EVENT_REPORT,
        }.get(proposed.abstract_syntax, dimse_commands.C_STORE)
        if command.field != service:
            self._refuse(f"{self.calling} asked for an operation that is not offered here.")
            return UNKNOWN_OPERATION, "not offered here"
        if service == dimse_commands.C_ECHO:
            return DONE, ""
        try:
            if service == dimse_commands.N_EVENT_REPORT:
                self._take_report(command, syntax, pieces)
            else:
                self._store(command, proposed.abstract_syntax, syntax, pieces)
        except _NotKept as refusal:
            self.counts.refused += 1
            self._refuse(f"An object of {self.calling} was refused: {refusal.comment}.")
            return refusal.status, refusal.comment
        except SpoolFull as full:
            self.counts.refused += 1
            self._service.tell(Problem(f"An object of {self.calling} was refused. {full}"))
            return NO_ROOM, str(full)
        except OSError as error:
            self.counts.refused += 1
            reason = error.strerror or type(error).__name__
            self._service.tell(Problem(f"An object of {self.calling} could not be kept: {reason}."))
            return (NO_ROOM, "no room on the disk") if error.errno in _NO_ROOM_ERRORS else (FAILED, "could not be kept")
        return DONE, ""

    def _data(self, number: int) -> Iterator[memoryview]:
        """Yield the pieces of one data set; each is valid until the next."""
        size, most, header = 0, self._options.largest_object + DISCARDED, 0
        while not header & 2:
            context, header, piece = next(self._fragments)
            if header & 1 or context != number:
                raise ProtocolFault("sent a command in the middle of a data set")
            size += len(piece)
            if size > most:
                raise ProtocolFault("sent an object without end")
            if piece:
                yield piece

    # storage

    def _store(self, command: Command, sop_class: str, syntax: str, pieces: Iterator[memoryview]) -> None:
        if command.sop_class_uid != sop_class:
            raise _NotKept(NO_MATCH, "its SOP Class is not the presentation context's")
        kept = self._service.spool.keep(
            _looked_at(pieces, command, syntax),
            sop_class_uid=command.sop_class_uid,
            sop_instance_uid=command.sop_instance_uid,
            transfer_syntax_uid=syntax,
            source_title=self.calling,
        )
        if kept.repeated:
            self.counts.repeated += 1
        else:
            self._service.arrivals.note(kept, self.calling, self.identifier)
            self.counts.kept += 1
        self._service.tell(Arrived(kept, self.calling, self.identifier))

    # Storage Commitment (PS3.4 J.3.3)

    def _take_report(self, command: Command, syntax: str, pieces: Iterator[memoryview]) -> None:
        from workstation.network.commitment_report import decode_report

        if command.event_type not in (1, 2):
            raise _NotKept(NO_SUCH_EVENT, "no such event")
        encoded = bytearray()
        for piece in pieces:
            encoded += piece
            if len(encoded) > REPORT_LIMIT:
                raise _NotKept(FAILED, "the report is too long")
        report = decode_report(bytes(encoded), syntax, self.calling)
        if report is None:
            raise _NotKept(FAILED, "the report cannot be read")
        self._service.arrivals.note_report(report)
        self._service.tell(report)


def is_stored(sop_class_uid: str, *, private: bool) -> bool:
    """Tell whether objects of a SOP Class are kept; ``private`` ones are those that are not the Standard's."""
    if sop_class_uid.startswith(STANDARD_ROOT):
        asked = sop_class_uid.startswith(INVENTORIES) and sop_class_uid != INVENTORY
        return sop_class_uid.startswith(STORAGE_ROOTS) and not asked
    return private and bool(sop_class_uid)


class _Released(Exception):
    """The association ended as it should."""


def _looked_at(pieces: Iterator[memoryview], command: Command, syntax: str) -> Iterator[bytes | memoryview]:
    """Yield the pieces as they come, after the first ones have told that this is the object of the command."""
    held, due, settled = b"", 0, False
    for piece in pieces:
        if settled:
            yield piece
            continue
        head: bytes | memoryview = held + piece if held else piece
        # a head that trickles in is not looked at for every byte of it
        for size in (SHORT_HEAD, LONG_HEAD) if len(head) >= due else ():
            if names := _names(bytes(head[:size]), syntax, whole=False):
                _demand_match(names, command)
                settled = True
                break
        if settled or len(head) >= LONG_HEAD:
            settled = True
            yield head
        else:
            held = bytes(head)
            due = max(due, 2 * len(held)) if len(held) >= due else due
    if not settled:
        _demand_match(_names(held, syntax, whole=True), command)
        yield held


def _names(head: bytes, syntax: str, *, whole: bool) -> tuple[str | None, str | None] | None:
    try:
        return data_set_head.object_named(head, syntax, whole=whole)
    except data_set_head.Unreadable:
        raise _NotKept(UNREADABLE, "it does not begin as a data set does") from None


def _demand_match(names: tuple[str | None, str | None] | None, command: Command) -> None:
    sop_class, sop_instance = names or (None, None)
    if sop_class is not None and sop_class != command.sop_class_uid:
        raise _NotKept(NO_MATCH, "its SOP Class is not the one announced")
    if sop_instance is not None and sop_instance != command.sop_instance_uid:
        raise _NotKept(NO_MATCH, "its SOP Instance UID is not the one announced")
