"""What the hub tells a household of itself."""

from kiosk.common.shapes import HeldCard, Shape, Step


class Opened(Shape):
    """A visit: its token stays in memory and is forgotten when the machine locks."""

    token: str
    household: str
    door: str
    expires_in: int


class Staff(Shape):
    """Who may service the machine."""

    person: str
    role: str


class DayMark(Shape):
    """A day of the grid: yes, no, wait or none."""

    day: str
    mark: str
    amount_fen: int
    why: str
    why_en: str


class Month(Shape):
    """A month so far."""

    month: str
    balance_fen: int
    amount_fen: int
    days: tuple[DayMark, ...]


class OwnMatter(Shape):
    """A matter that the household reported."""

    matter: int
    kind_zh: str
    place: str
    state_zh: str
    person_name: str
    phone: str
    due_at: str | None
    steps: tuple[Step, ...]
    rating: str | None
    ratable: bool


class OwnMatters(Shape):
    """The newest first."""

    matters: tuple[OwnMatter, ...]


class OwnCard(HeldCard):
    """A card of the household; ``this`` was tapped just now."""

    card: str
    this: bool


class OwnCards(Shape):
    """All of them."""

    cards: tuple[OwnCard, ...]
