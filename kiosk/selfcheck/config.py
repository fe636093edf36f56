"""self.toml: which machine, which hub, where cards come from."""

from pathlib import Path
from typing import Annotated

from pydantic import Field

from kiosk.common.settings import TerminalConfig
from wire.config_file import read_config


class SelfConfig(TerminalConfig):
    """One machine; ``desk`` is its own name, under which taps are passed on to it."""

    lock_after_s: Annotated[int, Field(ge=10, le=120)] = 60


def read_self_config(path: Path) -> SelfConfig:
    """Raises ConfigError with one line for every wrong key."""
    return read_config(path, SelfConfig)
