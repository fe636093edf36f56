"""What can be done to a matter, with its fields and their bounds; taken over HTTP as they are."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from hub.matters.model import OTHER, Rating, Side
from wire.base import CardToken

MOST_TEXT = 4000
MOST_PLACE = 200
_PLAIN = r"^[^\x00-\x09\x0b-\x1f\x7f]*$"
_FILLED = r"^[^\x00-\x09\x0b-\x1f\x7f]*[^\s\x00-\x1f\x7f][^\x00-\x09\x0b-\x1f\x7f]*$"
"""The same with something to read in it."""
Words = Annotated[str, Field(min_length=1, max_length=500, pattern=_FILLED)]
Place = Annotated[str, Field(min_length=1, max_length=MOST_PLACE, pattern=_FILLED)]
Text = Annotated[str, Field(min_length=1, max_length=MOST_TEXT, pattern=_FILLED)]
RuleWord = Annotated[str, Field(min_length=2, max_length=20, pattern=_FILLED)]
"""One character would take every text with it."""
PersonId = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[!-~]+$")]
Household = Annotated[str, Field(min_length=1, max_length=80, pattern=_PLAIN)]
Kind = Annotated[str, Field(min_length=1, max_length=32, pattern=r"^[a-z0-9_]+$")]
Number = Annotated[int, Field(ge=1, le=2**53)]
Channel = Literal["desk", "terminal", "patrol", "self", "open311", "device", "phone"]


DeskName = Annotated[str, Field(min_length=1, max_length=32, pattern=r"^[a-z0-9_-]+$")]


class By(BaseModel):
    """Who does it at which desk: on duty there (``by``), or by the card just tapped.

    Somebody with an account of their own leaves all three out.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    desk: DeskName | None = None
    by: PersonId | None = None
    card: CardToken | None = None
    client_ms: Annotated[int, Field(ge=0, le=2**53)] | None = None


class Act(By):
    """One thing that is done."""


class SettleOnSpot(Act):
    """受理 → 待回访: done before the resident left."""

    act: Literal["settle_on_spot"]
    result: Words


class Doubt(Act):
    """受理 → 待厘清: it is not clear whose it is; the officer present has it meanwhile (首接)."""

    act: Literal["doubt"]
    reason: Words


class Propose(Act):
    """待厘清: one side's tap; the other side's tap saying the same assigns it."""

    act: Literal["propose"]
    lead: Side
    co: Side | None = None
    reason: Words
    save_as_rule: RuleWord | None = Field(
        None, description="said by both sides, texts with this word go the same way"
    )

    @model_validator(mode="after")
    def _two_sides(self) -> "Propose":
        if self.co is not None and self.co != OTHER[self.lead]:
            msg = f"co {self.co} beside lead {self.lead}; expected {OTHER[self.lead]} or nothing"
            raise ValueError(msg)
        return self


class Transfer(Act):
    """→ 转出: somebody outside has to do it; what the resident was told."""

    act: Literal["transfer"]
    where: Words
    told: Words


class Decline(Act):
    """受理 → 不予受理: what the resident was told."""

    act: Literal["decline"]
    told: Words


class Merge(Act):
    """→ 并单: another matter is the same; its reporters go with it."""

    act: Literal["merge"]
    into: Number


class Accept(Act):
    """已派 → 处置中 by the lead; the co takes its own task. ``person``: a colleague does it."""

    act: Literal["accept"]
    person: PersonId | None = None


class Return(Act):
    """已派 → 待厘清, once."""

    act: Literal["return"]
    reason: Words


class Suspend(Act):
    """处置中 → 挂起; the clock stops until the day comes."""

    act: Literal["suspend"]
    reason: Words
    until: date


class Resume(Act):
    """挂起 → 处置中."""

    act: Literal["resume"]


class Confer(Act):
    """→ 待会商."""

    act: Literal["confer"]
    reason: Words


class Finish(Act):
    """One side's task is done; with the last one → 待核查. ``photo`` is a reference."""

    act: Literal["finish"]
    result: Words
    photo: Words | None = None


class Verify(Act):
    """待核查 → 待回访, or back to 处置中; never by who did it."""

    act: Literal["verify"]
    ok: bool
    note: Words | None = None

    @model_validator(mode="after")
    def _says_why(self) -> "Verify":
        if not self.ok and self.note is None:
            msg = "expected a note that says what is not done"
            raise ValueError(msg)
        return self


class OutsideReceipt(Act):
    """转出 → 待回访: the answer from outside has come."""

    act: Literal["outside_receipt"]
    result: Words


class Call(Act):
    """待回访: a call to the reporter; dissatisfied opens it again and puts it under watch."""

    act: Literal["call"]
    outcome: Literal["not_reached", "satisfied", "mostly", "dissatisfied"]
    note: Words | None = None


class Rate(Act):
    """民评 by a reporter's household, at the desk or by itself."""

    act: Literal["rate"]
    rating: Rating
    household: Household


class Reopen(Act):
    """结案 → 处置中 within 30 days, by a reporter."""

    act: Literal["reopen"]
    reason: Words
    household: Household | None = None


class WatchOver(Act):
    """督办, or another person or day for it."""

    act: Literal["watch"]
    person: PersonId
    next_check: date
    note: Words


class Progress(Act):
    """A line of the watch entry's log."""

    act: Literal["progress"]
    note: Words
    next_check: date | None = None


class Note(Act):
    """A line for the file."""

    act: Literal["note"]
    text: Words


class Reassign(Act):
    """Another person of one's own side has the task."""

    act: Literal["reassign"]
    person: PersonId


AnyAct = Annotated[
    SettleOnSpot | Doubt | Propose | Transfer | Decline | Merge | Accept | Return | Suspend
    | Resume | Confer | Finish | Verify | OutsideReceipt | Call | Rate | Reopen | WatchOver
    | Progress | Note | Reassign,
    Field(discriminator="act"),
]  # fmt: skip
