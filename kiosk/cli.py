"""lianxin-kiosk: the terminals."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, TypeVar

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


DESK_EXAMPLES = """
Examples:

  lianxin-kiosk desk --config desk.toml

  lianxin-kiosk desk --config desk.toml --check   (reads the file and ends)
"""
SELF_EXAMPLES = """
Examples:

  lianxin-kiosk self --config self.toml
"""
WEB_EXAMPLES = """
Examples:

  lianxin-kiosk web --config web.toml
"""
Dev = Annotated[bool, typer.Option("--dev", help="Let ctrl+q end the terminal.")]
Check = Annotated[bool, typer.Option("--check", help="Only check the file.")]
Settings = TypeVar("Settings")


@app.command(epilog=POINT_EXAMPLES)
def point(
    config: Annotated[Path, typer.Option(help="The terminal's file.")] = Path("kiosk.toml"),
    dev: Dev = False,
    check: Check = False,
) -> None:
    """The supervisor's terminal at a point: verdicts on seventeen keys."""
    settings = _read(read_kiosk_config, config)
    if check:
        typer.echo(f"{config}: good; point {settings.point}")
        return
    PointApp(settings, dev=dev).go()


@app.command(epilog=DESK_EXAMPLES)
def desk(
    config: Annotated[Path, typer.Option(help="The desk's file.")] = Path("desk.toml"),
    dev: Dev = False,
    check: Check = False,
) -> None:
    """The joint front desk: two officers, one terminal."""
    # Read where it is used: a point's terminal installs and loads none of it.
    from kiosk.desk.app import desk_app  # noqa: PLC0415
    from kiosk.desk.config import read_desk_config  # noqa: PLC0415

    settings = _read(read_desk_config, config)
    if check:
        typer.echo(f"{config}: good; desk {settings.desk}")
        return
    try:
        terminal = desk_app(settings, dev=dev)
    except OSError as error:
        typer.echo(f"{settings.data}: {error.strerror}; expected a folder of its own", err=True)
        raise typer.Exit(2) from None
    terminal.go()


@app.command("self", epilog=SELF_EXAMPLES)
def self_check(
    config: Annotated[Path, typer.Option(help="The machine's file.")] = Path("self.toml"),
    dev: Dev = False,
    check: Check = False,
) -> None:
    """The self-check machine: a household sees its own month by its card."""
    from kiosk.selfcheck.app import SelfApp  # noqa: PLC0415
    from kiosk.selfcheck.config import read_self_config  # noqa: PLC0415

    settings = _read(read_self_config, config)
    if check:
        typer.echo(f"{config}: good; machine {settings.desk}")
        return
    SelfApp(settings, dev=dev).go()


@app.command(epilog=WEB_EXAMPLES)
def web(
    config: Annotated[Path, typer.Option(help="The server's file.")] = Path("web.toml"),
    check: Check = False,
) -> None:
    """Desks in a browser, behind the hub's log-in; listens on this machine alone."""
    from kiosk.web.config import read_web_config  # noqa: PLC0415

    settings = _read(read_web_config, config)
    if check:
        typer.echo(f"{config}: good; {len(settings.desks)} desks")
        return
    try:
        from kiosk.web.server import DeskServer  # noqa: PLC0415
    except ModuleNotFoundError as error:
        typer.echo(f"{error.name} is missing; install lianxin[kiosk-web]", err=True)
        raise typer.Exit(2) from None
    server = DeskServer(settings)
    typer.echo(f"lianxin-kiosk web: {server.public_url}")
    server.serve()


def _read(read: Callable[[Path], Settings], path: Path) -> Settings:
    try:
        return read(path)
    except ConfigError as error:
        for problem in error.problems:
            typer.echo(problem, err=True)
        raise typer.Exit(2) from None


def main() -> None:
    app()
