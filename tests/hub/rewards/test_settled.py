"""A day of which nothing changed is not judged again; whatever may change it is noticed."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlmodel import Session

from hub.db import make_engine, write_session
from hub.registry.tables import CardBlock
from hub.rewards.office_tables import ShiftAttest
from hub.rewards.record import append, by
from hub.rewards.settled import SettledBy, forget, settled_by
from hub.rewards.tables import StaffVerdict
from hub.web.deps import Caller
from tests.hub.rewards.office_world import DAY, HOMES, OfficeWorld, compound, moment
from tests.hub.rewards.point_node import hex_id
from tests.hub.rewards.registry_rows import card_token, correct
from tests.hub.test_serve import run, write_config

office = pytest.fixture(name="office")(compound)
HOME, OTHER = HOMES[:2]


def looked(office: OfficeWorld) -> bool:
    """Whether a run by request reads the day's visits."""
    read: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if "visit.occurred_ms" in statement:
            read.append(statement)

    event.listen(office.hub.engine, "before_cursor_execute", note)
    office.settle()
    event.remove(office.hub.engine, "before_cursor_execute", note)
    return bool(read)


def test_a_day_of_which_nothing_changed_is_not_looked_at_until_it_is_forgotten(
    office: OfficeWorld,
) -> None:
    office.accepted("e1", HOME, "07:01")
    first = office.settle()
    assert office.settle() == first | {"entries": 0, "amount_fen": 0}
    assert not looked(office)
    with write_session(office.hub.engine) as session:
        forget(session, office.hub.community)
    assert looked(office)
    assert not looked(office), "and is remembered again"


def block(office: OfficeWorld) -> None:
    with write_session(office.hub.engine) as session:
        row = CardBlock(
            community=office.hub.community, card=card_token(HOME), from_ms=moment("06:00")
        )
        correct(session, row)


def decide(office: OfficeWorld) -> None:
    """The word alone: over HTTP a run follows at once."""
    word = by(Caller("li.fang", "office"), "督导员补充说明", 0)
    with write_session(office.hub.engine) as session:
        append(session, office.hub.community, StaffVerdict,
               word | {"visit_id": hex_id("e1"), "value": "rejected"})  # fmt: skip


def late(office: OfficeWorld) -> None:
    office.verdict(office.tap("e3", HOMES[2], "09:00"), "accepted", "09:01")


def policy(office: OfficeWorld) -> None:
    office.policy(from_day=DAY + timedelta(days=9))


def attest(office: OfficeWorld) -> None:
    word = by(Caller("li.fang", "office"), "班表", 0)
    stood = {"point": "p02", "person": "v01", "from_ms": 0, "to_ms": 1, "value": "none"}
    with write_session(office.hub.engine) as session:
        append(session, office.hub.community, ShiftAttest, word | stood)


@pytest.mark.both_engines
@pytest.mark.parametrize("change", [block, decide, late, policy, attest])
def test_whatever_may_change_it_is_looked_at(
    office: OfficeWorld, change: Callable[[OfficeWorld], None]
) -> None:
    office.accepted("e1", HOME, "07:01")
    office.accepted("e2", OTHER, "07:02")
    office.settle()
    assert not looked(office)
    change(office)
    assert looked(office)


@pytest.mark.parametrize("caps", [{}, {"total_cap_fen": 60}])
def test_a_day_whose_worth_hangs_on_other_days_is_always_looked_at(
    office: OfficeWorld, caps: dict[str, Any]
) -> None:
    if caps:
        office.policy(from_day=DAY, **caps)
        office.accepted("e1", HOME, "07:01")
    else:
        office.verdict(office.manual("e1", HOME, "07:01"), "accepted", "07:02")
    office.settle()
    assert looked(office)


def test_after_a_rebuild_every_day_is_looked_at(tmp_path: Path) -> None:
    config = write_config(tmp_path)
    run("init", "--config", config)
    engine = make_engine(f"sqlite:///{tmp_path / 'data' / 'hub.db'}")
    with write_session(engine) as session:
        session.add(SettledBy(community="lhyy", day=DAY, run=1, known="all"))
    assert "rebuilt" in run("rebuild", "--config", config).stdout
    with Session(engine) as session:
        assert settled_by(session, "lhyy", DAY) is None
    engine.dispose()
