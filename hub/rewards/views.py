"""What the reward API takes and gives."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from hub.web.keyset import Page
from wire.day import local_time


def at_local(utc_ms: int) -> str:
    """``2026-05-03T07:10:00.000+08:00``."""
    return local_time(utc_ms).isoformat(timespec="milliseconds")


class VisitView(BaseModel):
    """One visit of a household's day; ``reason`` is its own: qualified, rejected, or why not."""

    visit: str
    point: str
    at: str
    source: str
    verdict: str | None
    verdict_reason: str | None
    by_role: str | None
    reason: str
    weight_g: int | None


class DayView(BaseModel):
    """What one day brought, and why."""

    day: date
    amount_fen: int
    reason: str
    why: str
    why_en: str
    run: int | None
    visits: list[VisitView]


class HouseholdDays(BaseModel):
    """Consecutive days of one household."""

    household: str
    days: list[DayView]


class SettleRequest(BaseModel):
    """``early`` settles a day that is not over."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"day": "2026-05-03", "early": False}]}
    )

    day: date
    early: bool = False


class SettlementView(BaseModel):
    """What a settlement did; entries are those of this call."""

    run: int
    day: date
    entries: int
    amount_fen: int
    held: int
    absent_points: list[str]
    digest: str


class RunView(SettlementView):
    """One recorded run; ``digest`` covers its rows and the digest before."""

    kind: str
    early: bool
    policy: str | None
    started: str
    watermark: int
    previous_digest: str


class RunPage(Page):
    """Runs, oldest first."""

    items: list[RunView]


class HeldView(BaseModel):
    """A visit somebody has to decide; ``since`` is the run that first said so.

    ``owner`` is the user who took it or was given it, else ``office``; ``door`` an unknown one.
    """

    visit: str
    point: str
    household: str | None
    door: str | None
    day: date
    reason: str
    since: str
    age_h: int
    owner: str
    shift: str | None
    at: str
    source: str


class HeldPage(Page):
    """Held visits by day."""

    items: list[HeldView]


Reason = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=1, max_length=500, pattern=r"^[^\x00-\x1f\x7f]*$"
    ),
]
VisitId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
HouseholdName = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x20\x7f]{1,80}$")]


Value = Literal["accepted", "rejected"]


class DecisionRequest(BaseModel):
    """An officer's decision. ``day`` only where the visit's own day is not believed."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"value": "accepted", "reason": "督导员补充说明"}]},
    )

    value: Value
    reason: Reason
    day: date | None = Field(default=None, description="default: the day it is shown on")
    household: HouseholdName | None = Field(
        default=None, description="whose it is, where its card or door says another or none"
    )


class DecisionView(BaseModel):
    """The staff verdict; ``runs`` are the settlements that followed at once."""

    visit: str
    value: str
    reason: str
    user: str
    role: str
    at: str
    day: date
    runs: list[int]
