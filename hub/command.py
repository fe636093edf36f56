"""What every command of lianxin-hub does alike: read the configuration, say errors in one line."""

import importlib
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any, NoReturn, TypeVar

import typer

from hub.config import HubConfig
from wire.config_file import ConfigError, read_config

ConfigFile = Annotated[Path, typer.Option("--config", help="hub.toml")]


def fail(lines: list[str], code: int) -> NoReturn:
    """Every line on stderr, no traceback."""
    for line in lines:
        typer.echo(line, err=True)
    raise typer.Exit(code)


def load(path: Path) -> HubConfig:
    """The configuration, or every problem of it and exit code 2."""
    try:
        return read_config(path, HubConfig)
    except ConfigError as error:
        fail(error.problems, 2)


Result = TypeVar("Result")


def do(settings: HubConfig, job: Callable[[Any], Result]) -> Result:
    """Run a job of hub.jobs; what an operator can repair becomes one line and exit code 1."""
    jobs: ModuleType = importlib.import_module("hub.jobs")  # a second of imports, not for --help
    try:
        with jobs.one_line(settings):
            return job(jobs)
    except jobs.JobError as error:
        fail([f"lianxin-hub: {error}"], 1)
