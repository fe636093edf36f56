"""A store with a row in every table that `verify` recomputes, and a way behind its guards."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from sqlalchemy import Connection, Engine, text
from sqlmodel import Session, col, select

from hub.db import write_session
from hub.ledger.payouts import close_payout, open_payouts
from hub.ledger.redemptions import close_redemption, grant, redeem, reserve
from hub.ledger.verify import differences
from hub.registry.tables import CardBinding, Household
from hub.rewards.policy import ensure_default_policy
from hub.rewards.settlement import settle_day
from hub.rewards.staff import Decision, decide
from hub.visits.tables import Visit
from hub.web.deps import Caller, Hub
from tests.hub.ledger.office_words import other_words
from tests.hub.nodes import COMMUNITY, Node, card, line, name, take, tap, verdict
from tests.hub.rewards.registry_rows import at_ms
from wire import facts

DAY = date(2026, 5, 3)
HOME, OTHER = "1-1-101", "1-1-102"
NOW = at_ms("2026-06-02T09:00:00+08:00")
OFFICER = Caller("li.fang", "office")


def fill(engine: Engine) -> None:
    """Facts of every projected kind, two settled days, decisions, money in and out."""
    with write_session(engine) as session:
        ensure_default_policy(session, COMMUNITY, date(2020, 1, 1))
        for number, home in ((1, HOME), (2, OTHER)):
            building, unit, room = home.split("-")
            session.add(
                Household(
                    community=COMMUNITY, household_id=home, building=building, unit=unit,
                    room=room, from_day=date(2020, 1, 1),
                )
            )  # fmt: skip
            session.add(
                CardBinding(community=COMMUNITY, card=card(number), from_ms=0, household_id=home)
            )
    _facts(engine)
    with write_session(engine) as session:
        settle_day(session, COMMUNITY, DAY, at_ms("2026-05-04T03:00:00+08:00"))
        settle_day(session, COMMUNITY, date(2026, 5, 4), at_ms("2026-05-05T03:00:00+08:00"))
    _decisions(engine)
    _money(engine)
    with write_session(engine) as session:
        other_words(session, Hub(engine, COMMUNITY, lambda: NOW, b"s" * 32), OFFICER)


def _facts(engine: Engine) -> None:
    said = {"visit": name("e1"), "by": "v01", "command_id": "cc" * 16}
    undone = facts.VerdictUndone.model_validate(said | {"verdict": name("w0")})
    put = facts.Deposit(
        bin=4, category="kitchen", grams=700, level_g=700, moved_up_ms=1, quality="clean"
    )
    bodies = [
        ("s", facts.Shift(action="opened", person="v01", by="card")),
        ("e1", tap(1)), ("e2", tap(2)), ("e3", tap(2)),
        ("d", put), ("a", facts.Assign(deposit=name("d"), visit=name("e1"), doubt="none")),
        ("w0", verdict(name("e1"), "rejected")), ("u", undone), ("w1", verdict(name("e1"))),
        ("w2", verdict(name("e2"))),
        ("f", facts.Fault(device="scale-1", state="raised", what="silent")),
        ("z", facts.DayEnd(day=DAY, taps=3, deposits=1, verdicts=3, unjudged=1)),
    ]  # fmt: skip
    lines = [line(name(key), body) for key, body in bodies]
    dark = [
        line(name("e4"), tap(1), trust="none", boot_id="boot-2", wall_ms=5_000),
        line(name("c"), facts.Clock(source="hub", utc_ms=at_ms("2026-05-04T07:00:00+08:00"),
             uncertainty_ms=20), boot_id="boot-2"),
        line(name("e5"), tap(1), trust="none", boot_id="boot-3", wall_ms=5_000),
    ]  # fmt: skip
    node = Node(lines=[*lines, *dark, lines[1], b"no fact at all"])
    take(engine, node.hello(), node.batch(1, len(node.lines)))


def _decisions(engine: Engine) -> None:
    with write_session(engine) as session:
        for key, value in (("e2", "rejected"), ("e5", "accepted")):
            visit = session.scalars(select(Visit).where(col(Visit.visit_id) == name(key))).one()
            decide(session, visit, OFFICER, NOW, Decision(value, "看过\t监控"))


def _money(engine: Engine) -> None:
    with write_session(engine) as session:
        opened = open_payouts(session, COMMUNITY, "2026-05", NOW, min_fen=1)
        assert [(item.household, item.amount_fen) for item in opened] == [(HOME, 30)]
        close_payout(session, COMMUNITY, "2026-05", HOME, "void", now_ms=NOW)
        open_payouts(session, COMMUNITY, "2026-05", NOW, min_fen=1)
        close_payout(session, COMMUNITY, "2026-05", HOME, "posted", now_ms=NOW)
        grant(session, COMMUNITY, OTHER, 12, reason="志愿活动", now_ms=NOW)
        for key in ("r1", "r2"):
            said = reserve(session, COMMUNITY, OTHER, 3, key=key, now_ms=NOW, unit="point")
            assert said == "accepted"
        close_redemption(session, COMMUNITY, "r2", "void", now_ms=NOW)
        assert redeem(
            session, COMMUNITY, OTHER, 5, key="r3", now_ms=NOW, unit="point"
        ) == "accepted"  # fmt: skip


@contextmanager
def unguarded(engine: Engine) -> Iterator[Connection]:
    """A transaction that nothing checks, rolled back at the end."""
    with engine.execution_options(writes=True).connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
            yield connection
            connection.rollback()
            return
        # These two work outside of a transaction only, and so on the connection: they stay there.
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.executescript("PRAGMA foreign_keys=OFF; PRAGMA ignore_check_constraints=ON")
        triggers = text("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        for trigger in connection.execute(triggers).scalars().all():
            connection.exec_driver_sql(f"DROP TRIGGER {trigger}")
        yield connection
        connection.rollback()
        driver.executescript("PRAGMA foreign_keys=ON; PRAGMA ignore_check_constraints=OFF")


def first_difference(bind: Engine | Connection) -> str | None:
    with Session(bind, join_transaction_mode="create_savepoint") as session:
        return next(differences(session, COMMUNITY), None)
