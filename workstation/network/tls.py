"""TLS as PS3.15 Annex B asks for it (BCP 195), and words for each fault of a certificate (G17)."""

from __future__ import annotations

import hashlib
import re
import ssl
from typing import TYPE_CHECKING, Final

from workstation.network.failures import NetworkFailure, Step

if TYPE_CHECKING:
    import socket

    from workstation.network.nodes import Node, Tls

CIPHERS: Final = (
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:DHE-RSA-AES256-GCM-SHA384:"
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:DHE-RSA-AES128-GCM-SHA256:"
    "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305"
)
"""What BCP 195 recommends for TLS 1.2: forward secrecy and authenticated encryption; TLS 1.3 brings its own."""

CERTIFICATE_FAULTS: Final = {
    9: ("not_yet_valid", "its certificate is not valid yet", "Compare the clocks of both computers."),
    10: ("expired", "its certificate has expired", "Ask its administrator for a new one."),
    18: (
        "self_signed",
        "its certificate is signed by itself",
        "If you know it, accept this one certificate in the node's page, or name it as trusted.",
    ),
    19: (
        "unknown_authority",
        "its certificate comes from an authority that is not trusted here",
        "Name the authority's certificate in the node's page.",
    ),
    20: (
        "unknown_authority",
        "its certificate comes from an authority that is not trusted here",
        "Name the authority's certificate in the node's page.",
    ),
    21: (
        "unknown_authority",
        "its certificate cannot be led back to a trusted authority",
        "Name the authority's certificate in the node's page.",
    ),
    23: ("revoked", "its certificate was revoked", "Do not use it; ask its administrator."),
    62: (
        "wrong_name",
        "its certificate is for another name than the node's host",
        "Use the name that stands in the certificate as the host.",
    ),
    64: (
        "wrong_name",
        "its certificate is for another address than the node's host",
        "Use the name that stands in the certificate as the host.",
    ),
}
"""By OpenSSL's verification code: a word, what is wrong, what to do."""

_ALERTS: Final = (
    (
        r"WRONG_VERSION_NUMBER|HTTP_REQUEST|RECORD_LAYER_FAILURE|PACKET_LENGTH_TOO_LONG",
        "no_tls",
        "it does not speak TLS at this port",
        "Use its TLS port, or switch TLS off for this node.",
    ),
    (
        r"CERTIFICATE_REQUIRED|HANDSHAKE_FAILURE|BAD_CERTIFICATE",
        "client_certificate",
        "it asked for a certificate of ours, or refused the one we gave",
        "Give a certificate and key that it trusts in the node's page.",
    ),
    (
        r"ALERT_UNKNOWN_CA|CERTIFICATE_UNKNOWN",
        "client_unknown",
        "it does not trust our certificate",
        "Have our certificate's authority added there.",
    ),
    (
        r"UNSUPPORTED_PROTOCOL|PROTOCOL_VERSION|NO_SHARED_CIPHER|NO_PROTOCOLS",
        "old_protocol",
        "it knows only versions or ciphers of TLS that are no longer safe",
        "It needs TLS 1.2 or later (BCP 195).",
    ),
)


def client_context(tls: Tls, name: str) -> ssl.SSLContext:
    """Return how we speak TLS to a peer.

    Raises
    ------
    NetworkFailure
        If a file of certificates or our key cannot be read.
    """
    context: ssl.SSLContext
    if tls.authorities or tls.pinned:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    else:
        import truststore

        context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    _harden(context)
    if tls.pinned:
        # the one certificate is compared after the handshake, before a byte of ours is sent
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    else:
        context.check_hostname = tls.check_name
    _load(context, tls, name)
    return context


def server_context(tls: Tls, name: str, *, ask_for_certificate: bool = True) -> ssl.SSLContext:
    """Return how our receiver speaks TLS; peers need a certificate where authorities are named.

    Raises
    ------
    NetworkFailure
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    _harden(context)
    if not tls.certificate:
        raise _unreadable(name, "a certificate of ours is missing")
    _load(context, tls, name)
    if ask_for_certificate and tls.authorities:
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def _harden(context: ssl.SSLContext) -> None:
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(CIPHERS)


def _load(context: ssl.SSLContext, tls: Tls, name: str) -> None:
    def no_question() -> str:
        raise ValueError("a passphrase is needed")

    try:
        if tls.authorities:
            context.load_verify_locations(cafile=tls.authorities)
        if tls.certificate:
            context.load_cert_chain(tls.certificate, tls.key or None, password=no_question)
    except (OSError, ValueError) as error:
        what = "its authorities" if "X509" in str(error) or not tls.certificate else "our certificate or its key"
        raise _unreadable(name, f"the file of {what} cannot be read") from error


def _unreadable(name: str, what: str) -> NetworkFailure:
    return NetworkFailure(
        f"{name}: {what}.", step=Step.TLS, cause="files", remedy="Files are in PEM form, a key without passphrase."
    )


def pinned_by(connection: socket.socket, fingerprint: str) -> bool:
    """Tell whether the peer's certificate has this SHA-256."""
    return certificate_fingerprint(connection) == re.sub(r"[^0-9a-f]", "", fingerprint.lower())


def certificate_fingerprint(connection: socket.socket) -> str:
    """Return the SHA-256 of the peer's certificate, in hexadecimal."""
    assert isinstance(connection, ssl.SSLSocket)
    return hashlib.sha256(connection.getpeercert(binary_form=True) or b"").hexdigest()


def explain_tls(error: Exception, node: Node) -> NetworkFailure:
    """Return what a failed handshake means."""
    code = getattr(error, "verify_code", None)
    if code in CERTIFICATE_FAULTS:
        cause, what, remedy = CERTIFICATE_FAULTS[code]
        return NetworkFailure(f"{node.name}: {what}.", step=Step.TLS, cause=cause, remedy=remedy)
    text = f"{getattr(error, 'reason', '') or ''} {error}".upper().replace(" ", "_")
    for pattern, cause, what, remedy in _ALERTS:
        if re.search(pattern, text):
            return NetworkFailure(f"{node.name}: {what}.", step=Step.TLS, cause=cause, remedy=remedy)
    if isinstance(error, ssl.SSLCertVerificationError):
        return NetworkFailure(
            f"{node.name}: its certificate is not trusted.",
            step=Step.TLS,
            cause="untrusted",
            remedy="Name the authority's certificate in the node's page.",
        )
    if isinstance(error, TimeoutError):
        what, cause = "it did not answer the TLS greeting in time", "timeout"
    else:
        what, cause = "it ended the connection during the TLS greeting", "closed"
    return NetworkFailure(
        f"{node.name}: {what}.",
        step=Step.TLS,
        cause=cause,
        remedy="Check that this is its TLS port, and whether it asks for a certificate of ours.",
    )
