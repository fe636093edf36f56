"""One line of the doctor's report."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Level = Literal["ok", "warn", "fail"]
EXIT_CODES: dict[Level, int] = {"ok": 0, "warn": 1, "fail": 2}
HOUR_MS = 3_600_000


@dataclass(frozen=True)
class Finding:
    """What was looked at and, unless it is well, what to do about it."""

    level: Level
    what: str
    remedy: str = ""

    def __str__(self) -> str:
        return f"{self.level:<4}  {self.what}" + (f"  — {self.remedy}" if self.remedy else "")


def exit_code(findings: Iterable[Finding]) -> int:
    """0, 1 or 2: the worst of them."""
    return max((EXIT_CODES[finding.level] for finding in findings), default=0)


def age(milliseconds: int) -> str:
    """A duration in the largest unit that keeps it above one."""
    hours = max(milliseconds, 0) // HOUR_MS
    if hours >= 48:
        return f"{hours // 24} days"
    return f"{hours} h" if hours else f"{max(milliseconds, 0) // 60_000} min"
