"""``lianxin-edge commission``, as it is called."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

EXIT_NOT_ACCEPTED, EXIT_REFUSED = 1, 2
HELP = """Measure every bin with a test weight, correct the file, write an acceptance sheet.

Stop the daemon first. The weight tells by itself which scale it is on, so a wrongly wired bin is
found; noise, error, return to zero and readings a second are measured, bin by bin. What is measured
is kept: run it again to go on, or --bin 7 to measure one bin again.

Exit code 0 = everything accepted, 1 = something failed or is missing, 2 = not started.

Example: lianxin-edge commission /etc/lianxin/edge.toml
"""


def commission(
    file: Annotated[Path, typer.Argument(help="the point's edge.toml")] = Path("edge.toml"),
    *,
    only: Annotated[
        list[int] | None, typer.Option("--bin", help="only this bin, again; may be repeated")
    ] = None,
    weight: Annotated[float, typer.Option(min=1, max=50, help="the test weight in kg")] = 5,
    idle: Annotated[float, typer.Option(min=1, max=600, help="seconds at rest for noise")] = 10,
    sheets: Annotated[
        Path | None, typer.Option(help="folder of the sheet; absent = beside the file")
    ] = None,
) -> None:
    """Measure and accept a point."""
    from edge.clock import system_time  # noqa: PLC0415 - other commands need no serial library
    from edge.commission.console import Terminal  # noqa: PLC0415
    from edge.commission.flow import RefusedError, Wish, run  # noqa: PLC0415
    from edge.commission.session import Clock, Pace  # noqa: PLC0415

    pace = replace(Pace(), idle_ms=round(idle * 1000))
    wish = Wish(file, tuple(only or ()), round(weight * 1000), pace, sheets)
    system = system_time()
    try:
        accepted = run(wish, Terminal(), Clock(system.up_ms, system.wall_ms))
    except RefusedError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(EXIT_REFUSED) from None
    raise typer.Exit(0 if accepted else EXIT_NOT_ACCEPTED)
