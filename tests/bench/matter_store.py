"""A hub's store with years of matters: some hundred by the hub's own acts, the rest their copies.

A copy has its model's events and row; number, door, place and text are its own, and so are the
pairs of characters that it is found by. `differing` says whether a copy is what the hub would have
written.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, select
from sqlmodel import Session, SQLModel

from hub.access.users import add_user
from hub.db import insert_many, table, write_session
from hub.desks.duty import Staff
from hub.desks.tables import DeskDuty, Officer
from hub.matters import acts
from hub.matters.acting import Intake, act, find, take
from hub.matters.book import Book, read_book
from hub.matters.clockwork import run_clocks
from hub.matters.fold import folded
from hub.matters.model import Actor, Event
from hub.matters.search import grams
from hub.matters.store import _row, events_of, projected
from hub.matters.tables import MatterEvent, MatterGram, MatterReporter, MatterRow
from hub.matters.transitions import Now
from hub.registry.tables import Person
from hub.web.deps import Hub
from tests.bench import compound
from tests.hub.nodes import card
from wire.day import business_day, day_start_ms

COMMUNITY = compound.COMMUNITY
MATTERS, OPEN, MODELS = 200_000, 5_000, 300
DESKS = 3
HOUR_MS, DAY_MS = 3_600_000, 86_400_000
NOW_MS = day_start_ms(date(2026, 5, 13)) + 10 * HOUR_MS + HOUR_MS // 2
"""A Wednesday, when desks are open."""
SPOTS = (
    "楼梯间", "地下车库", "电梯口", "消防通道", "垃圾桶旁", "门禁", "屋顶", "花坛",
    "信箱", "车棚",
)  # fmt: skip
WHAT = (
    "灯", "门", "水管", "井盖", "扶手", "摄像头", "路灯", "栏杆", "充电桩", "雨棚",
    "墙砖", "窗户",
)  # fmt: skip
HOW = (
    "不亮", "坏了", "漏水", "松动", "异响", "堵了", "有人占用", "没有人清理", "晚上太吵",
    "需要修",
)  # fmt: skip
SINCE = (
    "今天早上", "昨天晚上", "上周起", "一个月了", "下雨以后", "节后", "一直",
)  # fmt: skip
RARE_EVERY, CHUNK = 2_000, 10_000
COMMON = ("灯", "楼梯", "电梯口", "消防通道", "号楼", "不亮")
RARE = ("鹤鸣亭", "蓬莱", "鹤鸣")
"""One matter in RARE_EVERY is about one place that is called so."""


@dataclass(frozen=True)
class Model:
    """A matter that the hub's own code made."""

    events: Sequence[Event]
    row: dict[str, Any]
    ended: bool


def fill(path: Path, now_ms: int = NOW_MS) -> tuple[Engine, str]:
    """The store, and the password of ``a-desk``."""
    models = _models(path.with_name("models.db"), now_ms)
    engine = compound.new_store(path)
    with write_session(engine) as session:
        _officers(session)
        password = add_user(session, COMMUNITY, "a-desk", "desk", now_ms)
        _copies(session.connection(), models)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    return engine, str(password)


def differing(engine: Engine, count: int) -> list[int]:
    """Of so many matters, those that the hub's own code would have written otherwise."""
    with Session(engine) as session:
        book = read_book(session, COMMUNITY)
        numbers = random.Random(7).sample(range(1, MATTERS + 1), count)
        c = table(MatterGram).c
        found: dict[int, set[str]] = {number: set() for number in numbers}
        for line in session.execute(select(c.matter, c.gram).where(c.matter.in_(numbers))):
            found[line.matter].add(line.gram)
        return [number for number in numbers if not _same(session, number, book, found[number])]


def _same(session: Session, number: int, book: Book, found: set[str]) -> bool:
    events = events_of(session, COMMUNITY, number)
    matter = folded(events)
    row = session.execute(_of(MatterRow, number)).one()._asdict()
    home = session.execute(_of(MatterReporter, number)).one().household_id
    ours = projected(COMMUNITY, number, matter, book, events[-1].at_ms)
    if found != set(grams(f"{matter.place}\n{matter.text}")):
        return False
    return row == ours and matter.household == home


def _of(model: type[SQLModel], number: int) -> Any:
    c = table(model).c
    return select(table(model)).where(c.community == COMMUNITY, c.matter == number)


def _officers(session: Session) -> None:
    """One of each side at every desk."""
    for desk in range(DESKS):
        for no, body in enumerate(("committee", "property"), 2 * desk + 1):
            person = f"o{no:02d}"
            phone = f"0571-880001{no:02d}"
            session.add(
                Person(
                    community=COMMUNITY, person_id=person, number=f"90{no}", role="officer",
                    card=card(900 + no),
                )
            )  # fmt: skip
            session.add(
                Officer(
                    community=COMMUNITY, person_id=person, body=body, name=f"{no}号值班员",
                    phone=phone,
                )
            )  # fmt: skip
            session.add(
                DeskDuty(
                    community=COMMUNITY, desk=f"d{desk + 1}", person_id=person, body=body, from_ms=0
                )
            )


_STAGES: tuple[tuple[str, ...], ...] = (
    (), (), ("accept",), ("accept",), ("accept",), ("accept", "finish"),
    ("accept", "finish", "verify"), ("accept", "finish", "verify"), ("accept", "suspend"),
    ("accept", "confer"), ("accept", "watch"), ("accept", "watch"),
)  # fmt: skip
_CLOSED = ("accept", "finish", "verify", "call")
_KINDS = ("repair", "facility", "culture", "parking", "other", "rental", "illegal_building")


