"""self.toml: which machine, which hub, where its reader's socket is."""

from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from kiosk.common.settings import TerminalConfig
from wire.config_file import read_config


class SelfConfig(TerminalConfig):
    """One machine; ``desk`` is its own name, that of its account where the hub passes taps on."""

    lock_after_s: Annotated[int, Field(ge=10, le=120)] = 60

    @model_validator(mode="after")
    def _own_taps(self) -> Self:
        if self.taps == "hub" and self.desk != self.hub.username:
            msg = (
                f'taps "hub": the hub passes on the taps of {self.hub.username} alone; '
                f'expected desk = "{self.hub.username}", found "{self.desk}"'
            )
            raise ValueError(msg)
        return self


def read_self_config(path: Path) -> SelfConfig:
    """Raises ConfigError with one line for every wrong key."""
    return read_config(path, SelfConfig)
