"""Keys and certificates as files, and what a certificate of ours looks like."""

import ipaddress
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

VALID_FROM = datetime(2000, 1, 1, tzinfo=UTC)


class CertsError(Exception):
    """What stands in the way of a certificate, in one line."""


def write_private(path: Path, content: bytes) -> None:
    """Replace as a whole, readable by the owner alone from its first byte on."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def load_cert(path: Path) -> x509.Certificate:
    """Raises CertsError; OSError names a missing file itself."""
    try:
        return x509.load_pem_x509_certificate(path.read_bytes())
    except ValueError as error:
        msg = f"{path}: {error}; expected a certificate in PEM; put back a copy of it"
        raise CertsError(msg) from None


def load_key(path: Path) -> ec.EllipticCurvePrivateKey:
    """Raises CertsError; OSError names a missing file itself."""
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), None)
    except (ValueError, TypeError) as error:
        msg = f"{path}: {error}; expected a private key in PEM; put back a copy of it"
        raise CertsError(msg) from None
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        msg = f"{path}: found a {type(key).__name__}; expected the P-256 key that issue wrote"
        raise CertsError(msg)
    return key


def own_key(path: Path) -> ec.EllipticCurvePrivateKey:
    """The key of this file, made now if there is none."""
    if path.exists():
        return load_key(path)
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    write_private(path, pem)
    return key


def write_cert(path: Path, cert: x509.Certificate | x509.CertificateRevocationList) -> None:
    """As PEM."""
    write_private(path, cert.public_bytes(serialization.Encoding.PEM))


def builder(
    name: str,
    issuer: x509.Name | None,
    key: ec.EllipticCurvePublicKey,
    until: datetime,
    *,
    ca: bool,
) -> x509.CertificateBuilder:
    """A certificate but for its purpose and its signature; without ``issuer`` its own."""
    subject = named(name)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer or subject)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(VALID_FROM)
        .not_valid_after(until)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=0 if ca else None), critical=True)
        .add_extension(_usage(signs=ca), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def for_server(hosts: Sequence[str]) -> list[x509.ExtensionType]:
    """A broker under these names and addresses."""
    return [
        x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]),
        x509.SubjectAlternativeName([_host(host) for host in hosts]),
    ]


def for_client() -> list[x509.ExtensionType]:
    """No server's: a stolen node must not make a broker."""
    return [x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])]


def hosts_of(path: Path) -> list[str]:
    """The names and addresses of a broker's certificate; none without one."""
    if not path.exists():
        return []
    names = load_cert(path).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return [str(name.value) for name in names]


def named(common: str) -> x509.Name:
    """The name that a broker takes for the user's."""
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs, key_cert_sign=signs, crl_sign=signs, content_commitment=False,
        key_encipherment=False, data_encipherment=False, key_agreement=False, encipher_only=False,
        decipher_only=False,
    )  # fmt: skip
