"""Any history of taps, verdicts, bindings, settlements and money against an independent model."""

import itertools
from collections import Counter
from datetime import date, timedelta
from typing import Any, Literal

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Engine
from sqlmodel import Session

from hub.db import write_session
from hub.ledger.accounts import balance
from hub.ledger.payouts import close_payout, open_payouts
from hub.ledger.redemptions import close_redemption, reserve
from hub.ledger.verify import verify
from hub.rewards.settlement import settle_day
from tests.hub.ledger.money_model import Aside, Model, Said, Tapped
from tests.hub.rewards.case_world import CaseWorld
from tests.hub.rewards.point_node import encode_fact, hex_id, stamp
from tests.hub.rewards.registry_rows import at_ms
from wire.day import day_start_ms, local_time
from wire.facts import VerdictUndone

DAYS = [date(2026, 5, 2) + timedelta(days=number) for number in range(3)]
HOMES = ["H0", "H1", "H2"]
MONTH, MONTH_ENDS = "2026-05", date(2026, 5, 31)
JUNE_MS = at_ms("2026-06-10T09:00:00+08:00")
MINUTE_MS = 60_000
CASE = {
    "households": [{"id": home, "building": "1"} for home in HOMES],
    "bindings": [
        {"card": f"K{n}", "household": home, "from": "2026-01-01T00:00:00+08:00"}
        for n, home in enumerate(HOMES)
    ],
    "policies": [{"id": "P0", "from_day": "2026-05-01"}],
    "people": [],
}
_community = itertools.count()
cards = st.sampled_from([f"K{n}" for n in range(4)])
homes, days = st.sampled_from(HOMES), st.sampled_from(DAYS)
minutes = st.integers(0, 23 * 60)
words = st.sampled_from(["approved", "approved", "corrected", "rejected", "unclear"])
keys = st.sampled_from(["r1", "r2", "r3", "r4"])
results = st.sampled_from(["posted", "void"])


def local(moment_ms: int) -> str:
    return local_time(moment_ms).isoformat()


