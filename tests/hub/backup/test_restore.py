"""Rehearsals: a hub from yesterday's backup and one that lost everything, filled by the nodes."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select
from sqlmodel import Session

from edge.link.sender import LONGEST_WAIT_MS, Sender
from edge.store.outbox import NewFact, Outbox
from hub.db import make_engine, table, write_session
from hub.intake.inbound import Inbound
from hub.intake.tables import FactRow
from hub.intake.unit import Site
from hub.ledger.tables import LedgerEntry
from hub.ledger.verify import verify
from hub.registry.tables import CardBinding, Household
from hub.rewards.policy import ensure_default_policy
from hub.rewards.settlement import settle_day
from hub.visits.project import rebuild
from tests.hub.nodes import COMMUNITY, POINTS, T_MS, card, line, name, take, tap, verdict
from tests.hub.nodes import receipts as receipts_of
from tests.hub.nodes import welcomes as welcomes_of
from tests.hub.test_serve import run
from tests.hub.visits.test_projections import dump
from wire.codec import encode
from wire.facts import DayEnd
from wire.topics import FACTS, HELLO

pytestmark = pytest.mark.long

DAY_MS = 86_400_000
DAYS = tuple(date(2026, 5, 3) + timedelta(days=no) for no in range(3))
HOMES = 12


class Point:
    """A node with its outbox on the disk, in front of whatever hub there is."""

    def __init__(self, folder: Path, point: str) -> None:
        self.point = point
        self.outbox = Outbox(folder / point / "outbox.db", COMMUNITY, point)
        self.sender = Sender(self.outbox, point, "boot-1", "test", jitter=1.0)
        self._up_ms = 0

    def morning(self, no: int) -> None:
        """Every third home is judged here and every fifth rejected; then the day is closed."""
        wall_ms, lines = T_MS + no * DAY_MS, []
        for home in range(1 + POINTS.index(self.point), HOMES, 2):
            visit = name("visit", self.point, no, home)
            said = verdict(visit, "rejected" if (home + no) % 5 == 0 else "accepted")
            lines += [(visit, tap(home)), (name("said", visit), said)]
        ended = DayEnd(day=DAYS[no], taps=6, deposits=0, verdicts=6, unjudged=0)
        lines.append((name("end", self.point, no), ended))
        self.outbox.append(
            [NewFact(fact, wall_ms, line(fact, body, wall_ms=wall_ms)) for fact, body in lines]
        )

    def talk(self, engine: Engine, now_ms: int) -> None:
        """Connect, and go on until nothing is said any more."""
        site = Site(COMMUNITY, frozenset(POINTS), lambda: now_ms)
        self.sender.on_connect()
        for _ in range(6):
            self._up_ms += 2 * LONGEST_WAIT_MS
            if self.sender.hello_due(self._up_ms):
                hello = encode(self.sender.hello(self._up_ms))
                self._say(engine, site, Inbound(HELLO.of(COMMUNITY, self.point), hello, now_ms))
            while (batch := self.sender.next_batch(self._up_ms)) is not None:
                self._say(engine, site, Inbound(FACTS.of(COMMUNITY, self.point), batch, now_ms))
        assert self.outbox.waiting == 0

    def _say(self, engine: Engine, site: Site, message: Inbound) -> None:
        answers = take(engine, message, site=site).answers
        for welcome in welcomes_of(answers):
            self.sender.on_welcome(welcome, self._up_ms, message.received_ms)
        for receipt in receipts_of(answers):
            self.sender.on_receipt(receipt, self._up_ms, message.received_ms)


class Compound:
    """A hub's folder, its commands, and two points that keep what they recorded."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.config = folder, folder / "hub.toml"
        nodes = ", ".join(f'{point} = "n"' for point in POINTS)
        self.config.write_text(
            f'community = "{COMMUNITY}"\ndata = "hub"\nnodes = {{ {nodes} }}\n'
            '[broker]\npassword = "h"\n'
        )
        self.config.chmod(0o600)
        self.points = [Point(folder, point) for point in POINTS]
        self.init()

    @property
    def store(self) -> Path:
        return self.folder / "hub" / "hub.db"

    def command(self, *words: str | Path) -> str:
        done = run(*words, "--config", self.config)
        assert done.exit_code == 0, done.output
        return done.stdout

    def init(self) -> None:
        """A new store with the lists that the office has."""
        self.command("init")
        with self.engine() as engine, write_session(engine) as session:
            ensure_default_policy(session, COMMUNITY, date(2020, 1, 1))
            for no in range(HOMES):
                session.add(
                    Household(
                        community=COMMUNITY, household_id=f"h{no}", building="1", unit="1",
                        room=f"{no}", from_day=date(2020, 1, 1),
                    )
                )  # fmt: skip
                session.add(
                    CardBinding(
                        community=COMMUNITY, card=card(no), from_ms=0, household_id=f"h{no}"
                    )
                )

    @contextmanager
    def engine(self) -> Iterator[Engine]:
        engine = make_engine(f"sqlite:///{self.store}")
        yield engine
        engine.dispose()

    def live(self, no: int) -> None:
        """A day with its settlement in the night after."""
        for point in self.points:
            point.morning(no)
        self.meet(no)
        self.settle(no)

    def meet(self, no: int) -> None:
        with self.engine() as engine:
            for point in self.points:
                point.talk(engine, T_MS + no * DAY_MS + 1000)

    def settle(self, no: int) -> None:
        with self.engine() as engine, write_session(engine) as session:
            settle_day(session, COMMUNITY, DAYS[no], T_MS + (no + 1) * DAY_MS)

    def facts(self) -> list[tuple[str, bytes]]:
        with self.engine() as engine, engine.connect() as connection:
            f = table(FactRow).c
            rows = connection.execute(select(f.fact_id, f.line).order_by(f.fact_id))
            return [(row.fact_id, row.line) for row in rows]

    def fen(self) -> dict[tuple[str, date], int]:
        """What every household has, day by day."""
        e = table(LedgerEntry).c
        with self.engine() as engine, engine.connect() as connection:
            rows = connection.execute(
                select(e.household_id, e.day, func.sum(e.amount_fen))
                .group_by(e.household_id, e.day)
                .order_by(e.household_id, e.day)
            )
            return {(home, day): int(fen) for home, day, fen in rows}

    def sound(self) -> None:
        """The books agree, and the projections are what the facts give, to the byte."""
        with self.engine() as engine:
            with Session(engine) as session:
                assert verify(session, COMMUNITY) == []
            before = dump(engine)
            with engine.execution_options(writes=True).begin() as connection:
                rebuild(connection, COMMUNITY)
            assert dump(engine) == before


