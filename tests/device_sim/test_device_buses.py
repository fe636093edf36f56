"""Lines with several scales that misbehave one by one, read by the point's own workers."""

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast

import pytest

from device_sim.devices import registry
from device_sim.devices.asked_lines import AskedLine
from device_sim.devices.mischief import BusMischief
from edge.events import PortHeard, Weights
from edge.readings import WeightFault, WeightRead
from tests.device_sim.device_yard import (
    Clock,
    Line,
    hasty_ms,
    hears_all,
    insist,
    plug_in,
    up_ms,
)
from tests.programs import until

LATE_S = {2: 0.06, 4: 0.1, 5: 0.14}
LATE_ANSWERS = 14
SHORT_S, LONG_S = 0.04, 0.5
"""Time-outs: shorter than the late answers, longer than any hiccup of a busy machine."""
SWEEPS = 20
Plug = Callable[[Clock, float], list[Line]]


@pytest.fixture
def plug(tmp_path: Path) -> Iterator[Plug]:
    lines: list[Line] = []

    def start(clock: Clock, timeout_s: float) -> list[Line]:
        for kind in registry.BUSES:
            lines.append(plug_in(tmp_path, kind, clock=clock, timeout_s=timeout_s, sweep_ms=0))
            lines[-1].worker.start()
        insist(lines, hears_all, "every scale is read")
        return lines

    yield start
    for line in lines:
        line.worker.stop()
    for line in lines:
        line.worker.join(2)
        line.device.close()


def mischief_of(line: Line) -> BusMischief:
    return cast("AskedLine", line.device).mischief


def weighed(line: Line) -> Counter[int]:
    """How many weights of each bin were heard."""
    readings = [pair for event in line.of(Weights) for pair in event.readings]
    return Counter(no for no, reading in readings if isinstance(reading, WeightRead))


def faulty(line: Line) -> set[int]:
    """The bins of which faults were heard."""
    readings = [pair for event in line.of(Weights) for pair in event.readings]
    return {no for no, reading in readings if isinstance(reading, WeightFault)}


def lost(line: Line) -> int:
    """How many answers were counted as lost."""
    bad = [item for event in line.of(PortHeard) for item in event.bad]
    return sum(item.reason == "no_answer" for item in bad)


def await_faults(line: Line, bins: set[int]) -> None:
    until(lambda: faulty(line) >= bins, f"faults of bins {bins}")


def test_a_late_answer_is_never_taken_for_another_scale(plug: Plug) -> None:
    lines = plug(hasty_ms, SHORT_S)
    for line in lines:
        line.forget()
        mischief_of(line).late_s = dict(LATE_S)
    for line in lines:
        await_faults(line, set(LATE_S))
    until(
        lambda: all(mischief_of(line).done["late"] >= LATE_ANSWERS for line in lines),
        "late answers",
    )
    for line in lines:
        late = mischief_of(line).done["late"]
        assert lost(line) > late / 2, "a sweep on its way holds back three at most"
        assert line.values() <= line.expected
        mischief_of(line).late_s = {}
        line.forget()
    insist(lines, hears_all, "every scale is read again")
    for line in lines:
        assert line.values() == line.expected


def test_a_dead_scale_is_left_alone_and_the_others_keep_their_rate(plug: Plug) -> None:
    lines = plug(up_ms, LONG_S)
    for line in lines:
        mischief_of(line).dead = {3}
    for line in lines:
        await_faults(line, {3})
        line.forget()
    alive = {1, 2, 4, 5, 6}
    until(
        lambda: all(weighed(line)[no] >= SWEEPS for line in lines for no in alive),
        "sweeps of both lines",
    )
    for line in lines:
        # Asking it would cost a time-out in every sweep and be told as a fault.
        assert 3 not in faulty(line), "a dead one is asked again after seconds only"
        assert set(weighed(line)) == alive


def test_an_exception_reply_is_a_fault_of_its_own_scale(plug: Plug) -> None:
    line, _ = plug(up_ms, LONG_S)
    mischief_of(line).refusing = {4: 2}
    await_faults(line, {4})
    line.forget()
    until(lambda: weighed(line)[1] >= 3 and faulty(line), "sweeps")
    assert line.values() == line.expected - {(4, 4000)}
    assert {fault.reason for fault in line.faults()} == {"exception"}


def test_a_stuck_line_gives_no_scale_the_weight_of_another(plug: Plug) -> None:
    lines = plug(hasty_ms, SHORT_S)
    for line in lines:
        mischief_of(line).stuck = True
        line.forget()
    # One scale may be the very one whose frame is repeated.
    until(lambda: all(len(faulty(line)) > 3 for line in lines), "most scales are missed")
    for line in lines:
        assert line.values() <= line.expected
