"""hub.toml, checked."""

import re
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, field_validator

from wire.base import TopicPart

Password = Annotated[
    str, Field(pattern=r"^[!-~]{1,128}$", description="printable ASCII without spaces")
]
Port = Annotated[int, Field(ge=0, le=65535)]


_NODE = re.compile(r"^[a-z0-9_-]{1,32}$")
_PASSWORD = re.compile(r"^[!-~]{1,128}$")


def _nodes(value: Any) -> Any:
    """Checked as a whole, because an error about one entry would show its password."""
    if not isinstance(value, dict):
        msg = "expected a table of node names and passwords"
        raise ValueError(msg)  # noqa: TRY004 - pydantic turns it into a configuration error
    names = [str(name) for name in value if not _NODE.match(str(name))]
    bad = [
        str(name)
        for name, password in value.items()
        if not isinstance(password, str) or not _PASSWORD.match(password)
    ]
    problems = [f"node name {name!r} must match [a-z0-9_-]{{1,32}}" for name in names]
    problems += [f"password of {name!r} must be printable ASCII without spaces" for name in bad]
    if problems:
        raise ValueError("; ".join(problems))
    return value


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class HttpConfig(_Section):
    """Where the API listens; port 0 takes a free one and says which."""

    host: str = "127.0.0.1"
    port: Port = 8000


class BrokerConfig(_Section):
    """The hub's broker and the hub's credential there."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 1883
    username: str = "hub"
    password: Password


class HubConfig(_Section):
    """One hub: one community, one store, one broker."""

    community: TopicPart
    data: Path
    database: str | None = None
    rehearsal_offset_s: int = 0
    nodes: Annotated[dict[str, str], BeforeValidator(_nodes)] = {}
    http: HttpConfig = HttpConfig()
    broker: BrokerConfig

    @field_validator("data")
    @classmethod
    def _beside_the_file(cls, value: Path, info: ValidationInfo) -> Path:
        folder: Path = (info.context or {}).get("folder", Path())
        return folder / value

    @property
    def database_url(self) -> str:
        """The store: hub.db in ``data`` unless another is named."""
        return self.database or f"sqlite:///{self.data / 'hub.db'}"
