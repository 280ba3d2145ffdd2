"""Opens the connection under a conversation: name, TCP, TLS; each fault is told apart (G1, G17)."""

from __future__ import annotations

import contextlib
import socket
import ssl
import time
from typing import TYPE_CHECKING, Any

from workstation.network.failures import NetworkFailure, Step
from workstation.network.tls import client_context, explain_tls, pinned_by

if TYPE_CHECKING:
    from workstation.network.nodes import Node


def open_transport(node: Node) -> socket.socket:
    """Return a connected socket, secured where the node says so, that sends small packets at once.

    Every address of the name is tried, within ``connect_timeout`` altogether.

    Raises
    ------
    NetworkFailure
    """
    plain = _connect(node)
    try:
        make_prompt(plain)
        return plain if node.tls is None else _secure(plain, node)
    except BaseException:
        plain.close()
        raise


def make_prompt(connection: socket.socket) -> None:
    """Send what is written without waiting for more (Nagle): twenty times faster for small messages."""
    with contextlib.suppress(OSError):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def resolve(node: Node) -> list[Any]:
    """Return what the system knows of the node's host, as ``socket.getaddrinfo`` does.

    Raises
    ------
    NetworkFailure
    """
    try:
        return socket.getaddrinfo(node.host, node.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NetworkFailure(
            f"{node.name}: the name {node.host} is not known here.",
            step=Step.ADDRESS,
            cause="name",
            remedy="Check how the host is written, or give its address in numbers.",
        ) from error


def own_address(node: Node) -> str:
    """Return the address of this computer that the node can reach; nothing is sent to find it out.

    Raises
    ------
    NetworkFailure
    """
    family, _kind, _protocol, _name, address = resolve(node)[0]
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(address)
        except OSError as error:
            raise _refusal(node, error) from error
        return str(probe.getsockname()[0])


def _connect(node: Node) -> socket.socket:
    addresses = resolve(node)
    end = time.monotonic() + node.connect_timeout
    failure: OSError | None = None
    for family, kind, protocol, _name, address in addresses:
        connection = socket.socket(family, kind, protocol)
        try:
            connection.settimeout(max(0.1, end - time.monotonic()))
            connection.connect(address)
        except OSError as error:
            connection.close()
            failure = failure or error
        else:
            return connection
    raise _refusal(node, failure) from failure


def _refusal(node: Node, error: OSError | None) -> NetworkFailure:
    place = f"{node.host}:{node.port}"
    if isinstance(error, ConnectionRefusedError):
        return NetworkFailure(
            f"{node.name}: nothing listens at {place}.",
            step=Step.CONNECT,
            cause="refused",
            remedy="Check the port, and whether the server runs.",
        )
    if isinstance(error, TimeoutError):
        return NetworkFailure(
            f"{node.name}: {place} did not answer within {node.connect_timeout:g} s.",
            step=Step.CONNECT,
            cause="timeout",
            remedy="Check the address, and whether a firewall stands between.",
        )
    reason = (error.strerror if error else None) or "the system gave no reason"
    return NetworkFailure(
        f"{node.name}: no way to {place}: {reason}.",
        step=Step.CONNECT,
        cause="unreachable",
        remedy="Check the network of this computer.",
    )


def _secure(plain: socket.socket, node: Node) -> socket.socket:
    assert node.tls is not None
    context = client_context(node.tls, node.name)
    try:
        secured = context.wrap_socket(plain, server_hostname=node.host)
    except (ssl.SSLError, ssl.CertificateError, OSError) as error:
        raise explain_tls(error, node) from error
    if node.tls.pinned and not pinned_by(secured, node.tls.pinned):
        secured.close()
        raise NetworkFailure(
            f"{node.name}: the certificate is not the one that was accepted by hand.",
            step=Step.TLS,
            cause="pinned",
            remedy="If it was renewed, look at the new one and accept it in the node's page.",
        )
    return secured
