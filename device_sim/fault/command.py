"""``lianxin-sim fault``: break a site on purpose and see that nothing is lost."""

import signal
from datetime import datetime
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from wire.day import SHANGHAI

ALL = "all"
ALL_KILLS = 1000
PAGE = Path("docs/faults.md")


def fault(
    *,
    name: Annotated[str, typer.Argument(help="a scenario; all; list")],
    kills: Annotated[
        int | None, typer.Option(min=1, max=100_000, help="at random; at least, with all")
    ] = None,
    seed: Annotated[int, typer.Option(help="other moments, another compound")] = 1,
    folder: Annotated[Path, typer.Option(help="emptied before each scenario")] = Path("var/fault"),
    page: Annotated[
        Path | None, typer.Option(help=f"where the report goes; with all {PAGE}")
    ] = None,
) -> None:
    """Break one thing, or everything, and have the end judged; exit code 1 if anything is wrong.

    The scenarios with a full disk mount a small one and need root.

    Examples: lianxin-sim fault list; lianxin-sim fault kill-random --kills 60 --seed 7;
    lianxin-sim fault all
    """
    from device_sim.fault.catalogue import CAMPAIGN_KILLS, CATALOGUE, campaign  # noqa: PLC0415
    from device_sim.fault.report import report  # noqa: PLC0415
    from device_sim.fault.running import run_all  # noqa: PLC0415

    if name == "list":
        for known, scenario in CATALOGUE.items():
            typer.echo(f"{known:<18}{scenario.words}")
        return
    if name not in (ALL, *CATALOGUE):
        typer.echo(f"{name}: no such scenario; see lianxin-sim fault list", err=True)
        raise typer.Exit(2)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    everything = name == ALL
    rounds = campaign(kills or ALL_KILLS) if everything else [(name, kills or CAMPAIGN_KILLS)]
    outcomes = list(run_all(rounds, seed, folder.resolve(), typer.echo))
    target = page or (PAGE if everything else None)
    if target is not None:
        target.parent.mkdir(parents=True, exist_ok=True)
        today = datetime.now(SHANGHAI).date()
        target.write_text(report(outcomes, seed, today), encoding="utf-8")
        typer.echo(f"written: {target}")
    wrong = sum(bool(outcome.trouble) for outcome in outcomes)
    typer.echo(f"{len(outcomes) - wrong} well, {wrong} not")
    raise typer.Exit(1 if wrong else 0)


def _stop(_number: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt
