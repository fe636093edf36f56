"""A desk's reader as a process of its own: tokens come out of the socket, card numbers nowhere."""

import json
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from device_sim.devices import rdm6300
from device_sim.devices.pn532 import Tag
from device_sim.devices.pty_port import PtyPort
from device_sim.devices.serial_lines import Pn532Reader
from edge.cards.token import Tokenizer
from edge.clock import system_time
from edge.events import PortDown, StopAsked
from edge.point.taps import SameCard
from edge.reader_service import (
    MAX_CLIENTS,
    SAME_CARD_MS,
    LineSocket,
    ReaderFile,
    ReaderService,
    SocketPathError,
)
from edge.readings import CardRead
from tests.edge.technician.bench import KEY, READER, run, toml
from tests.programs import until
from wire.config_file import read_config

UIDS = ("0086CE6D", "00C5D1E9")
OLD_KEY, NEW_KEY = KEY, b"\x22" * 32
TOKENIZER = Tokenizer({1: OLD_KEY, 2: NEW_KEY})


def write_reader(folder: Path, **more: object) -> Path:
    for number, key in ((1, OLD_KEY), (2, NEW_KEY)):
        (folder / f"key-{number}.hex").write_text(key.hex())
    keys = {"1": "key-1.hex", "2": "key-2.hex"}
    path = folder / "reader.toml"
    path.write_text(toml({"card_keys": keys, "readers": [READER]} | more))
    return path


def client(path: Path) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(10)
    connection.connect(str(path))
    return connection


def lines(connection: socket.socket, count: int) -> list[dict[str, Any]]:
    received = b""
    while received.count(b"\n") < count:
        received += connection.recv(4096)
    return [json.loads(line) for line in received.splitlines()]


@contextmanager
def program(folder: Path) -> Iterator[tuple[Path, Path]]:
    """The command as an administrator starts it; yields its socket and its log."""
    config, path, log = write_reader(folder), folder / "reader.sock", folder / "log"
    with log.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "edge", "reader", "--config", config, "--socket", path],
            stdout=file,
            stderr=file,
        )
    try:
        until(lambda: b"ready" in log.read_bytes(), "the reader's port is open")
        yield path, log
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    finally:
        process.kill()
        process.wait()


def test_every_client_gets_tokens_and_no_card_number_leaves(tmp_path: Path) -> None:
    with PtyPort(tmp_path / "card") as card:
        with program(tmp_path) as (path, log):
            assert path.stat().st_mode & 0o777 == 0o600
            with client(path) as gone:
                gone.sendall(b"what clients say is ignored\n")
            with client(path) as one, client(path) as other:
                for uid in UIDS:
                    for _ in range(5):
                        card.write(rdm6300.frame(uid))
                card.write(b"\x02garbage 0086CE6D \x03")
                heard = lines(one, 2)
                assert lines(other, 2) == heard
                one.settimeout(0.3)
                with pytest.raises(TimeoutError):
                    one.recv(1)
        said = log.read_text() + json.dumps(heard)
    expected = [TOKENIZER.tokens(CardRead("em4100", uid)) for uid in UIDS]
    assert heard == [{"card": new, "card_old": old} for new, old in expected]
    assert not path.exists()
    for secret in (*UIDS, "86CE6D", "C5D1E9", str(0x86CE6D), OLD_KEY.hex(), NEW_KEY.hex()):
        assert secret.lower() not in said.lower()


@contextmanager
def serving(service: ReaderService) -> Iterator[None]:
    thread = threading.Thread(target=service.serve)
    thread.start()
    try:
        yield
    finally:
        service.events.put(StopAsked())
        thread.join(10)
    assert not thread.is_alive()


