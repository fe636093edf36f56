"""What a row of an import file may hold; every field in words a spreadsheet shows."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from wire.base import CardToken, PersonId

Part = Annotated[
    str,
    Field(pattern=r"^[^\s\x00-]{1,8}$", description="1 to 8 characters without space or hyphen"),
]

Serial = Annotated[str, Field(max_length=32)]
Pin = Annotated[str, Field(pattern=r"^[0-9]{4,12}$")]


def _absent(value: Any) -> Any:
    return None if value == "" else value


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Door(_Row):
    """The three columns that name a household."""

    building: Part
    unit: Part
    room: Part

    @property
    def household(self) -> str:
        """``building-unit-room``."""
        return f"{self.building}-{self.unit}-{self.room}"


class HouseholdRow(Door):
    """households.csv."""

    kind: Literal["residence", "shop"]
    from_day: date


class CardRow(Door):
    """cards.csv."""

    card: CardToken
    serial: Annotated[Serial | None, BeforeValidator(_absent)] = None
    from_: Annotated[AwareDatetime, Field(alias="from")]


class PersonRow(_Row):
    """people.csv; card, PIN and home may be empty."""

    person: PersonId
    number: Annotated[str, Field(pattern=r"^[0-9]{1,8}$")]
    role: Literal["volunteer", "officer", "technician"]
    card: Annotated[CardToken | None, BeforeValidator(_absent)] = None
    pin: Annotated[Pin | None, BeforeValidator(_absent)] = None
    building: Annotated[Part | None, BeforeValidator(_absent)] = None
    unit: Annotated[Part | None, BeforeValidator(_absent)] = None
    room: Annotated[Part | None, BeforeValidator(_absent)] = None

    @property
    def household(self) -> str | None:
        """The person's own home, when all three columns name it."""
        if self.building and self.unit and self.room:
            return f"{self.building}-{self.unit}-{self.room}"
        return None
