"""web.toml: where it listens, which hub asks for passwords, which desks may be opened."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from kiosk.common.settings import HubUrl, TerminalConfig, on_this_machine
from kiosk.desk.config import read_desk_config
from kiosk.selfcheck.config import read_self_config
from wire.base import TopicPart
from wire.config_file import ConfigError, FilePath, Section, read_config


class WebDesk(Section):
    """What can be chosen at the log-in; ``config`` is its own file, with taps = "hub"."""

    desk: TopicPart
    terminal: Literal["desk", "self"] = "desk"
    title: Annotated[str, Field(min_length=1, max_length=20)]
    config: FilePath


class WebConfig(Section):
    """``public_url`` is what browsers call: the proxy's, if one adds TLS."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 8090
    public_url: HubUrl | None = None
    hub: HubUrl
    ca: FilePath | None = None
    desks: Annotated[tuple[WebDesk, ...], Field(min_length=1, max_length=32)]

    @model_validator(mode="after")
    def _stays_here(self) -> Self:
        if not on_this_machine(self.host):
            msg = "the browser's connection is not encrypted here; expected host 127.0.0.1"
            raise ValueError(msg)
        if len({one.desk for one in self.desks}) < len(self.desks):
            msg = "a desk stands twice; expected each once"
            raise ValueError(msg)
        return self


def read_web_config(path: Path) -> WebConfig:
    """Raises ConfigError with one line for every wrong key, those of the desks' files included."""
    config = read_config(path, WebConfig)
    problems = [line for one in config.desks for line in _wrong_with(one)]
    if problems:
        raise ConfigError(problems)
    return config


def _wrong_with(one: WebDesk) -> list[str]:
    """What keeps this desk's own file from being shown in a browser."""
    read: Callable[[Path], TerminalConfig] = (
        read_desk_config if one.terminal == "desk" else read_self_config
    )
    try:
        own = read(one.config)
    except ConfigError as error:
        return error.problems
    problems = []
    if own.desk != one.desk:
        told = f"found {own.desk!r}; expected {one.desk!r}, the name it is listed under"
        problems.append(f"{one.config}: desk: {told}")
    if own.taps != "hub":
        told = f"found {str(own.taps)!r}; expected 'hub': no reader's socket belongs to a browser"
        problems.append(f"{one.config}: taps: {told}")
    return problems
