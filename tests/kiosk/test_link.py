"""What the header says of the hub, and what becomes of questions that nobody answers."""

import threading
from functools import partial
from typing import Any

from kiosk.common.hub import HubAwayError, HubPort
from kiosk.common.link import LOOK_MS, SLOW_MS, Link
from kiosk.common.settings import HubConfig
from kiosk.common.worker import Broken, Done, Worker
from kiosk.words import translator
from tests.programs import until

T = translator("zh")


def _doing(done: list[str], name: str, _port: HubPort) -> None:
    done.append(name)


def test_the_header_says_when_the_hub_is_slow_away_and_back() -> None:
    link = Link()
    assert link.shown(0, T) == ("○", "top")
    link.asked(0)
    assert link.shown(SLOW_MS - 1, T) == ("○", "top")
    assert link.shown(SLOW_MS, T) == ("… 等待应答", "away")
    assert not link.heard(0, online=True)
    assert link.shown(SLOW_MS, T) == ("●", "top")
    link.asked(SLOW_MS)
    assert not link.heard(0, online=False)
    assert link.shown(SLOW_MS, T) == ("○ 未联网", "away")
    link.asked(SLOW_MS)
    assert link.heard(0, online=True), "it is back"


def test_whether_it_is_back_is_asked_now_and_then_and_never_twice_at_once() -> None:
    link = Link()
    assert not link.look(LOOK_MS), "nobody knows that it is away"
    link.asked(0)
    link.heard(0, online=False)
    assert not link.look(LOOK_MS - 1)
    assert link.look(LOOK_MS)
    assert not link.look(2 * LOOK_MS - 1)
    link.asked(2 * LOOK_MS)
    assert not link.look(2 * LOOK_MS), "something is being asked already"
    link.heard(2 * LOOK_MS, online=False)
    assert link.look(2 * LOOK_MS)
    link.asked(2 * LOOK_MS)
    assert link.heard(2 * LOOK_MS, online=True)
    link.asked(9 * LOOK_MS)
    link.heard(9 * LOOK_MS, online=False)
    assert not link.look(10 * LOOK_MS - 1), "it has just gone"
    assert link.look(10 * LOOK_MS)


def test_what_waits_behind_an_unanswered_question_is_given_up_with_it() -> None:
    told: list[Done | Broken] = []
    port = HubPort(HubConfig(url="http://127.0.0.1:1", username="a", password="b"))
    worker = Worker(port, told.append)
    asked, go = threading.Event(), threading.Event()
    done: list[str] = []

    def silent(_port: HubPort) -> Any:
        asked.set()
        go.wait(30)
        raise HubAwayError("silent")

    worker.start()
    worker.ask(silent)
    assert asked.wait(30)
    for name in ("second", "third"):
        worker.ask(partial(_doing, done, name))
    go.set()
    until(lambda: len(told) == 3, "all three are told")
    worker.ask(partial(_doing, done, "later"))
    worker.stop(30)
    assert done == ["later"], "and what is asked afterwards is asked"
    assert [isinstance(one, Done) and str(one.value) for one in told[:3]] == ["silent"] * 3
