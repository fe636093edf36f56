"""Commands about rewards: settle, restate, shift attest, month."""

import importlib
from datetime import datetime
from types import ModuleType
from typing import Annotated, Any

import typer

from hub.command import ConfigFile, do, fail, load
from wire.day import SHANGHAI, utc_ms
from wire.money import format_yuan

SHOWN = 20


def _day(*names: str) -> Any:
    return typer.Option(*names, formats=["%Y-%m-%d"], help="a business day, as 2026-05-03")


def _moment(*names: str) -> Any:
    return typer.Option(*names, formats=["%Y-%m-%dT%H:%M"], help="in Shanghai")


Why = Annotated[str, typer.Option(help="stands beside what was done")]

month = typer.Typer(no_args_is_help=True, help="How a month stands, and closing it.")
shift = typer.Typer(no_args_is_help=True, help="Shifts that nobody checked in for.")


def _jobs() -> ModuleType:
    return importlib.import_module("hub.rewards.jobs")


def settle(
    config: ConfigFile,
    *,
    day: Annotated[datetime | None, _day()] = None,
    first: Annotated[datetime | None, _day("--from")] = None,
    last: Annotated[datetime | None, _day("--to")] = None,
) -> None:
    """Settle what is due, as at 03:00, or the days named; again at once it adds nothing.

    Each day is a transaction of its own: stopped in the middle, run it again.

    Example: lianxin-hub settle --from 2026-05-01 --to 2026-05-03 --config hub.toml
    """
    settings = load(config)
    if (first is None) != (last is None) or (day is not None and first is not None):
        fail(["expected --day, or --from and --to, or none of them"], 2)
    begin, end = day or first, day or last
    days = (begin.date(), end.date()) if begin and end else None

    def job(_: Any) -> int:
        jobs = _jobs()
        span = jobs.days_between(*days) if days else None
        count: int = jobs.settle(settings, span, typer.echo)
        return count

    typer.echo(f"settled {do(settings, job)} days")


def restate(
    config: ConfigFile,
    first: Annotated[datetime, _day("--from")],
    last: Annotated[datetime, _day("--to")],
    why: Why,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="do not ask")] = False,
) -> None:
    """Judge days anew by the policy in force now; shows the money that would move, then asks.

    Example: lianxin-hub restate --from 2026-05-01 --to 2026-05-03 --why 新办法 --config hub.toml
    """
    settings = load(config)
    days = (first.date(), last.date())

    def look(_: Any) -> Any:
        jobs = _jobs()
        return jobs.moves_of(settings, jobs.days_between(*days, restate=True))

    moves = do(settings, look)
    for move in moves.moves[:SHOWN]:
        typer.echo(f"{move.day} {move.household}: {format_yuan(move.amount_fen)} yuan")
    if len(moves.moves) > SHOWN:
        typer.echo(f"… and {len(moves.moves) - SHOWN} more")
    typer.echo(f"{len(moves.moves)} would change, {format_yuan(moves.total_fen)} yuan in all")
    if not yes and not typer.confirm("Move it?"):
        raise typer.Exit(1)

    def apply(_: Any) -> Any:
        jobs = _jobs()
        span = jobs.days_between(*days, restate=True)
        return jobs.restate(settings, span, why, moves.digest)

    do(settings, apply)
    typer.echo("moved")


@shift.command(name="attest")
def shift_attest(
    config: ConfigFile,
    *,
    point: Annotated[str, typer.Option(help="as p03")],
    person: Annotated[str, typer.Option(help="who stood there, as v07")],
    begin: Annotated[datetime, _moment("--from")],
    end: Annotated[datetime, _moment("--to")],
    why: Why,
    accepted: Annotated[
        bool, typer.Option("--accepted", help="they saw to it that all was sorted as required")
    ] = False,
) -> None:
    """Say who stood at a point without having checked in; settlement follows.

    Example: lianxin-hub shift attest --point p03 --person v07 --from 2026-05-03T07:00
    --to 2026-05-03T09:00 --accepted --why 忘带卡 --config hub.toml
    """
    settings = load(config)
    span = [utc_ms(moment.replace(tzinfo=SHANGHAI)) for moment in (begin, end)]

    def job(_: Any) -> list[str]:
        jobs = _jobs()
        stood = jobs.stood_there(point, person, *span, accepted=accepted, why=why)
        lines: list[str] = jobs.attest_shift(settings, stood)
        return lines

    for line in do(settings, job):
        typer.echo(line)


@month.command(name="show")
def month_show(config: ConfigFile, name: Annotated[str, typer.Argument(help="YYYY-MM")]) -> None:
    """What a month has brought, and what stands in the way of closing it.

    Example: lianxin-hub month show 2026-05 --config hub.toml
    """
    settings = load(config)
    _tell(do(settings, lambda _: _jobs().month(settings, name, None)))


@month.command(name="close")
def month_close(
    config: ConfigFile, name: Annotated[str, typer.Argument(help="YYYY-MM")], why: Why
) -> None:
    """Close a month that is over, settled and decided; it is never opened again.

    Example: lianxin-hub month close 2026-05 --why 月结 --config hub.toml
    """
    settings = load(config)
    _tell(do(settings, lambda _: _jobs().month(settings, name, why)))


def _tell(now: Any) -> None:
    state = "closed" if now.closed else "open"
    typer.echo(f"{now.month}: {state}, {format_yuan(now.amount_fen)} yuan")
    if now.closed:
        typer.echo(f"run {now.closed.run}, digest {now.closed.digest}")
    elif (why := now.in_the_way()) is not None:
        typer.echo(f"in the way: {why}")
