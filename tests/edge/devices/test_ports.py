"""Readers and scales on real pseudo-ttys, with simulators written from the data sheets."""

import queue
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from device_sim.devices import indicators
from device_sim.devices.load import BinLoad
from device_sim.devices.pn532 import Tag
from device_sim.devices.pty_port import PtyPort
from device_sim.devices.serial_lines import Indicator, Pn532Reader, SerialDevice, SicsScale
from edge.cards.token import Tokenizer
from edge.config import EdgeConfig
from edge.device_config import ReaderConfig
from edge.events import CardRefused, CardSeen, Event, PortDown, PortHeard, PortUp, Weights
from edge.ports.reader import ReaderWorker
from edge.ports.scale_line import scale_workers
from edge.ports.worker import PortWorker
from edge.readings import CardRead, WeightFault, WeightRead
from edge.scales import xk3190
from tests.programs import until

BROKER = {"username": "p03", "password": "x"}
TOKENIZER = Tokenizer({1: b"\x11" * 32})


def up_ms() -> int:
    return time.monotonic_ns() // 1_000_000


@dataclass
class Bench:
    folder: Path
    events: "queue.Queue[Event]" = field(default_factory=queue.Queue)
    heard: list[Event] = field(default_factory=list)
    workers: list[PortWorker] = field(default_factory=list)
    devices: list[SerialDevice] = field(default_factory=list)

    def config(self, bins: list[dict[str, Any]], **more: object) -> EdgeConfig:
        return EdgeConfig.model_validate({
            "community": "lhyy", "point": "p03", "node": "p03", "data": self.folder,
            "card_keys": {1: self.folder / "key"}, "hub_broker": BROKER, "point_bus": BROKER,
            "readers": [{"name": "r", "kind": "rdm6300", "port": "r"}], "bins": bins,
        } | more)  # fmt: skip

    def start(self, workers: Sequence[PortWorker]) -> None:
        self.workers += workers
        for worker in workers:
            worker.start()
        until(lambda: len(self.of(PortUp)) >= len(workers), "every port is open")

    def of(self, kind: type[Event]) -> list[Any]:
        while not self.events.empty():
            self.heard.append(self.events.get())
        return [event for event in self.heard if isinstance(event, kind)]

    def weights(self, bin_no: int = 1) -> list[WeightRead | WeightFault]:
        return [r for event in self.of(Weights) for no, r in event.readings if no == bin_no]

    def stop(self) -> None:
        for worker in self.workers:
            worker.stop()
        for worker in self.workers:
            worker.join(2)
        for device in self.devices:
            device.close()


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path)
    yield bench
    bench.stop()


def load(grams: int) -> BinLoad:
    return BinLoad(empty_g=grams, division_g=20, noise_g=0, seed=1)


def scale(no: int, kind: str, port: Path, **more: object) -> dict[str, Any]:
    return {"no": no, "category": "other", "kind": kind, "port": port} | more


def reader(bench: Bench, **config: object) -> ReaderWorker:
    told = ReaderConfig.model_validate({"name": "reader-1"} | config)
    return ReaderWorker(told, TOKENIZER, bench.events, up_ms)


def test_a_pn532_gives_tokens_and_refuses_a_telephone(bench: Bench) -> None:
    chip = Pn532Reader(bench.folder / "nfc")
    bench.devices.append(chip)
    bench.start([reader(bench, kind="pn532", port=bench.folder / "nfc")])
    chip.chip.tag = Tag(bytes.fromhex("048222AADC3980"))
    until(lambda: bench.of(CardSeen), "the card")
    token, _ = TOKENIZER.tokens(CardRead("iso14443a", "048222AADC3980"))
    assert {event.token for event in bench.of(CardSeen)} == {token}
    chip.chip.tag = Tag(bytes.fromhex("08A1B2C3"))
    until(lambda: bench.of(CardRefused), "the telephone is refused")
    assert len({event.token for event in bench.of(CardSeen)}) == 1
    everything = repr(bench.heard)
    assert "8222AADC" not in everything
    assert "A1B2C3" not in everything


