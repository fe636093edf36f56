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
    resume: Annotated[
        bool, typer.Option("--resume", help="go on with what was not run or went wrong")
    ] = False,
) -> None:
    """Break one thing, or everything, and have the end judged; exit code 1 if anything is wrong.

    The scenarios with a full disk mount a small one and need root.

    Examples: lianxin-sim fault list; lianxin-sim fault kill-random --kills 60 --seed 7;
    lianxin-sim fault all
    """
    from device_sim.fault.catalogue import CAMPAIGN_KILLS, CATALOGUE, campaign  # noqa: PLC0415
    from device_sim.fault.report import report  # noqa: PLC0415
    from device_sim.fault.running import Record, run_all  # noqa: PLC0415

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
    record = Record(folder.resolve().with_suffix(".jsonl"), resume=resume)
    target = page or (PAGE if everything else None)
    left = record.left(rounds)
    for outcome in run_all(left, seed + len(rounds) - len(left), folder.resolve(), typer.echo):
        record.add(outcome)
        if target is not None:
            target.parent.mkdir(parents=True, exist_ok=True)
            today = datetime.now(SHANGHAI).date()
            text = report(record.outcomes, len(rounds), seed, today)
            target.write_text(text, encoding="utf-8")
    wrong = sum(bool(outcome.trouble) for outcome in record.outcomes)
    typer.echo(f"{len(record.outcomes) - wrong} well, {wrong} not")
    raise typer.Exit(1 if wrong else 0)


def _stop(_number: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt
