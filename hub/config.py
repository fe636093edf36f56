"""hub.toml, checked."""

import re
from pathlib import Path
from typing import Annotated, Any, ClassVar

from pydantic import (
    BeforeValidator,
    Field,
    model_validator,
)

from wire.base import TopicPart
from wire.broker import BrokerConfig
from wire.config_file import FilePath, Section

Password = Annotated[
    str, Field(pattern=r"^[!-~]{1,128}$", description="printable ASCII without spaces")
]
Port = Annotated[int, Field(ge=0, le=65535)]


_NODE = re.compile(r"^[a-z0-9_-]{1,32}$")
_PASSWORD = re.compile(r"^[!-~]{1,128}$")


def _nodes(value: Any) -> Any:
    """Checked as a whole, because an error about one entry would show its password."""
    if isinstance(value, list):
        value = {str(name): "" for name in value}
    if not isinstance(value, dict):
        msg = "expected a table of node names and passwords, or, with certificates, a list of names"
        raise ValueError(msg)  # noqa: TRY004 - pydantic turns it into a configuration error
    names = [str(name) for name in value if not _NODE.match(str(name))]
    bad = [
        str(name)
        for name, password in value.items()
        if not isinstance(password, str) or (password and not _PASSWORD.match(password))
    ]
    problems = [f"node name {name!r} must match [a-z0-9_-]{{1,32}}" for name in names]
    problems += [f"password of {name!r} must be printable ASCII without spaces" for name in bad]
    if problems:
        raise ValueError("; ".join(problems))
    return value


class HttpConfig(Section):
    """Where the API listens; port 0 takes a free one and says which."""

    host: str = "127.0.0.1"
    port: Port = 8000


class HubBroker(BrokerConfig):
    """The hub's broker and the hub's credential there."""

    ca_remedy: ClassVar[str] = "run lianxin-hub certs issue"
    own_remedy: ClassVar[str] = ca_remedy

    username: str = "hub"
    password: Annotated[Password | None, Field(validate_default=True)] = None


class HubConfig(Section):
    """One hub: one community, one store, one broker."""

    community: TopicPart
    data: FilePath
    database: str | None = None
    rehearsal_offset_s: int = 0
    nodes: Annotated[dict[str, str], BeforeValidator(_nodes)] = Field(default_factory=dict)
    http: HttpConfig = HttpConfig()
    broker: HubBroker

    @model_validator(mode="after")
    def _nodes_have_credentials(self) -> "HubConfig":
        without = [name for name, password in self.nodes.items() if not password]
        if without and self.broker.cert is None:
            msg = (
                f"nodes: {', '.join(without)} without password; give one, or [broker] certificates"
            )
            raise ValueError(msg)
        if self.broker.username in self.nodes:
            msg = f"nodes: {self.broker.username} is the hub's own user name at the broker"
            raise ValueError(msg)
        return self

    @property
    def certs(self) -> Path:
        """Where the hub's own authority keeps what it issued."""
        return self.data / "certs"

    @property
    def database_url(self) -> str:
        """The store: hub.db in ``data`` unless another is named."""
        return self.database or f"sqlite:///{self.data / 'hub.db'}"
