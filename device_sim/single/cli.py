"""``lianxin-sim device``: one device on a pseudo-tty or on the point bus, in a terminal."""

import queue
import signal
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from device_sim.devices import registry
from device_sim.devices.load import BinLoad
from device_sim.devices.mqtt_readers import WIFI_READERS
from device_sim.devices.mqtt_scales import Access
from device_sim.devices.serial_lines import PN532_BAUD, SerialDevice
from device_sim.single.hands import Device, HandError, help_of, obey
from device_sim.single.snippet import snippet

CARD = "008EC793"
ONLINE_S = 5
EXIT_USAGE = 2


def _kinds(title: str, kinds: tuple[str, ...]) -> str:
    rows = [f"  {kind:<22}{', '.join(registry.VARIANTS.get(kind, ()))}".rstrip() for kind in kinds]
    return "\b\n" + "\n".join([title, *rows])


HELP = f"""Pretend to be one device, so that a point's daemon can be tried without hardware.

It prints what the point's configuration has to say of it, then does what is typed: "card 008EC793",
"drop 1.2", "unplug", "plug", "help". It goes on when its input ends; ctrl+c ends it.

\b
Examples:
  lianxin-sim device rdm6300 --link /tmp/card --card 008EC793 --every 5
  lianxin-sim device xk3190-a9 --link /tmp/scale --weight 12.5 --noise 0.1 --torn 0.1
  lianxin-sim device modbus --link /tmp/bus --slaves 14 --variant cas-ci600d
  lianxin-sim device esphome-hx711 --broker 127.0.0.1:1883 --name p12-bin01 --interval 0.5

{_kinds("Serial devices and their variants, the default first:", registry.SERIAL)}

{_kinds("On the point bus:", registry.WIFI)}
"""


@dataclass(frozen=True)
class Wishes:
    """What the command line asked for."""

    kind: str
    link: Path | None
    variant: str | None
    baudrate: int | None
    hz: float | None
    slaves: int
    broker: str
    name: str
    username: str
    password_file: Path | None
    interval_s: float | None
    weight_g: int
    division_g: int
    jitter_g: float

    @property
    def speed(self) -> int:
        """Bits a second."""
        usual = {registry.PN532: PN532_BAUD, registry.MODBUS: 19_200}.get(self.kind, 9600)
        return self.baudrate or usual

    def load(self, no: int = 1) -> BinLoad:
        return BinLoad(
            empty_g=self.weight_g, division_g=self.division_g, noise_g=self.jitter_g, seed=no
        )


def device(
    kind: Annotated[str, typer.Argument(help="one of the devices below")],
    *,
    link: Annotated[Path | None, typer.Option(help="serial: the name to make")] = None,
    variant: Annotated[str | None, typer.Option(help="how the device is set up")] = None,
    card: Annotated[list[str] | None, typer.Option(help="readers: in turn, see --every")] = None,
    every: Annotated[float, typer.Option(min=0.1, help="seconds from card to card")] = 5,
    hold: Annotated[float, typer.Option(min=0.05, help="seconds a card lies there")] = 1,
    weight: Annotated[float, typer.Option(min=-99, max=200, help="kilograms")] = 5,
    division: Annotated[int, typer.Option(min=1, max=1000, help="grams a step")] = 20,
    jitter: Annotated[float, typer.Option(min=0, help="grams, how unsteady the load is")] = 4,
    hz: Annotated[float | None, typer.Option(min=0.1, max=80, help="readings a second")] = None,
    slaves: Annotated[int, typer.Option(min=1, max=26, help="scales on one line")] = 2,
    baudrate: Annotated[int | None, typer.Option(min=300, max=921_600)] = None,
    noise: Annotated[float, typer.Option(min=0, max=1, help="chance of noise a frame")] = 0,
    torn: Annotated[float, typer.Option(min=0, max=1, help="chance of a torn frame")] = 0,
    flipped: Annotated[float, typer.Option(min=0, max=1, help="chance of a wrong bit")] = 0,
    broker: Annotated[str, typer.Option(metavar="HOST:PORT")] = "127.0.0.1:1883",
    name: Annotated[str, typer.Option(help="on the point bus")] = "p01-bin01",
    username: Annotated[str, typer.Option(help="on the point bus")] = "",
    password_file: Annotated[Path | None, typer.Option(help="one line")] = None,
    interval: Annotated[
        float | None, typer.Option(min=0.1, help="seconds; absent: as the firmware does by itself")
    ] = None,
) -> None:
    """Pretend to be one device."""
    wishes = Wishes(
        kind=kind, link=link, variant=variant, baudrate=baudrate, hz=hz, slaves=slaves,
        broker=broker, name=name, username=username, password_file=password_file,
        interval_s=interval, weight_g=round(weight * 1000), division_g=division, jitter_g=jitter,
    )  # fmt: skip
    cards = card or []
    for number in (signal.SIGINT, signal.SIGTERM):  # a script's background job ignores SIGINT
        signal.signal(number, signal.default_int_handler)
    try:
        made = _make(wishes)
    except ValueError as error:
        _fail(str(error))
    except OSError as error:
        _fail(f"{error.filename or link}: {error.strerror or error}")
    try:
        if isinstance(made, SerialDevice):
            made.mischief.noise, made.mischief.torn = noise, torn
            made.mischief.flipped = flipped
        elif not made.station.wait_online(ONLINE_S):
            _fail(
                f"--broker {broker}: no connection within {ONLINE_S} s; is it running, may we in?"
            )
        _introduce(wishes, cards)
        _serve(made, cards, every, hold)
    except HandError as error:
        _fail(str(error))
    except KeyboardInterrupt:
        typer.echo("taken away")
    finally:
        made.close()


