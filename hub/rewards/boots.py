"""One moment of a machine boot without a clock, said by an officer, dates its visits."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import exists, select
from sqlmodel import Session

from hub.db import table
from hub.rewards.office_tables import BootDate
from hub.rewards.record import append, by, newest_word
from hub.rewards.settlement import Settlement
from hub.rewards.staff import require_paying, settle_over, shown_days
from hub.rewards.tables import AssignedDay
from hub.roles import Role
from hub.visits.tables import Visit
from hub.web.deps import Caller
from hub.web.problem import ProblemError
from wire.day import business_day

LONGEST_BOOT_MS = 400 * 86_400_000
"""What lies further away in a boot has another reason than a missing clock."""
_visit, _boot, _assigned = table(Visit).c, table(BootDate).c, table(AssignedDay).c


@dataclass(frozen=True)
class Dated:
    """How many visits of the boot count for each day now, and the runs that followed."""

    days: Counter[date]
    settled: tuple[Settlement, ...]


def date_boot(
    session: Session, visit: Visit, caller: Caller, now_ms: int, *, at_ms: int, reason: str
) -> Dated:
    """The visit was at a moment, and so all of its boot are dated, also those still to come."""
    if visit.trusted:
        detail = f"visit {visit.visit_id} counts for {visit.day}; its clock is believed"
        raise ProblemError(409, "day-is-known", detail)
    boot = BootDate(
        community=visit.community, sequence=0, point=visit.point, boot_id=visit.boot_id,
        up_ms=visit.up_ms, utc_ms=at_ms, **by(caller, reason, now_ms),
    )  # fmt: skip
    visits = _undated(session, boot)
    days = {day_in(boot, one) for one in visits}
    if max(days) > business_day(now_ms):
        detail = f"then a visit of the same boot would be on {max(days)}, which has not begun"
        raise ProblemError(422, "future-day", detail)
    require_paying(session, visit.community, min(days))
    before = shown_days(session, visits)
    append(session, visit.community, BootDate, boot.model_dump(exclude={"community", "sequence"}))
    _assign(session, boot, visits, caller, now_ms)
    settled = settle_over(session, visit.community, before | days, now_ms)
    return Dated(Counter(day_in(boot, one) for one in visits), settled)


def date_arrivals(session: Session, community: str, now_ms: int) -> int:
    """Visits of dated boots that have come since get their days; how many."""
    newest = {
        (boot.point, boot.boot_id): boot
        for boot in session.scalars(
            select(BootDate).where(_boot.community == community).order_by(_boot.sequence)
        )
    }
    count = 0
    for boot in newest.values():
        visits = _undated(session, boot, never_said=True)
        officer: Role = "admin" if boot.role == "admin" else "office"
        _assign(session, boot, visits, Caller(boot.user, officer), now_ms)
        count += len(visits)
    return count


def day_in(boot: BootDate, visit: Visit) -> date:
    """The day of another visit of the boot."""
    return business_day(boot.utc_ms - (boot.up_ms - visit.up_ms))


def _undated(session: Session, boot: BootDate, *, never_said: bool = False) -> Sequence[Visit]:
    found = select(Visit).where(
        _visit.community == boot.community,
        _visit.point == boot.point,
        _visit.boot_id == boot.boot_id,
        _visit.trusted.is_(False),
        _visit.up_ms.between(boot.up_ms - LONGEST_BOOT_MS, boot.up_ms + LONGEST_BOOT_MS),
    )
    if never_said:
        said = exists().where(
            _assigned.community == _visit.community, _assigned.visit_id == _visit.visit_id
        )
        found = found.where(~said)
    return session.scalars(found.order_by(_visit.arrival)).all()


def _assign(
    session: Session, boot: BootDate, visits: Sequence[Visit], caller: Caller, now_ms: int
) -> None:
    words = []
    for visit in visits:
        day = day_in(boot, visit)
        held = newest_word(session, AssignedDay, visit.community, visit.visit_id)
        if held is None or held.day != day:
            words.append(by(caller, boot.reason, now_ms) | {"visit_id": visit.visit_id, "day": day})
    if words:
        append(session, boot.community, AssignedDay, *words)
