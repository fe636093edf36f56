"""Money and points out, and the order for it, in one transaction."""

from typing import Any, NamedTuple

from sqlalchemy import and_, select
from sqlmodel import Session

from hub.db import table
from hub.ledger.aside import Closed, Result
from hub.ledger.journal import Unit
from hub.ledger.payouts import Opened, close_payout, open_payouts
from hub.ledger.redemptions import Reserved, close_redemption, grant, reserve
from hub.ledger.tables import Payout, PayoutResult, Redemption, RedemptionResult
from hub.money.tables import MoneyOrder
from hub.rewards.record import append, by
from hub.web.deps import Caller, Hub
from hub.web.problem import ProblemError


class Order(NamedTuple):
    """Where, by whom, and in which words."""

    session: Session
    hub: Hub
    caller: Caller
    reason: str

    def write(self, what: str, subject: str, result: str) -> None:
        """Beside what it brought about."""
        word = by(self.caller, self.reason, self.hub.now_ms())
        word |= {"what": what, "subject": subject, "result": result}
        append(self.session, self.hub.community, MoneyOrder, word)


def order_payouts(order: Order, month: str, min_fen: int) -> list[Opened]:
    """Set a month's payouts aside."""
    hub = order.hub
    opened = open_payouts(order.session, hub.community, month, hub.now_ms(), min_fen=min_fen)
    order.write("open", month, f"opened {len(opened)}")
    return opened


def end_payout(order: Order, month: str, household: str, result: Result) -> Closed:
    """Post or void a household's payout of a month."""
    hub = order.hub
    closed = close_payout(
        order.session, hub.community, month, household, result, now_ms=hub.now_ms()
    )
    order.write("payout", f"{month} {household}", closed)
    return closed


def order_redemption(order: Order, key: str, household: str, amount: int, unit: Unit) -> Reserved:
    """Set aside for a shop; 409 for another redemption's key, and for more than there is."""
    hub = order.hub
    said = reserve(
        order.session, hub.community, household, amount,
        key=key, now_ms=hub.now_ms(), unit=unit,
    )  # fmt: skip
    if said == "conflict":
        detail = f"redemption {key} is another household's, amount's or unit's; take a new key"
        raise ProblemError(409, "redemption-key-used", detail)
    if said == "refused":
        detail = f"{household} has less than {amount} {unit} free; nothing was set aside"
        raise ProblemError(409, "not-enough", detail)
    order.write("reserve", key, said)
    return said


def end_redemption(order: Order, key: str, result: Result) -> Closed:
    """Post or void what was set aside."""
    hub = order.hub
    closed = close_redemption(order.session, hub.community, key, result, now_ms=hub.now_ms())
    order.write("redemption", key, closed)
    return closed


def give_points(order: Order, household: str, points: int) -> int:
    """Points of the office's own; never money. The number of the entry."""
    hub = order.hub
    entry = grant(
        order.session, hub.community, household, points,
        reason=order.reason, now_ms=hub.now_ms(),
    )  # fmt: skip
    order.write("grant", str(entry), "granted")
    return entry


def payouts_after(
    session: Session,
    community: str,
    *,
    month: str | None,
    household: str | None,
    after: int,
    limit: int,
) -> list[Any]:
    """Payouts by number, each with how it ended."""
    c, ended = table(Payout).c, table(PayoutResult).c
    found = select(
        c.payout, c.month, c.household_id, c.amount_fen, c.opened_ms, ended.result, ended.entry
    ).outerjoin(table(PayoutResult), and_(ended.community == c.community, ended.payout == c.payout))
    found = found.where(c.community == community, c.payout > after)
    if month is not None:
        found = found.where(c.month == month)
    if household is not None:
        found = found.where(c.household_id == household)
    return list(session.execute(found.order_by(c.payout).limit(limit)).all())


def redemptions_after(
    session: Session, community: str, *, household: str | None, after: str, limit: int
) -> list[Any]:
    """Redemptions by key, each with how it ended."""
    c, ended = table(Redemption).c, table(RedemptionResult).c
    found = select(
        c.key, c.household_id, c.amount_fen, c.unit, c.at_ms, ended.result, ended.entry
    ).outerjoin(table(RedemptionResult), and_(ended.community == c.community, ended.key == c.key))
    found = found.where(c.community == community, c.key > after)
    if household is not None:
        found = found.where(c.household_id == household)
    return list(session.execute(found.order_by(c.key).limit(limit)).all())
