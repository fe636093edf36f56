"""What households should have, told independently of the hub: plain lists, recomputed each time.

Of the rules only what policies without caps ask: R1, R6 to R8, R10, R13, R17, R18, R21, R22 and R25
to R27. Moments are milliseconds, days are dates; nothing here knows a table.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date

LATE_LIMIT_DAYS = 31


@dataclass
class Tapped:
    card: str
    day: date
    at_ms: int
    received_on: date


@dataclass
class Said:
    tap: str
    pays: bool | None
    staff: bool
    at_ms: int
    undone: bool = False


@dataclass
class Aside:
    household: str
    fen: int
    state: str = "open"


@dataclass
class Model:
    bound: list[tuple[str, int, str]]
    rates: list[tuple[date, int]]
    taps: dict[str, Tapped] = field(default_factory=dict)
    said: list[Said] = field(default_factory=list)
    frozen: dict[date, int] = field(default_factory=dict)
    earned: Counter[tuple[str, date]] = field(default_factory=Counter)
    payouts: list[Aside] = field(default_factory=list)
    spent: dict[str, Aside] = field(default_factory=dict)

    def holder(self, tap: Tapped) -> str | None:
        before = [(since, home) for card, since, home in self.bound
                  if card == tap.card and since <= tap.at_ms]  # fmt: skip
        return max(before)[1] if before else None

    def pays(self, name: str) -> bool:
        """The last word of the highest rank, if it came in time and says yes."""
        tap = self.taps[name]
        if (tap.received_on - tap.day).days > LATE_LIMIT_DAYS:
            return False
        words = [
            (said.staff, said.at_ms, number, said.pays)
            for number, said in enumerate(self.said)
            if said.tap == name and not said.undone
        ]
        return bool(words) and max(words)[3] is True

    def settle(self, day: date, *, restate: bool) -> Counter[tuple[str, int]]:
        """The entries that must appear: household and fen."""
        rate = [amount for since, amount in sorted(self.rates, key=lambda r: r[0]) if since <= day]
        amount = rate[-1] if restate or day not in self.frozen else self.frozen[day]
        self.frozen[day] = amount
        worthy = {
            self.holder(tap)
            for name, tap in self.taps.items()
            if tap.day == day and self.pays(name)
        }
        entries: Counter[tuple[str, int]] = Counter()
        homes = {home for _, _, home in self.bound}
        for home in homes:
            has, due = self.earned[home, day], amount if home in worthy else 0
            if has == due:
                continue
            if has:
                entries[home, -has] += 1
            if due:
                entries[home, due] += 1
            self.earned[home, day] = due
        return entries

    def balance(self, home: str) -> tuple[int, int]:
        """What a household has, and what of it nothing has set aside."""
        mine = [aside for aside in (*self.payouts, *self.spent.values()) if aside.household == home]
        earned = sum(fen for (of, _), fen in self.earned.items() if of == home)
        posted = sum(aside.fen for aside in mine if aside.state == "posted")
        waiting = sum(aside.fen for aside in mine if aside.state == "open")
        return earned - posted, earned - posted - waiting

    def due(self, last: date) -> dict[str, int]:
        """What a payout up to a day opens with."""
        owed: Counter[str] = Counter()
        for (home, day), fen in self.earned.items():
            owed[home] += fen if day <= last else 0
        for aside in (*self.payouts, *self.spent.values()):
            owed[aside.household] -= aside.fen if aside.state != "void" else 0
        return {home: fen for home, fen in owed.items() if fen > 0}

    def reserve(self, key: str, home: str, fen: int) -> str:
        known = self.spent.get(key)
        if known is not None:
            return "duplicate" if (known.household, known.fen) == (home, fen) else "conflict"
        if not 0 < fen <= self.balance(home)[1]:
            return "refused"
        self.spent[key] = Aside(home, fen)
        return "accepted"

    @staticmethod
    def close(asides: list[Aside], result: str) -> str:
        """The first that is open ends so; without one, how the last ended."""
        for aside in asides:
            if aside.state == "open":
                aside.state = result
                return result
        return f"already_{asides[-1].state}"
