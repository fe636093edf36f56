"""Commands of the point's machine."""

import csv
import logging
import sys
from pathlib import Path
from typing import Annotated

import typer

from edge.card_list import COLUMNS, tokenized
from edge.cards.token import Tokenizer
from edge.commission.command import HELP as COMMISSION_HELP
from edge.commission.command import commission
from edge.config import EdgeConfig, KeyFileError, load_keys, wrong_keys
from edge.decode import HELP as DECODE_HELP
from edge.decode import decode
from edge.signals.tones import Tried
from edge.store.file import OutboxError
from edge.weigh import weigh
from wire.broker import TlsError, wrong_tls
from wire.config_file import Config, ConfigError, read_config

EXIT_CONFIG = 2
app = typer.Typer(
    name="lianxin-edge",
    help="The daemon of one collection point, and its technician's tools.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
)
config_app = typer.Typer(no_args_is_help=True, help="The configuration file.")
app.add_typer(config_app, name="config")
app.command(help=DECODE_HELP)(decode)
app.command(help=COMMISSION_HELP)(commission)
app.command()(weigh)
ConfigOption = Annotated[Path, typer.Option("--config", "-c", help="the point's edge.toml")]


def _read(path: Path) -> EdgeConfig:
    return _read_as(path, EdgeConfig)


def _read_as(path: Path, model: type[Config]) -> Config:
    try:
        return read_config(path, model)
    except ConfigError as error:
        for problem in error.problems:
            typer.echo(problem, err=True)
        raise typer.Exit(EXIT_CONFIG) from None


def _fail(message: str, code: int = 1) -> typer.Exit:
    typer.echo(f"lianxin-edge: {message}", err=True)
    return typer.Exit(code)


@app.command()
def run(config: ConfigOption = Path("edge.toml")) -> None:
    """Serve the point until stopped.

    Example: lianxin-edge run --config /etc/lianxin/edge.toml
    """
    from edge.daemon import Daemon  # noqa: PLC0415 - other commands need no broker library
    from edge.ports.listen import one_port_twice  # noqa: PLC0415

    logging.basicConfig(
        level=logging.INFO, format="%(levelname)s %(name)s %(message)s", stream=sys.stderr
    )
    settings = _read(config)
    if twice := one_port_twice(settings):
        raise _fail("\n".join(twice), EXIT_CONFIG)
    try:
        daemon = Daemon(settings)
    except (KeyFileError, OutboxError, TlsError) as error:
        raise _fail(str(error)) from None
    daemon.run()


@config_app.command("check")
def config_check(
    file: Annotated[Path, typer.Argument(help="the point's edge.toml")] = Path("edge.toml"),
) -> None:
    """Say every error of the configuration at once; exit code 2 if there is one.

    Example: lianxin-edge config check /etc/lianxin/edge.toml
    """
    from edge.ports.listen import one_port_twice  # noqa: PLC0415
    from edge.signals.sounds import problems as sound_problems  # noqa: PLC0415

    settings = _read(file)
    problems = [
        *wrong_keys(settings.card_keys),
        *wrong_tls({"hub_broker": settings.hub_broker, "point_bus": settings.point_bus}),
        *one_port_twice(settings),
        *sound_problems(settings.signals),
    ]
    for problem in problems:
        typer.echo(f"{file}: {problem}", err=True)
    if problems:
        raise typer.Exit(EXIT_CONFIG)
    typer.echo(f"{file}: point {settings.point}, {len(settings.bins)} bins: no errors")


@app.command()
def tokenize(
    cards: Annotated[Path, typer.Argument(help="CSV with columns technology and uid")],
    config: ConfigOption = Path("edge.toml"),
) -> None:
    """Turn a supplier's card list into an import file: tokens instead of card numbers.

    Example: lianxin-edge tokenize --config edge.toml supplier.csv > cards.csv
    """
    settings = _read(config)
    told = {reader.card_technology for reader in settings.readers}
    try:
        tokenizer = Tokenizer(load_keys(settings.card_keys), settings.uid_bits)
        with cards.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file, restkey="", restval="")
            names = _columns(rows, str(cards))
            done = tokenized(rows, tokenizer, told)
    except UnicodeDecodeError:
        raise _fail(f"{cards}: not UTF-8; save it again as CSV in UTF-8") from None
    except csv.Error as error:
        raise _fail(f"{cards}: {error}") from None
    except (KeyFileError, OSError) as error:
        raise _fail(str(error)) from None
    if done.problems:
        raise _fail("\n".join(f"{cards} {problem}" for problem in done.problems))
    out = csv.DictWriter(sys.stdout, names, lineterminator="\n")
    out.writeheader()
    out.writerows(done.rows)


def _columns(rows: "csv.DictReader[str]", where: str) -> list[str]:
    names = list(rows.fieldnames or [])
    others = [name for name in names if name not in COLUMNS]
    if len(others) + len(COLUMNS) != len(names) or "" in names:
        raise _fail(f"{where}: columns {names}, expected technology and uid among them")
    return ["card", *others]


