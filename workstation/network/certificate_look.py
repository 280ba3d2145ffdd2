"""What a node's certificate says, looked at before it is accepted by hand (G17)."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING

from workstation.network.failures import NetworkFailure
from workstation.network.tls import client_context, explain_tls
from workstation.network.transport import open_transport

if TYPE_CHECKING:
    from workstation.network.nodes import Node, Tls


@dataclass(frozen=True, slots=True)
class Certificate:
    """The words of a certificate. ``fingerprint`` is its SHA-256 in hexadecimal, the times are of UTC.

    ``fault`` is why it is not trusted without being accepted by hand, empty where it is.
    """

    subject: str
    issuer: str
    begins: datetime
    ends: datetime
    fingerprint: str
    fault: str = ""


def look_at_certificate(node: Node) -> Certificate:
    """Greet a node by TLS, take its certificate as it is, and end; nothing of ours is said but our own certificate.

    Raises
    ------
    NetworkFailure
        Where there is no connection, or it does not speak TLS.
    """
    assert node.tls is not None
    fault = ""
    try:
        open_transport(replace(node, tls=replace(node.tls, pinned=""))).close()
    except NetworkFailure as failure:
        fault = failure.sentence
    return _described(_taken(node, node.tls), fault)


def _taken(node: Node, tls: Tls) -> bytes:
    # a pinned certificate is compared after the handshake: with any pin the context lets every certificate through
    context = client_context(replace(tls, pinned="0"), node.name)
    plain = open_transport(replace(node, tls=None))
    try:
        with context.wrap_socket(plain, server_hostname=node.host) as secured:
            return secured.getpeercert(binary_form=True) or b""
    except (ssl.SSLError, OSError) as error:
        raise explain_tls(error, node) from error
    finally:
        plain.close()


def _described(content: bytes, fault: str) -> Certificate:
    from cryptography.x509 import load_der_x509_certificate

    certificate = load_der_x509_certificate(content)
    return Certificate(
        certificate.subject.rfc4514_string(),
        certificate.issuer.rfc4514_string(),
        certificate.not_valid_before_utc,
        certificate.not_valid_after_utc,
        sha256(content).hexdigest(),
        fault,
    )
