"""Commands: backup, restore."""

import importlib
from pathlib import Path
from typing import Annotated, Any

import typer

from hub.command import ConfigFile, do, load


def _jobs() -> Any:
    return importlib.import_module("hub.backup.jobs")


def backup(
    config: ConfigFile,
    file: Annotated[Path, typer.Argument(help="written whole or not at all; mode 600")],
) -> None:
    """Copy the store into FILE while the hub goes on, and read it back; keep it off this machine.

    Example: lianxin-hub backup --config hub.toml /mnt/stick/2026-05-03.db
    """
    settings = load(config)
    held = do(settings, lambda _: _jobs().back_up(settings, file))
    typer.echo(f"{file}: {held.facts} facts, {held.entries} entries; written and read back")


def restore(
    config: ConfigFile,
    file: Annotated[Path | None, typer.Argument(help="that backup wrote; SQLite only")] = None,
) -> None:
    """Put a copy back; the points send again what came after it. Stop the hub first.

    The store that was there stays beside it under a dated name. Without FILE, for a store that
    its server has restored, only the generation is new: run it after every pg_restore.

    Example: lianxin-hub restore --config hub.toml /mnt/stick/2026-05-03.db
    """
    settings = load(config)
    held, aside = do(settings, lambda _: _jobs().restore(settings, file))
    if aside is not None:
        typer.echo(f"the store as it was: {aside}")
    if held is not None:
        typer.echo(f"restored: {held.facts} facts, {held.entries} entries")
    typer.echo("new generation: every point compares and sends again what is missing here")
