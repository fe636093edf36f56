"""lianxin-kiosk: the terminals."""

from pathlib import Path
from typing import Annotated

import typer

from kiosk.config import read_kiosk_config
from kiosk.point.app import PointApp
from wire.config_file import ConfigError

app = typer.Typer(
    help="Terminals of Lianxin.", no_args_is_help=True, add_completion=False, rich_markup_mode=None
)

POINT_EXAMPLES = """
Examples:

  lianxin-kiosk point --config kiosk.toml

  lianxin-kiosk point --config kiosk.toml --dev     (ctrl+q ends it)

  lianxin-kiosk point --config kiosk.toml --check   (reads the file and ends)
"""


@app.callback()
def _group() -> None:
    """One sub-command a terminal, even while there is only one."""


@app.command(epilog=POINT_EXAMPLES)
def point(
    config: Annotated[Path, typer.Option(help="The terminal's file.")] = Path("kiosk.toml"),
    dev: Annotated[bool, typer.Option("--dev", help="Let ctrl+q end the terminal.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Only check the file.")] = False,
) -> None:
    """The supervisor's terminal at a point: verdicts on seventeen keys."""
    try:
        settings = read_kiosk_config(config)
    except ConfigError as error:
        for problem in error.problems:
            typer.echo(problem, err=True)
        raise typer.Exit(2) from None
    if check:
        typer.echo(f"{config}: good; point {settings.point}")
        return
    PointApp(settings, dev=dev).run(mouse=False)


def main() -> None:
    app()
