"""What a self-check machine takes and shows."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.config import JsonDict

from hub.matters import acts
from hub.matters.model import Rating
from hub.matters.views import StepView
from hub.registry.rows import Serial
from hub.visits.last import LastTap
from hub.web.words import DayInReach

Mark = Literal["yes", "no", "wait", "none"]
_QUESTION: JsonDict = {"kind": "reward", "day": "2026-05-03", "text": "当天早上投放过"}


class Opened(BaseModel):
    """The token of a visit, to be sent as bearer; it ends by itself."""

    token: str
    household: str
    door: str
    expires_in: int


class StaffOut(BaseModel):
    """Who may service the machine."""

    person: str
    role: str


class DayMark(BaseModel):
    """A day: paid (yes), not (no), not decided (wait), or nothing brought (none)."""

    day: date
    mark: Mark
    amount_fen: int
    reason: str
    why: str
    why_en: str


class MonthOut(BaseModel):
    """What a month brought so far, day by day."""

    household: str
    month: str
    balance_fen: int
    amount_fen: int
    days: list[DayMark]


class OwnMatter(BaseModel):
    """A matter that the household reported; ``text`` and ``place`` only where they are its own."""

    matter: int
    kind: str
    kind_zh: str
    place: str
    text: str
    state: str
    state_zh: str
    belongs: str
    person_name: str
    phone: str
    due_at: str | None
    steps: list[StepView]
    rating: str | None
    ratable: bool


class OwnMatters(BaseModel):
    """The newest first, at most twenty."""

    matters: list[OwnMatter]


class Rated(BaseModel):
    """民评: satisfied 满意, mostly 基本满意, dissatisfied 不满意."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"rating": "satisfied"}]}
    )

    rating: Rating


class Question(BaseModel):
    """A matter of the household's own; about a day's reward unless ``kind`` says otherwise."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_QUESTION]})

    kind: acts.Kind = "reward"
    day: DayInReach | None = None
    place: acts.Place | None = None
    text: acts.Words | None = None


class CardLine(BaseModel):
    """A card of the household; ``card`` names it for /self/lost, ``this`` is the tapped one."""

    card: str
    serial: str | None
    since: date
    last_tap: LastTap | None
    blocked: bool
    this: bool


class OwnCards(BaseModel):
    """Every card that the household has now."""

    cards: list[CardLine]


class Lost(BaseModel):
    """Another card of the household, by its printed serial or as /self/cards names it."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"serial": "1002"}]})

    card: Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")] | None = None
    serial: Serial | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.card is None) == (self.serial is None):
            msg = "expected either card or serial"
            raise ValueError(msg)
        return self