def _make(wishes: Wishes) -> Device:
    kind = wishes.kind
    if kind in WIFI_READERS:
        return registry.wifi_reader(kind, wishes.name, _access(wishes), wishes.variant)
    if kind in registry.WIFI_SCALES:
        return registry.wifi_scale(
            kind, wishes.name, _access(wishes), wishes.load(),
            variant=wishes.variant, interval_s=wishes.interval_s,
        )  # fmt: skip
    if kind not in registry.SERIAL:
        msg = f"device {kind!r}: expected one of {', '.join((*registry.SERIAL, *registry.WIFI))}"
        raise ValueError(msg)
    if wishes.link is None:
        msg = f"{kind} is a serial device: set --link to the name it shall have, as /tmp/{kind}"
        raise ValueError(msg)
    if wishes.link.exists() and not wishes.link.is_symlink():
        msg = f"--link {wishes.link}: is there already; expected a free name, or a link of ours"
        raise ValueError(msg)
    if kind in registry.READERS:
        return registry.reader(kind, wishes.link, wishes.variant)
    if kind in registry.BUSES:
        loads = {no: wishes.load(no) for no in range(1, wishes.slaves + 1)}
        return registry.bus(kind, wishes.link, loads, baudrate=wishes.speed, variant=wishes.variant)
    return registry.scale(
        kind, wishes.link, wishes.load(),
        variant=wishes.variant, baudrate=wishes.speed, hz=wishes.hz,
    )  # fmt: skip


def _access(wishes: Wishes) -> Access:
    host, _, port = wishes.broker.rpartition(":")
    if not host or not port.isdigit():
        msg = f"--broker {wishes.broker}: expected HOST:PORT, such as 127.0.0.1:1883"
        raise ValueError(msg)
    password = ""
    if wishes.password_file is not None:
        password = wishes.password_file.read_text(encoding="utf-8").strip()
    return Access(host, int(port), wishes.username, password)


def _introduce(wishes: Wishes, cards: list[str]) -> None:
    variant = registry.variant_of(wishes.kind, wishes.variant)
    place = wishes.name if wishes.link is None else str(wishes.link)
    card = cards[0] if cards else CARD
    typer.echo("# for the point's configuration:")
    typer.echo(
        snippet(
            wishes.kind, variant,
            place=place, card=card, baudrate=wishes.speed, count=wishes.slaves,
        )
    )  # fmt: skip
    typer.echo("# it speaks now; type help, or end it with ctrl+c")


def _serve(made: Device, cards: list[str], every_s: float, hold_s: float) -> None:
    """Cards in turn, and what is typed in between; ends by a signal, or by the word quit."""
    typed: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(typed,), daemon=True).start()
    turn, next_s, take_s = 0, time.monotonic(), float("inf")
    while True:
        now_s = time.monotonic()
        if cards and now_s >= next_s:
            obey(made, f"card {cards[turn % len(cards)]}")
            turn, next_s, take_s = turn + 1, now_s + every_s, now_s + hold_s
        if now_s >= take_s:
            obey(made, "take")
            take_s = float("inf")
        wait_s = min(next_s if cards else float("inf"), take_s, now_s + 1) - now_s
        try:
            line = typed.get(timeout=max(wait_s, 0))
        except queue.Empty:
            continue
        if line == "quit":
            return
        _do(made, line)


def _do(made: Device, line: str) -> None:
    try:
        if line == "help":
            typer.echo(help_of(made) + "\n  quit")
        elif line:
            obey(made, line)
            typer.echo(f"done: {line}")
    except HandError as error:
        typer.echo(str(error), err=True)


def _listen(typed: "queue.SimpleQueue[str]") -> None:
    for line in sys.stdin:
        typed.put(line.strip())


def _fail(line: str) -> NoReturn:
    typer.echo(line, err=True)
    raise typer.Exit(EXIT_USAGE)
