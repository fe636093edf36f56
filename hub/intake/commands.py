"""Commands: letters list, show, retry."""

import importlib
from typing import Annotated, Any

import typer

from hub.command import ConfigFile, do, fail, load

letters = typer.Typer(no_args_is_help=True, help="Messages and lines that could not be taken.")
Letter = Annotated[int, typer.Argument(help="its number, as letters list says")]


def _jobs() -> Any:
    return importlib.import_module("hub.intake.jobs")


@letters.command(name="list")
def letters_list(config: ConfigFile) -> None:
    """Every letter in a line; "waits" stands where a retry would read a line again.

    Example: lianxin-hub letters list --config hub.toml
    """
    settings = load(config)
    for line in do(settings, lambda _: _jobs().listed(settings)):
        typer.echo(line)


@letters.command(name="show")
def letters_show(config: ConfigFile, letter: Letter) -> None:
    """One letter with the bytes that are kept of it.

    Example: lianxin-hub letters show 17 --config hub.toml
    """
    settings = load(config)
    typer.echo(do(settings, lambda _: _jobs().shown(settings, letter)))


@letters.command(name="retry")
def letters_retry(
    config: ConfigFile,
    letter: Annotated[int | None, typer.Argument(help="default: every one that waits")] = None,
) -> None:
    """Read rejected lines again, for instance after an upgrade; exit code 1 if one is refused.

    Example: lianxin-hub letters retry --config hub.toml
    """
    settings = load(config)
    taken, refused = do(settings, lambda _: _jobs().retried(settings, letter))
    for line in taken:
        typer.echo(line)
    if refused:
        fail(refused, 1)
    typer.echo(f"{len(taken)} taken")
