"""By what a day was settled. While nothing of it has changed, a run would say the same again.

A memory of its own, which may be emptied at any time: then the day is judged again. Not kept for
days whose worth hangs on other days (caps of a policy and of visits by hand).
"""

from datetime import date
from importlib.metadata import version
from typing import Any

from sqlalchemy import delete, func, select
from sqlmodel import Field, Session, SQLModel

from hub.db import big_int, table, upsert
from hub.registry.tables import RegistryChange
from hub.rewards.model import DayInput
from hub.rewards.office_tables import AssignedHome, BootDate, ShiftAttest
from hub.rewards.tables import AssignedDay, RewardPolicy, StaffVerdict

_SAID = (StaffVerdict, AssignedDay, AssignedHome, ShiftAttest, BootDate)
_SOFTWARE = version("lianxin")


class SettledBy(SQLModel, table=True):
    """What was known when a day was last looked at, and the run that says what it is worth."""

    __tablename__ = "settled_by"

    community: str = Field(primary_key=True)
    day: date = Field(primary_key=True)
    run: int = Field(sa_column=big_int())
    known: str = Field(description="counters of everything a day is judged by, and the software")


def known_now(session: Session, community: str, watermark: int) -> str:
    """The newest fact that touched the day, word of the office, policy and registry change.

    Asked before the day is read: what comes meanwhile makes the next look differ.
    """
    newest: list[tuple[Any, Any]] = [
        (table(model).c.community, func.max(table(model).c.sequence)) for model in _SAID
    ]
    policy, change = table(RewardPolicy).c, table(RegistryChange).c
    newest.append((policy.community, func.max(policy.version)))
    # Counted: on PostgreSQL a smaller number may be committed after a larger one.
    newest.append((change.community, func.count()))
    counters = [select(what).where(of == community).scalar_subquery() for of, what in newest]
    found = session.execute(select(*counters)).one()
    return "/".join([_SOFTWARE, str(watermark), *(str(number or 0) for number in found)])


def settled_by(session: Session, community: str, day: date) -> tuple[int, str] | None:
    """The run and what was known then; None = look again."""
    c = table(SettledBy).c
    row = session.execute(
        select(c.run, c.known).where(c.community == community, c.day == day)
    ).first()
    return (row.run, row.known) if row else None


def remember(session: Session, community: str, given: DayInput, run: int, known: str) -> None:
    """Of a day that has just been looked at, unless other days may change what it is worth."""
    if given.by_hand is not None or (given.policy and given.policy.total_cap_fen is not None):
        return
    row = {"community": community, "day": given.day, "run": run, "known": known}
    upsert(session.connection(), SettledBy, [row])


def forget(session: Session, community: str) -> None:
    """After the projections were made again."""
    mine = table(SettledBy)
    session.execute(delete(mine).where(mine.c.community == community))