def test_a_pn532_pulled_and_put_back_reads_on(bench: Bench) -> None:
    chip = Pn532Reader(bench.folder / "nfc")
    bench.devices.append(chip)
    bench.start([reader(bench, kind="pn532", port=bench.folder / "nfc")])
    chip.unplug()
    until(lambda: bench.of(PortDown), "the hang-up")
    chip.chip.power_cycle()
    chip.chip.tag = Tag(bytes.fromhex("507E7A59"))
    chip.replug(bench.folder / "nfc")
    until(lambda: bench.of(CardSeen), "the card after the replug")


@pytest.mark.parametrize(
    ("config", "line", "uid"),
    [
        ({"kind": "em18"}, b"4500C5D1E9B8", "00C5D1E9"),
        ({"kind": "id12la"}, b"\x020C000621A58E\r\n\x03", "000621A5"),
        ({"kind": "7941-uart10"}, bytes.fromhex("020a022e00b6d7b5f203"), "00B6D7B5"),
        ({"kind": "wiegand-serial-dec10"}, b"0009357203\r\n", "008EC793"),
        ({"kind": "ascii-line-decimal", "length": 10}, b"0009357203\r", "008EC793"),
        (
            {"kind": "ascii-line-uid", "length": 8, "technology": "em4100", "terminator": "none"},
            b"008ec793",
            "008EC793",
        ),
    ],
    ids=lambda value: value["kind"] if isinstance(value, dict) else "",
)
def test_every_reader_gives_the_token_of_the_same_card(
    bench: Bench, config: dict[str, Any], line: bytes, uid: str
) -> None:
    with PtyPort(bench.folder / "wire") as port:
        bench.start([reader(bench, port=bench.folder / "wire", **config)])
        port.write(line)
        until(lambda: bench.of(CardSeen), "the card")
        assert bench.of(CardSeen)[0].token == TOKENIZER.tokens(CardRead("em4100", uid))[0]


