"""The lines of the truth log. Times are the rehearsal's clock, milliseconds since 1970."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from wire.base import Hex128, UtcMs
from wire.facts import RejectReason, SignalName, VerdictValue
from wire.point_bus import ReplyCode


class Record(BaseModel):
    """One line; written and flushed before what it tells can leave the process."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    at_ms: UtcMs


class Start(Record):
    kind: Literal["start"] = "start"
    seed: int
    points: tuple[str, ...]
    reward_fen: int


class Tap(Record):
    """A card is about to be held to a reader. ``door`` absent: no household holds this card."""

    kind: Literal["tap"] = "tap"
    tap: int
    point: str
    who: Literal["resident", "volunteer"]
    door: str | None
    uid: str | None = Field(None, description="unknown cards only")
    attended: bool


class Heard(Record):
    """A signal at that tap. ``fact`` is the visit when the resident hears that it is recorded."""

    kind: Literal["heard"] = "heard"
    tap: int
    point: str
    signal: SignalName
    fact: Hex128 | None


class Decide(Record):
    """A key at the terminal, about to be sent for the visit that was shown."""

    kind: Literal["decide"] = "decide"
    point: str
    command: Hex128
    visit: Hex128
    value: VerdictValue
    reason: RejectReason | None


class Answered(Record):
    """What the point replied to a decision."""

    kind: Literal["answered"] = "answered"
    point: str
    command: Hex128
    code: ReplyCode


class Unreadable(Record):
    """A message from a point that is not what the wire promises."""

    kind: Literal["unreadable"] = "unreadable"
    point: str
    detail: str


class Fault(Record):
    """Something is about to be killed, wiped, cut or brought back."""

    kind: Literal["fault"] = "fault"
    what: str
    action: Literal["killed", "wiped", "cut", "restored", "restarted"]


class Settle(Record):
    """The office is about to settle a business day."""

    kind: Literal["settle"] = "settle"
    day: str


class Office(Record):
    """The office is about to decide a held visit."""

    kind: Literal["office"] = "office"
    visit: Hex128
    value: Literal["accepted", "rejected"]


AnyRecord = Annotated[
    Start | Tap | Heard | Decide | Answered | Unreadable | Fault | Settle | Office,
    Field(discriminator="kind"),
]
RECORD: TypeAdapter[AnyRecord] = TypeAdapter(AnyRecord)
