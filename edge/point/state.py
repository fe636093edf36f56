"""What a point knows: a pure fold over its recorded facts, the same live and after a restart."""

from collections import deque
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from edge.point.tally import Tally
from wire.base import TRUSTED, WireModel
from wire.codec import Fact
from wire.day import business_day
from wire.facts import (
    Assign,
    CardState,
    Clock,
    DayEnd,
    Deposit,
    Envelope,
    Fault,
    Manual,
    Shift,
    Tap,
    Verdict,
    VerdictUndone,
)

JUDGED_SHOWN = 20
MAINTENANCE = ("point", "maintenance")
"""A point under test is out of service: a fault like any other, so that the office sees it."""
COMMANDS_KEPT = 2000
VISITS_KEPT = 2000
"""A point without a believed clock closes no day; the office has them all."""


@dataclass
class VisitState:
    """One visit of the present shift or of an unattended time; ``rev`` is its newest fact's n."""

    no: int
    visit: str
    rev: int
    card: str | None
    card_old: str | None
    card_state: CardState
    door: str | None
    tapped_ms: int
    tapped_up_ms: int
    boot_id: str
    deposits: dict[str, tuple[int, int]] = field(default_factory=dict)
    doubtful: bool = False
    verdict: "VerdictState | None" = None


@dataclass(frozen=True)
class VerdictState:
    """The verdict in force for a visit."""

    verdict: str
    fact: Verdict
    at_ms: int


@dataclass(frozen=True)
class ShiftState:
    """The open shift."""

    shift: str
    person: str
    since_ms: int


@dataclass(frozen=True)
class DepositState:
    """A deposit that may still be claimed or is waiting for its assignment."""

    deposit: str
    bin: int
    grams: int
    moved_up_ms: int
    boot_id: str
    quality: Literal["clean", "gap"]
    owner: str | None = None
    decided: bool = False


@dataclass
class Counters:
    """Facts since the daemon's state begins, for the status."""

    taps: int = 0
    deposits: int = 0
    verdicts: int = 0


