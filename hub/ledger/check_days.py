"""Settled days, judged again by what is known now, against what their newest runs said."""

from collections.abc import Iterator

from sqlalchemy import select
from sqlmodel import Session

from hub.db import table
from hub.rewards.settlement import would_change
from hub.rewards.tables import SettlementRun


def differences(session: Session, community: str) -> Iterator[str]:
    """Days with facts or decisions that no run has seen yet wait for their run and say nothing."""
    run = table(SettlementRun).c
    days = session.scalars(select(run.day).where(run.community == community).distinct())
    for day in sorted(days):
        said = would_change(session, community, day)
        if said is None:
            continue
        for household, amount_fen, reason, _ in said.households:
            yield (
                f"{day}: {household} is worth {amount_fen} fen ({reason}) by what is known, "
                "no run says so: settle the day, or find who changed the registry"
            )
        for visit in said.visits:
            yield f"{day}: visit {visit.visit} is {visit.reason} by what is known, no run says so"
