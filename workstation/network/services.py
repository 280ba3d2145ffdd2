"""Which services this application offers and uses, by SOP Class: what its conformance statement lists (PS3.2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Service:
    """One SOP Class of a network service; ``scu`` and ``scp`` tell which side this application takes.

    ``entity`` is the application entity of the conformance statement it belongs to. ``note`` says what is particular.
    """

    name: str
    uid: str
    entity: str
    scu: bool = False
    scp: bool = False
    note: str = ""


SERVICES: Final = (
    Service("Verification", "1.2.840.10008.1.1", "Query and Retrieve", scu=True, note="the doctor of a node"),
    Service("Verification", "1.2.840.10008.1.1", "Receiver", scp=True),
    Service(
        "Patient Root Query/Retrieve Information Model - FIND",
        "1.2.840.10008.5.1.4.1.2.1.1",
        "Query and Retrieve",
        scu=True,
    ),
    Service(
        "Study Root Query/Retrieve Information Model - FIND",
        "1.2.840.10008.5.1.4.1.2.2.1",
        "Query and Retrieve",
        scu=True,
    ),
    Service(
        "Study Root Query/Retrieve Information Model - MOVE",
        "1.2.840.10008.5.1.4.1.2.2.2",
        "Query and Retrieve",
        scu=True,
    ),
    Service(
        "Study Root Query/Retrieve Information Model - GET",
        "1.2.840.10008.5.1.4.1.2.2.3",
        "Query and Retrieve",
        scu=True,
    ),
    Service("Modality Worklist Information Model - FIND", "1.2.840.10008.5.1.4.31", "Query and Retrieve", scu=True),
    Service(
        "Storage Commitment Push Model",
        "1.2.840.10008.1.20.1",
        "Sender",
        scu=True,
        note="reports on either association",
    ),
    Service("Basic Grayscale Print Management Meta", "1.2.840.10008.5.1.1.9", "Printer User", scu=True),
    Service("Basic Color Print Management Meta", "1.2.840.10008.5.1.1.18", "Printer User", scu=True),
    Service(
        "Basic Annotation Box",
        "1.2.840.10008.5.1.1.15",
        "Printer User",
        scu=True,
        note="where a line of text is wished for",
    ),
    Service("Presentation LUT", "1.2.840.10008.5.1.1.23", "Printer User", scu=True, note="where one is wished for"),
    Service("Print Job", "1.2.840.10008.5.1.1.14", "Printer User", scu=True),
)
"""Services apart from Storage, whose SOP Classes are those of :mod:`workstation.objects` and any other asked for."""
ENTITIES: Final = {
    "Query and Retrieve": "asks nodes what they have, and has them send it",
    "Sender": "sends instances, and asks nodes to answer for them",
    "Receiver": "takes what nodes send; off until the user switches it on, or for the time of a C-MOVE",
    "Printer User": "prints films",
}