@pytest.fixture
def compound(tmp_path: Path) -> Iterator[Compound]:
    made = Compound(tmp_path)
    yield made
    for point in made.points:
        point.outbox.close()


def test_yesterdays_backup_and_what_the_points_have_give_the_same_fen(compound: Compound) -> None:
    copy = compound.folder / "yesterday.db"
    compound.live(0)
    count = len(compound.facts())
    assert f"{count} facts" in compound.command("backup", copy)
    compound.live(1)
    facts, fen = compound.facts(), compound.fen()
    assert "new generation" in compound.command("restore", copy)
    assert len(compound.facts()) < len(facts)
    (aside,) = compound.store.parent.glob("hub.db.before-*Z")
    with sqlite3.connect(aside) as kept:
        assert kept.execute("SELECT count(*) FROM fact").fetchone() == (len(facts),)
    kept.close()
    again(compound, facts, fen, settle=(1,))


def test_a_hub_lost_altogether_is_refilled_to_the_same_fen(compound: Compound) -> None:
    compound.live(0)
    compound.live(1)
    facts, fen = compound.facts(), compound.fen()
    for path in compound.store.parent.iterdir():
        path.unlink()
    compound.init()
    assert (compound.facts(), compound.fen()) == ([], {})
    again(compound, facts, fen, settle=(0, 1))


def again(
    compound: Compound,
    facts: list[tuple[str, bytes]],
    fen: dict[tuple[str, date], int],
    settle: tuple[int, ...],
) -> None:
    """The points come, the days are settled, and everything is as it was; then life goes on."""
    assert sum(fen.values()) == 30 * len(fen) > 0
    compound.meet(2)
    assert compound.facts() == facts
    for no in (*settle, *settle):  # the second time adds nothing
        compound.settle(no)
    assert compound.fen() == fen
    compound.sound()
    compound.live(2)
    compound.sound()
    assert len(compound.facts()) == len(facts) // 2 * 3


def damaged(copy: Path) -> None:
    """Where nobody looks who only counts facts."""
    with sqlite3.connect(copy) as db:
        asked = "SELECT rootpage, page_size FROM sqlite_master, pragma_page_size WHERE name = ?"
        page, size = db.execute(asked, ("visit_by_boot",)).fetchone()
    db.close()
    data = bytearray(copy.read_bytes())
    data[(page - 1) * size : page * size] = bytes(size)
    copy.write_bytes(data)


def torn(copy: Path) -> None:
    copy.write_bytes(copy.read_bytes()[: copy.stat().st_size // 2])


def no_store(copy: Path) -> None:
    copy.write_text("garbage")


def test_a_spoilt_copy_is_refused_and_the_store_stays(compound: Compound) -> None:
    compound.live(0)
    before = compound.facts()
    copy = compound.folder / "yesterday.db"
    for spoil in (damaged, torn, no_store):
        compound.command("backup", copy)
        spoil(copy)
        done = run("restore", copy, "--config", compound.config)
        assert (done.exit_code, done.stderr.count("\n")) == (1, 1), done.output
        assert compound.facts() == before
    compound.sound()