def _made(session: Session, number: int, now_ms: int) -> None:
    """Every third was closed within two years; others came this week, unclear ones today."""
    closed, kind = number % 3 == 0, _KINDS[number % len(_KINDS)]
    if closed and kind == "other":
        kind = "repair"
    ago_ms = number % 60 * 2 * HOUR_MS + HOUR_MS // 2
    if closed:
        ago_ms = (number * 2 + 30) * DAY_MS
    elif kind == "other":
        ago_ms = number % 9 * HOUR_MS // 9
    at_ms = now_ms - ago_ms
    desk = number // len(_KINDS) % DESKS
    sides = {body: f"o{2 * desk + no:02d}" for no, body in enumerate(("committee", "property"), 1)}
    by = Actor(sides["committee"], "committee", f"d{desk + 1}")
    asked = Intake("desk", kind, "1", "1", compound.home(number))
    numbered = take(session, COMMUNITY, asked, by, at_ms)
    stage = _CLOSED if closed else () if kind == "other" else _STAGES[number % len(_STAGES)]
    for step, name in enumerate(stage, 1):
        known = find(session, COMMUNITY, numbered)
        lead = known.matter.lead or "committee"
        other = "property" if lead == "committee" else "committee"
        body: Any = other if name in {"verify", "call"} else lead
        doer = Actor(sides[body], body, by.device)
        said = _act(name, sides[lead], now_ms)
        now = Now(at_ms + step * HOUR_MS // 10, Staff(session, COMMUNITY, by.device), None)
        act(session, COMMUNITY, known, said, (doer, now))


def _act(name: str, person: str, now_ms: int) -> acts.Act:
    later = business_day(now_ms) + timedelta(days=20)
    said: dict[str, acts.Act] = {
        "accept": acts.Accept(act="accept"),
        "finish": acts.Finish(act="finish", result="已处理"),
        "verify": acts.Verify(act="verify", ok=True),
        "call": acts.Call(act="call", outcome="satisfied"),
        "suspend": acts.Suspend(act="suspend", reason="等配件", until=later),
        "confer": acts.Confer(act="confer", reason="两方意见不一"),
        "watch": acts.WatchOver(act="watch", person=person, next_check=later, note="盯到办结"),
    }
    return said[name]


def _model(session: Session, number: int) -> Model:
    events = events_of(session, COMMUNITY, number)
    row = session.execute(_of(MatterRow, number)).one()._asdict()
    return Model(events, row, not row["open"])


def _models(path: Path, now_ms: int) -> list[Model]:
    engine = compound.new_store(path)
    with write_session(engine) as session:
        _officers(session)
    with write_session(engine) as session:
        for number in range(MODELS):
            _made(session, number, now_ms)
    run_clocks(Hub(engine, COMMUNITY, lambda: now_ms, b"s" * 32))
    with Session(engine) as session:
        found = [_model(session, number) for number in range(1, MODELS + 1)]
    engine.dispose()
    return found


def _copies(connection: Connection, models: Sequence[Model]) -> None:
    """The newest are open, and one of ten of the open ones is old."""
    closed = [one for one in models if one.ended]
    waiting = [one for one in models if not one.ended]
    chance = random.Random(1)
    newest = range(MATTERS - OPEN * 9 // 10 + 1, MATTERS + 1)
    open_ones = {*newest, *chance.sample(range(1, newest.start), OPEN - len(newest))}
    texts: dict[str, list[int]] = {}
    numbers = iter(range(1, MATTERS + 1))
    while part := list(islice(numbers, CHUNK)):
        written: list[tuple[Any, ...]] = []
        for number in part:
            model = chance.choice(waiting if number in open_ones else closed)
            written.append(_copy(model, number, chance))
            for gram in grams(f"{written[-1][1]['place']}\n{written[-1][1]['text']}"):
                texts.setdefault(gram, []).append(number)
        insert_many(connection, MatterEvent, [row for one in written for row in one[0]])
        insert_many(connection, MatterRow, [one[1] for one in written])
        insert_many(connection, MatterReporter, [one[2] for one in written])
    for gram in sorted(texts):
        rows = [{"community": COMMUNITY, "gram": gram, "matter": n} for n in texts[gram]]
        insert_many(connection, MatterGram, rows)


def _copy(model: Model, number: int, chance: random.Random) -> tuple[Any, Any, Any]:
    """Its events, its row, its reporter."""
    home = compound.home(chance.randrange(compound.HOUSEHOLDS))
    building, unit, room = home.split("-")
    place = f"{building}号楼{unit}单元{room} {chance.choice(SPOTS)}"
    text = f"{chance.choice(SINCE)}{chance.choice(WHAT)}{chance.choice(HOW)}"
    if number % RARE_EVERY == 1:
        text += f",{RARE[0]}边上,去{RARE[1]}的路"
    received, *later = model.events
    data = dict(received.data) | {"place": place, "text": text, "household": home}
    events = [replace(received, data=data), *later]
    rows = [_row(COMMUNITY, number, seq, event) for seq, event in enumerate(events, 1)]
    own = {"matter": number, "place": place, "text": text}
    reporter = {
        "community": COMMUNITY, "matter": number, "reporter": 1, "household_id": home,
        "name": None, "phone": None, "from_matter": None, "at_ms": received.at_ms,
    }  # fmt: skip
    return rows, model.row | own, reporter
