"""Search and lists: what is found, in which order, and that no store is too large for it."""

import re
from typing import Any

import pytest
from sqlalchemy import event
from sqlmodel import Session

from hub.db import write_session
from hub.desks.duty import Staff
from hub.matters import acts, lists
from hub.matters.acting import Intake, act, find, take
from hub.matters.lists import Asked, Queue, counts, listed
from hub.matters.model import Actor
from hub.matters.search import asked as grams_asked
from hub.matters.search import grams
from hub.matters.transitions import Now
from hub.migrations import migrate, migrate_down
from tests.hub.matters.desk_world import HOME, NEIGHBOUR, DeskWorld, desk_world

desk = pytest.fixture(name="desk")(desk_world)
TEXTS = ("楼梯灯不亮", "楼梯堵了", "路灯 不亮", "灯", "Lift B2 stuck", "电梯口漏水,灯不亮", "不亮")
ASKED = ("灯", "楼梯", "不亮", "楼梯 不亮", "灯不亮", "lift", "b2", "龙", "灯堵", ",", "梯口漏水")
QUEUES: tuple[Queue, ...] = ("all", "open", "to_verify")


@pytest.fixture
def filled(desk: DeskWorld) -> DeskWorld:
    """Thirty matters: some closed at once, some done, every other one a neighbour's."""
    hub = desk.hub
    by = Actor("o01", "committee", "d1")
    with write_session(hub.engine) as session:
        for no in range(30):
            text = TEXTS[no % len(TEXTS)]
            first = acts.Decline(act="decline", told="不归这里") if no % 3 == 0 else None
            asked = Intake("desk", "repair", "3号楼", text, (HOME, NEIGHBOUR)[no % 2], first=first)
            number = take(session, hub.community, asked, by, hub.now_ms() + no)
            if no % 3 == 1:
                now = Now(hub.now_ms() + no, Staff(session, hub.community, "d1"))
                worker = Actor("o02", "property", "d1")
                for said in (acts.Accept(act="accept"), acts.Finish(act="finish", result="好了")):
                    known = find(session, hub.community, number)
                    act(session, hub.community, known, said, (worker, now))
    return desk


def paged(desk: DeskWorld, limit: int, **wanted: Any) -> list[int]:
    """Every page one after the other."""
    found: list[int] = []
    after: str | None = None
    with Session(desk.hub.engine) as session:
        while True:
            asked = Asked(now_ms=desk.hub.now_ms(), after=after, limit=limit, **wanted)
            rows, after = listed(session, desk.hub.community, asked)
            found += [row["matter"] for row in rows]
            if after is None:
                return found
            assert len(rows) == limit


@pytest.mark.parametrize("common", [2000, 1])
def test_what_has_every_pair_is_found_newest_first_page_by_page(
    filled: DeskWorld, monkeypatch: pytest.MonkeyPatch, common: int
) -> None:
    monkeypatch.setattr(lists, "_COMMON", common)
    everything = {queue: paged(filled, 100, queue=queue) for queue in QUEUES}
    homes = {home: paged(filled, 100, queue="all", household=home) for home in (HOME, NEIGHBOUR)}
    assert sorted(homes[HOME] + homes[NEIGHBOUR]) == list(range(1, 31))
    for text in ASKED:
        wanted = set(grams_asked(text))
        has = {
            no + 1
            for no in range(30)
            if wanted and wanted <= set(grams(f"3号楼\n{TEXTS[no % len(TEXTS)]}"))
        }
        for queue in QUEUES:
            expected = sorted(has.intersection(everything[queue]), reverse=True)
            for limit in (4, 100):
                assert paged(filled, limit, queue=queue, text=text) == expected, (text, queue)
        both = paged(filled, 3, queue="open", text=text, household=HOME)
        assert both == sorted(has & {*everything["open"]} & {*homes[HOME]}, reverse=True)


