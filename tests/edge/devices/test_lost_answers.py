"""Several scales on one line: a lost answer now and then is noise, silence is a dead scale."""

import queue
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_sim.devices.asked_lines import AskedLine, CommandLine
from device_sim.devices.load import BinLoad
from device_sim.devices.serial_devices import ScaleBus
from edge.cards.token import Tokenizer
from edge.config import EdgeConfig
from edge.events import Event, PortHeard, Weights
from edge.ports.assemble import make_workers
from edge.ports.patience import DEAD_AFTER, DEAD_RETRY_MS, Patience
from edge.readings import WeightFault, WeightRead
from tests.device_sim.device_yard import KEYS, config_of, up_ms
from tests.programs import until

SWEEP_MS = 250
WORDS = {
    "modbus": '[[buses]]\nname = "line"\nkind = "modbus"\ncount = 3\nstatus_register = 2\n'
    "stable_mask = 1\noverload_mask = 2\nsweep_ms = 20\nbaudrate = 115200\n",
    "xk3190-command": '[[command_lines]]\nname = "line"\nkind = "xk3190-command"\nsweep_ms = 20\n'
    "baudrate = 115200\n",
}


@given(st.lists(st.booleans(), max_size=60))
def test_who_answers_at_least_every_third_time_is_never_given_up(answers: list[bool]) -> None:
    patience, lost, up = Patience(), 0, 0
    patience.answered(1)
    for answer in answers:
        up += SWEEP_MS
        assert patience.due(1, up) or lost >= DEAD_AFTER
        lost = 0 if answer else lost + 1
        if answer:
            patience.answered(1)
        else:
            assert patience.missed(1, up) == (lost >= DEAD_AFTER)
    assert patience.due(1, up) == (lost < DEAD_AFTER)
    assert patience.due(1, up + DEAD_RETRY_MS)


def test_who_never_answered_is_asked_now_and_then_only() -> None:
    patience = Patience()
    assert patience.missed("A", 0)
    assert not patience.due("A", DEAD_RETRY_MS - 1)
    assert patience.due("A", DEAD_RETRY_MS)
    assert patience.missed("A", DEAD_RETRY_MS), "one more try, not three"


def forgetful(line: type[AskedLine], *arguments: Any, **more: Any) -> AskedLine:
    """Every fourth request is not heard."""

    class Forgetful(line):  # type: ignore[misc, valid-type]
        asked = 0

        def turn(self, data: bytes) -> bytes:
            self.asked += bool(data)
            return b"" if data and self.asked % 4 == 0 else super().turn(data)

    return Forgetful(*arguments, **more)


@pytest.mark.parametrize(("kind", "line"), [("modbus", ScaleBus), ("xk3190-command", CommandLine)])
def test_a_lost_answer_is_counted_and_leaves_the_bin_as_it_was(
    tmp_path: Path, kind: str, line: type[AskedLine]
) -> None:
    load = BinLoad(empty_g=9_000, division_g=20, noise_g=0, seed=1)
    words = f'{WORDS[kind]}port = "{tmp_path / "wire"}"\ntimeout_s = 0.2\n'
    bins = '[[bins]]\nno = 1\ncategory = "other"\nbus = "line"\nslave = 1\n'
    config: EdgeConfig = config_of(tmp_path, words + bins, 32)
    events: queue.Queue[Event] = queue.Queue()
    heard: list[Event] = []

    def of(kind: type[Event]) -> list[Any]:
        while not events.empty():
            heard.append(events.get())
        return [event for event in heard if isinstance(event, kind)]

    def readings() -> list[WeightRead | WeightFault]:
        return [reading for event in of(Weights) for _, reading in event.readings]

    with closing(forgetful(line, tmp_path / "wire", {1: load}, baudrate=115_200)):
        workers = make_workers(config, Tokenizer(KEYS), events, up_ms)
        (worker,) = [worker for worker in workers if worker.name == "line"]
        worker.start()
        until(lambda: len(readings()) >= 12, "readings")
        worker.stop()
        worker.join(5)
    assert {type(reading) for reading in readings()} == {WeightRead}
    assert sum(len(event.bad) for event in of(PortHeard)) >= 2, "the lost ones are counted"
