"""What every bench shares: pairs taken in turn, the figure they make, the line that is printed.

A bench is a file ``bench_NAME.py`` here with ``figures(place) -> Iterator[Figure]``; the first line
of its docstring is what `make bench` says of it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import TypeVar

Sample = TypeVar("Sample")
FEWEST_PAIRS = 9


@dataclass(frozen=True)
class Place:
    """A folder of its own on the disk that is measured, and how many pairs to take."""

    folder: Path
    pairs: int = FEWEST_PAIRS

    def interleaved(
        self, ours: Callable[[], Sample], bare: Callable[[], Sample]
    ) -> tuple[list[Sample], list[Sample]]:
        """One after the other, so that whatever else the machine does meets both alike."""
        taken = [(ours(), bare()) for _ in range(self.pairs)]
        return [pair[0] for pair in taken], [pair[1] for pair in taken]


@dataclass(frozen=True)
class Figure:
    """What was measured; ``limit`` None only tells.

    With ``bare`` it is a limit on the ratio within a pair, without it on ``ours``.
    """

    what: str
    unit: str
    ours: Sequence[float]
    limit: float | None
    bare: Sequence[float] | None = None
    note: str = ""

    @property
    def values(self) -> list[float]:
        """What the limit is compared with, one a pair."""
        if self.bare is None:
            return list(self.ours)
        return [ours / bare for ours, bare in zip(self.ours, self.bare, strict=True)]

    @property
    def over(self) -> bool:
        """Whether the median is beyond the limit."""
        return self.limit is not None and median(self.values) > self.limit

    def __str__(self) -> str:
        values = self.values
        verdict = "OVER" if self.over else "OK" if self.limit is not None else "-"
        limit = "" if self.limit is None else f"  limit {self.limit:g}"
        spread = f"{min(values):.2f}..{max(values):.2f} of {len(values)}"
        if self.bare is None:
            said = f"{median(values):.2f} {self.unit} ({spread}){limit}"
        else:
            said = (
                f"ratio {median(values):.2f} ({spread})  ours {median(self.ours):.3g} {self.unit}"
                f"  bare {median(self.bare):.3g} {self.unit}{limit}"
            )
        note = f"  [{self.note}]" if self.note else ""
        return f"{verdict:4} {self.what}: {said}{note}"


def percentile(values: Sequence[float], percent: int) -> float:
    """Of at least two values, interpolated."""
    return quantiles(values, n=100, method="inclusive")[percent - 1]
