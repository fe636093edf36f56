"""Bindings and blocks of a card as half-open spans that follow each other. Pure."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple


class Span(NamedTuple):
    """From ``from_ms`` until ``to_ms``, exclusive; None = until the next begins."""

    from_ms: int
    to_ms: int | None
    of: str = ""

    def covers(self, now_ms: int) -> bool:
        """Whether a moment lies within."""
        return self.from_ms <= now_ms and (self.to_ms is None or now_ms < self.to_ms)


def follow(spans: Iterable[Span]) -> list[Span]:
    """In order, each ending where it says or where the next begins, so that no two meet."""
    ordered = sorted(spans)
    closed = []
    for span, after in zip(ordered, [*ordered[1:], None], strict=True):
        if after is not None and (span.to_ms is None or span.to_ms > after.from_ms):
            closed.append(span._replace(to_ms=after.from_ms))
        else:
            closed.append(span)
    return closed


def reaches_over(spans: Sequence[Span]) -> list[tuple[Span, Span]]:
    """Spans whose stated end lies behind the beginning of the next."""
    ordered = sorted(spans)
    return [
        (span, after)
        for span, after in pairwise(ordered)
        if span.to_ms is not None and span.to_ms > after.from_ms
    ]