class Money(RuleBasedStateMachine):
    """Each rule does a thing to the hub and to the model and compares what both say of it."""

    def __init__(self, store: Engine) -> None:
        super().__init__()
        self.world = CaseWorld(store, f"machine-{next(_community)}", CASE)
        since = at_ms("2026-01-01T00:00:00+08:00")
        self.model = Model([(f"K{n}", since, home) for n, home in enumerate(HOMES)],
                           [(date(2026, 5, 1), 30)])  # fmt: skip
        self.now_ms = JUNE_MS
        self.numbers = itertools.count(1)
        self.verdict_ids: dict[int, str] = {}

    @initialize()
    def money_to_begin_with(self) -> None:
        for number in range(len(HOMES)):
            for day in DAYS[number:]:
                self.tap(f"K{number}", day, 480, late_days=0, word="approved")
        for day in DAYS:
            self.settle(day, restate=False)
        assert [self.model.balance(home)[0] for home in HOMES] == [90, 60, 30]

    @rule(
        card=cards, day=days, minute=minutes, late_days=st.sampled_from([0, 2, 31, 32]), word=words
    )
    def tap(self, card: str, day: date, minute: int, late_days: int, word: str) -> None:
        name, at = f"E{next(self.numbers)}", day_start_ms(day) + minute * MINUTE_MS
        received = at + late_days * 24 * 60 * MINUTE_MS
        step = {"op": "event", "id": name, "card": card, "point": "P01", "expect": "accepted"}
        self.world.run(step | {"occurred_at": local(at), "received_at": local(received)})
        self.model.taps[name] = Tapped(card, day, at, day + timedelta(days=late_days))
        self._judge(name, word, at + MINUTE_MS, staff=False)

    @rule(data=st.data(), word=words, minute=minutes, staff=st.booleans())
    def judge(self, data: Any, word: str, minute: int, *, staff: bool) -> None:
        tap = data.draw(st.sampled_from(sorted(self.model.taps)))
        word = "rejected" if staff and word == "unclear" else word
        at = self._next_ms() if staff else day_start_ms(DAYS[2]) + minute * MINUTE_MS
        self._judge(tap, word, at, staff=staff)

    def _judge(self, tap: str, word: str, at: int, *, staff: bool) -> None:
        step = {"op": "verdict", "event": tap, "value": word, "by": "V1", "at": local(at)}
        self.world.run(step | {"role": "staff" if staff else "volunteer"})
        pays = {"approved": True, "corrected": True, "rejected": False, "unclear": None}[word]
        if not staff:
            self.verdict_ids[len(self.model.said)] = f"{self.world.verdicts:032x}"
        self.model.said.append(Said(tap, pays, staff, at))

    @precondition(lambda self: self.verdict_ids)
    @rule(data=st.data())
    def undo(self, data: Any) -> None:
        self._undo(data.draw(st.sampled_from(sorted(self.verdict_ids))))

    def _undo(self, number: int) -> None:
        said, verdict = self.model.said[number], self.verdict_ids.pop(number)
        body = VerdictUndone(verdict=verdict, visit=hex_id(said.tap), by="v1", command_id="0" * 32)
        fact = hex_id(f"u{next(self.numbers)}")
        self.world.send("p01", encode_fact(fact, stamp(said.at_ms + 1), body), said.at_ms + 1)
        said.undone = True

    @rule(card=cards, home=homes, day=days, minute=minutes)
    def bind(self, card: str, home: str, day: date, minute: int) -> None:
        since = day_start_ms(day) + minute * MINUTE_MS + next(self.numbers)
        self.world.run({"op": "bind", "card": card, "household": home, "from": local(since)})
        self.model.bound.append((card, since, home))

    @rule(data=st.data())
    def send_again(self, data: Any) -> None:
        if self.world.lines:
            again = data.draw(st.sampled_from(range(len(self.world.lines))))
            self.world.send_again([self.world.lines[again]])

    def send_last_again(self) -> None:
        self.world.send_again([self.world.lines[-1]])

    @rule(day=days, amount=st.sampled_from([20, 50]))
    def publish(self, day: date, amount: int) -> None:
        step = {"op": "policy", "id": f"P{next(self.numbers)}", "from_day": str(day)}
        self.world.run(step | {"amount_fen": amount})
        self.model.rates.append((day, amount))

    @rule(day=days, restate=st.booleans())
    def settle(self, day: date, *, restate: bool) -> None:
        with write_session(self.world.engine) as session:
            settle_day(session, self.world.community, day, self._next_ms(), restate=restate)
        assert self._new_entries() == self.model.settle(day, restate=restate)

    @rule(
        key=st.sampled_from(["r1", "r2", "r3", "r4"]),
        home=homes,
        fen=st.sampled_from([0, 10, 30, 61]),
    )
    def set_aside(self, key: str, home: str, fen: int) -> None:
        with write_session(self.world.engine) as session:
            said = reserve(
                session, self.world.community, home, fen, key=key, now_ms=self._next_ms()
            )
        assert said == self.model.reserve(key, home, fen)

    @precondition(lambda self: self.model.spent)
    @rule(data=st.data(), result=results)
    def spend(self, data: Any, result: Literal["posted", "void"]) -> None:
        self._spend(data.draw(st.sampled_from(sorted(self.model.spent))), result)

    def _spend(self, key: str, result: Literal["posted", "void"]) -> None:
        with write_session(self.world.engine) as session:
            said = close_redemption(
                session, self.world.community, key, result, now_ms=self._next_ms()
            )
        assert said == self.model.close([self.model.spent[key]], result)

    @rule(min_fen=st.sampled_from([1, 40]))
    def open_month(self, min_fen: int) -> None:
        with write_session(self.world.engine) as session:
            opened = open_payouts(
                session, self.world.community, MONTH, self._next_ms(), min_fen=min_fen
            )
        due = {home: fen for home, fen in self.model.due(MONTH_ENDS).items() if fen >= min_fen}
        assert {item.household: item.amount_fen for item in opened} == due
        self.model.payouts += [Aside(home, fen) for home, fen in sorted(due.items())]

    @precondition(lambda self: self.model.payouts)
    @rule(data=st.data(), result=results)
    def close_one(self, data: Any, result: Literal["posted", "void"]) -> None:
        homes = sorted({item.household for item in self.model.payouts})
        self._close_one(data.draw(st.sampled_from(homes)), result)

    def _close_one(self, home: str, result: Literal["posted", "void"]) -> None:
        with write_session(self.world.engine) as session:
            said = close_payout(
                session, self.world.community, MONTH, home, result, now_ms=self._next_ms()
            )
        mine = [item for item in self.model.payouts if item.household == home]
        assert said == self.model.close(mine, result)

    @invariant()
    def balances_agree(self) -> None:
        with Session(self.world.engine) as session:
            for home in HOMES:
                found = balance(session, self.world.community, home)
                assert tuple(found) == self.model.balance(home)

    def teardown(self) -> None:
        for day in DAYS:
            self.settle(day=day, restate=False)
        with Session(self.world.engine) as session:
            assert verify(session, self.world.community) == []

    def _next_ms(self) -> int:
        self.now_ms += MINUTE_MS
        return self.now_ms

    def _new_entries(self) -> Counter[tuple[str, int]]:
        rewards = ("reward", "supplement", "reversal")
        new = self.world._new_entries()
        return Counter((row.household_id, row.amount_fen) for row in new if row.kind in rewards)


@pytest.mark.parametrize(
    ("examples", "steps"), [(6, 40), pytest.param(14, 60, marks=pytest.mark.long)]
)
def test_any_history_ends_as_the_model_says(store: Engine, examples: int, steps: int) -> None:
    class Here(Money):
        def __init__(self) -> None:
            super().__init__(store)

    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=examples, stateful_step_count=steps, deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