def test_a_joint_matter_is_in_the_lists_of_both(desk: DeskWorld) -> None:
    lamp = desk.take()["matter"]
    joint = desk.take(kind="blocked_way", place="11号楼1单元", text="楼道堆放杂物")["matter"]
    culture = desk.take(kind="culture")["matter"]
    lists = {"o01": {joint, culture}, "o02": {lamp, joint}}
    for queue in ("mine", "open"):
        for person, wanted in lists.items():
            assert set(desk.queue(queue, person=person)) == wanted
        assert set(desk.queue(queue, body="committee")) == lists["o01"]
        assert set(desk.queue(queue, body="property")) == lists["o02"]
        assert desk.queue(queue, body="committee", person="o02") == [joint]
    assert desk.queue("mine", person="o01", text="11号楼") == [joint]
    pages = [paged(desk, 1, queue="mine", person=person) for person in lists]
    assert pages == [desk.queue("mine", person=person) for person in lists], "by their deadlines"
    assert desk.get("/matters/summary?body=committee")["open"] == 2
    for person in ("o01", "o02"):
        desk.get(f"/matters/{joint}")
        desk.act(joint, "accept", person)
    desk.act(joint, "finish", "o01", result="已劝导")
    assert desk.queue("mine", person="o01") == [culture], "its own task is done"
    assert set(desk.queue("open", body="committee")) == lists["o01"], "the side still helps"
    assert joint in desk.queue("mine", person="o02")


def test_a_joint_matter_of_an_older_store_is_its_helpers(desk: DeskWorld) -> None:
    joint = desk.take(kind="blocked_way")["matter"]
    desk.take()
    engine = desk.hub.engine
    migrate_down(engine, "0041")
    migrate(engine)
    with Session(engine) as session:
        rows = lists.rows_of(session, desk.hub.community, [1, 2])
    assert {number: row["helper"] for number, row in rows.items()} == {joint: "o01", 2: None}
    assert desk.queue("mine", person="o01") == [joint]


READS_ALL = re.compile(
    r"^SCAN (matter|matter_gram|matter_reporter|matter_event)\b"
    r"|^SEARCH (matter|matter_gram|matter_reporter)\b.*\(community=\?\)$"
)


@pytest.mark.sqlite_only
def test_no_list_and_no_search_reads_the_whole_store(
    filled: DeskWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole: list[str] = []
    covered: list[str] = []

    def explain(_c: Any, cursor: Any, asked: str, given: Any, _context: Any, _many: bool) -> None:
        if asked.startswith("SELECT") and not asked.startswith("SELECT max("):
            steps = cursor.connection.execute(f"EXPLAIN QUERY PLAN {asked}", given).fetchall()
            whole.extend(f"{step[3]}: {asked}" for step in steps if READS_ALL.match(step[3]))
            covered.extend(step[3] for step in steps if "COVERING INDEX matter_open_due" in step[3])

    event.listen(filled.hub.engine, "before_cursor_execute", explain)
    with Session(filled.hub.engine) as session:
        community, now_ms = filled.hub.community, filled.hub.now_ms()
        for queue in ("open", "unclear", "watch", "call_back", "due", "to_verify", "to_confer"):
            listed(session, community, Asked(queue, now_ms))
        for wanted in (
            Asked("mine", now_ms, person="o01"), Asked("open", now_ms, body="property"),
            Asked("mine", now_ms, person="o01", body="property"), Asked("watch", person="o01"),
            Asked("due", now_ms, body="committee"), Asked("unclear", body="committee"),
            Asked("all", now_ms, text="11-1-110"), Asked("open", now_ms, text="11-1-110 不亮"),
            Asked("all", now_ms, state="closed"), Asked("all", now_ms, kind="repair"),
            Asked("all", now_ms, household=HOME), Asked("open", now_ms, household=HOME),
            Asked("all", now_ms, text="楼梯 不亮"), Asked("open", now_ms, text="楼梯 不亮"),
            Asked("all", now_ms, text="灯", household=HOME),
        ):  # fmt: skip
            listed(session, community, wanted)
        monkeypatch.setattr(lists, "_COMMON", 1)
        for wanted in (
            Asked("open", text="不亮"), Asked("due", now_ms, text="不亮"),
            Asked("watch", text="不亮"), Asked("to_verify", text="不亮"),
        ):  # fmt: skip
            listed(session, community, wanted)
        before = len(covered)
        counts(session, community, None, now_ms)
        counts(session, community, "property", now_ms)
        assert len(covered) - before == 2, "counted without a look at a matter"
    event.remove(filled.hub.engine, "before_cursor_execute", explain)
    assert whole == []
