"""Lamps on gpiozero's simulated pins: whose lamp, which rhythm, and none at all."""

import builtins
import itertools
import queue
from collections.abc import Iterator
from typing import Any

import gpiozero  # type: ignore[import-untyped]
import pytest
from gpiozero.pins.mock import MockFactory  # type: ignore[import-untyped]

from edge.events import Event, PortDown, PortUp
from edge.signals.config import LampPins, LampsConfig
from edge.signals.lamps import BLINKS, Lamps
from tests.programs import until

POINT = LampsConfig(
    recorded=17, accepted=27, see_supervisor=22,
    readers={"reader-2": LampPins(recorded=5, accepted=6)},
)  # fmt: skip
ALL_PINS = (17, 27, 22, 5, 6)


@pytest.fixture
def board() -> Iterator[MockFactory]:
    factory = MockFactory()
    yield factory
    factory.close()


def lit(board: MockFactory, pin: int) -> int:
    """How many times a pin went high."""
    states = [state.state for state in board.pin(pin).states]
    return sum(before is False and after is True for before, after in itertools.pairwise(states))


def started(board: MockFactory) -> tuple[Lamps, "queue.Queue[Event]"]:
    events: queue.Queue[Event] = queue.Queue()
    lamps = Lamps(POINT, events, board)
    lamps.start()
    return lamps, events


def test_each_signal_has_its_lamp_and_its_rhythm(board: MockFactory) -> None:
    lamps, events = started(board)
    assert events.get_nowait() == PortUp("lights")
    lamps.say("accepted", "reader-1")
    lamps.say("recorded", "reader-2")
    until(lambda: lit(board, 27) == 2, "the point's lamp flashed twice")
    until(lambda: not any(board.pin(pin).state for pin in ALL_PINS), "all are dark")
    assert [lit(board, pin) for pin in ALL_PINS] == [0, 2, 0, 1, 0]
    lamps.say("refused", "reader-2")
    until(lambda: lit(board, 22) == 3, "the point's, where the reader has none")
    lamps.stop()
    assert len({(blink.lamp, blink.times) for blink in BLINKS.values()}) == len(BLINKS)


def test_a_rejection_lights_nothing(board: MockFactory) -> None:
    lamps, _ = started(board)
    lamps.say("soft", "reader-1")
    assert [lit(board, pin) for pin in ALL_PINS] == [0] * 5
    lamps.stop()


def test_the_newest_signal_is_the_one_that_shines(board: MockFactory) -> None:
    lamps, _ = started(board)
    lamps.say("see_supervisor", "reader-1")
    until(lambda: board.pin(22).state, "the first lamp is on")
    lamps.say("accepted", "reader-1")
    assert not board.pin(22).state
    before = lit(board, 22)
    until(lambda: lit(board, 27) == 2, "the second flashed")
    assert lit(board, 22) == before
    lamps.stop()


def test_a_taken_pin_or_no_board_is_a_state(board: MockFactory) -> None:
    taken = gpiozero.LED(27, pin_factory=board)
    lamps, events = started(board)
    down = events.get_nowait()
    assert isinstance(down, PortDown)
    assert "GPIOPinInUse" in down.reason
    lamps.say("accepted", "reader-1")
    lamps.stop()
    taken.close()


def test_without_gpiozero_the_lamps_stay_dark(
    board: MockFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name.split(".", maxsplit=1)[0] == "gpiozero":
            raise ModuleNotFoundError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    lamps, events = started(board)
    lamps.say("recorded", "reader-1")
    lamps.stop()
    down = events.get_nowait()
    assert isinstance(down, PortDown)
    assert "pip install 'lianxin[gpio]'" in down.reason
