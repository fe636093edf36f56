"""What the hub answers, as far as a desk shows it. What else comes is left alone."""

from typing import Any

from kiosk.common.shapes import HeldCard, Shape, Step


class OnDuty(Shape):
    """An officer at this desk."""

    person: str
    name: str
    body: str


class Duty(Shape):
    """Who is on duty here."""

    desk: str
    on_duty: tuple[OnDuty, ...]


class Contact(Shape):
    """A name of the grid (三级网格) that a household may ask."""

    level: int
    body: str
    title: str
    name: str
    phone: str


class Resident(Shape):
    """A household at the desk; of the name only its beginning."""

    household: str
    door: str
    name: str | None = None
    card_state: str | None = None
    contacts: tuple[Contact, ...] = ()


class Who(Shape):
    """Whose card it is."""

    officer: OnDuty | None = None
    household: Resident | None = None


class Summary(Shape):
    """How much waits."""

    open: int = 0
    due_soon: int = 0
    overdue: int = 0
    unclear: int = 0
    watch: int = 0
    call_back: int = 0


class Kind(Shape):
    """A kind of matter and whose it is by rule."""

    kind: str
    name: str
    lead: str | None = None
    co: str | None = None
    order: int = 99


class Row(Shape):
    """A matter in a list."""

    matter: int
    state: str
    state_zh: str
    kind: str
    kind_zh: str
    place: str
    text: str
    lead: str | None = None
    co: str | None = None
    basis: str | None = None
    person: str
    person_name: str
    phone: str = ""
    received_at: str
    due_at: str | None = None
    light: str = "ok"
    watch: bool = False
    next_check: str | None = None


class Task(Shape):
    """What one side has to do."""

    body: str
    person: str
    person_name: str
    accepted_at: str | None = None
    done_at: str | None = None
    result: str | None = None


class LogLine(Shape):
    """A line of the watch entry."""

    at: str
    by: str
    text: str


class WatchEntry(Shape):
    """督办."""

    person: str
    person_name: str
    next_check: str
    log: tuple[LogLine, ...] = ()


class Proposal(Shape):
    """What one side said, waiting for the other's tap."""

    person: str
    body: str
    lead: str
    co: str | None = None


class View(Row):
    """A matter, whole."""

    household: str | None = None
    tasks: tuple[Task, ...] = ()
    watch_entry: WatchEntry | None = None
    provisional: bool = False
    proposals: tuple[Proposal, ...] = ()
    steps: tuple[Step, ...] = ()
    allowed: tuple[str, ...] = ()
    result: str | None = None
    rating: str | None = None
    tries: int = 0
    reporters: int = 1
    channel: str = ""
    suspended_until: str | None = None
    merged_into: int | None = None


class Reporter(Shape):
    """Somebody to call back."""

    door: str | None = None
    name: str | None = None
    phone: str | None = None


class Reporters(Shape):
    """In the order in which they came."""

    items: tuple[Reporter, ...]


class Happened(Shape):
    """One event of a matter; ``said`` is every word of it."""

    at: str
    act: str
    actor_name: str
    body: str
    said: str = ""


class History(Shape):
    """Events, oldest first."""

    items: tuple[Happened, ...]
    next: str | None = None


class MatterPage(Shape):
    """Some matters."""

    items: tuple[Row, ...]
    next: str | None = None


class Household(Shape):
    """A door of the registry."""

    household: str
    building: str
    unit: str
    room: str
    kind: str = "residence"
    to_day: str | None = None
    holder: str | None = None


class HouseholdPage(Shape):
    """Some doors."""

    items: tuple[Household, ...]
    next: str | None = None


class Visit(Shape):
    """One visit of a day."""

    visit: str
    point: str
    at: str
    verdict: str | None = None
    reason: str


class Day(Shape):
    """What a day brought, and why."""

    day: str
    amount_fen: int
    reason: str
    why: str
    why_en: str
    run: int | None = None
    visits: tuple[Visit, ...] = ()


class Days(Shape):
    """Consecutive days."""

    days: tuple[Day, ...]


Json = dict[str, Any]


class CardState(HeldCard):
    """Its mark names it where it bears no serial; never its token."""

    mark: str


class HouseholdCards(Shape):
    """The cards that a household has now."""

    cards: tuple[CardState, ...]


class Decision(Shape):
    """What was decided about a matter."""

    decision: str
    reason: str
    person: str | None = None
    due_on: str | None = None


class AgendaLine(Row):
    """A matter on the agenda and why."""

    why: str
    decision: Decision | None = None


class MeetingLine(Shape):
    """A meeting in a list."""

    meeting: int
    held_on: str
    bodies: tuple[str, ...]
    chair: str
    signed: bool


class Meeting(MeetingLine):
    """A meeting whole."""

    agenda: tuple[AgendaLine, ...] = ()
    missing: tuple[str, ...] = ()


class MeetingPage(Shape):
    """Newest first."""

    items: tuple[MeetingLine, ...]
