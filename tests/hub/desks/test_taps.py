"""Taps in memory: once, to their desk, for ten seconds, with room for few who wait."""

import threading
import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.desks.taps import WAITERS, OtherTapError, Taps, TooManyError
from tests.programs import until


class Clock:
    def __init__(self) -> None:
        self.s = 1000.0

    def __call__(self) -> float:
        return self.s


def in_thread(wait: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=wait)
    thread.start()
    return thread


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.sampled_from("ab"), st.integers(0, 99)),
        st.tuples(st.just("take"), st.sampled_from("ab"), st.just(0)),
        st.tuples(st.just("pass"), st.just(""), st.integers(1, 6)),
    ),
    max_size=60,
)


@settings(max_examples=60)
@given(STEPS)
def test_each_tap_is_given_once_in_order_to_its_desk_while_it_is_good(
    steps: list[tuple[str, str, int]],
) -> None:
    clock, model = Clock(), {"a": list[tuple[float, str]](), "b": list[tuple[float, str]]()}
    taps = Taps(clock)
    for what, desk, no in steps:
        if what == "pass":
            clock.s += no
        elif what == "put":
            taps.put(desk, f"k{no}")
            model[desk] = [*model[desk], (clock.s, f"k{no}")][-4:]
        else:
            good = [tap for tap in model[desk] if tap[0] > clock.s - 10]
            assert taps.take(desk, 0) == (good[0][1] if good else None)
            model[desk] = good[1:]


def test_who_waits_gets_the_tap_as_it_comes_and_nobody_else_does() -> None:
    taps, got = Taps(time.monotonic), list[tuple[str, str | None]]()
    waits = [in_thread(lambda d=d: got.append((d, taps.take(d, 20)))) for d in ("d1", "d2")]  # type: ignore[misc]
    taps.put("d1", "k-one")
    waits[0].join(5)
    assert got == [("d1", "k-one")]
    taps.put("d2", "k-two")
    waits[1].join(5)
    assert got == [("d1", "k-one"), ("d2", "k-two")]
    assert taps.take("d1", 0) is None


def test_of_two_who_wait_at_one_desk_one_gets_the_tap() -> None:
    taps, got = Taps(time.monotonic), list[str | None]()
    waits = [in_thread(lambda: got.append(taps.take("d1", 0.5))) for _ in range(2)]
    taps.put("d1", "k-one")
    for wait in waits:
        wait.join(5)
    assert sorted(got, key=str) == [None, "k-one"]


def test_one_more_than_there_is_room_for_is_sent_away() -> None:
    taps, entered = Taps(time.monotonic), threading.Semaphore(0)

    def wait() -> None:
        entered.release()
        taps.take("d1", 20)

    waits = [in_thread(wait) for _ in range(WAITERS)]
    until(lambda: _refused(taps), "there is no room")
    for _ in range(WAITERS):
        entered.acquire()
    while any(one.is_alive() for one in waits):
        taps.put("d1", "k")
        for one in waits:
            one.join(0.01)
    assert taps.take("d2", 0.01) is None


def _refused(taps: Taps) -> bool:
    try:
        taps.take("d2", 0.001)
    except TooManyError:
        return True
    return False


def test_no_more_desks_than_a_hall_has_are_remembered() -> None:
    clock = Clock()
    taps = Taps(clock)
    for no in range(64):
        taps.put(f"d{no}", "k")
    with pytest.raises(TooManyError):
        taps.put("d64", "k")
    taps.put("d0", "k")
    clock.s += 10
    taps.put("d64", "k")


def test_keys_are_forgotten_in_time_and_never_more_than_there_is_room_for() -> None:
    clock = Clock()
    taps = Taps(clock)
    assert [taps.put("a", "k", "one") for _ in range(2)] == [True, False]
    clock.s += 599
    assert not taps.put("a", "k", "one")
    with pytest.raises(OtherTapError):
        taps.put("b", "k", "one")
    clock.s += 1
    assert taps.put("a", "k", "one")
    assert all(taps.put("a", "k", f"key-{no}") for no in range(5000))
    assert taps.put("a", "k", "one"), "the oldest made room"
