"""The decision about a batch and about a hello, without a store."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.intake.decide import (
    KEPT_NONCES,
    Answer,
    Cursor,
    Lease,
    judge_batch,
    lease,
    superseded_after,
)

LINES = [b"one", b"two", b"three", b"four", b"five"]


@given(upto=st.integers(0, 5), first=st.integers(1, 9), count=st.integers(1, 5))
def test_only_the_line_after_the_cursor_is_new(upto: int, first: int, count: int) -> None:
    lines = [b"%d" % seq for seq in range(first, first + count)]
    held = {seq: b"%d" % seq for seq in range(1, upto + 1)}
    batch = judge_batch(Cursor(upto, "n", quarantined=False), "n", first, lines, held)
    if first > upto + 1:
        assert batch.answer is Answer.GAP
    elif first + count - 1 <= upto:
        assert batch.answer is Answer.KNOWN
    else:
        assert (batch.answer, first + batch.skip) == (Answer.TAKE, upto + 1)


@given(changed=st.integers(1, 3))
def test_other_bytes_in_the_overlap_are_a_conflict(changed: int) -> None:
    held = dict(enumerate(LINES[:3], start=1)) | {changed: b"other"}
    batch = judge_batch(Cursor(3, "n", quarantined=False), "n", 1, LINES, held)
    assert (batch.answer, batch.seq) == (Answer.CONFLICT, changed)


def test_a_held_line_that_is_gone_is_no_duplicate() -> None:
    batch = judge_batch(Cursor(3, "n", quarantined=False), "n", 1, LINES, {1: b"one"})
    assert (batch.answer, batch.seq) == (Answer.CONFLICT, 2)


@pytest.mark.parametrize(
    ("cursor", "answer"),
    [
        (Cursor(0, "other", quarantined=False), Answer.NOT_LEASED),
        (Cursor(0, None, quarantined=False), Answer.NOT_LEASED),
        (Cursor(0, "n", quarantined=True), Answer.QUARANTINED),
    ],
)
def test_who_may_not_speak_is_not_heard(cursor: Cursor, answer: Answer) -> None:
    assert judge_batch(cursor, "n", 1, LINES, {}).answer is answer


@given(nonces=st.lists(st.sampled_from("abcd"), min_size=1, max_size=12))
def test_an_epoch_is_quarantined_when_an_earlier_start_comes_back(nonces: list[str]) -> None:
    current: str | None = None
    superseded: tuple[str, ...] = ()
    quarantined = False
    for no, nonce in enumerate(nonces):
        done = lease(nonce, current, superseded, quarantined=quarantined)
        came_back = nonce in nonces[:no] and nonce != nonces[no - 1]
        if quarantined or came_back:
            assert done is Lease.QUARANTINED
            quarantined = True
        elif nonce == current:
            assert done is Lease.KEPT
        else:
            assert done is Lease.TAKEN
            superseded, current = superseded_after(current, superseded), nonce


def test_remembered_starts_are_bounded() -> None:
    superseded: tuple[str, ...] = ()
    for no in range(50):
        superseded = superseded_after(str(no), superseded)
    assert superseded == tuple(str(no) for no in range(49, 49 - KEPT_NONCES, -1))
