"""desk.toml: which desk, which hub, where drafts and slips are kept, how slips are printed."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from kiosk.common.settings import TerminalConfig
from wire.config_file import FilePath, read_config


class DeskConfig(TerminalConfig):
    """One desk. A slip goes through ``print_command``, or without one into ``data``/slips."""

    data: Annotated[FilePath, Field(description="a folder of this terminal alone")]
    paper: Literal["a5", "58mm"] = "a5"
    print_command: Annotated[
        tuple[str, ...], Field(max_length=16, description="gets the slip's file as last argument")
    ] = ()
    lock_after_s: Annotated[int, Field(ge=30, le=3600)] = 300


def read_desk_config(path: Path) -> DeskConfig:
    """Raises ConfigError with one line for every wrong key."""
    return read_config(path, DeskConfig)
