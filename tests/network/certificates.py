"""Certificates for tests, made in memory: a good one, and one for each fault."""

from __future__ import annotations

import datetime
import ipaddress
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from workstation.network.nodes import Tls

DAY = datetime.timedelta(days=1)


@dataclass(frozen=True)
class Authority:
    """A certification authority of one test; ``pem`` is its certificate's file."""

    name: x509.Name
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate
    pem: Path

    def issue(self, folder: Path, name: str, *, host: str = "127.0.0.1", start: int = -1, end: int = 30) -> Tls:
        """Return a certificate and key valid from ``start`` to ``end`` days from now, trusting this authority."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = _certificate(_name(name), key, self.name, self.key, host, start, end, authority=False)
        return Tls(
            authorities=str(self.pem),
            certificate=str(_write(folder / f"{name}.crt", certificate.public_bytes(serialization.Encoding.PEM))),
            key=str(_write(folder / f"{name}.key", _key_bytes(key))),
        )


def authority(folder: Path, name: str = "authority") -> Authority:
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = _certificate(_name(name), key, _name(name), key, None, -10, 100, authority=True)
    pem = _write(folder / f"{name}.crt", certificate.public_bytes(serialization.Encoding.PEM))
    return Authority(_name(name), key, certificate, pem)


def _name(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _certificate(
    subject: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    issuer: x509.Name,
    signer: ec.EllipticCurvePrivateKey,
    host: str | None,
    start: int,
    end: int,
    *,
    authority: bool,
) -> x509.Certificate:
    now = datetime.datetime.now(datetime.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + start * DAY)
        .not_valid_after(now + end * DAY)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
    )
    if host is not None:
        try:
            name: x509.GeneralName = x509.IPAddress(ipaddress.ip_address(host))
        except ValueError:
            name = x509.DNSName(host)
        builder = builder.add_extension(x509.SubjectAlternativeName([name]), critical=False)
    return builder.sign(signer, hashes.SHA256())


def _write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def _key_bytes(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
