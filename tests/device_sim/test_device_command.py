"""``lianxin-sim device``: what an installer sees, and a point that reads the device meanwhile."""

import io
import os
import queue
import signal
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from device_sim.cli import app
from device_sim.devices import registry
from device_sim.devices.mqtt_readers import WIFI_READERS
from device_sim.single.hands import VERBS
from edge.cards.token import Tokenizer
from edge.events import CardSeen, Event
from edge.ports.assemble import make_workers
from tests.device_sim.device_yard import EM, KEYS, config_of, token_of, up_ms
from tests.programs import free_port, until

STARTED = "# it speaks now; type help, or end it with ctrl+c\n"
ROOT = Path(__file__).parents[2]


def run(*words: str, typed: str = "quit\n") -> Result:
    return CliRunner().invoke(app, ["device", *words], input=typed)


def test_help_names_every_device_and_its_variants() -> None:
    shown = run("--help").output
    for kind in (*registry.SERIAL, *registry.WIFI):
        assert kind in shown
    for variants in registry.VARIANTS.values():
        assert ", ".join(variants) in shown


@pytest.mark.parametrize("kind", registry.SERIAL)
def test_every_serial_device_starts_and_says_how_it_is_configured(
    tmp_path: Path, kind: str
) -> None:
    done = run(kind, "--link", str(tmp_path / "line"), "--slaves", "3", typed="help\nquit\n")
    assert done.exit_code == 0, done.output
    assert "unplug" in done.output
    bits = 24 if kind == "wiegand-serial-hex6" else 32
    config = config_of(tmp_path, done.output.partition("# it speaks now")[0], bits)
    assert str(tmp_path / "line") in repr(config)
    assert not (tmp_path / "line").is_symlink(), "taken away at the end"


def test_a_broker_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("device_sim.single.cli.ONLINE_S", 0.2)
    done = run(next(iter(WIFI_READERS)), "--broker", f"127.0.0.1:{free_port()}")
    assert done.exit_code == 2
    assert "no connection within" in done.output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["rdm6301", "--link", "{}/x"], "expected one of rdm6300, "),
        (["rdm6300"], "set --link to the name it shall have"),
        (["rdm6300", "--link", "{}/x", "--variant", "cr"], "rdm6300 has none"),
        (["qr-line", "--link", "{}/x", "--variant", "lf"], "expected one of crlf, cr, none"),
        (["rdm6300", "--link", "{}/x", "--card", "12"], "found 1 bytes, expected 4"),
        (["rdm6300", "--link", "{}/x", "--card", "zz"], "no hex digits"),
        (["rdm6300", "--link", "{}/notes"], "is there already"),
        (["rdm6300", "--link", "{}/no/folder"], "No such file or directory"),
        (["esphome-hx711", "--broker", "here"], "expected HOST:PORT"),
    ],
)
def test_a_wrong_wish_is_refused_with_what_is_expected(
    tmp_path: Path, words: list[str], said: str
) -> None:
    (tmp_path / "notes").write_text("mine")
    done = run(*(word.format(tmp_path) for word in words))
    assert done.exit_code == 2, done.output
    assert said in done.output
    assert (tmp_path / "notes").read_text() == "mine"


@pytest.mark.parametrize(
    ("kind", "typed", "said"),
    [
        ("rdm6300", "drop 1", "expected one of card, take"),
        ("mt-sics", "drop", "expected drop KG [ADDRESS]"),
        ("mt-sics", "drop much", "expected a number from -150 to 150"),
        ("mt-sics", "noise 2", "expected a number from 0 to 1"),
        ("mt-sics", "plug {}/no/folder", "expected a path that can be made"),
        ("modbus", "drop 1 9", "expected one of 1, 2"),
        ("xk3190-command", "refuse 1 2", "expected one of drop"),
    ],
)
def test_words_that_it_does_not_understand_change_nothing(
    tmp_path: Path, kind: str, typed: str, said: str
) -> None:
    typed = typed.format(tmp_path)
    done = run(kind, "--link", str(tmp_path / "line"), typed=f"{typed}\nquit\n")
    assert said in done.output
    assert "done:" not in done.output


def test_every_word_is_done(tmp_path: Path) -> None:
    words = ["drop 1.2 2", "restart 1 1", "noise 0.5", "torn 0.5", "flipped 0.5", "stuck", "silent",
             "dead 1", "late 2 0.5", "refuse 2 4", "unplug", "plug", "well"]  # fmt: skip
    done = run("modbus", "--link", str(tmp_path / "bus"), typed="\n".join([*words, "quit\n"]))
    for word in words:
        assert f"done: {word}" in done.output, done.output
    card = run("pn532", "--link", str(tmp_path / "card"), typed="card 048222AADC3980\ntake\nquit\n")
    assert card.output.count("done:") == 2
    told = {word.split()[0] for word in words} | {"card", "take", "vanish"}
    assert told == set(VERBS)


@contextmanager
def killed(process: "subprocess.Popen[str]") -> Iterator[None]:
    """What fails inside does not wait for ever."""
    try:
        yield
    finally:
        process.kill()


def test_a_point_reads_what_the_command_pretends_to_be(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "device_sim", "device", "id12la", "--link", "card"]
    with subprocess.Popen(
        [*command, "--card", EM, "--every", "0.3", "--hold", "0.1"],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}, text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    ) as process, killed(process):  # fmt: skip
        assert process.stdout is not None
        shown = "".join(iter(process.stdout.readline, STARTED))
        said = tomllib.load(io.BytesIO(shown.encode()))
        said["readers"][0]["port"] = str(tmp_path / said["readers"][0]["port"])
        config = config_of(tmp_path, f"readers = [{_inline(said['readers'][0])}]", 32)
        events: queue.Queue[Event] = queue.Queue()
        worker, *_ = make_workers(config, Tokenizer(KEYS), events, up_ms)
        worker.start()
        tokens: set[str] = set()
        until(lambda: not events.empty() and _seen(events, tokens), "a card")
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0
        worker.stop()
        worker.join(2)
        assert process.stdout.read() == "taken away\n"
    assert tokens == {token_of("id12la", "")}
    assert not (tmp_path / "card").is_symlink()


def _seen(events: "queue.Queue[Event]", tokens: set[str]) -> bool:
    event = events.get()
    if isinstance(event, CardSeen):
        tokens.add(event.token)
    return bool(tokens)


def _inline(table: dict[str, str]) -> str:
    return "{" + ", ".join(f'{key} = "{value}"' for key, value in table.items()) + "}"