@app.command()
def ports(
    *,
    listen: Annotated[float, typer.Option(min=0, max=600, help="seconds, with --config")] = 4,
    config: Annotated[
        Path | None, typer.Option("--config", "-c", help="edge.toml; listen to its ports")
    ] = None,
) -> None:
    """List serial ports by stable name; with a configuration, say what is heard on each.

    Example: lianxin-edge ports --listen 5 --config edge.toml
    """
    from edge.ports import listing  # noqa: PLC0415 - other commands need no serial library

    settings = None if config is None else _read(config)
    for line in listing.listed(listing.found_ports(), listing.stable_names()):
        typer.echo(line)
    if settings is not None and listen:
        for line in listing.heard_lines(settings, listen):
            typer.echo(line)


@app.command()
def doctor(
    *,
    config: ConfigOption = Path("edge.toml"),
    listen: Annotated[float, typer.Option(min=0, max=60, help="seconds at free ports")] = 3,
) -> None:
    """Say what is wrong at this point and what to do; exit code 0 well, 1 warnings, 2 failures.

    Example: lianxin-edge doctor --config /etc/lianxin/edge.toml
    """
    from edge.doctor.examine import examine  # noqa: PLC0415 - needs serial and broker libraries
    from edge.doctor.finding import exit_code  # noqa: PLC0415

    logging.basicConfig(level=logging.ERROR)
    findings = []
    for finding in examine(config, listen):
        typer.echo(str(finding))
        findings.append(finding)
    raise typer.Exit(exit_code(findings))


@app.command("signal")
def signal_(
    name: Annotated[Tried, typer.Argument(help="which tone and lamp, or broadcast")],
    *,
    config: ConfigOption = Path("edge.toml"),
    reader: Annotated[str, typer.Option(help="whose lamps; absent = the point's")] = "",
) -> None:
    """Sound one tone and flash its lamp; exit code 1 if something configured does not work.

    Stop the daemon first where sound card or pins serve one program at a time.

    Example: lianxin-edge signal recorded --config /etc/lianxin/edge.toml
    """
    from edge.signals.try_out import try_out  # noqa: PLC0415 - needs the serial library

    logging.basicConfig(level=logging.ERROR)
    worked = True
    for good, line in try_out(_read(config), name, reader):
        typer.echo(("" if good else "failed: ") + line)
        worked = worked and good
    if not worked:
        raise typer.Exit(1)


@app.command()
def reader(
    *,
    socket: Annotated[Path, typer.Option(help="Unix socket to make; only its owner may open it")],
    config: Annotated[Path, typer.Option("--config", "-c", help="the desk's reader.toml")] = Path(
        "reader.toml"
    ),
) -> None:
    """Serve a desk's card reader: a JSON line with the card's token to every client of a socket.

    Example: lianxin-edge reader --config reader.toml --socket /run/lianxin/reader.sock
    """
    from edge.clock import system_time  # noqa: PLC0415 - other commands need no serial library
    from edge.reader_service import ReaderFile, ReaderService, SocketPathError  # noqa: PLC0415

    logging.basicConfig(
        level=logging.INFO, format="%(levelname)s %(name)s %(message)s", stream=sys.stderr
    )
    settings = _read_as(config, ReaderFile)
    try:
        service = ReaderService(settings, socket, system_time().up_ms)
    except (KeyFileError, SocketPathError) as error:
        raise _fail(str(error)) from None
    service.run()


@app.command("bus-config")
def bus_config(
    configs: Annotated[list[Path], typer.Argument(help="edge.toml of each point on this bus")],
    *,
    mqtt_port: Annotated[int, typer.Option(help="where scales and terminals connect")] = 1884,
    client_port: Annotated[int, typer.Option(help="the server's own port, unused")] = 4223,
    listen: Annotated[
        str, typer.Option(help="address for MQTT; that of the Wi-Fi where devices connect by it")
    ] = "127.0.0.1",
    store: Annotated[str, typer.Option(help="folder of the server")] = "bus",
    terminal_password: Annotated[str, typer.Option(envvar="LIANXIN_TERMINAL_PASSWORD")] = "",
    device_password: Annotated[str, typer.Option(envvar="LIANXIN_DEVICE_PASSWORD")] = "",
) -> None:
    """Print a NATS server configuration for the point bus.

    Example: lianxin-edge bus-config edge.toml > bus.conf && nats-server -c bus.conf
    """
    from edge.bus_config import nats_config  # noqa: PLC0415

    if not terminal_password or not device_password:
        raise _fail("give --terminal-password and --device-password", EXIT_CONFIG)
    text = nats_config(
        [_read(path) for path in configs],
        listen=listen,
        mqtt_port=mqtt_port,
        client_port=client_port,
        store=store,
        terminal_password=terminal_password,
        device_password=device_password,
    )
    sys.stdout.write(text)
