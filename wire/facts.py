"""Facts: what happened at a point, one kind a class, recorded once and never edited.

A fact's envelope says when and on whose clock; its body says what. Where the fact stands
(epoch, seq) is not part of it: a row keeps its bytes when it is given a new key.
"""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from wire.base import (
    BinNo,
    CardToken,
    Code,
    Count,
    Cursor,
    Door,
    Grams,
    Hex128,
    PersonId,
    Seq,
    Text,
    Trust,
    UpMs,
    UtcMs,
    WireModel,
)

VerdictValue = Literal["accepted", "corrected", "rejected", "unclear"]
RejectReason = Literal["mixed", "unbroken_bag", "wrong_bin", "other"]
CardState = Literal["known", "unknown", "blocked"]
SignalName = Literal["recorded", "accepted", "see_supervisor", "refused"]


class Tap(WireModel):
    """A card at a reader. The fact's id is the visit's name."""

    card: CardToken
    card_old: CardToken | None = Field(None, description="the token under the previous key")
    reader: Code
    known: CardState = Field(description="what the cached roster said; the hub decides")
    signal: SignalName = Field(description="what the resident was told")
    shift: Hex128 | None = Field(None, description="the open shift; absent = unattended")


class Manual(WireModel):
    """补登: a visit without a card, entered by the supervisor as building-unit-room."""

    door: Door
    by: PersonId
    shift: Hex128
    command_id: Hex128


class Deposit(WireModel):
    """A bin became heavier and settled; the fact's own time is when it had settled."""

    bin: BinNo
    category: Code
    grams: Annotated[int, Field(gt=0, le=9_999_999, description="grams")]
    level_g: Grams = Field(description="what the scale shows now")
    moved_up_ms: UpMs = Field(description="CLOCK_BOOTTIME at the first movement")
    quality: Literal["clean", "gap"] = Field(description="gap: the scale had been away")


class Assign(WireModel):
    """Which visit a deposit belongs to, decided at the point; the hub never re-derives it."""

    deposit: Hex128
    visit: Hex128 | None = Field(None, description="absent = belongs to nobody")
    doubt: Literal["none", "several", "no_visit", "gap"]
    candidates: Annotated[tuple[Hex128, ...], Field(max_length=40)] = Field(
        default=(), description="every visit it may have come from; their weight is missing"
    )


class Verdict(WireModel):
    """The supervisor's judgement of one visit."""

    visit: Hex128
    value: VerdictValue
    reason: RejectReason | None = Field(None, description="with rejected only")
    by: PersonId
    shift: Hex128
    mode: Literal["single", "bulk"] = "single"
    replaces: Hex128 | None = Field(None, description="改判: the verdict this one overrules")
    command_id: Hex128


class VerdictUndone(WireModel):
    """撤销: the visit is unjudged again, within 60 s of the verdict."""

    verdict: Hex128
    visit: Hex128
    by: PersonId
    command_id: Hex128


class Emptied(WireModel):
    """A bin lost at least 3 kg at once."""

    bin: BinNo
    grams: Annotated[int, Field(gt=0, le=9_999_999, description="grams taken")]
    level_g: Grams


class Removed(WireModel):
    """Something smaller was taken out of a bin; no debit follows."""

    bin: BinNo
    grams: Annotated[int, Field(gt=0, le=9_999_999, description="grams taken")]
    level_g: Grams


class BinChanged(WireModel):
    """换桶: another bin stands on the scale."""

    bin: BinNo
    by: PersonId
    command_id: Hex128


class Shift(WireModel):
    """A supervisor came or went; an opening fact's id is the shift's name."""

    action: Literal["opened", "closed"]
    person: PersonId
    by: Literal["card", "number", "plan"]
    shift: Hex128 | None = Field(None, description="closed: the opening fact")
    unjudged: Literal["none", "all_accepted", "left"] | None = Field(
        None, description="closed: what was done with the unjudged visits"
    )
    command_id: Hex128 | None = None


class Report(WireModel):
    """A matter raised at the point, for the joint desk."""

    matter: Code
    place: Text
    text: Text | None = None
    by: PersonId
    command_id: Hex128


class Fault(WireModel):
    """A device began or ceased to fail."""

    device: Code
    state: Literal["raised", "cleared"]
    what: Code
    detail: Text = ""


class Clock(WireModel):
    """A believed time at this fact's ``up_ms``; it dates the whole machine boot."""

    source: Literal["kernel", "hub", "officer"]
    utc_ms: UtcMs
    uncertainty_ms: Count


class DayEnd(WireModel):
    """Written daily, even when idle: everything of that day lies before it."""

    day: date
    taps: Count
    deposits: Count
    verdicts: Count
    unjudged: Count


class Void(WireModel):
    """Rows that can no longer be had, declared instead of skipped."""

    reason: Code
    epoch: Hex128 | None = None
    first_seq: Seq | None = None
    last_seq: Cursor | None = None
    detail: Text = ""


class UnknownBody(WireModel):
    """The body of a kind this version does not know: kept and shown."""


FactKind = Literal[
    "tap", "manual", "deposit", "assign", "verdict", "verdict_undone", "emptied", "removed",
    "bin_changed", "shift", "report", "fault", "clock", "day_end", "void",
]  # fmt: skip

BODIES: dict[str, type[WireModel]] = {
    "tap": Tap,
    "manual": Manual,
    "deposit": Deposit,
    "assign": Assign,
    "verdict": Verdict,
    "verdict_undone": VerdictUndone,
    "emptied": Emptied,
    "removed": Removed,
    "bin_changed": BinChanged,
    "shift": Shift,
    "report": Report,
    "fault": Fault,
    "clock": Clock,
    "day_end": DayEnd,
    "void": Void,
}
KIND_OF: dict[type[WireModel], str] = {body: kind for kind, body in BODIES.items()}

MAX_LINE_BYTES = 4096
"""Longest fact line; an assign with forty candidates is 1.7 KB."""


class Stamp(WireModel):
    """When a fact was recorded, on which clock, in which run."""

    boot: Count = Field(description="start counter of the node, committed before use")
    boot_id: Code = Field(description="names the machine boot that up_ms counts from")
    up_ms: UpMs
    wall_ms: UtcMs = Field(description="as the node's clock said; never edited")
    trust: Trust


class Named(WireModel):
    """Which fact this is."""

    v: Literal[1] = 1
    id: Hex128
    kind: Code


class Envelope(Stamp, Named):
    """What every fact line carries around its body."""

    test: Literal[True] | None = Field(None, description="made under maintenance; never pays")
