"""What is asked and answered about payouts, redemptions and granted points."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from hub.registry.rows import HouseholdId
from hub.rewards.views import Reason
from hub.web.keyset import Page

Fen = Annotated[int, Field(ge=1, le=10_000_000, description="whole fen")]
Key = Annotated[str, Field(pattern=r"^[!-.0-~]{1,64}$", description="the caller's, once")]
Month = Annotated[str, Field(pattern=r"^2[0-9]{3}-(0[1-9]|1[0-2])$")]
Ended = Literal["posted", "void"]


def _example(said: JsonDict) -> ConfigDict:
    return ConfigDict(extra="forbid", json_schema_extra={"examples": [said]})


class OpenRequest(BaseModel):
    """A month that is over; what is less than ``min_fen`` is carried."""

    model_config = _example({"month": "2026-05", "min_fen": 100, "reason": "五月发放"})

    month: Month
    min_fen: Annotated[int, Field(ge=1, le=1_000_000, description="whole fen")] = 100
    reason: Reason


class OpenedView(BaseModel):
    """How many payouts of the month were opened now, and their sum."""

    month: str
    opened: int
    total_fen: int


class ResultRequest(BaseModel):
    """``posted``: it was paid or spent; ``void``: it was not, and is free again."""

    model_config = _example({"result": "posted", "reason": "银行回单 0612"})

    result: Ended
    reason: Reason


class ResultView(BaseModel):
    """``already_…`` when it had ended before: nothing has changed now."""

    result: Literal["posted", "void", "already_posted", "already_void"]


class PayoutView(BaseModel):
    """One household's part of a month; ``result`` null while it is open."""

    payout: int
    month: str
    household: str
    amount_fen: int
    opened: str
    result: Ended | None
    entry: int | None


class PayoutPage(Page):
    """By number."""

    items: list[PayoutView]


class RedemptionRequest(BaseModel):
    """Set aside for a shop; fen and points are never mixed."""

    model_config = _example({
        "key": "shop-3-000123", "household": "11-1-102", "amount": 300, "unit": "fen",
        "reason": "兑换垃圾袋",
    })  # fmt: skip

    key: Key
    household: HouseholdId
    amount: Fen
    unit: Literal["fen", "point"] = "fen"
    reason: Reason


class ReservedView(BaseModel):
    """``duplicate``: this key had set the same aside before."""

    said: Literal["accepted", "duplicate"]


class RedemptionView(BaseModel):
    """Set aside, and how it ended; ``result`` null while it is open."""

    key: str
    household: str
    amount: int
    unit: str
    at: str
    result: Ended | None
    entry: int | None


class RedemptionPage(Page):
    """By key."""

    items: list[RedemptionView]


class GrantRequest(BaseModel):
    """Points of the office's own; money is never granted."""

    model_config = _example({"household": "11-1-102", "points": 20, "reason": "志愿清扫"})

    household: HouseholdId
    points: Annotated[int, Field(ge=1, le=100_000)]
    reason: Reason


class GrantedView(BaseModel):
    """The entry it made."""

    entry: int
