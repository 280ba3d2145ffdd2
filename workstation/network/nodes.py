"""The applications this one may talk to: titles, addresses, habits. Secrets are kept elsewhere (:mod:`secrets`).

A node is a DICOM application entity (host and port), a DICOMweb service (a root URL), or both.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from workstation.errors import WorkstationError
from workstation.paths import config_folder
from workstation.whole_file import write_whole

FILE_NAME: Final = "nodes.json"
OUR_TITLE: Final = "WORKSTATION"
SERVICES: Final = ("query", "store", "worklist", "print", "commit")
"""What a node may be asked for; what the user ticks decides where it is offered."""
AUTHENTICATIONS: Final = ("none", "basic", "bearer", "oidc")
CHARACTER_SETS: Final = ("", "ISO_IR 100", "ISO_IR 101", "ISO_IR 144", "ISO_IR 192", "GB18030", "\\ISO 2022 IR 87")


class NodeError(WorkstationError):
    """A node cannot be used as it is written; the sentence names the field."""

    code = "node"


@dataclass(frozen=True, slots=True)
class Tls:
    """How a connection is secured (PS3.15 Annex B, BCP 195 profiles; G17).

    ``authorities`` is a PEM file of trusted certificates, empty for those the system trusts. ``certificate`` and
    ``key`` are our own, in PEM files, where the peer asks for them. ``pinned`` is the SHA-256 of the one certificate
    that is accepted besides, in hexadecimal, chosen by the user after looking at it.
    """

    authorities: str = ""
    certificate: str = ""
    key: str = ""
    pinned: str = ""
    check_name: bool = True


@dataclass(frozen=True, slots=True)
class Web:
    """A DICOMweb service (PS3.18): its root and how it knows us.

    ``user`` is the name for basic authentication; ``issuer``, ``client_id`` and ``scope`` are for OpenID Connect.
    ``headers`` are sent with every request.
    """

    root: str
    authentication: str = "none"
    user: str = ""
    issuer: str = ""
    client_id: str = ""
    scope: str = "openid"
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Node:
    """One application entity. Times are seconds, ``largest_pdu`` bytes.

    ``calling`` is our title towards it, ``move_to`` the title it knows our receiver by (empty: the same).
    ``character_set`` is how its answers are read where they do not say it themselves (G6).
    """

    name: str
    ae_title: str = ""
    host: str = ""
    port: int = 104
    calling: str = OUR_TITLE
    move_to: str = ""
    retrieve: str = "move"
    services: frozenset[str] = field(default_factory=lambda: frozenset(SERVICES))
    tls: Tls | None = None
    web: Web | None = None
    character_set: str = ""
    connect_timeout: float = 10.0
    answer_timeout: float = 60.0
    stall_timeout: float = 60.0
    largest_pdu: int = 131072
    answer_limit: int = 500

    @property
    def speaks_dimse(self) -> bool:
        """Tell whether there is an application entity to call."""
        return bool(self.host)

    @property
    def uses_web(self) -> bool:
        """Tell whether it is asked by DICOMweb: where there is an application entity, that is called."""
        return self.web is not None and not self.speaks_dimse

    def __str__(self) -> str:
        if self.speaks_dimse:
            return f"{self.ae_title}@{self.host}:{self.port}"
        return self.web.root if self.web else self.name


def title_fault(title: str) -> str:
    """Return why an AE title cannot be one, or nothing (PS3.5 6.2, AE; G2)."""
    if not title.strip(" "):
        return "An AE title has one to sixteen characters."
    if len(title.strip(" ")) > 16:
        return f"An AE title has at most sixteen characters, this one has {len(title.strip(' '))}."
    if not all(" " <= character <= "~" for character in title) or "\\" in title:
        return "An AE title is made of printable ASCII characters without a backslash."
    return ""


def check_node(node: Node) -> None:
    """Refuse a node that could not be talked to.

    Raises
    ------
    NodeError
    """
    if not node.name.strip():
        raise NodeError("A node needs a name.")
    if not node.host and node.web is None:
        raise NodeError(f"{node.name}: a host and port, or the root of a DICOMweb service, is missing.")
    if node.host:
        for title, whose in ((node.ae_title, "its AE title"), (node.calling, "our AE title")):
            if fault := title_fault(title):
                raise NodeError(f"{node.name}, {whose}: {fault}")
        if node.move_to and (fault := title_fault(node.move_to)):
            raise NodeError(f"{node.name}, the title it sends to: {fault}")
        if re.search(r"[\s/@]", node.host):
            raise NodeError(f"{node.name}: a host is a name or an address, without port or path.")
        if not 1 <= node.port <= 65535:
            raise NodeError(f"{node.name}: a port is a number from 1 to 65535.")
        if node.retrieve not in ("move", "get"):
            raise NodeError(f"{node.name}: retrieving is by move or by get.")
    if unknown := sorted(set(node.services) - set(SERVICES)):
        raise NodeError(f"{node.name}: {unknown[0]} is no service; there are {', '.join(SERVICES)}.")
    if node.web is not None:
        _check_web(node.name, node.web)
    for value in (node.connect_timeout, node.answer_timeout, node.stall_timeout):
        if not 0 < value <= 3600:
            raise NodeError(f"{node.name}: a time to wait is more than 0 and at most 3600 seconds (G19).")
    if not 4096 <= node.largest_pdu <= 1 << 20:
        raise NodeError(f"{node.name}: the largest PDU is from 4096 to 1048576 bytes.")


def _check_web(name: str, web: Web) -> None:
    try:
        parts = urlsplit(web.root)
        _port = parts.port
    except ValueError as error:
        raise NodeError(f"{name}: the root of the DICOMweb service cannot be read as an address.") from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise NodeError(f"{name}: the root of a DICOMweb service starts with http:// or https:// and names a host.")
    if parts.username or parts.password:
        raise NodeError(f"{name}: user and password do not belong into the root of the service.")
    if web.authentication not in AUTHENTICATIONS:
        raise NodeError(f"{name}: authentication is one of {', '.join(AUTHENTICATIONS)}.")
    if web.authentication == "oidc" and not (web.issuer and web.client_id):
        raise NodeError(f"{name}: OpenID Connect needs the issuer's address and a client id.")


def peer_node(text: str, *, calling: str = OUR_TITLE, tls: Tls | None = None) -> Node:
    """Return the node that ``AET@HOST:PORT`` describes.

    Raises
    ------
    NodeError
    """
    match = re.fullmatch(r"([^@]+)@(\[[^\]]+\]|[^:@\s]+):(\d{1,5})", text)
    if match is None:
        raise NodeError("A peer is written AET@HOST:PORT, for example ARCHIVE@10.1.2.3:104.")
    title, host, port = match.groups()
    node = Node(name=text, ae_title=title, host=host.strip("[]"), port=int(port), calling=calling, tls=tls)
    check_node(node)
    return node


def node_document(node: Node) -> dict[str, Any]:
    """Return a node as JSON can hold it."""
    document = asdict(node)
    document["services"] = sorted(node.services)
    return {key: value for key, value in document.items() if value is not None}


def node_from(document: Mapping[str, Any]) -> Node:
    """Return the node of a JSON document; keys this version does not know are ignored.

    Raises
    ------
    NodeError
    """
    try:
        known = {key: value for key, value in document.items() if key in {one.name for one in fields(Node)}}
        if known.get("tls") is not None:
            known["tls"] = Tls(**known["tls"])
        if known.get("web") is not None:
            web = dict(known["web"])
            web["headers"] = tuple((str(name), str(value)) for name, value in web.get("headers", ()))
            known["web"] = Web(**web)
        if "services" in known:
            known["services"] = frozenset(known["services"])
        node = Node(**known)
        check_node(node)
    except (TypeError, ValueError, AttributeError) as error:
        raise NodeError(f"A node is written in a way that cannot be read: {type(error).__name__}.") from error
    return node


class NodeBook:
    """The nodes of the user, in the order they were given, in one JSON file that is whole or not there.

    ``problem`` is a sentence where the file or one of its nodes could not be read; the others are there. ``write`` is
    given the text of the file instead of it being written at once.
    """

    def __init__(self, path: Path | None = None, *, write: Callable[[str], object] | None = None) -> None:
        self.path = path or config_folder() / FILE_NAME
        self._write_text = write or (lambda text: write_whole(self.path, text))
        self.problem = ""
        self._nodes: dict[str, Node] = {}
        self._unread: list[Any] = []
        self._read()

    def __iter__(self) -> Iterator[Node]:
        return iter(tuple(self._nodes.values()))

    def __len__(self) -> int:
        return len(self._nodes)

    def named(self, name: str) -> Node:
        """Return a node by its name.

        Raises
        ------
        NodeError
        """
        if name not in self._nodes:
            known = f"; known are {', '.join(self._nodes)}" if self._nodes else "; none is configured"
            raise NodeError(f"There is no node of that name{known}.")
        return self._nodes[name]

    def offering(self, service: str) -> tuple[Node, ...]:
        """Return the nodes that may be asked for a service of :data:`SERVICES`."""
        return tuple(node for node in self if service in node.services)

    def put(self, node: Node, *, instead_of: str = "", at: int | None = None) -> None:
        """Add a node, at a place from 0 or the end, or put it in the place of another, and write the file.

        Raises
        ------
        NodeError
            If the node cannot be used, or another has its name.
        OSError
        """
        check_node(node)
        if node.name != instead_of and node.name in self._nodes:
            raise NodeError(f"There is a node named {node.name} already.")
        if instead_of in self._nodes:
            self._nodes = {
                (node.name if name == instead_of else name): (node if name == instead_of else other)
                for name, other in self._nodes.items()
            }
        else:
            nodes = list(self)
            nodes.insert(len(nodes) if at is None else at, node)
            self._nodes = {one.name: one for one in nodes}
        self._write()

    def remove(self, name: str) -> None:
        """Forget a node and write the file.

        Raises
        ------
        OSError
        """
        self._nodes.pop(name, None)
        self._write()

    def _read(self) -> None:
        try:
            document = json.loads(self.path.read_text(encoding="utf-8"))
            listed = document["nodes"]
        except FileNotFoundError:
            return
        except OSError as error:
            self.problem = f"The nodes could not be read: {error.strerror or error}."
            return
        except (ValueError, TypeError, KeyError, RecursionError):
            self.problem = f"{self.path.name} is not readable; no node is known until it is mended."
            return
        for one in listed if isinstance(listed, list) else ():
            try:
                node = node_from(one)
            except NodeError as error:
                self._unread.append(one)
                self.problem = str(error)
            else:
                self._nodes.setdefault(node.name, node)

    def _write(self) -> None:
        """Write all nodes; those that could not be read are kept as they were."""
        nodes = [node_document(node) for node in self] + self._unread
        self._write_text(json.dumps({"nodes": nodes}, ensure_ascii=False, indent=1) + "\n")


def renamed(node: Node, name: str) -> Node:
    """Return the node under another name."""
    return replace(node, name=name)