def test_a_telephone_is_refused_in_the_log_without_its_number(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    readers = [READER | {"kind": "pn532"}]
    config = read_config(write_reader(tmp_path, readers=readers), ReaderFile)
    chip = Pn532Reader(tmp_path / "card")
    path = tmp_path / "reader.sock"
    try:
        with serving(ReaderService(config, path, system_time().up_ms)), client(path) as desk:
            chip.chip.tag = Tag(bytes.fromhex("08A1B2C3"))
            until(lambda: "a random card number" in caplog.text, "the refusal")
            chip.chip.tag = Tag(bytes.fromhex("048222AADC3980"))
            heard = lines(desk, 1)
    finally:
        chip.close()
    assert heard[0]["card"] == TOKENIZER.tokens(CardRead("iso14443a", "048222AADC3980"))[0]
    assert not any(part in caplog.text for part in ("A1B2C3", "8222AADC"))


def test_a_pulled_reader_is_said_once_and_comes_back(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    config = read_config(write_reader(tmp_path), ReaderFile)
    path = tmp_path / "reader.sock"
    service = ReaderService(config, path, system_time().up_ms)
    with serving(service), client(path) as desk:
        until(lambda: "trying again" in caplog.text, "the missing port is logged")
        for _ in range(3):
            service.events.put(PortDown("reader-1", "still missing"))
        with PtyPort(tmp_path / "card") as card:
            until(lambda: "ready" in caplog.text, "the port is open")
            card.write(rdm6300.frame(UIDS[0]))
            assert len(lines(desk, 1)) == 1
            assert caplog.text.count("trying again") == 1
        until(lambda: caplog.text.count("trying again") == 2, "the pulled reader is logged")


def test_a_held_card_is_one_line_until_it_is_away_for_three_seconds() -> None:
    same = SameCard()
    held = [
        same.sighting("r", "k1.a", up_ms, SAME_CARD_MS) == "held" for up_ms in (0, 2900, 5800, 8801)
    ]
    assert held == [False, True, True, False]


def test_what_a_killed_process_left_is_taken_over_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "s"
    left = socket.socket(socket.AF_UNIX)
    left.bind(str(path))
    left.close()
    living = LineSocket(path)
    with pytest.raises(SocketPathError, match="another program serves"):
        LineSocket(path)
    living.close()
    path.write_text("precious")
    with pytest.raises(SocketPathError, match="something else stands there"):
        LineSocket(path)
    assert path.read_text() == "precious"
    with pytest.raises(SocketPathError, match="short path"):
        LineSocket(tmp_path / ("x" * 200))


def test_a_client_that_does_not_read_hinders_nobody(tmp_path: Path) -> None:
    lines_out = LineSocket(tmp_path / "s")
    with client(tmp_path / "s") as deaf, client(tmp_path / "s") as reading:
        for _ in range(100):
            lines_out.send(b"x" * 8000 + b"\n")
            assert len(reading.recv(8001, socket.MSG_WAITALL)) == 8001
        while deaf.recv(65536):
            pass
    lines_out.close()


def test_clients_without_end_are_sent_away_and_their_places_come_free(tmp_path: Path) -> None:
    lines_out = LineSocket(tmp_path / "s")
    crowd = [client(tmp_path / "s") for _ in range(MAX_CLIENTS)]
    lines_out.turn(1)
    with client(tmp_path / "s") as late:
        lines_out.turn(1)
        assert late.recv(1) == b""
    for member in crowd:
        member.close()
    with client(tmp_path / "s") as later:
        lines_out.turn(1)
        lines_out.send(b"here\n")
        assert later.recv(5) == b"here\n"
    lines_out.close()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"readers": [READER, READER | {"name": "r2", "port": "b"}]}, "at most 1 item"),
        ({"readers": [READER | {"kind": "wiegand-serial-hex6"}]}, "set uid_bits = 24"),
        ({"card_keys": {"1": "absent.hex"}}, "expected 64 hex digits"),
        ({"community": "lhyy"}, "unknown key"),
    ],
)
def test_a_wrong_file_is_refused_with_its_reason(
    tmp_path: Path, change: dict[str, object], words: str
) -> None:
    path = write_reader(tmp_path, **change)
    done = run("reader", "--config", str(path), "--socket", str(tmp_path / "s"))
    assert done.exit_code != 0
    assert words in done.output
    assert not os.path.lexists(tmp_path / "s")
