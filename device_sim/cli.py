"""``lianxin-sim``: a rehearsal of the whole compound, and its judge."""

import signal
from datetime import datetime
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from device_sim.compound.files import Ports
from device_sim.fault.command import fault
from device_sim.single import cli as single
from wire.day import SHANGHAI

HTTP_PORT = 8000
BROKER_BASE = 18831

app = typer.Typer(
    help="A compound on one machine: devices as they really speak, residents, faults, a judge.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command("device", help=single.HELP)(single.device)
app.command("fault")(fault)


@app.command()
def demo(
    *,
    once: Annotated[bool, typer.Option("--once", help="end by itself; exit 0 only if verified")] = (
        False
    ),
    seed: Annotated[int, typer.Option(help="another compound, another morning")] = 1,
    start: Annotated[
        str | None, typer.Option(metavar="HH:MM:SS", help="the hub's clock at the start")
    ] = None,
    folder: Annotated[Path, typer.Option(help="emptied at each start")] = Path("var/demo"),
    port_base: Annotated[
        int | None, typer.Option(min=1024, max=65000, help="six ports from here on")
    ] = None,
    traffic_s: Annotated[float, typer.Option(min=8, max=3600, help="seconds of traffic")] = 40,
) -> None:
    """Run a morning: 12 points, residents, faults, settlement, and a judge at the end.

    Examples: lianxin-sim demo; lianxin-sim demo --once --seed 7 --start 23:59:30
    """
    from device_sim.demo.run import Wishes, run_demo  # noqa: PLC0415 - verify needs none of it
    from device_sim.demo.trouble import DemoError  # noqa: PLC0415
    from device_sim.hub_client import HubRefusedError  # noqa: PLC0415

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    wishes = Wishes(
        folder=folder.resolve(),
        ports=_ports(port_base),
        seed=seed,
        offset_s=_offset_s(start, datetime.now(SHANGHAI)),
        once=once,
        traffic_s=traffic_s,
    )
    try:
        code = run_demo(wishes)
    except (DemoError, HubRefusedError) as error:
        _fail(str(error))
    except OSError as error:
        _fail(f"{error.filename or folder}: {error.strerror or error}")
    except KeyboardInterrupt:
        typer.echo("stopped; every program has been ended")
        code = 130 if once else 0
    raise typer.Exit(code)


@app.command()
def tap(
    machine: Annotated[str, typer.Argument(help="desk or self")],
    who: Annotated[
        str, typer.Argument(help="a person (o01), a door, a card's serial, or a new chip's number")
    ],
    folder: Annotated[Path, typer.Option(help="of the demo that stays up")] = Path("var/demo"),
) -> None:
    """Hold a card to the reader of the demo's front desk, or of its self-check machine.

    Examples: lianxin-sim tap desk o01; lianxin-sim tap self 3-2-501; lianxin-sim tap desk 0A0B0C0D
    """
    from device_sim.demo.hand import tap as hold  # noqa: PLC0415 - verify needs none of it
    from device_sim.demo.trouble import DemoError  # noqa: PLC0415

    try:
        typer.echo(hold(folder, machine, who))
    except DemoError as error:
        _fail(str(error))


@app.command()
def verify(
    truth: Annotated[Path, typer.Option(help="the simulator's log")],
    hub: Annotated[str, typer.Option(help="the hub's URL")],
    password_file: Annotated[Path, typer.Option(help="password of admin, one line")],
) -> None:
    """Compare what happened with what the hub says: fen for fen, reason for reason.

    Example: lianxin-sim verify --truth var/demo/truth.jsonl --hub http://127.0.0.1:8000
    --password-file var/demo/admin-password
    """
    from device_sim.hub_client import HubRefusedError  # noqa: PLC0415
    from device_sim.truth import verify as judge  # noqa: PLC0415
    from device_sim.truth.log import BadTruthError  # noqa: PLC0415
    from device_sim.truth.story import NoStartError  # noqa: PLC0415

    try:
        password = password_file.read_text(encoding="utf-8").strip()
        story, found = judge.verify(truth, hub, password)
    except (HubRefusedError, BadTruthError, NoStartError) as error:
        _fail(str(error))
    except OSError as error:
        _fail(f"{error.filename}: {error.strerror}; expected a file that can be read")
    for line in found.differences:
        typer.echo(line)
    typer.echo(judge.figures(story))
    typer.echo(judge.verdict_line(story, found))
    raise typer.Exit(1 if found.differences else 0)


@app.command("weigh-table")
def weigh_table(
    *,
    deposits: Annotated[int, typer.Option(min=10, max=100_000, help="a row")] = 900,
    seed: Annotated[int, typer.Option(help="another stream")] = 1,
) -> None:
    """Print how well a point weighs, by division and noise of its scales, on modelled streams.

    Missed and false are deposits; mean and p99 are errors of what was found.

    Example: lianxin-sim weigh-table --deposits 900
    """
    from device_sim.weigh_table import HEADING, table  # noqa: PLC0415

    typer.echo(HEADING)
    for outcome in table(deposits, seed):
        typer.echo(outcome.line())


def _ports(base: int | None) -> Ports:
    if base is not None:
        return Ports(base, base + 1, base + 2, base + 3, base + 4, base + 5)
    first = BROKER_BASE
    return Ports(HTTP_PORT, first, first + 1, first + 10, first + 11, first + 20)


def _offset_s(start: str | None, now: datetime) -> int:
    """How far the hub's clock is moved so that it shows ``start`` now."""
    if start is None:
        return 0
    try:
        wanted = datetime.strptime(start, "%H:%M:%S").replace(tzinfo=SHANGHAI)
    except ValueError:
        _fail(f"--start {start}: expected HH:MM:SS, such as 23:59:30", code=2)
    moment = now.replace(hour=wanted.hour, minute=wanted.minute, second=wanted.second)
    return round((moment - now).total_seconds())


def _fail(line: str, code: int = 1) -> NoReturn:
    typer.echo(line, err=True)
    raise typer.Exit(code)


def _stop(_number: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt


def main() -> None:
    app()
