"""A point's end of a TLS connection to a broker."""

import ssl

from edge.config import BrokerConfig


class TlsError(Exception):
    """Certificate files that cannot be used, in one line."""


def tls_context(config: BrokerConfig) -> ssl.SSLContext | None:
    """None without ``ca``; raises TlsError."""
    if config.ca is None:
        return None
    try:
        context = ssl.create_default_context(cafile=config.ca)
    except OSError as error:
        msg = f"ca: {config.ca}: {error}; copy ca.crt from the hub's certs folder"
        raise TlsError(msg) from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    load_own(context, config)
    return context


def load_own(context: ssl.SSLContext, config: BrokerConfig) -> None:
    """Also later: a renewed certificate counts from the next connection on."""
    if config.cert is None:
        return
    try:
        context.load_cert_chain(config.cert, config.key)
    except OSError as error:
        where = f"cert, key: {config.cert}, {config.key}"
        msg = f"{where}: {error}; copy both from the hub's certs/clients folder"
        raise TlsError(msg) from None


def wrong_tls(brokers: dict[str, BrokerConfig]) -> list[str]:
    """What is wrong with each broker's certificate files."""
    wrong = []
    for name, config in brokers.items():
        try:
            tls_context(config)
        except TlsError as error:
            wrong.append(f"{name}.{error}")
    return wrong
