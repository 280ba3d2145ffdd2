"""How the receiver is set up, and what it refuses to be: open to everybody without having been asked to (A35, G13)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

from workstation.network.nodes import OUR_TITLE, NodeError, Tls, title_fault

LOOPBACK: Final = "127.0.0.1"
LOCK: Final = "receiver.lock"


@dataclass(frozen=True, slots=True)
class ReceiverOptions:
    """What the receiver listens to and how much it takes. Times are seconds, sizes bytes.

    ``port`` 0 takes a free one. ``address`` is where it can be reached: the same computer only, until the user
    chooses otherwise. ``allowed`` are the titles of callers that may send; none may while it is empty, unless
    ``anyone``. ``private_classes`` keeps objects of SOP Classes that are not the Standard's. ``start_patience`` is how
    long a caller may take to say who it is (ARTIM), ``patience`` how long one PDU may take, ``idle`` how long an
    association may be silent. ``total`` bounds all that waits in the spool, ``largest_object`` one of them.
    """

    folder: Path
    ae_title: str = OUR_TITLE
    port: int = 0
    address: str = LOOPBACK
    allowed: frozenset[str] = frozenset()
    anyone: bool = False
    private_classes: bool = True
    tls: Tls | None = None
    most_associations: int = 16
    largest_pdu: int = 131072
    largest_object: int = 4 << 30
    total: int = 64 << 30
    idle: float = 60.0
    patience: float = 30.0
    start_patience: float = 30.0
    sync: bool = True

    def check(self) -> None:
        """Refuse what could not work.

        Raises
        ------
        NodeError
        """
        for title in (self.ae_title, *sorted(self.allowed)):
            if fault := title_fault(title):
                raise NodeError(f"The receiver, the title “{title}”: {fault}")
        if not self.allowed and not self.anyone:
            raise NodeError("The receiver needs to know who may send: name titles, or let anyone.")
        if not 0 <= self.port <= 65535:
            raise NodeError("The receiver: a port is a number up to 65535.")
        if not 4096 <= self.largest_pdu <= 1 << 20:
            raise NodeError("The receiver: the largest PDU is from 4096 to 1048576 bytes.")
        if not 1 <= self.most_associations <= 256:
            raise NodeError("The receiver: from 1 to 256 associations at a time.")
        if min(self.idle, self.patience, self.start_patience) <= 0:
            raise NodeError("The receiver: a time to wait is more than 0 seconds (G19).")
        if min(self.largest_object, self.total) <= 0:
            raise NodeError("The receiver: the largest object and all of them need some bytes.")

    def may_call(self, title: str) -> bool:
        """Tell whether a caller of this title may send."""
        return self.anyone or title in {one.strip(" ") for one in self.allowed}


def options_document(options: ReceiverOptions) -> dict[str, Any]:
    """Return options as what JSON can hold."""
    return asdict(options) | {"folder": str(options.folder), "allowed": sorted(options.allowed)}


def options_from(document: Mapping[str, Any]) -> ReceiverOptions:
    """Return the options of a document of :func:`options_document`."""
    values = dict(document)
    tls = values.pop("tls")
    options = ReceiverOptions(
        **values | {"folder": Path(values["folder"]), "allowed": frozenset(values["allowed"])},
    )
    return options if tls is None else replace(options, tls=Tls(**tls))
