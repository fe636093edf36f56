"""The point bus: what the daemon shows a terminal and what a terminal asks of it.

The daemon owns every decision; the terminal owns its ▶. ``screen_rev`` is the number of the
newest recorded fact the screen reflects, so that it survives a restart and does not move when
a weight flickers; a verdict is stale when its visit changed after that.
"""

from typing import Annotated, Literal

from pydantic import Field

from wire.base import (
    BinNo,
    Code,
    Count,
    Door,
    Grams,
    Hex128,
    Message,
    PersonId,
    Text,
    Trust,
    UtcMs,
    WireModel,
)
from wire.facts import CardState, RejectReason, SignalName, VerdictValue
from wire.session import PortStatus


class ScreenVisit(WireModel):
    """An unjudged visit of the list; ``no`` stays with it as long as it is shown."""

    no: Annotated[int, Field(ge=1, le=9999)]
    visit: Hex128
    door: Door | None = Field(None, description="absent: the card is unknown here")
    card: CardState
    tapped_ms: UtcMs
    rev: Count = Field(description="screen_rev at which this visit last changed")
    bins: tuple[BinNo, ...] = ()
    grams: Grams | None = Field(None, description="absent: missing, never 0")


class ScreenJudged(WireModel):
    """A judged visit, newest first."""

    visit: Hex128
    verdict: Hex128
    door: Door | None = None
    value: VerdictValue
    reason: RejectReason | None = None
    mode: Literal["single", "bulk"] = "single"
    at_ms: UtcMs
    undo_until_ms: UtcMs = Field(description="until then `undo` works; later a new verdict")


class ScreenBin(WireModel):
    """One bin; ``faulty`` never affects a reward."""

    no: BinNo
    category: Code
    grams: Grams | None = None
    state: Literal["ok", "moving", "faulty", "silent"]


class ScreenShift(WireModel):
    """Who is on duty."""

    shift: Hex128
    person: PersonId
    since_ms: UtcMs


class ScreenLink(WireModel):
    """How the node stands with its hub."""

    up: bool
    waiting: Count


class ScreenCounts(WireModel):
    """小结: this shift so far, or the unattended time since the last one."""

    taps: Count = 0
    manual: Count = 0
    accepted: Count = 0
    corrected: Count = 0
    rejected: Count = 0
    unclear: Count = 0
    bulk: Count = Field(0, description="of the accepted, how many were judged in bulk")
    deposits: Count = 0
    test_taps: Count = Field(0, description="under maintenance; never pay")


class Screen(Message):
    """Retained: the whole state a supervisor's terminal shows."""

    point: Code
    screen_rev: Count
    at_ms: UtcMs
    trust: Trust
    shift: ScreenShift | None = None
    visits: Annotated[tuple[ScreenVisit, ...], Field(max_length=400)] = ()
    judged: Annotated[tuple[ScreenJudged, ...], Field(max_length=20)] = ()
    bins: Annotated[tuple[ScreenBin, ...], Field(max_length=99)] = ()
    link: ScreenLink
    reader_ok: bool = False
    full: bool = Field(False, description="the store is full: taps are being refused")
    speaker: Literal["ok", "none", "failed"] | None = Field(
        None, description="none: no sound card, which is no fault"
    )
    maintenance: bool | None = Field(None, description="a technician tests: taps do not count")
    roster: Count | None = Field(None, description="version; 0 = none yet, every card is unknown")
    counts: ScreenCounts | None = None
    matters: Annotated[tuple[Code, ...], Field(max_length=9)] | None = Field(
        None, description="kinds of matter that can be reported here, by digit from 1"
    )
    ports: Annotated[tuple[PortStatus, ...], Field(max_length=60)] | None = Field(
        None, description="every device and link with its counters"
    )


Action = Literal[
    "judge", "judge_all", "undo", "check_in", "hand_over", "manual", "bin_changed", "report",
    "look_up", "broadcast",
]  # fmt: skip


class Command(Message):
    """One decision of the person at the terminal; the same ``command_id`` is answered alike."""

    command_id: Hex128
    screen_rev: Count
    action: Action
    visit: Hex128 | None = Field(None, description="judge: the visit shown")
    value: VerdictValue | None = None
    reason: RejectReason | None = None
    shown: Annotated[tuple[Hex128, ...], Field(max_length=400)] = Field(
        default=(), description="judge_all: exactly the visits that were listed"
    )
    verdict: Hex128 | None = Field(None, description="undo: the verdict shown")
    number: Annotated[str | None, Field(pattern=r"^[0-9]{1,8}$")] = None
    pin: Annotated[str | None, Field(pattern=r"^[0-9]{4,12}$")] = None
    unjudged: Literal["all_accepted", "left"] | None = Field(None, description="hand_over")
    door: Door | None = Field(None, description="manual, look_up")
    bin: BinNo | None = Field(None, description="bin_changed")
    matter: Code | None = Field(None, description="report")
    broadcast: Literal["now", "hush"] | None = Field(None, description="broadcast")


ReplyCode = Literal[
    "done", "stale", "unknown_visit", "judged", "no_shift", "too_late", "not_admitted",
    "bad_request", "store_full", "unknown_door", "no_speaker",
]  # fmt: skip


class Reply(Message):
    """The answer to a command, sent after the commit it reports."""

    command_id: Hex128
    code: ReplyCode
    screen_rev: Count
    fact: Hex128 | None = None
    count: Count = 0
    detail: Text = ""


class Signal(Message):
    """What the light and the loudspeaker of a reader say, sent after the commit."""

    signal: SignalName | Literal["soft"] = Field(
        description="soft: a verdict that is not accepted, never spoken"
    )
    reader: Code
    fact: Hex128 | None = None
