"""What is asked and answered about a household, a door and its holder."""

from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from hub.registry import rows
from hub.web.keyset import Page
from hub.web.words import DayInReach, Why
from wire.base import CardToken


class HouseholdOut(BaseModel):
    """A door and since when; of the holder's name only the first character."""

    household: str
    building: str
    unit: str
    room: str
    kind: str
    from_day: date
    to_day: date | None
    successor_of: str | None = None
    holder: str | None = None


class HouseholdPage(Page):
    """Households in the order of their numbers."""

    items: list[HouseholdOut]


class CardSearch(BaseModel):
    """A card token; it never stands in a URL."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"card": "k1." + "a" * 52}]})

    card: CardToken


class NewHousehold(BaseModel):
    """A household; a door that is let again gets a number of its own."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "door": "11#-1-102",
                    "kind": "residence",
                    "from_day": "2026-06-01",
                    "successor_of": None,
                    "why": "moved in",
                }
            ]
        }
    )

    door: Annotated[str, Field(max_length=40, description="11#-1-102, 11号楼1单元102室 …")]
    kind: rows.HouseholdKind
    from_day: DayInReach
    to_day: DayInReach | None = None
    successor_of: rows.HouseholdId | None = None
    name: rows.Name | None = None
    phone: rows.Phone | None = None
    why: Why


class HouseholdChange(BaseModel):
    """What is left out stays; ``to_day`` null opens the household again."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"to_day": "2026-06-01", "why": "moved out"}]}
    )

    kind: rows.HouseholdKind | None = None
    from_day: DayInReach | None = None
    to_day: DayInReach | None = None
    successor_of: rows.HouseholdId | None = None
    name: rows.Name | None = None
    phone: rows.Phone | None = None
    why: Why


class HolderOut(BaseModel):
    """Whose household it is, in full; every look is recorded."""

    household: str
    name: str | None
    phone: str | None


class LookUpOut(BaseModel):
    """Somebody looked at this household's records."""

    at: str
    user: str
    role: str
    path: str


class LookUpPage(Page):
    """Newest last."""

    items: list[LookUpOut]
