"""One word of the office in every table that keeps such words."""

from datetime import date

from sqlmodel import Session, col, select

from hub.disputes.answering import Answer, answer, open_dispute
from hub.money.ordering import Order, give_points
from hub.registry.tables import Person
from hub.rewards.attest import Stood, attest
from hub.rewards.boots import date_boot
from hub.rewards.months import close
from hub.rewards.restate import Span, apply_span
from hub.rewards.staff import Decision, decide
from hub.visits.tables import Visit
from hub.web.deps import Caller, Hub
from tests.hub.nodes import name
from tests.hub.rewards.registry_rows import at_ms

DAY, HOME, OTHER = date(2026, 5, 3), "1-1-101", "1-1-102"


def other_words(session: Session, hub: Hub, officer: Caller) -> None:
    """Beside decisions, days, payouts and redemptions."""
    community, now_ms = hub.community, hub.now_ms()
    session.add(Person(community=community, person_id="v09", number="109", role="volunteer"))
    session.flush()
    decide(
        session, _visit(session, "e3"), officer, now_ms, Decision("accepted", "问过", None, HOME)
    )
    stood = Stood(
        "p01", "v09", at_ms("2026-05-02T07:00:00+08:00"), at_ms("2026-05-02T09:00:00+08:00"),
        "accepted", "忘了刷卡",
    )  # fmt: skip
    attest(session, community, officer, now_ms, stood)
    moment = at_ms("2026-05-04T08:00:00+08:00")
    date_boot(session, _visit(session, "e5"), officer, now_ms, at_ms=moment, reason="停电")
    apply_span(session, hub, officer, Span(DAY, DAY, restate=True), "重算")
    dispute = open_dispute(
        session, hub, officer, household=OTHER, day=DAY, visit=None, claim="没有到账"
    )
    answer(session, hub, officer, dispute, Answer("dismissed", "那天没有投放"))
    give_points(Order(session, hub, officer, "志愿清扫"), HOME, 3)
    close(session, community, officer, "2026-04", now_ms, reason="月结")


def _visit(session: Session, key: str) -> Visit:
    return session.scalars(select(Visit).where(col(Visit.visit_id) == name(key))).one()
