"""Words about a matter that every terminal says alike. Pure."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from kiosk.common.shapes import Step
from kiosk.words import mark as _

RATING = (
    (_("satisfied"), "satisfied"), (_("mostly satisfied"), "mostly"),
    (_("dissatisfied"), "dissatisfied"),
)  # fmt: skip
"""Words and what is sent, under 1, 2, 3."""
RATINGS: Mapping[str, str] = MappingProxyType({sent: words for words, sent in RATING})
_SIGNS: Mapping[str, str] = MappingProxyType({"done": "✓", "now": "…", "todo": "·"})


def short_time(at: str | None) -> str:
    """``05-03 09:41`` of the hub's ISO time."""
    return at[5:16].replace("T", " ") if at else "—"


def steps(shown: Sequence[Step]) -> str:
    """民提✓ 民议✓ 民决… 民办· 民评·"""  # noqa: D400, D415
    return "  ".join(f"{one.name}{_SIGNS.get(one.state, '?')}" for one in shown)
