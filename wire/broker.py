"""How a program reaches a broker: where it listens, who we are there, and by which certificate."""

import ssl
from collections.abc import Mapping
from typing import Annotated, ClassVar

from pydantic import Field, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

from wire.config_file import FilePath, Section


class TlsError(Exception):
    """Certificate files that cannot be used, in one line."""


class BrokerConfig(Section):
    """Where a broker listens and who we are there, by password or by certificate."""

    ca_remedy: ClassVar[str] = "copy ca.crt from the hub's certs folder"
    own_remedy: ClassVar[str] = "copy both from the hub's certs/clients folder"

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 1883
    username: str
    ca: FilePath | None = Field(None, description="the authority's certificate; then TLS")
    cert: FilePath | None = None
    key: FilePath | None = None
    password: Annotated[str | None, Field(validate_default=True)] = None

    @field_validator("password")
    @classmethod
    def _or_a_certificate(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is None and info.data.get("cert") is None:
            raise PydanticCustomError("missing", "give one, or ca, cert and key")
        return value

    @model_validator(mode="after")
    def _whole_certificate(self) -> "BrokerConfig":
        if (self.cert is None) != (self.key is None) or (self.cert and not self.ca):
            msg = "certificates: give ca, cert and key together"
            raise ValueError(msg)
        if self.cert and self.password:
            msg = "two credentials: give password or cert"  # NATS would refuse both together
            raise ValueError(msg)
        return self


def tls_context(config: BrokerConfig) -> ssl.SSLContext | None:
    """None without ``ca``; raises TlsError."""
    if config.ca is None:
        return None
    try:
        context = ssl.create_default_context(cafile=config.ca)
    except OSError as error:
        msg = f"ca: {config.ca}: {error}; {config.ca_remedy}"
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
        msg = f"cert, key: {config.cert}, {config.key}: {error}; {config.own_remedy}"
        raise TlsError(msg) from None


def wrong_tls(brokers: Mapping[str, BrokerConfig]) -> list[str]:
    """What is wrong with each broker's certificate files."""
    wrong = []
    for name, config in brokers.items():
        try:
            tls_context(config)
        except TlsError as error:
            wrong.append(f"{name}.{error}")
    return wrong
