"""What a row of an import file may hold. A field's description is what an error expects."""

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)
from pydantic_core import PydanticCustomError

from hub.registry import tidy
from wire.base import CardToken, PersonId, TopicPart


def _word(choices: dict[str, str]) -> BeforeValidator:
    return BeforeValidator(lambda value: choices.get(str(value), str(value).lower()))


def _tidied(by: Callable[[str], str]) -> BeforeValidator:
    return BeforeValidator(lambda value: by(value) if isinstance(value, str) else value)


def _absent(value: Any) -> Any:
    return None if value == "" else value


OrNone = BeforeValidator(_absent)
PLAIN = r"^[^=+\-@\x00-\x1f][^\x00-\x1f]*$"
"""No control character, and nothing that a spreadsheet would run as a formula."""
HOUSEHOLD = r"^[^\s\x00-\x1f/-]{1,8}(-[^\s\x00-\x1f/-]{1,8}){2,3}$"

_part = Field(
    pattern=r"^[^\s\x00-\x1f/-]{1,8}$",
    description="1 to 8 characters without space, slash or hyphen",
)
_Part = Annotated[str, _part]
BuildingPart = Annotated[str, _tidied(tidy.building), _part]
UnitPart = Annotated[str, _tidied(tidy.unit), _part]
RoomPart = Annotated[str, _tidied(tidy.room), _part]
WholeDoor = Annotated[
    tuple[_Part, _Part, _Part],
    BeforeValidator(lambda value: tidy.door(value) if isinstance(value, str) else value),
    Field(description="building, unit and room, as 11#-1-102 or 11号楼1单元102室"),
]
HouseholdId = Annotated[
    str,
    BeforeValidator(tidy.tidy),
    Field(
        pattern=HOUSEHOLD,
        max_length=40,
        description="a household's number, as 11-1-102 or 11-1-102-2",
    ),
]
Day = Annotated[
    date, BeforeValidator(lambda value: tidy.day(value) if isinstance(value, str) else value),
    Field(description="a day, as 2026-01-31"),
]  # fmt: skip
Moment = Annotated[
    AwareDatetime,
    BeforeValidator(tidy.moment),
    Field(description="a moment, as 2026-01-31 08:00"),
]
Token = Annotated[CardToken, Field(description="a card token, as lianxin-edge tokenize writes it")]
Serial = Annotated[
    str,
    Field(pattern=r"^[0-9A-Za-z-]{1,32}$", description="the printed number, 1 to 32 characters"),
]
Pin = Annotated[str, Field(pattern=r"^[0-9]{4,12}$", description="4 to 12 digits")]
Phone = Annotated[str, Field(pattern=r"^[0-9][0-9 -]{2,19}$", description="3 to 20 digits")]
Name = Annotated[
    str,
    Field(max_length=40, pattern=PLAIN, description="1 to 40 characters, none of = + - @ first"),
]
ShortId = Annotated[TopicPart, Field(description="1 to 32 of a-z 0-9 _ -")]
HouseholdKind = Annotated[
    Literal["residence", "shop"],
    _word({"住宅": "residence", "居民": "residence", "商户": "shop", "商铺": "shop"}),
    Field(description="住宅 or 商户"),
]
PersonRole = Annotated[
    Literal["volunteer", "officer", "technician"],
    _word(
        {
            "志愿者": "volunteer",
            "督导员": "volunteer",
            "工作人员": "officer",
            "技术员": "technician",
        }
    ),
    Field(description="志愿者, 工作人员 or 技术员"),
]
Category = Annotated[
    Literal["hazardous", "recyclable", "kitchen", "other"],
    _word(
        {
            "有害垃圾": "hazardous",
            "可回收物": "recyclable",
            "厨余垃圾": "kitchen",
            "其他垃圾": "other",
        }
    ),
    Field(description="有害垃圾, 可回收物, 厨余垃圾 or 其他垃圾"),
]

_LEVELS = {"1": 1, "一级": 1, "2": 2, "二级": 2, "3": 3, "三级": 3}
Level = Annotated[
    Literal[1, 2, 3],
    BeforeValidator(lambda value: _LEVELS.get(str(value), value)),
    Field(description="1, 2 or 3"),
]
Side = Annotated[
    Literal["committee", "property"],
    _word({"社区": "committee", "居委会": "committee", "物业": "property"}),
    Field(description="社区 or 物业"),
]


