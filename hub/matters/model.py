"""What a matter is: a fold over its events. State, responsibility and watch entry stand apart."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, Literal

Side = Literal["committee", "property"]
"""Who can lead a matter; both together are joint."""
Body = Literal["committee", "property", "owners", "office", "resident", "volunteer", "system"]
Basis = Literal["rule", "on_spot", "meeting", "first_taken"]
Rating = Literal["satisfied", "mostly", "dissatisfied"]
OTHER: dict[str, Side] = {"committee": "property", "property": "committee"}
SIDE_ZH: dict[str, str] = {"committee": "社区", "property": "物业"}


class State(StrEnum):
    """The twelve states."""

    RECEIVED = "received"
    ASSIGNED = "assigned"
    UNCLEAR = "unclear"
    TO_CONFER = "to_confer"
    IN_PROGRESS = "in_progress"
    SUSPENDED = "suspended"
    TO_VERIFY = "to_verify"
    TO_CALL_BACK = "to_call_back"
    CLOSED = "closed"
    TRANSFERRED = "transferred"
    DECLINED = "declined"
    MERGED = "merged"


STATE_ZH: dict[State, str] = {
    State.RECEIVED: "受理",
    State.ASSIGNED: "已派",
    State.UNCLEAR: "待厘清",
    State.TO_CONFER: "待会商",
    State.IN_PROGRESS: "处置中",
    State.SUSPENDED: "挂起",
    State.TO_VERIFY: "待核查",
    State.TO_CALL_BACK: "待回访",
    State.CLOSED: "结案",
    State.TRANSFERRED: "转出",
    State.DECLINED: "不予受理",
    State.MERGED: "并单",
}
ENDED = frozenset({State.CLOSED, State.DECLINED, State.MERGED})


@dataclass(frozen=True)
class Actor:
    """Who does something, for whom, at which device; ``id`` is an officer or a user."""

    id: str
    body: Body
    device: str = ""


SYSTEM = Actor("system", "system")


@dataclass(frozen=True)
class Event:
    """One thing that happened to a matter; never changed. ``to`` is the state after it."""

    act: str
    at_ms: int
    by: Actor
    to: State
    reason: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    client_ms: int | None = None


@dataclass(frozen=True)
class Task:
    """What one side has to do; a joint matter has two, and neither closes it alone."""

    body: Side
    person: str
    accepted_ms: int | None = None
    done_ms: int | None = None
    result: str | None = None


@dataclass(frozen=True)
class Watch:
    """督办: a named person looks at it again on a day."""

    person: str
    next_check: date
    opened_ms: int
    why: str


@dataclass(frozen=True)
class Proposal:
    """What one person says who should lead, waiting for the other side's tap."""

    person: str
    body: Side
    lead: Side
    co: Side | None
    at_ms: int


@dataclass(frozen=True)
class Matter:
    """A matter after its events. ``version`` counts them; times are UTC milliseconds."""

    kind: str
    place: str
    text: str
    channel: str
    received_ms: int
    receiver: str
    receiver_body: str
    household: str | None = None
    state: State = State.RECEIVED
    version: int = 1
    since_ms: int = 0
    lead: Side | None = None
    co: Side | None = None
    basis: Basis | None = None
    decided_by: tuple[str, ...] = ()
    tasks: tuple[Task, ...] = ()
    proposals: tuple[Proposal, ...] = ()
    watch: Watch | None = None
    unwatched_ms: int | None = None
    """When minutes ended the last watch: what has been late since before then is not watched."""
    returned: bool = False
    paused: tuple[tuple[int, int | None], ...] = ()
    suspended_until: date | None = None
    result: str | None = None
    told: str | None = None
    where: str | None = None
    rating: Rating | None = None
    rated_ms: int | None = None
    tries: int = 0
    tried_ms: int | None = None
    not_reached: bool = False
    closed_ms: int | None = None
    merged_into: int | None = None
    reopened: int = 0
    worked: frozenset[str] = frozenset()
    """Everybody who ever accepted a task or finished one, whoever has it now."""
    households: frozenset[str] = frozenset()
    """Of every reporter, those of merged matters too."""

    @property
    def joint(self) -> bool:
        """Whether both sides have a task."""
        return self.co is not None

    @property
    def ended(self) -> bool:
        """Nobody has anything to do any more."""
        return self.state in ENDED

    def task_of(self, body: str) -> Task | None:
        """The task of a side."""
        return next((task for task in self.tasks if task.body == body), None)

    @property
    def handlers(self) -> frozenset[str]:
        """Who works on it or did; they do not check their own work."""
        return self.worked | {task.person for task in self.tasks}

    @property
    def owner(self) -> str:
        """The person who has it now. There always is one."""
        if self.state is State.TO_CONFER and self.watch is not None:
            return self.watch.person
        leading = self.task_of(self.lead) if self.lead else None
        if leading is not None and self.state in _LEAD_HAS:
            return leading.person
        return self.receiver

    @property
    def helper(self) -> str | None:
        """Who has the helping side's task of a joint matter, until it is done."""
        task = self.task_of(self.co) if self.co else None
        if task is None or task.done_ms is not None or self.state not in _LEAD_HAS:
            return None
        return task.person


_LEAD_HAS = frozenset(
    {State.ASSIGNED, State.UNCLEAR, State.IN_PROGRESS, State.SUSPENDED, State.TO_CONFER}
)
