"""The host's side against a chip from the data sheet, under a virtual clock."""

import random
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from device_sim.devices.pn532 import Chip, Tag
from edge.cards.pn532_host import LISTEN_MS, POLL_MS, RETRY_MS, Pn532Host
from edge.readings import BadFrame, CardRead

TICK_MS = 20


@dataclass
class Line:
    """Host and chip on one wire; ``spoil`` changes what the host hears."""

    loss: float = 0.0
    seed: int = 1
    chip: Chip = field(default_factory=Chip)
    host: Pn532Host = field(default_factory=Pn532Host)
    up_ms: int = 0
    powered: bool = True
    cards: list[str] = field(default_factory=list)
    bad: list[str] = field(default_factory=list)
    sent: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.luck = random.Random(self.seed)
        self.to_host = b""

    def run(self, ms: int) -> "Line":
        for _ in range(ms // TICK_MS):
            self.up_ms += TICK_MS
            turn = self.host.turn(self.to_host, self.up_ms)
            for heard in turn.heard:
                if isinstance(heard, CardRead):
                    self.cards.append(heard.uid)
                elif isinstance(heard, BadFrame):
                    self.bad.append(heard.reason)
            self.sent += [turn.send] if turn.send else []
            answer = self.chip.hear(turn.send) if turn.send else self.chip.look()
            self.to_host = self._through(answer) if self.powered else b""
        return self

    def _through(self, data: bytes) -> bytes:
        if data and self.luck.random() < self.loss:
            place = self.luck.randrange(len(data))
            return data[:place] + bytes([data[place] ^ 0x10]) + data[place + 1 :]
        return data


@pytest.mark.parametrize(
    "tag",
    [
        Tag(bytes.fromhex("507E7A59")),
        Tag(bytes.fromhex("048222AADC3980")),
        Tag(bytes.fromhex("04010203040506070809")),
        Tag(bytes.fromhex("FDE60899"), ats=bytes.fromhex("7880900220900000000000FDE60899")),
    ],
    ids=lambda tag: f"{len(tag.uid)}-{len(tag.ats)}",
)
def test_a_card_of_any_length_is_read(tag: Tag) -> None:
    line = Line().run(500)
    assert line.cards == []
    line.chip.tag = tag
    line.run(100)
    assert line.cards == [tag.uid.hex().upper()]
    assert line.bad == []


def test_a_held_card_is_told_again_and_again() -> None:
    line = Line().run(300)
    line.chip.tag = Tag(bytes.fromhex("507E7A59"))
    line.run(5 * (POLL_MS + 2 * TICK_MS))
    assert 4 <= len(line.cards) <= 6


def test_it_wakes_first_and_asks_again_while_nobody_comes() -> None:
    line = Line().run(3 * LISTEN_MS)
    assert line.sent[0].startswith(b"\x55\x55\x00")
    assert len(line.sent) >= 3
    assert line.bad == []


def test_a_chip_that_lost_its_power_is_noticed_and_woken_again() -> None:
    line = Line().run(500)
    line.powered = False
    line.run(2 * LISTEN_MS)
    assert "no_answer" in line.bad
    line.powered = True
    line.chip.power_cycle()
    line.chip.tag = Tag(bytes.fromhex("507E7A59"))
    line.run(2 * RETRY_MS)
    assert line.cards


def test_a_damaged_answer_is_asked_for_once_more() -> None:
    line = Line(loss=1.0).run(100)
    line.loss = 0.0
    line.run(3000)
    line.chip.tag = Tag(bytes.fromhex("507E7A59"))
    line.loss = 1.0
    line.run(TICK_MS)
    line.loss = 0.0
    line.run(200)
    assert line.cards


def test_a_uid_of_zeros_is_no_card() -> None:
    line = Line()
    line.chip.tag = Tag(bytes(4))
    line.run(500)
    assert line.cards == []
    assert "null_uid" in line.bad


@settings(max_examples=20)
@given(st.integers(0, 10_000), st.floats(0, 0.3))
def test_over_a_bad_line_no_other_card_appears_and_the_right_one_does(
    seed: int, loss: float
) -> None:
    line = Line(loss=loss, seed=seed)
    line.chip.tag = Tag(bytes.fromhex("048222AADC3980"))
    line.run(20_000)
    assert set(line.cards) == {"048222AADC3980"}


@settings(max_examples=40)
@given(st.lists(st.binary(max_size=40), max_size=40))
def test_random_bytes_never_raise_and_never_flood_the_chip(chunks: list[bytes]) -> None:
    host, sent = Pn532Host(), 0
    for number, chunk in enumerate(chunks):
        sent += len(host.turn(chunk, number * TICK_MS).send)
    assert sent < 100 + 80 * len(chunks)