OF_COLUMN = "of_column"


def _wrong(column: str, what: str) -> PydanticCustomError:
    """What is wrong with a row as a whole, told at one of its columns."""
    return PydanticCustomError(OF_COLUMN, "{what}", {"column": column, "what": what})


class Row(BaseModel):
    """One line of a list."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Placed(Row):
    """A row that names a household: by number, by whole door, or by the parts of a door."""

    household: Annotated[HouseholdId | None, OrNone] = None
    door: Annotated[WholeDoor | None, OrNone] = None
    building: Annotated[BuildingPart | None, OrNone] = None
    unit: Annotated[UnitPart | None, OrNone] = None
    room: Annotated[RoomPart | None, OrNone] = None

    @property
    def place(self) -> tuple[str, str, str] | None:
        """The door, by whichever columns."""
        if self.door:
            return self.door
        if self.building and self.unit and self.room:
            return self.building, self.unit, self.room
        return None

    @property
    def lacking(self) -> str:
        """The first column of the door that says nothing."""
        parts = {"building": self.building, "unit": self.unit, "room": self.room}
        return next((name for name, part in parts.items() if not part), "door")

    @property
    def placed(self) -> bool:
        """Whether any column says where."""
        return any((self.household, self.door, self.building, self.unit, self.room))


class HouseholdRow(Placed):
    """households."""

    kind: HouseholdKind
    from_day: Day
    to_day: Annotated[Day | None, OrNone] = None
    successor_of: Annotated[HouseholdId | None, OrNone] = None
    name: Annotated[Name | None, OrNone] = None
    phone: Annotated[Phone | None, OrNone] = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.place is None:
            msg = "the door is not whole; expected building, unit and room, as 11#-1-102"
            raise _wrong(self.lacking, msg)
        if self.to_day is not None and self.to_day < self.from_day:
            raise _wrong("to_day", f"ends {self.to_day}, before it begins {self.from_day}")
        return self


class CardRow(Placed):
    """cards."""

    card: Token
    serial: Annotated[Serial | None, OrNone] = None
    from_: Annotated[Moment, Field(alias="from")]
    to: Annotated[Moment | None, OrNone] = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.household is None and self.place is None:
            msg = "the door is not whole; expected building, unit and room, or the household"
            raise _wrong(self.lacking, msg)
        if self.to is not None and self.to < self.from_:
            raise _wrong("to", "ends before it begins")
        return self


class BlockRow(Row):
    """blocks."""

    card: Token
    from_: Annotated[Moment, Field(alias="from")]
    until: Annotated[Moment | None, OrNone] = None


class PersonRow(Placed):
    """people; card, PIN and home may be empty."""

    person: Annotated[PersonId, Field(description="1 to 32 of a-z 0-9 _ -")]
    number: Annotated[str, Field(pattern=r"^[0-9]{1,8}$", description="1 to 8 digits")]
    role: PersonRole
    card: Annotated[Token | None, OrNone] = None
    pin: Annotated[Pin | None, OrNone] = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.placed and self.household is None and self.place is None:
            msg = "the home is not whole; expected building, unit and room, or none of them"
            raise _wrong(self.lacking, msg)
        return self


class ContactRow(Row):
    """contacts; without a building of everybody, without a unit of the whole building."""

    contact: ShortId
    level: Level
    body: Side
    title: Name
    name: Name
    phone: Phone
    building: Annotated[BuildingPart | None, OrNone] = None
    unit: Annotated[UnitPart | None, OrNone] = None
    person: Annotated[PersonId | None, OrNone] = None
    to_day: Annotated[Day | None, OrNone] = None

    @model_validator(mode="after")
    def _placed(self) -> Self:
        if self.unit is not None and self.building is None:
            what = "a unit without its building; expected both or the building alone"
            raise _wrong("unit", what)
        return self


class CommunityRow(Row):
    """community: one row."""

    name: Name


class GridRow(Row):
    """grids."""

    grid: ShortId
    name: Name


class BuildingRow(Row):
    """buildings."""

    building: BuildingPart
    grid: Annotated[ShortId | None, OrNone] = None


class PointRow(Row):
    """points."""

    point: ShortId
    name: Name
    grid: Annotated[ShortId | None, OrNone] = None


class BinRow(Row):
    """bins."""

    point: ShortId
    bin: Annotated[int, Field(ge=1, le=99, description="1 to 99")]
    category: Category
