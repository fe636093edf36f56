"""Payouts, redemptions and points over HTTP: set aside, then posted or void, each once."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import StringConstraints

from hub.money import forms, ordering
from hub.money.ordering import Order
from hub.rewards.api import Decider, Reader, require_household
from hub.rewards.views import at_local
from hub.web.deps import HubDep, ReadDep, WriteDep
from hub.web.idempotency import OnceForMoney
from hub.web.keyset import DEFAULT_LIMIT, After, Limit, decode_place, encode_place
from hub.web.lists import ListRoute
from hub.web.words import InPath, InQuery
from wire.base import Cursor

router = APIRouter(tags=["money"], route_class=ListRoute)
MONTH = r"^2[0-9]{3}-(0[1-9]|1[0-2])$"
InMonth = Annotated[str, Path(pattern=MONTH, examples=["2026-05"])]
OfMonth = Annotated[str | None, Query(pattern=MONTH, examples=["2026-05"])]
InKey = Annotated[str, Path(pattern=r"^[!-.0-~]{1,64}$", examples=["shop-3-000123"])]
KeyPlace = Annotated[str, StringConstraints(max_length=64)]


@router.get("/payouts")
def list_payouts(
    session: ReadDep,
    hub: HubDep,
    _caller: Reader,
    *,
    month: OfMonth = None,
    household: InQuery = None,
    after: After = None,
    limit: Limit = DEFAULT_LIMIT,
) -> forms.PayoutPage:
    """What was set aside for households, month by month, and how it ended."""
    (last,) = decode_place(after, tuple[Cursor]) or (0,)
    rows = ordering.payouts_after(
        session, hub.community, month=month, household=household, after=last, limit=limit + 1
    )
    items = [
        forms.PayoutView(
            payout=row.payout,
            month=row.month,
            household=row.household_id,
            amount_fen=row.amount_fen,
            opened=at_local(row.opened_ms),
            result=row.result,
            entry=row.entry,
        )
        for row in rows[:limit]
    ]
    more = len(rows) > limit
    return forms.PayoutPage(items=items, next=encode_place(items[-1].payout) if more else None)


@router.post("/payouts")
def open_month(
    request: forms.OpenRequest,
    session: WriteDep,
    *,
    hub: HubDep,
    caller: Decider,
    once: OnceForMoney,
) -> forms.OpenedView:
    """Set aside what each household has earned up to the end of a month and not had yet."""

    def effect() -> forms.OpenedView:
        order = Order(session, hub, caller, request.reason)
        opened = ordering.order_payouts(order, request.month, request.min_fen)
        total_fen = sum(item.amount_fen for item in opened)
        return forms.OpenedView(month=request.month, opened=len(opened), total_fen=total_fen)

    return once.run(session, caller, request, forms.OpenedView, effect)


@router.post("/payouts/{month}/{household}/result", responses={404: {}})
def end_payout(
    month: InMonth,
    household: InPath,
    request: forms.ResultRequest,
    session: WriteDep,
    *,
    hub: HubDep,
    caller: Decider,
    once: OnceForMoney,
) -> forms.ResultView:
    """Post or void a household's open payout of a month."""

    def effect() -> forms.ResultView:
        order = Order(session, hub, caller, request.reason)
        closed = ordering.end_payout(order, month, household, request.result)
        return forms.ResultView(result=closed)

    return once.run(session, caller, request, forms.ResultView, effect)


@router.get("/redemptions")
def list_redemptions(
    session: ReadDep,
    hub: HubDep,
    _caller: Reader,
    *,
    household: InQuery = None,
    after: After = None,
    limit: Limit = DEFAULT_LIMIT,
) -> forms.RedemptionPage:
    """What was set aside for shops, and how it ended."""
    (last,) = decode_place(after, tuple[KeyPlace]) or ("",)
    rows = ordering.redemptions_after(
        session, hub.community, household=household, after=last, limit=limit + 1
    )
    items = [
        forms.RedemptionView(
            key=row.key,
            household=row.household_id,
            amount=row.amount_fen,
            unit=row.unit,
            at=at_local(row.at_ms),
            result=row.result,
            entry=row.entry,
        )
        for row in rows[:limit]
    ]
    more = len(rows) > limit
    return forms.RedemptionPage(items=items, next=encode_place(items[-1].key) if more else None)


@router.post("/redemptions", responses={404: {}})
def redeem(
    request: forms.RedemptionRequest,
    session: WriteDep,
    *,
    hub: HubDep,
    caller: Decider,
    once: OnceForMoney,
) -> forms.ReservedView:
    """Set aside for a shop what a household has free; never more."""
    require_household(session, hub.community, request.household)

    def effect() -> forms.ReservedView:
        order = Order(session, hub, caller, request.reason)
        said = ordering.order_redemption(
            order, request.key, request.household, request.amount, request.unit
        )
        return forms.ReservedView.model_validate({"said": said})

    return once.run(session, caller, request, forms.ReservedView, effect)


@router.post("/redemptions/{redemption}/result", responses={404: {}})
def end_redemption(
    redemption: InKey,
    request: forms.ResultRequest,
    session: WriteDep,
    *,
    hub: HubDep,
    caller: Decider,
    once: OnceForMoney,
) -> forms.ResultView:
    """Post or void what was set aside under a key."""

    def effect() -> forms.ResultView:
        order = Order(session, hub, caller, request.reason)
        return forms.ResultView(result=ordering.end_redemption(order, redemption, request.result))

    return once.run(session, caller, request, forms.ResultView, effect)


@router.post("/grants", responses={404: {}})
def grant_points(
    request: forms.GrantRequest,
    session: WriteDep,
    *,
    hub: HubDep,
    caller: Decider,
    once: OnceForMoney,
) -> forms.GrantedView:
    """Give a household points."""
    require_household(session, hub.community, request.household)

    def effect() -> forms.GrantedView:
        order = Order(session, hub, caller, request.reason)
        return forms.GrantedView(
            entry=ordering.give_points(order, request.household, request.points)
        )

    return once.run(session, caller, request, forms.GrantedView, effect)
