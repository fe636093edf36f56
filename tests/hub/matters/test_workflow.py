"""The workflow against its own promises: legal and illegal acts in any order, by anybody."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from pydantic import TypeAdapter

from hub.matters import acts, minutes
from hub.matters.acts import AnyAct
from hub.matters.fold import after, folded
from hub.matters.model import ENDED, Actor, Event, Matter, Side, State
from hub.matters.routing import assign, doubt
from hub.matters.timers import Moment, due_acts
from hub.matters.transitions import (
    TRANSITIONS,
    Doing,
    IllegalActError,
    NotYoursError,
    Now,
    possible,
)
from hub.matters.triage import Responsibility
from hub.matters.workflow import judge
from wire.day import business_day

DAY_MS = 86_400_000
HOME = "3-2-501"
OFFICERS = {"o01": "committee", "o02": "property", "o03": "property", "o04": "committee",
            "li.fang": "office"}  # fmt: skip
ANY: TypeAdapter[acts.Act] = TypeAdapter(AnyAct)


@dataclass(frozen=True)
class Two:
    """One of each side."""

    def person_for(self, side: Side) -> str:
        return "o01" if side == "committee" else "o02"


def now(at_ms: int) -> Now:
    return Now(at_ms, Two())


def actor(person: str) -> Actor:
    return Actor(person, OFFICERS[person], "d1")  # type: ignore[arg-type]


def received(by: str = "o01") -> Event:
    data = {
        "kind": "repair", "place": "东门", "text": "灯不亮", "channel": "desk", "household": HOME,
        "receiver": by, "receiver_body": OFFICERS[by],
    }  # fmt: skip
    return Event("receive", 0, actor(by), State.RECEIVED, "", data)


def edges() -> set[tuple[State | None, State]]:
    """With the first one, from nothing."""
    found: set[tuple[State | None, State]] = {(None, State.RECEIVED)}
    for moves in TRANSITIONS.values():
        found |= {(begin, end) for begin, ends in moves.items() for end in ends}
    return found


def test_the_table_has_thirty_moves_between_twelve_states() -> None:
    assert len(edges()) == 30
    assert {state for edge in edges() for state in edge} == {None, *State}


def test_every_state_is_reached_and_none_is_a_trap() -> None:
    leads: dict[State | None, set[State]] = defaultdict(set)
    for begin, end in edges():
        leads[begin].add(end)
    seen: set[State] = set()
    todo: list[State | None] = [None]
    while todo:
        new = leads[todo.pop()] - seen
        seen |= new
        todo += new
    assert seen == set(State)
    assert {state for state in State if not leads[state]} == {State.DECLINED, State.MERGED}


WORDS = st.sampled_from(["换了灯泡", "等配件", "不属物业"])
PEOPLE = st.sampled_from(sorted(OFFICERS))
FIELDS: dict[str, Any] = {
    "result": WORDS, "reason": WORDS, "note": WORDS, "told": WORDS, "where": WORDS, "text": WORDS,
    "into": st.just(7), "ok": st.booleans(), "person": PEOPLE,
    "lead": st.sampled_from(["committee", "property"]),
    "outcome": st.sampled_from(["not_reached", "satisfied", "mostly", "dissatisfied"]),
    "rating": st.sampled_from(["satisfied", "mostly", "dissatisfied"]),
    "household": st.sampled_from([HOME, "9-9-999"]),
}  # fmt: skip
MODELS = {
    model.model_fields["act"].annotation.__args__[0]: model  # type: ignore[union-attr]
    for model in acts.Act.__subclasses__()
}


class Desk(RuleBasedStateMachine):
    """Anybody tries anything; the clock and the minutes do their part."""

    @initialize(
        by=st.sampled_from(["o01", "o02"]), how=st.sampled_from(["rule", "joint", "no", "settled"])
    )
    def begin(self, by: str, how: str) -> None:
        self.at_ms = 1_777_766_400_000
        self.events = [received(by)]
        at = Doing(folded(self.events), actor(by), now(self.at_ms))
        if how == "settled":
            self.record(judge(at, acts.SettleOnSpot(act="settle_on_spot", result="已告知")))
            return
        to = Responsibility("property", "committee" if how == "joint" else None)
        self.record([doubt(at, "说不清") if how == "no" else assign(at, to, "rule", [])])

    @property
    def matter(self) -> Matter:
        return folded(self.events)

    def record(self, new: list[Event]) -> None:
        for event in new:
            before = self.matter
            moved = before.state is not event.to
            assert not moved or (before.state, event.to) in edges(), event
            self.events.append(event)

    @rule(name=st.sampled_from(sorted(MODELS)), by=PEOPLE, data=st.data())
    def anybody_does_anything(self, name: str, by: str, data: st.DataObject) -> None:
        self.try_out(name, by, data)

    @rule(by=PEOPLE, data=st.data())
    def somebody_does_what_is_possible(self, by: str, data: st.DataObject) -> None:
        self.try_out(data.draw(st.sampled_from(possible(self.matter))), by, data)

    @rule(data=st.data())
    def who_has_a_task_goes_on_with_it(self, data: st.DataObject) -> None:
        tasks = [task for task in self.matter.tasks if task.done_ms is None]
        if tasks:
            task = data.draw(st.sampled_from(tasks))
            self.try_out("accept" if task.accepted_ms is None else "finish", task.person, data)

    @rule(by=PEOPLE, data=st.data())
    def the_owner_sends_it_back(self, by: str, data: st.DataObject) -> None:
        self.try_out("return", by, data)

    @rule(data=st.data())
    def both_sides_agree(self, data: st.DataObject) -> None:
        said = {"lead": "committee", "reason": "就近", "act": "propose"}
        if self.matter.state is State.UNCLEAR:
            for by in ("o01", "o02"):
                at = Doing(self.matter, actor(by), now(self.at_ms))
                self.record(judge(at, ANY.validate_python(said)))
            assert self.matter.version == len(self.events)
            assert self.events[-1].act == "watch"

    def try_out(self, name: str, by: str, data: st.DataObject) -> None:
        day = (business_day(self.at_ms) + timedelta(days=data.draw(st.integers(0, 3)))).isoformat()
        model = MODELS[name]
        drawn = {field: data.draw(FIELDS[field]) for field in model.model_fields if field in FIELDS}
        drawn |= {field: day for field in ("until", "next_check") if field in model.model_fields}
        act = ANY.validate_python({"act": name} | drawn)
        before = self.matter
        try:
            new = judge(Doing(before, actor(by), now(self.at_ms)), act)
        except (IllegalActError, NotYoursError):
            return
        self.check(before, by, act, new)
        self.record(new)

    def check(self, before: Matter, by: str, act: acts.Act, new: list[Event]) -> None:
        """What must never happen, said apart from the code that sees to it."""
        ends = new[-1].to
        if act.act == "verify":  # type: ignore[attr-defined]
            assert by not in {task.person for task in before.tasks}, "checked their own work"
            worked = {event.by.id for event in self.events if event.act == "finish"}
            worked |= {event.data["person"] for event in self.events if event.act == "accept"}
            assert by not in worked, "checked work that they have handed on"
        if ends is State.TO_VERIFY is not before.state:
            assert all(
                task.done_ms is not None or task.body == OFFICERS[by] for task in before.tasks
            ), "one side closed a joint matter alone"
        if new[-1].act == "return":
            assert not any(event.act == "return" for event in self.events), "returned twice"
        if any(event.act == "assign" for event in new):
            two = new[-2].data["decided_by"]
            assert {OFFICERS[person] for person in two} == {"committee", "property"}

    @rule(hours=st.integers(1, 60))
    def time_passes(self, hours: int) -> None:
        self.at_ms += hours * 3_600_000
        moment = Moment(self.at_ms, self.at_ms - 3_600_000, self.at_ms, self.at_ms)
        self.record(due_acts(self.matter, moment, Two()))

    @precondition(lambda self: self.matter.state is State.TO_CONFER)
    @rule(to=st.sampled_from(["assigned", "in_progress", "suspended", "transferred", "to_verify"]))
    def the_minutes_decide(self, to: str) -> None:
        decided = minutes.Decision.model_validate(
            {"matter": 1, "decision": to, "lead": "property", "person": "o03", "reason": "会议定",
             "due_on": date(2027, 1, 1), "where": "城管", "until": date(2027, 1, 1)}
        )  # fmt: skip
        at = Doing(self.matter, Actor("meeting", "system"), now(self.at_ms))
        self.record(minutes.judge(at, decided, ["o01", "o02"]))

    @invariant()
    def somebody_has_it(self) -> None:
        matter = self.matter
        assert matter.owner in OFFICERS
        if matter.state in {State.IN_PROGRESS, State.ASSIGNED, State.SUSPENDED}:
            assert matter.task_of(matter.lead or ""), "nobody has the task"
            assert len(matter.tasks) == (2 if matter.joint else 1)

    @invariant()
    def the_clock_is_the_first_one(self) -> None:
        assert self.matter.received_ms == 0
        open_pauses = [end for _, end in self.matter.paused if end is None]
        assert len(open_pauses) == (1 if self.matter.state is State.SUSPENDED else 0)

    @invariant()
    def a_watch_ends_with_its_matter(self) -> None:
        if self.matter.state in ENDED:
            assert self.matter.watch is None

    @invariant()
    def versions_count_events(self) -> None:
        assert self.matter.version == len(self.events)

    @invariant()
    def folding_is_one_event_at_a_time(self) -> None:
        matter: Matter | None = None
        for event in self.events:
            matter = after(matter, event)
        assert matter == self.matter


class LongDesk(Desk):
    """The same, for longer."""


TestDesk = Desk.TestCase
TestDesk.settings = settings(max_examples=15, stateful_step_count=30, deadline=None)
TestLongDesk = pytest.mark.long(LongDesk.TestCase)
TestLongDesk.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
