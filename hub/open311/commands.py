"""Commands for keys of Open311."""

import importlib
import re

import typer

from hub.command import ConfigFile, do, fail, load

open311_key = typer.Typer(no_args_is_help=True, help="Who may report by Open311.")


@open311_key.command(name="add")
def key_add(config: ConfigFile, name: str) -> None:
    """Give a program a key and print it once.

    Example: lianxin-hub open311-key add city-app --config hub.toml
    """
    settings = load(config)
    if not re.fullmatch(r"[a-z0-9_-]{1,32}", name):
        fail([f"NAME: found {name[:40]!r}; expected 1 to 32 of a-z 0-9 _ -"], 2)
    key = do(settings, lambda _: importlib.import_module("hub.open311.jobs").add(settings, name))
    if key is None:
        fail([f"{name} has a key already; choose another name"], 1)
    typer.echo(f"{name} key: {key}")
