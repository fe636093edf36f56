"""The live table: redrawn in place at a terminal, one line now and then otherwise."""

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

QUIET_S = 4.0
HEAD = "point   taps  deposits  verdicts  unjudged  waiting  link  clock     on duty"
BOLD, DIM, PLAIN, CLEAR_BELOW = "\x1b[1m", "\x1b[2m", "\x1b[0m", "\x1b[J"


@dataclass(frozen=True)
class Row:
    """One point; numbers from the hub, link and clock from the point's own screen."""

    point: str
    taps: int = 0
    deposits: int = 0
    verdicts: int = 0
    unjudged: int = 0
    waiting: int = 0
    link: bool = False
    trust: str = "none"
    on_duty: str = ""

    def text(self) -> str:
        link = "up" if self.link else "DOWN"
        return (
            f"{self.point:<6}{self.taps:>6}{self.deposits:>10}{self.verdicts:>10}"
            f"{self.unjudged:>10}{self.waiting:>9}  {link:<6}{self.trust:<10}{self.on_duty}"
        )


class Display:
    """Lines that stay, and below them a table that does not."""

    def __init__(self) -> None:
        self._live = sys.stdout.isatty()
        self._drawn = 0
        self._start_s = time.monotonic()
        self._quiet_until_s = 0.0

    @property
    def elapsed_s(self) -> float:
        return time.monotonic() - self._start_s

    def say(self, line: str) -> None:
        """A line that stays."""
        self._erase()
        self._write(f"{self.elapsed_s:6.1f} s  {line}\n")

    def plain(self, text: str) -> None:
        """Text that stays, without the time."""
        self._erase()
        self._write(f"{text}\n")

    def show(self, rows: Sequence[Row]) -> None:
        if self._live:
            self._erase()
            lines = [f"{BOLD}{HEAD}{PLAIN}", *(row.text() for row in rows)]
            self._write("\n".join(lines) + "\n")
            self._drawn = len(lines)
        elif time.monotonic() >= self._quiet_until_s:
            self._quiet_until_s = time.monotonic() + QUIET_S
            self.say(summary(rows))

    def _erase(self) -> None:
        if self._drawn:
            self._write(f"\x1b[{self._drawn}A{CLEAR_BELOW}")
            self._drawn = 0

    def _write(self, text: str) -> None:
        sys.stdout.write(text)
        sys.stdout.flush()


def summary(rows: Sequence[Row]) -> str:
    """All points in one line."""
    return (
        f"taps={sum(row.taps for row in rows)} deposits={sum(row.deposits for row in rows)} "
        f"verdicts={sum(row.verdicts for row in rows)} waiting={sum(row.waiting for row in rows)} "
        f"links={sum(row.link for row in rows)}/{len(rows)}"
    )