@dataclass
class PointState:
    """Fold facts in the order of their numbers with :meth:`apply`."""

    screen_rev: int = 0
    shift: ShiftState | None = None
    visits: dict[str, VisitState] = field(default_factory=dict)
    deposits: dict[str, DepositState] = field(default_factory=dict)
    judged: deque[str] = field(default_factory=lambda: deque(maxlen=JUDGED_SHOWN))
    commands: dict[str, list[str]] = field(default_factory=dict)
    day_counts: Counters = field(default_factory=Counters)
    last_day_end: DayEnd | None = None
    first_day: date | None = None
    dated_boots: dict[str, int] = field(default_factory=dict)
    """Machine boot → believed time less CLOCK_BOOTTIME, as its newest clock fact says."""
    tally: Tally = field(default_factory=Tally)
    open_faults: dict[tuple[str, str], int] = field(default_factory=dict)
    """Device and what ails it → wall time at which it was recorded."""
    _next_no: int = 1

    def apply(self, n: int, fact: Fact) -> None:
        """Take one recorded fact. Kinds that change nothing shown are counted only."""
        self.screen_rev = n
        if self.first_day is None and fact.envelope.trust in TRUSTED:
            self.first_day = business_day(fact.envelope.wall_ms)
        body = fact.body
        if isinstance(body, Tap):
            self._tap(n, fact.envelope, body)
        elif isinstance(body, Manual):
            self._open(n, fact.envelope, body)
        elif isinstance(body, Deposit | Assign):
            self._weight(fact, body)
        elif isinstance(body, Verdict | VerdictUndone):
            self._judgement(n, fact, body)
        else:
            self._time_and_shift(fact, body)
        self.tally.apply(fact)
        self._remember_command(fact.id, body)

    def _time_and_shift(self, fact: Fact, body: WireModel) -> None:
        if isinstance(body, Shift):
            self._shift(fact, body)
        elif isinstance(body, Clock):
            self.dated_boots[fact.envelope.boot_id] = body.utc_ms - fact.envelope.up_ms
        elif isinstance(body, DayEnd):
            self._day_end(fact.envelope, body)
        elif isinstance(body, Fault):
            self.open_faults.pop((body.device, body.what), None)
            if body.state == "raised":
                self.open_faults[body.device, body.what] = fact.envelope.wall_ms

    @property
    def maintenance(self) -> bool:
        """Whether a technician tests: what is thrown and tapped now never pays."""
        return MAINTENANCE in self.open_faults

    @property
    def unjudged(self) -> list[VisitState]:
        """Visits that wait for a verdict, oldest first."""
        return [visit for visit in self.visits.values() if visit.verdict is None]

    def _tap(self, n: int, envelope: Envelope, body: Tap) -> None:
        self.day_counts.taps += 1
        self._open(n, envelope, body)

    def _open(self, n: int, envelope: Envelope, body: Tap | Manual) -> None:
        if envelope.test:
            return
        self.visits[envelope.id] = VisitState(
            no=self._next_no,
            visit=envelope.id,
            rev=n,
            card=body.card if isinstance(body, Tap) else None,
            card_old=body.card_old if isinstance(body, Tap) else None,
            card_state=body.known if isinstance(body, Tap) else "known",
            door=None if isinstance(body, Tap) else body.door,
            tapped_ms=envelope.wall_ms,
            tapped_up_ms=envelope.up_ms,
            boot_id=envelope.boot_id,
        )
        self._next_no += 1
        while len(self.visits) > VISITS_KEPT:
            del self.visits[next(iter(self.visits))]

    def _weight(self, fact: Fact, body: Deposit | Assign) -> None:
        if fact.envelope.test:
            return
        if isinstance(body, Deposit):
            self.day_counts.deposits += 1
            self.deposits[fact.id] = DepositState(
                fact.id, body.bin, body.grams, body.moved_up_ms, fact.envelope.boot_id, body.quality
            )
            self._forget_old_deposits(fact.envelope)
            return
        deposit = self.deposits.get(body.deposit)
        if deposit is None:
            return
        self.deposits[body.deposit] = DepositState(
            **(deposit.__dict__ | {"owner": body.visit, "decided": True})
        )
        before = self.visits.get(deposit.owner or "")
        if before is not None:
            before.deposits.pop(body.deposit, None)
        owner = self.visits.get(body.visit or "")
        if owner is not None:
            owner.deposits[body.deposit] = (deposit.bin, deposit.grams)
        for candidate in body.candidates:
            if body.visit is None and candidate in self.visits:
                self.visits[candidate].doubtful = True

    def _forget_old_deposits(self, envelope: Envelope) -> None:
        hour_ago = envelope.up_ms - 3_600_000
        for deposit in list(self.deposits.values()):
            if deposit.boot_id != envelope.boot_id or deposit.moved_up_ms < hour_ago:
                del self.deposits[deposit.deposit]

    def _judgement(self, n: int, fact: Fact, body: Verdict | VerdictUndone) -> None:
        visit = self.visits.get(body.visit)
        if isinstance(body, Verdict):
            self.day_counts.verdicts += 1
        if visit is None:
            return
        visit.rev = n
        if isinstance(body, VerdictUndone):
            visit.verdict = None
        else:
            visit.verdict = VerdictState(fact.id, body, fact.envelope.wall_ms)
        if visit.visit in self.judged:
            self.judged.remove(visit.visit)
        if visit.verdict is not None:
            self.judged.appendleft(visit.visit)

    def _shift(self, fact: Fact, body: Shift) -> None:
        if body.action == "opened":
            self.shift = ShiftState(fact.id, body.person, fact.envelope.wall_ms)
            return
        self.shift = None
        self.judged.clear()
        left = body.unjudged == "left"
        # What nobody judged belongs to the office now; what came unattended stays for the next.
        self.visits = {} if left else {visit.visit: visit for visit in self.unjudged}
        if not self.visits:
            self._next_no = 1

    def _day_end(self, envelope: Envelope, body: DayEnd) -> None:
        """A new day: what nobody judged for a day is the office's, not the screen's."""
        self.last_day_end = body
        self.day_counts = Counters()
        day_ago = envelope.wall_ms - 24 * 3_600_000
        self.visits = {
            visit.visit: visit for visit in self.visits.values() if visit.tapped_ms >= day_ago
        }

    def _remember_command(self, fact_id: str, body: WireModel) -> None:
        command_id = getattr(body, "command_id", None)
        if command_id is None:
            return
        self.commands.setdefault(command_id, []).append(fact_id)
        while len(self.commands) > COMMANDS_KEPT:
            del self.commands[next(iter(self.commands))]
