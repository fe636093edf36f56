"""A fact's name stands in the log, once, though the signal does not wait for it."""

import pytest

from tests.edge.daemon_rig import SUPERVISOR_TAG, TAG, HubOnBroker, Peer, Rig, rig
from tests.programs import until
from wire import topics
from wire.codec import decode
from wire.point_bus import Screen, Signal

__all__ = ["rig"]


def test_every_recorded_fact_is_in_the_log(
    rig: tuple[Rig, HubOnBroker, Peer], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "edge.recorder")
    point, _, terminal = rig
    point.start()
    screen, signal = topics.SCREEN.of("p03"), topics.SIGNAL.of("p03")
    until(
        lambda: screen in terminal.latest and decode(terminal.latest[screen], Screen).reader_ok,
        "the reader is open",
    )
    point.hold_card(TAG)
    until(lambda: signal in terminal.latest, "the signal")
    first = decode(terminal.latest[signal], Signal).fact
    until(lambda: f"recorded tap {first} " in caplog.text, "the line in the log")
    point.hold_card(SUPERVISOR_TAG)
    until(lambda: decode(terminal.latest[signal], Signal).fact != first, "another signal")
    second = decode(terminal.latest[signal], Signal).fact
    until(lambda: f"recorded tap {second} " in caplog.text, "the line of the fact after it")
    assert caplog.text.count(f"recorded tap {first} ") == 1
