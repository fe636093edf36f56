"""The hub's own small certificate authority: one for the broker, one a client, and what is revoked.

Everything is valid from 2000 on, because a Pi without a clock must get in to learn the time.
A renewal keeps the key: only the certificate, which is no secret, has to travel to the node.
Ends are spread, so that no fleet goes dark on one day.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from hub.brokers.pem import (
    VALID_FROM,
    CertsError,
    builder,
    for_client,
    for_server,
    hosts_of,
    load_cert,
    load_key,
    own_key,
    write_cert,
    write_private,
)

CA_LIFE = timedelta(days=30 * 365)
LIFE = timedelta(days=3 * 365)
SPREAD_DAYS = 90
RENEW_BEFORE = timedelta(days=120)
ALARM_BEFORE = timedelta(days=60)
BROKER = "broker"
_AUTHORITY = "lianxin authority"


@dataclass(frozen=True)
class Issued:
    """One certificate in use; ``use`` is authority, broker or client."""

    name: str
    use: str
    path: Path
    until: datetime

    def ends_soon(self, now: datetime) -> bool:
        """Whether somebody has to act."""
        return self.until - now < ALARM_BEFORE


@dataclass(frozen=True)
class Files:
    """What a TLS end point is given."""

    ca: Path
    cert: Path
    key: Path


class Authority:
    """Certificates in one folder: ``ca.*``, ``broker/*``, ``clients/*``, ``revoked.crl``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ca = folder / "ca.crt"
        self.crl = folder / "revoked.crl"
        self.broker = self._files("broker", BROKER)

    def client(self, name: str) -> Files:
        """A node's end, or the hub's."""
        return self._files("clients", name)

    def issue(
        self, clients: Sequence[str], hosts: Sequence[str], now: datetime, life: timedelta = LIFE
    ) -> list[Issued]:
        """Make what is missing and renew what ends soon; what was made now.

        ``hosts`` are names and addresses of the broker; without any, those it had.
        """
        before = hosts_of(self.broker.cert)
        if not hosts and not before:
            msg = f"{self.broker.cert}: not made yet; say where nodes find the broker: --host NAME"
            raise CertsError(msg)
        self._ensure_ca(now)
        hosts = hosts or before
        made = []
        if sorted(hosts) != sorted(before) or _due(self.broker.cert, now):
            made.append(self._sign(self.broker, "broker", for_server(hosts), now + life))
        for name in clients:
            files = self.client(name)
            if _due(files.cert, now):
                made.append(self._sign(files, "client", for_client(), now + life))
        return made

    def revoke(self, name: str, now: datetime) -> int:
        """Refuse every certificate this client ever had and forget its key; how many."""
        files = self.client(name)
        found = [path for path in (files.cert, *self._old(files.cert)) if path.exists()]
        if not found:
            msg = f"{files.cert}: no such certificate; see lianxin-hub certs list"
            raise CertsError(msg)
        crl = x509.load_pem_x509_crl(self.crl.read_bytes())
        serials = {load_cert(path).serial_number for path in found}
        self._sign_crl(serials | {one.serial_number for one in crl}, now)
        for path in (*found, files.key):
            path.unlink(missing_ok=True)
        return len(serials)

    def issued(self) -> list[Issued]:
        """Everything in use, what ends first leading."""
        uses = [(self.ca, "authority"), (self.broker.cert, "broker")]
        uses += [(path, "client") for path in self.folder.glob("clients/*.crt")]
        found = [_read(path, use) for path, use in uses if path.exists()]
        return sorted(found, key=lambda one: (one.until, one.name))

    def _files(self, kind: str, name: str) -> Files:
        place = self.folder / kind
        return Files(self.ca, place / f"{name}.crt", place / f"{name}.key")

    @staticmethod
    def _old(cert: Path) -> list[Path]:
        return [*(cert.parent / "old").glob(f"{cert.stem}.*.crt")]

    def _ensure_ca(self, now: datetime) -> None:
        key = self.folder / "ca.key"
        if self.ca.exists() and key.exists():
            return
        if self.ca.exists() or self.broker.cert.exists():
            lost = key if self.ca.exists() else self.ca
            msg = f"{lost}: missing; put it back: another authority would lock every node out"
            raise CertsError(msg)
        own = own_key(key)
        new = builder(_AUTHORITY, None, own.public_key(), now + CA_LIFE, ca=True)
        write_cert(self.ca, new.sign(own, hashes.SHA256()))
        self._sign_crl(set(), now)

    def _sign(
        self, files: Files, use: str, purpose: Sequence[x509.ExtensionType], until: datetime
    ) -> Issued:
        ca, ca_key = load_cert(self.ca), load_key(self.folder / "ca.key")
        name = files.cert.stem
        until = min(until + _spread(name), ca.not_valid_after_utc)
        new = builder(name, ca.subject, own_key(files.key).public_key(), until, ca=False)
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key())
        for extension in (*purpose, issuer):
            new = new.add_extension(extension, critical=False)
        if files.cert.exists():  # good for months yet: kept, to be revocable
            serial = load_cert(files.cert).serial_number
            old = files.cert.parent / "old" / f"{name}.{serial:x}.crt"
            write_private(old, files.cert.read_bytes())
        write_cert(files.cert, new.sign(ca_key, hashes.SHA256()))
        return _read(files.cert, use)

    def _sign_crl(self, serials: set[int], now: datetime) -> None:
        """Good as long as the authority: one that ran out would refuse everybody."""
        ca, ca_key = load_cert(self.ca), load_key(self.folder / "ca.key")
        new = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(ca.subject)
            .last_update(VALID_FROM)
            .next_update(ca.not_valid_after_utc)
        )
        for serial in sorted(serials):
            one = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(now)
            new = new.add_revoked_certificate(one.build())
        write_cert(self.crl, new.sign(ca_key, hashes.SHA256()))


def _due(cert: Path, now: datetime) -> bool:
    return not cert.exists() or load_cert(cert).not_valid_after_utc - now < RENEW_BEFORE


def _spread(name: str) -> timedelta:
    return timedelta(days=hashlib.sha256(name.encode()).digest()[0] % SPREAD_DAYS)


def _read(path: Path, use: str) -> Issued:
    return Issued(path.stem, use, path, load_cert(path).not_valid_after_utc)
