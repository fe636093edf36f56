"""The hub's end of a TLS connection to its broker."""

import ssl

from hub.config import BrokerConfig


class TlsError(Exception):
    """Certificate files that cannot be used, in one line."""


def tls_context(config: BrokerConfig) -> ssl.SSLContext | None:
    """None without ``[broker] ca``; raises TlsError."""
    if config.ca is None:
        return None
    try:
        context = ssl.create_default_context(cafile=config.ca)
    except OSError as error:
        msg = f"[broker] ca: {config.ca}: {error}; run lianxin-hub certs issue"
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
        msg = (
            f"[broker] cert, key: {config.cert}, {config.key}: {error}; run lianxin-hub certs issue"
        )
        raise TlsError(msg) from None
