"""A point's state fed like the recorder does it, without a store; times are given."""

import secrets
from dataclasses import dataclass, field

from edge.point.attribution import assign_deposit, claims_of_tap
from edge.point.commands import Desk, Outcome, decide
from edge.point.maintenance import is_test
from edge.point.pins import PinGuard
from edge.point.state import PointState
from edge.point.taps import CardAtReader, decide_tap
from wire.base import WireModel
from wire.codec import Fact, decode_fact, encode_fact
from wire.facts import CardState, Deposit, Stamp
from wire.point_bus import Command
from wire.roster import RosterPerson, Settings

WALL_0_MS = 1_777_766_400_000


def card(number: int) -> str:
    return "k1." + f"{number:052d}".translate(str.maketrans("0189", "abcd"))


SUPERVISOR = RosterPerson(person="v03", number="103", card=card(900))


@dataclass
class Point:
    state: PointState = field(default_factory=PointState)
    settings: Settings = field(default_factory=Settings)
    lines: list[tuple[int, bytes]] = field(default_factory=list)
    up_ms: int = 1_000_000
    doors: set[str] = field(default_factory=set)
    pins: PinGuard = field(default_factory=PinGuard)

    def record(self, *bodies: WireModel) -> list[Fact]:
        facts = []
        for body in bodies:
            stamp = Stamp(
                boot=1, boot_id="b", up_ms=self.up_ms, wall_ms=WALL_0_MS + self.up_ms, trust="hub"
            )
            test = is_test(self.state, body)
            line = encode_fact(secrets.token_hex(16), stamp, body, test=test)
            facts.append(decode_fact(line))
            self.lines.append((len(self.lines) + 1, line))
            self.state.apply(len(self.lines), facts[-1])
        return facts

    def wait(self, seconds: float) -> "Point":
        self.up_ms += round(seconds * 1000)
        return self

    def tap(self, number: int, known: CardState = "known") -> str:
        person = SUPERVISOR if card(number) == SUPERVISOR.card else None
        at_reader = CardAtReader(card(number), None, "reader-1", known, person, roster_loaded=True)
        facts = self.record(*decide_tap(self.state, at_reader).facts)
        visit = self.state.visits.get(facts[-1].id) if facts else None
        if visit is not None:
            self.record(*claims_of_tap(self.state, visit, self.up_ms, self.settings))
        return facts[-1].id if facts else ""

    def throw(self, bin_no: int = 4, grams: int = 1000) -> str:
        deposit = Deposit(
            bin=bin_no, category="kitchen", grams=grams, level_g=grams, moved_up_ms=self.up_ms,
            quality="clean",
        )  # fmt: skip
        (fact,) = self.record(deposit)
        assign = assign_deposit(self.state, self.state.deposits[fact.id], self.settings)
        if assign is not None:
            self.record(assign)
        return fact.id

    def command(
        self,
        action: str,
        *,
        rev: int | None = None,
        person: RosterPerson = SUPERVISOR,
        **more: object,
    ) -> Outcome:
        command = Command.model_validate(
            {
                "command_id": secrets.token_hex(16),
                "screen_rev": self.state.screen_rev if rev is None else rev,
                "action": action,
            }
            | more
        )
        desk = Desk(
            self.state, self.settings, {"v03": person}, "p03", WALL_0_MS + self.up_ms,
            lambda door: door in self.doors, self.pins,
        )  # fmt: skip
        outcome = decide(command, desk)
        self.record(*outcome.facts)
        return outcome

    def rebuilt(self) -> PointState:
        state = PointState()
        for n, line in self.lines:
            state.apply(n, decode_fact(line))
        return state
