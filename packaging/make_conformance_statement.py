"""Writes docs/conformance-statement.md from the program's own tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from pydicom.charset import python_encoding
from pydicom.datadict import dictionary_description, tag_for_keyword
from pydicom.uid import UID

from workstation.dicom.profiles import PROFILES
from workstation.dicom.uids import synthetic
from workstation.imaging.decode import DECODERS, transfer_syntax_name
from workstation.network import query_keys, statuses
from workstation.network.association import IMPLEMENTATION_VERSION
from workstation.network.nodes import Node
from workstation.network.receiver_options import ReceiverOptions
from workstation.network.services import ENTITIES, SERVICES
from workstation.network.tls import CIPHERS
from workstation.objects import HANDLERS

TARGET = Path(__file__).parents[1] / "docs" / "conformance-statement.md"
NATIVE = ("1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.2")
YES = {True: "Yes", False: "No"}


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """Yield the lines of a Markdown table."""
    head = list(head)
    yield "| " + " | ".join(head) + " |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield "| " + " | ".join(str(cell).replace("|", "\\|") for cell in row) + " |"
    yield ""


def storage_classes() -> list[tuple[str, str, str]]:
    """Return name, UID and what is done with them, for every Storage SOP Class that is known."""
    rows = []
    for handler in HANDLERS:
        shown = (
            "shown" if handler.has_pixels else "read beside the images" if handler.is_read else "listed, header shown"
        )
        rows += [(UID(uid).name, uid, shown) for uid in handler.uids]
    return sorted(rows, key=lambda row: (row[0].lower(), row[1]))


def overview() -> Iterator[str]:
    yield "# DICOM Conformance Statement"
    yield ""
    yield "DICOM Workstation. The structure follows PS3.2. Tables are made from the program's own by"
    yield "`packaging/make_conformance_statement.py`; a test holds both equal."
    yield ""
    yield "## 1 Overview"
    yield ""
    yield "The program reads DICOM media and files, asks DICOM nodes and DICOMweb services for studies and"
    yield "retrieves them, receives what nodes send, sends and prints. It is a viewer and no medical device:"
    yield "nothing it shows is for diagnosis."
    yield ""
    yield "### 1.1 Network services"
    yield ""
    yield from table(
        ("SOP Class", "User (SCU)", "Provider (SCP)", "Note"),
        [(one.name, YES[one.scu], YES[one.scp], one.note) for one in SERVICES]
        + [("Storage, all SOP Classes of section 8.1", "Yes", "Yes", "and private ones, as they are")],
    )
    yield "Modality Performed Procedure Step is not offered: the program acquires nothing."
    yield ""
    yield "### 1.2 DICOMweb"
    yield ""
    yield from table(
        ("Service", "User agent", "Origin server"),
        [
            ("QIDO-RS: studies, series, instances", "Yes", "No"),
            ("WADO-RS: studies, series, instances, metadata, rendered, frames", "Yes", "No"),
            ("STOW-RS", "Yes", "No"),
        ],
    )
    yield "### 1.3 Media interchange"
    yield ""
    yield from table(
        ("Application profile", "Written (FSC)", "Read (FSR)"),
        [(name, "Yes", "Yes") for profile in PROFILES for name in profile.names],
    )
    yield "Media of every other profile are read as far as their files can be read, with or without a"
    yield "DICOMDIR."
    yield ""


def networking() -> Iterator[str]:
    node, receiver = Node(name=""), ReceiverOptions(folder=Path())
    yield "## 2 Networking"
    yield ""
    yield "### 2.1 Implementation model"
    yield ""
    for name, does in ENTITIES.items():
        yield f"- **{name}** {does}."
    yield ""
    yield "No socket is opened before the user asks for something of a node. The receiver is a process of its"
    yield "own."
    yield ""
    yield "### 2.2 Associations"
    yield ""
    yield from table(
        ("", ""),
        [
            ("Application context", "1.2.840.10008.3.1.1.1"),
            ("Implementation Class UID", synthetic("workstation")),
            ("Implementation Version Name", IMPLEMENTATION_VERSION.partition("_")[0] + "_ and the version"),
            ("Largest PDU received", f"{node.largest_pdu} bytes, 4096 to 1048576 by configuration"),
            ("Associations at a time, asked for", "one for each node"),
            ("Associations at a time, accepted", f"{receiver.most_associations}"),
            ("Asynchronous operations", "none"),
            ("Wait for a connection", f"{node.connect_timeout:g} s, configurable"),
            ("Wait for an answer", f"{node.answer_timeout:g} s, configurable"),
            ("Receiver: wait for an association request (ARTIM)", f"{receiver.start_patience:g} s"),
            ("Receiver: silence on an association", f"{receiver.idle:g} s"),
        ],
    )
    yield "The receiver accepts an association only under its own AE title, and from calling AE titles of its"
    yield "list; others are rejected (permanent, called or calling AE title not recognised). With all"
    yield "associations in use it rejects for the moment (transient, local limit exceeded)."
    yield ""
    for entity in ENTITIES:
        yield f"### 2.3 {entity}"
        yield ""
        rows = [one for one in SERVICES if one.entity == entity]
        yield from table(
            ("Abstract syntax", "UID", "Role", "Transfer syntaxes"),
            [
                (one.name, one.uid, "SCU" if one.scu else "SCP", "Explicit and Implicit VR Little Endian")
                for one in rows
            ],
        )
        if entity == "Query and Retrieve":
            yield from queries()
        elif entity == "Sender":
            yield "Storage: for each SOP Class and transfer syntax that is to be sent one presentation"
            yield "context, and one with Explicit and Implicit VR Little Endian. An object goes as it is"
            yield "where the node takes its transfer syntax; otherwise it is unpacked, without loss, if the"
            yield "user allows it. Nothing is compressed anew."
            yield ""
            yield from status_table("store")
        elif entity == "Receiver":
            yield "Storage: every SOP Class of section 8.1 and, if configured, private ones, in every"
            yield "transfer syntax; the data set is kept byte for byte (level 2, full). 0x0000 is answered"
            yield "when the file is on the disk."
            yield ""
        else:
            yield "Images are sent finished: 8 bits, MONOCHROME2 or RGB by plane, square pixels, window,"
            yield "overlays and text in them."
            yield ""
            yield from status_table("print")


def queries() -> Iterator[str]:
    yield "Keys by level; R and U of PS3.4 C.6.1.1 are marked. What a server computes is optional: where it"
    yield "is not supplied, the program says so. Wildcards, ranges and lists of UIDs are sent; answers are"
    yield "filtered again. Relational queries are not used. With non-ASCII keys Specific Character Set"
    yield "(0008,0005) is sent as configured, ISO_IR 192 otherwise."
    yield ""
    for level in query_keys.LEVELS:
        keys = [*query_keys.REQUIRED[level], *query_keys._OPTIONAL[level]]
        yield f"**{level}**"
        yield ""
        yield from table(
            ("Attribute", "Tag", "Type"),
            [
                (
                    dictionary_description(keyword),
                    "({:04X},{:04X})".format(*divmod(int(tag_for_keyword(keyword) or 0), 1 << 16)),
                    "U"
                    if keyword == query_keys.UNIQUE[level]
                    else "R"
                    if keyword in query_keys.REQUIRED[level]
                    else "O",
                )
                for keyword in dict.fromkeys(keys)
            ],
        )
    yield "C-GET asks for the SCP role for the Storage SOP Classes of what the node says it has. C-MOVE names"
    yield "the receiver's AE title. What is missing after a cut is asked for at the IMAGE level."
    yield ""
    for service in ("find", "move", "get"):
        yield from status_table(service)


def status_table(service: str) -> Iterator[str]:
    yield f"Statuses of {service.upper() if service != 'store' else 'STORE'} and what is said of them:"
    yield ""
    codes = sorted({0x0000, *statuses._SERVICES[service]})
    yield from table(
        ("Status", "Kind", "Said"),
        [(f"0x{code:04X}", statuses.status_kind(code), statuses.status(code, service).sentence) for code in codes],
    )


def rest() -> Iterator[str]:
    yield "## 3 Media interchange"
    yield ""
    yield "A File-set is written for one of the profiles of 1.3, with every byte verified after writing."
    yield "Directory records: PATIENT, STUDY, SERIES and the instance records of PS3.3 F.5. Objects that a"
    yield "profile does not allow are left out and named, or unpacked if the user allows it."
    yield ""
    yield "## 4 Transfer syntaxes"
    yield ""
    yield from table(
        ("Transfer syntax", "UID", "Read", "Written"),
        [(transfer_syntax_name(uid), uid, "Yes", "Yes" if uid in NATIVE[:2] else "as received") for uid in NATIVE]
        + [(one.name, uid, "Yes", "as received") for uid, one in DECODERS.items()],
    )
    yield "## 5 Character sets"
    yield ""
    yield "All of PS3.3 C.12.1.1.2: " + ", ".join(sorted(filter(None, python_encoding))) + "."
    yield ""
    yield "## 6 Security"
    yield ""
    yield "TLS by the BCP 195 profiles (PS3.15 Annex B): TLS 1.3 and 1.2, certificates of the peer checked,"
    yield "also its name; a certificate of ours where the peer asks for one; one certificate may be accepted"
    yield "by hand. Cipher suites of TLS 1.2:"
    yield ""
    for cipher in CIPHERS.split(":"):
        yield f"- {cipher}"
    yield ""
    yield "DICOMweb: HTTPS, basic and bearer authentication, OpenID Connect with PKCE. Secrets are kept in"
    yield "the keyring of the system or, without one, in memory."
    yield ""
    yield "## 7 Configuration"
    yield ""
    yield "By the user, for each node:"
    yield ""
    yield from table(
        ("Parameter", "At first"),
        [
            ("AE title, host, port", f"port {Node(name='').port}"),
            ("Our AE title towards it", Node(name="").calling),
            ("Retrieve by", f"C-{Node(name='').retrieve.upper()}"),
            ("Answers taken of one query", str(Node(name="").answer_limit)),
            ("TLS, DICOMweb, character set, times", "none"),
        ],
    )
    yield "## 8 Annexes"
    yield ""
    yield "### 8.1 Storage SOP Classes"
    yield ""
    yield from table(("SOP Class", "UID", "In the program"), storage_classes())
    yield "### 8.2 Instances created"
    yield ""
    yield "Key Object Selection Document (of images the user starred), with no private attributes."


def statement() -> str:
    """Return the whole statement."""
    parts = [part for maker in (overview, networking, rest) for part in maker()]
    return "\n".join(parts) + "\n"


if __name__ == "__main__":
    TARGET.write_text(statement(), encoding="utf-8")
    print(f"wrote {TARGET.name}")
