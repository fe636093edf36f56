"""A settled day's signals, written down once for people to look at."""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import case, func, select
from sqlmodel import Session

from hub.db import table
from hub.registry.tables import Person
from hub.review.shifts import Shift
from hub.review.signals import A_DAY, Day, Item, Judgement, Seen, items_of
from hub.review.tables import ReviewItem
from hub.rewards.outcomes import known_outcomes
from hub.visits.faults import FaultSpan, fault_spans
from hub.visits.tables import Deposit, PointVerdict, Visit
from wire.day import business_day, day_start_ms, local_time

WEEKS = timedelta(days=28)
HOUR_MS = 3_600_000
_visit, _said, _deposit = table(Visit).c, table(PointVerdict).c, table(Deposit).c
_person, _item = table(Person).c, table(ReviewItem).c


def review_day(session: Session, community: str, day: date, now_ms: int) -> int:
    """Write down what a settled day shows that is not written yet; how many items."""
    held = _written(session, community, day)
    until_ms = day_start_ms(day + timedelta(days=1))
    faults = fault_spans(session.connection(), community, until_ms, weighing=False)
    count = 0
    for point, items in items_of(read_day(session, community, day)).items():
        known = {(row.signal, row.subject) for row in held[point]}
        fresh = [item for item in items if (item.signal, item.subject) not in known]
        for number, item in enumerate(fresh[: A_DAY - len(known)], len(known) + 1):
            near = [_told(span) for span in faults if _near(span, item)]
            evidence = json.dumps(item.evidence | {"faults": near}, ensure_ascii=False)
            session.add(
                ReviewItem(
                    community=community, day=day, point=item.point, number=number,
                    signal=item.signal, subject=item.subject, evidence=evidence, at_ms=now_ms,
                )
            )  # fmt: skip
            count += 1
    session.flush()
    return count


def read_day(session: Session, community: str, day: date) -> Day:
    """What the signals of a day read, in bulk."""
    outcomes = known_outcomes(session, community, day).visits
    of_day = _visits(session, community, day)
    visits = [
        Seen(
            row.visit_id, row.point, row.card, row.source,
            outcomes[row.visit_id].household if row.visit_id in outcomes else None,
            row.occurred_ms, row.shift, row.weight_g,
        )
        for row in of_day
        if not row.test
    ]  # fmt: skip
    homes = {visit.visit: visit.household for visit in visits}
    return Day(
        day,
        visits,
        list(_verdicts(session, community, day, homes)),
        _moved(session, community, day),
        _shifts(session, community, day),
    )


def _written(session: Session, community: str, day: date) -> dict[str, list[ReviewItem]]:
    held: dict[str, list[ReviewItem]] = defaultdict(list)
    found = select(ReviewItem).where(_item.community == community, _item.day == day)
    for row in session.scalars(found):
        held[row.point].append(row)
    return held


def _near(span: FaultSpan, item: Item) -> bool:
    """A device of the point that failed within the hour explains much."""
    if span.point != item.point or "from_ms" not in item.evidence:
        return False
    ended = span.to_ms is not None and span.to_ms < item.evidence["from_ms"] - HOUR_MS
    return not ended and span.from_ms <= item.evidence["to_ms"] + HOUR_MS


def _told(span: FaultSpan) -> dict[str, Any]:
    return {
        "device": span.device,
        "what": span.what,
        "since": local_time(span.from_ms).isoformat(timespec="seconds"),
        "until": span.to_ms and local_time(span.to_ms).isoformat(timespec="seconds"),
    }


def _visits(session: Session, community: str, day: date) -> Sequence[Any]:
    return session.execute(
        select(
            _visit.visit_id, _visit.point, _visit.card, _visit.source, _visit.occurred_ms,
            _visit.shift, _visit.weight_g, _visit.test,
        ).where(_visit.community == community, _visit.day == day)
    ).all()  # fmt: skip


def _verdicts(
    session: Session, community: str, day: date, homes: dict[str, str | None]
) -> Iterable[Judgement]:
    lives = _lives(session, community)
    of_day = select(_visit.visit_id).where(_visit.community == community, _visit.day == day)
    found = session.execute(
        select(_said.visit_id, _said.value, _said.mode, _said.shift, _said.by_person, _said.at_ms)
        .where(_said.community == community, _said.visit_id.in_(of_day), _said.undone.is_(False))
        .order_by(_said.at_ms, _said.arrival)
    )
    for row in found:
        home = homes.get(row.visit_id)
        own = home is not None and lives.get(row.by_person) == home
        yield Judgement(row.visit_id, row.value, row.mode, row.shift, row.by_person, row.at_ms, own)


def _lives(session: Session, community: str) -> dict[str, str | None]:
    rows = session.execute(
        select(_person.person_id, _person.household_id).where(_person.community == community)
    )
    return {person: home for person, home in rows}  # noqa: C416 - a Row is no pair to mypy


def _moved(session: Session, community: str, day: date) -> dict[str, list[int]]:
    """Deposits keep the clock of their node; those that were not believed are left out."""
    moved: dict[str, list[int]] = defaultdict(list)
    first, after = day_start_ms(day), day_start_ms(day + timedelta(days=1))
    found = session.execute(
        select(_deposit.point, _deposit.wall_ms)
        .where(_deposit.community == community, _deposit.wall_ms.between(first, after - 1))
        .order_by(_deposit.wall_ms)
    )
    for point, at_ms in found:
        moved[point].append(at_ms)
    return moved


def _shifts(session: Session, community: str, day: date) -> dict[str, list[Shift]]:
    def count(condition: Any) -> Any:
        return func.sum(case((condition, 1), else_=0))

    first, after = day_start_ms(day - WEEKS), day_start_ms(day + timedelta(days=1))
    found = session.execute(
        select(
            _said.point, _said.shift, _said.by_person, func.min(_said.at_ms), func.count(),
            count(_said.value == "accepted"), count(_said.value == "corrected"),
            count(_said.mode == "bulk"),
        )
        .where(
            _said.community == community, _said.at_ms.between(first, after - 1),
            _said.undone.is_(False),
        )
        .group_by(_said.point, _said.shift, _said.by_person)
    )  # fmt: skip
    shifts: dict[str, list[Shift]] = defaultdict(list)
    for point, shift, person, first_ms, *counts in found:
        at = business_day(first_ms)
        shifts[point].append(Shift(shift, person, at, *map(int, counts)))
    return shifts
