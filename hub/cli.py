"""lianxin-hub: prepare, fill and serve one compound's hub."""

import importlib
import logging
import os
import re
import sys
from pathlib import Path
from typing import Annotated, Literal, get_args

import typer

from hub.backup.commands import backup, restore
from hub.brokers.commands import broker_config, certs, warn_of_ends
from hub.command import ConfigFile, do, fail, load
from hub.intake.commands import letters
from hub.open311.commands import open311_key
from hub.registry.commands import export_file, import_files, new_community
from hub.rewards.commands import month, restate, settle, shift
from hub.roles import NAME_LENGTH, Role

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
user = typer.Typer(no_args_is_help=True, help="Who may call the HTTP API.")
app.add_typer(user, name="user")
config_app = typer.Typer(no_args_is_help=True, help="The configuration file.")
app.add_typer(config_app, name="config")
app.add_typer(certs, name="certs")
app.add_typer(open311_key, name="open311-key")
app.add_typer(letters, name="letters")
app.command(name="broker-config")(broker_config)
app.command(name="import")(import_files)
app.command(name="export")(export_file)
app.command(name="new-community")(new_community)
app.command(name="backup")(backup)
app.command(name="restore")(restore)
app.command(name="settle")(settle)
app.command(name="restate")(restate)
app.add_typer(shift, name="shift")
app.add_typer(month, name="month")


@app.callback()
def top() -> None:
    """The hub of one compound: intake, registry, rewards, ledger and HTTP API.

    Examples: `lianxin-hub serve --config hub.toml` ·
    `lianxin-hub import --config hub.toml --households households.csv --dry-run`
    """
    os.umask(0o077)  # what it makes holds cards and passwords


@app.command()
def init(config: ConfigFile) -> None:
    """Make or upgrade the store; prints a new admin's password once.

    Example: lianxin-hub init --config hub.toml
    """
    settings = load(config)
    store, password = do(settings, lambda jobs: jobs.init(settings))
    typer.echo(f"store: {store}")
    if password is not None:
        typer.echo(f"admin password: {password}")


@app.command()
def serve(
    config: ConfigFile,
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"], typer.Option(help="how much is told")
    ] = "info",
) -> None:
    """Take facts and answer over HTTP until SIGTERM or Ctrl-C.

    Example: lianxin-hub serve --config hub.toml
    """
    settings = load(config)
    logging.basicConfig(
        stream=sys.stderr,
        level=log_level.upper(),
        format="%(asctime)s %(levelname)s %(name)s %(message)s",
    )
    for noisy in ("alembic", "uvicorn"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    if config.stat().st_mode & 0o077:
        logging.getLogger(__name__).warning("%s holds passwords; run: chmod 600 %s", config, config)
    warn_of_ends(settings)
    code: int = do(
        settings, lambda _: importlib.import_module("hub.serve").serve(settings, typer.echo)
    )
    raise typer.Exit(code)


@config_app.command(name="check")
def config_check(file: Annotated[Path, typer.Argument(help="hub.toml")]) -> None:
    """Say everything that is wrong with hub.toml at once; exit code 2 if anything is.

    Example: lianxin-hub config check hub.toml
    """
    settings = load(file)
    typer.echo(f"{file}: {settings.community}, {len(settings.nodes)} nodes: good")


@app.command()
def rebuild(config: ConfigFile) -> None:
    """Empty the projections and fill them again from the facts; stop the hub first.

    Example: lianxin-hub rebuild --config hub.toml
    """
    settings = load(config)
    count = do(settings, lambda jobs: jobs.rebuild(settings))
    typer.echo(f"rebuilt from {count} facts")


@app.command()
def verify(config: ConfigFile) -> None:
    """Recompute everything from the facts on; names the first difference, exit code 1 if any.

    Example: lianxin-hub verify --config hub.toml
    """
    settings = load(config)
    found: list[str] = do(settings, lambda jobs: jobs.verify(settings))
    if found:
        fail([*found, "the store does not agree with itself; the first line is the root"], 1)
    typer.echo("verified: facts, projections, entries, balances, digests and days agree")


@user.command(name="add")
def user_add(
    config: ConfigFile,
    name: str,
    role: Annotated[str, typer.Option(help=" | ".join(get_args(Role)))] = "office",
    desk: Annotated[str | None, typer.Option(help="of role desk: the one desk it is of")] = None,
) -> None:
    """Add a user and print a random password once.

    Examples: lianxin-hub user add li.fang --role office --config hub.toml ·
    lianxin-hub user add desk-d1 --role desk --desk d1 --config hub.toml
    """
    settings = load(config)
    if not 0 < len(name) <= NAME_LENGTH:
        fail([f"NAME: found {len(name)} characters; expected 1 to {NAME_LENGTH}"], 2)
    known: dict[str, Role] = {item: item for item in get_args(Role)}
    if role not in known:
        fail([f"--role: found {role}; expected one of {', '.join(known)}"], 2)
    if desk is not None and role != "desk":
        fail([f"--desk: role {role} is of no desk; expected --role desk"], 2)
    _require_desk("--desk", desk)
    password = do(settings, lambda jobs: jobs.add(settings, name, known[role], desk))
    if password is None:
        fail([f"user {name} exists already"], 1)
    typer.echo(f"{name} password: {password}")


@user.command(name="desk")
def user_desk(
    config: ConfigFile,
    name: str,
    desk: Annotated[str | None, typer.Argument(help="as d1; left out: any desk")] = None,
) -> None:
    """Give a desk's account the one desk that it may act for; from its next log-in on.

    Example: lianxin-hub user desk desk-d1 d1 --config hub.toml
    """
    settings = load(config)
    _require_desk("DESK", desk)
    if not do(settings, lambda jobs: jobs.put_at(settings, name, desk)):
        fail([f"no user {name} of role desk; make one: lianxin-hub user add {name} --role desk"], 1)
    typer.echo(f"{name} is of desk {desk}" if desk else f"{name} may act for any desk")


def _require_desk(where: str, desk: str | None) -> None:
    if desk is not None and not re.fullmatch(r"[a-z0-9_-]{1,32}", desk):
        fail([f"{where}: found {desk}; expected 1 to 32 of a-z 0-9 _ -, as d1"], 2)


@user.command(name="reset")
def user_reset(config: ConfigFile, name: str) -> None:
    """Give a user a new random password and print it once; the old one ends.

    Example: lianxin-hub user reset admin --config hub.toml
    """
    settings = load(config)
    password = do(settings, lambda jobs: jobs.reset(settings, name))
    if password is None:
        fail([f"no user {name}; make one: lianxin-hub user add {name}"], 1)
    typer.echo(f"{name} password: {password}")
