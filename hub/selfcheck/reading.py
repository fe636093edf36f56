"""A household's month, matters and cards, as it may see them itself."""

from calendar import monthrange
from datetime import date

from sqlalchemy import select
from sqlmodel import Session, col

from hub.ledger.accounts import balance
from hub.matters.acting import Known, find
from hub.matters.book import Book, read_book
from hub.matters.tables import MatterReporter
from hub.matters.views import view_of
from hub.registry.cards import block_of, holder_of, mark_of
from hub.registry.tables import CardBinding, Household
from hub.rewards.days import household_days
from hub.rewards.model import HOLDS, Reason
from hub.rewards.views import DayView
from hub.rewards.why import NOT_SETTLED
from hub.selfcheck.views import CardLine, DayMark, Mark, MonthOut, OwnMatter
from hub.visits.last import last_tap
from hub.web.deps import Hub
from wire.day import business_day, local_time

MOST_MATTERS = 20
_NOTHING = {Reason.NO_EVENT, Reason.HOUSEHOLD_INACTIVE, Reason.NO_POLICY}


def month_of(session: Session, hub: Hub, home: Household, first: date) -> MonthOut:
    """The month that begins with ``first``; days to come are left out."""
    ends = first.replace(day=monthrange(first.year, first.month)[1])
    until = min(ends, business_day(hub.now_ms()))
    days = household_days(session, home, first, until) if first <= until else []
    return MonthOut(
        household=home.household_id,
        month=f"{first:%Y-%m}",
        balance_fen=balance(session, hub.community, home.household_id).balance_fen,
        amount_fen=sum(day.amount_fen for day in days),
        days=[
            DayMark(mark=mark_of_day(day), **day.model_dump(exclude={"run", "visits"}))
            for day in days
        ],
    )


def mark_of_day(day: DayView) -> Mark:
    """What stands in the grid."""
    if day.amount_fen > 0:
        return "yes"
    if day.reason in HOLDS or day.reason == NOT_SETTLED:
        return "wait"
    return "none" if day.reason in _NOTHING else "no"


def matters_of(session: Session, hub: Hub, household: str) -> list[OwnMatter]:
    """Those that the household reported, itself or by a matter that was merged into them."""
    r = MatterReporter
    numbers = session.scalars(
        select(col(r.matter))
        .where(col(r.community) == hub.community, col(r.household_id) == household)
        .group_by(col(r.matter))
        .order_by(col(r.matter).desc())
        .limit(MOST_MATTERS)
    ).all()
    book = read_book(session, hub.community)
    known = [find(session, hub.community, number) for number in numbers]
    return [own_matter(session, hub, one, book, household) for one in known]


def own_matter(session: Session, hub: Hub, known: Known, book: Book, household: str) -> OwnMatter:
    """As one of its reporters sees it: words of a neighbour are the neighbour's."""
    view = view_of(session, hub.community, known, book, hub.now_ms())
    shown = view.model_dump(include=OwnMatter.model_fields.keys() - {"ratable"})
    if known.matter.household != household:
        shown |= {"text": "", "place": ""}  # a place may be somebody's door
    return OwnMatter(ratable="rate" in view.allowed, **shown)


def cards_of(session: Session, hub: Hub, household: str, this: str) -> dict[str, CardLine]:
    """The household's cards now, by token."""
    now_ms, b = hub.now_ms(), CardBinding
    bound = session.scalars(
        select(col(b.card))
        .where(col(b.community) == hub.community, col(b.household_id) == household)
        .distinct()
        .order_by(col(b.card))
    ).all()
    held = {card: holder_of(session, hub.community, card, now_ms) for card in bound}
    return {
        card: CardLine(
            card=mark_of(card),
            serial=binding.serial,
            since=local_time(binding.from_ms).date(),
            last_tap=last_tap(session, binding),
            blocked=block_of(session, hub.community, card, now_ms) is not None,
            this=mark_of(card) == this,
        )
        for card, binding in held.items()
        if binding is not None and binding.household_id == household
    }
