"""How long this machine's certificate is good, and whether anybody else could use its key."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509

from edge.doctor.finding import Finding
from edge.doctor.machine import private
from wire.broker import BrokerConfig

ALARM_BEFORE = timedelta(days=60)
_REMEDY = "on the hub: lianxin-hub certs issue; then bring this machine its new .crt"


def certificates(broker: BrokerConfig, wall_ms: int) -> Iterator[Finding]:
    """Nothing without one; a file that cannot be read is told where the broker is asked."""
    if broker.cert is None or broker.key is None:
        return
    if broker.key.exists():
        yield private(broker.key, "key of the certificate")
    try:
        cert = x509.load_pem_x509_certificate(broker.cert.read_bytes())
    except (OSError, ValueError):
        return
    yield ends(broker.cert, cert.not_valid_after_utc, datetime.fromtimestamp(wall_ms / 1000, UTC))


def ends(path: Path, until: datetime, now: datetime) -> Finding:
    """Afterwards the point works on, and the hub hears nothing of it."""
    what = f"certificate {path}: until {until:%Y-%m-%d}"
    if until < now:
        return Finding("fail", f"{what}: ended; the broker lets nobody in with it", _REMEDY)
    if until - now < ALARM_BEFORE:
        return Finding("warn", f"{what}: {(until - now).days} days left", _REMEDY)
    return Finding("ok", what)
