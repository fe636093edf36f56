"""Buildings, households, points, bins and cards of one seed."""

import random
from dataclasses import dataclass
from typing import Literal

COMMUNITY = "lhyy"
BUILDINGS = 23
HOUSEHOLDS = 3281
POINTS = tuple(f"p{no:02d}" for no in range(1, 13))
TASMOTA_POINT, ESPHOME_POINT = "p11", "p12"
PIN_POINT = "p03"
"""Its volunteer also has a PIN; a PIN costs the import a slow hash, so the others have none."""
SECOND_CARD_EVERY = 10
DIVISION_G = 20
UNKNOWN_CARDS = 40

Category = Literal["hazardous", "recyclable", "kitchen", "other"]
BINS: dict[int, Category] = {
    1: "hazardous",
    2: "recyclable",
    **dict.fromkeys(range(3, 7), "kitchen"),
    **dict.fromkeys(range(7, 15), "other"),
}


@dataclass(frozen=True)
class Home:
    """A household's door."""

    building: int
    unit: int
    room: str

    @property
    def door(self) -> str:
        return f"{self.building}-{self.unit}-{self.room}"


@dataclass(frozen=True)
class Card:
    """A plastic card with its chip's number and the serial printed on it."""

    uid: str
    serial: str
    home: Home


@dataclass(frozen=True)
class Volunteer:
    """The supervisor of one point, with a card of his own."""

    person: str
    number: str
    pin: str | None
    uid: str
    home: Home


@dataclass(frozen=True)
class Officer:
    """Who sits at the joint desk for a side, called by what they do."""

    person: str
    number: str
    body: Literal["committee", "property"]
    name: str
    phone: str
    uid: str


@dataclass(frozen=True)
class Town:
    """Everything that is true before the first tap."""

    seed: int
    homes: tuple[Home, ...]
    cards: tuple[Card, ...]
    volunteers: dict[str, Volunteer]
    unknown_uids: tuple[str, ...]
    officers: tuple[Officer, ...]

    def near(self, point: str) -> tuple[Home, ...]:
        """The homes whose way leads past a point."""
        place = POINTS.index(point)
        return tuple(
            home for home in self.homes if (home.building - 1) * len(POINTS) // BUILDINGS == place
        )


def grow(seed: int) -> Town:
    """The same compound for the same seed."""
    luck = random.Random(f"town {seed}")  # noqa: S311 - a rehearsal's people, no secret
    homes = tuple(_homes(luck))
    uids = _uids(luck, len(homes) * 2)
    cards = tuple(
        Card(next(uids), _serial(no), home)
        for no, home in enumerate(
            [home for at, home in enumerate(homes) for _ in range(2 - bool(at % SECOND_CARD_EVERY))]
        )
    )
    volunteers = {
        point: Volunteer(
            person=f"v{no:02d}",
            number=f"{100 + no}",
            pin=f"{luck.randrange(10**6):06d}" if point == PIN_POINT else None,
            uid=next(uids),
            home=luck.choice(homes),
        )
        for no, point in enumerate(POINTS, start=1)
    }
    unknown = tuple(next(uids) for _ in range(UNKNOWN_CARDS))
    officers = (
        Officer("o01", "901", "committee", "社区专员", "0571-88000111", next(uids)),
        Officer("o02", "902", "property", "物业专员", "0571-88000211", next(uids)),
    )
    return Town(seed, homes, cards, volunteers, unknown, officers)


def _homes(luck: random.Random) -> list[Home]:
    sizes = [HOUSEHOLDS // BUILDINGS] * BUILDINGS
    for building in range(HOUSEHOLDS % BUILDINGS):
        sizes[building] += 1
    for _ in range(60):
        bigger, smaller = luck.sample(range(BUILDINGS), 2)
        if sizes[smaller] > 100:
            sizes[bigger] += 4
            sizes[smaller] -= 4
    return [
        home
        for building, size in enumerate(sizes, start=1)
        for home in _doors(luck, building, size)
    ]


def _doors(luck: random.Random, building: int, size: int) -> list[Home]:
    units, per_floor = luck.choice((2, 3, 4)), luck.choice((2, 3, 4))
    row = units * per_floor
    return [
        Home(building, at % row // per_floor + 1, f"{at // row + 1}{at % per_floor + 1:02d}")
        for at in range(size)
    ]


def _uids(luck: random.Random, at_most: int) -> "Uids":
    return Uids(luck.sample(range(0x0A00_0000, 0xFFFF_FFFF), at_most))


class Uids:
    """Chip numbers, each once; none begins with 08, which marks a phone's random number."""

    def __init__(self, numbers: list[int]) -> None:
        self._left = iter(numbers)

    def __next__(self) -> str:
        return f"{next(self._left):08X}"


def _serial(no: int) -> str:
    """Six digits and a Luhn check digit."""
    digits = f"{no + 1:06d}"
    total = sum(sum(divmod(int(digit) * (2 - at % 2), 10)) for at, digit in enumerate(digits[::-1]))
    return f"{digits}{-total % 10}"