KINDS: dict[str, tuple[indicators.Encoder, dict[str, Any]]] = {
    "xk3190-a9": (indicators.xk3190, {"unit": "kg"}),
    "toledo-continuous": (indicators.toledo, {"parity": "even", "data_bits": 7, "checksum": "yes"}),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_streaming_scale_weighs_through_noise_and_torn_frames(bench: Bench, kind: str) -> None:
    encode, more = KINDS[kind]
    device = Indicator(bench.folder / "scale", encode, load(12_340), hz=30)
    bench.devices.append(device)
    bins = [scale(1, kind, bench.folder / "scale", **more)]
    bench.start(scale_workers(bench.config(bins), bench.events, up_ms))
    until(bench.weights, "a weight")
    device.mischief.noise = device.mischief.torn = device.mischief.flipped = 0.3
    until(lambda: min(device.mischief.done.values()) > 3, "mischief done")
    until(lambda: any(event.bad for event in bench.of(PortHeard)), "errors counted")
    assert {reading.grams for reading in bench.weights() if isinstance(reading, WeightRead)} == {
        12_340
    }


def test_scales_are_pulled_and_come_back_with_another_tare(bench: Bench) -> None:
    device = Indicator(bench.folder / "scale", indicators.xk3190, load(8_000), hz=30)
    bench.devices.append(device)
    bins = [scale(1, "xk3190-a9", bench.folder / "scale", unit="kg")]
    bench.start(scale_workers(bench.config(bins), bench.events, up_ms))
    until(bench.weights, "a weight")
    device.unplug()
    until(lambda: bench.of(PortDown), "the hang-up")
    device.replug(bench.folder / "other")
    (bench.folder / "scale").symlink_to(bench.folder / "other")
    device.restart(tare_g=8_000)
    until(lambda: bench.weights()[-1] == WeightRead(0), "the scale under its new tare")


def test_an_overloaded_toledo_is_a_fault_never_a_weight(bench: Bench) -> None:
    device = Indicator(bench.folder / "scale", indicators.toledo, load(151_000), hz=30)
    bench.devices.append(device)
    bins = [scale(1, "toledo-continuous", bench.folder / "scale", checksum="yes")]
    bench.start(scale_workers(bench.config(bins), bench.events, up_ms))
    until(bench.weights, "a reading")
    assert all(isinstance(r, WeightFault) and r.reason == "overload" for r in bench.weights())


def test_an_mt_sics_scale_is_asked(bench: Bench) -> None:
    bench.devices.append(SicsScale(bench.folder / "scale", load(4_560)))
    bins = [scale(1, "mt-sics", bench.folder / "scale", ask_ms=50)]
    bench.start(scale_workers(bench.config(bins), bench.events, up_ms))
    until(lambda: len(bench.weights()) > 2, "answers")
    assert set(bench.weights()) == {WeightRead(4_560, stable=True)}


class _CommandLine(SerialDevice):
    """Two XK3190 in command mode on one line, as the A23p manual draws it."""

    def __init__(self, link: Path, grams: dict[bytes, int]) -> None:
        super().__init__(link, 9600)
        self._grams = grams
        self.speaks_for: dict[bytes, bytes] = {}
        self._thread.start()

    def turn(self, data: bytes) -> bytes:
        if len(data) != 6 or data[1:2] not in self._grams:
            return b""
        letter = self.speaks_for.get(data[1:2], data[1:2])
        body = letter + data[2:3] + b"+%06d3" % self._grams[data[1:2]]
        return b"\x02" + body + xk3190.check(body) + b"\x03"


def test_indicators_on_one_line_are_asked_by_their_letters(bench: Bench) -> None:
    bench.devices.append(_CommandLine(bench.folder / "line", {b"A": 1500, b"C": 2500}))
    bins = [
        {"no": no, "category": "other", "bus": "line-1", "slave": slave}
        for no, slave in ((1, 1), (2, 2), (3, 3))
    ]
    line = {"name": "line-1", "kind": "xk3190-command", "port": bench.folder / "line"}
    config = bench.config(bins, command_lines=[line | {"sweep_ms": 50}])
    bench.start(scale_workers(config, bench.events, up_ms))
    until(lambda: len(bench.weights(3)) > 2, "two sweeps")
    assert set(bench.weights(1)) == {WeightRead(1500)}
    assert set(bench.weights(3)) == {WeightRead(2500)}
    dead = bench.weights(2)
    assert len(dead) == 1, "a dead indicator is not asked in every sweep"
    assert isinstance(dead[0], WeightFault)


def test_an_answer_with_another_letter_is_nobodys(bench: Bench) -> None:
    line = _CommandLine(bench.folder / "line", {b"A": 1500, b"B": 2500})
    line.speaks_for = {b"A": b"B"}
    bench.devices.append(line)
    bins = [{"no": no, "category": "other", "bus": "line-1", "slave": no} for no in (1, 2)]
    told = {"name": "line-1", "kind": "xk3190-command", "port": bench.folder / "line"}
    config = bench.config(bins, command_lines=[told])
    bench.start(scale_workers(config, bench.events, up_ms))
    until(lambda: bench.weights(1) and bench.weights(2), "a sweep")
    assert all(isinstance(reading, WeightFault) for reading in bench.weights(1))
    assert WeightRead(2500) in bench.weights(2)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"bins": [scale(1, "xk3190-a9", Path("s"))]}, "does not tell the unit"),
        ({"bins": [scale(1, "xk3190-a9", Path("s"), unit="kg", bus="b", slave=1)]}, "either bus"),
        ({"bins": [scale(1, "toledo-continuous", Path("s"))]}, "set checksum to yes or no"),
        ({"bins": [scale(n, "cas-22", Path("s")) for n in (1, 2)]}, "'s' is used twice"),
        ({"bins": [scale(1, "cas-22", Path("s"), ask_ms=100)]}, "ask_ms is for kind mt-sics"),
        ({"readers": [{"name": "r", "kind": "qr-line", "port": "r"}]}, "set length"),
        (
            {"readers": [{"name": "r", "kind": "wiegand-serial-hex6", "port": "r"}]},
            "see 24 bits of a card; set uid_bits = 24",
        ),
        ({"bins": [{"no": 1, "category": "other", "bus": "line", "slave": 1}]}, "not among"),
    ],
)
def test_a_configuration_that_cannot_work_is_refused(
    bench: Bench, change: dict[str, Any], words: str
) -> None:
    good = [scale(1, "cas-22", Path("s"))]
    with pytest.raises(ValidationError, match=words):
        bench.config(change.pop("bins", good), **change)
