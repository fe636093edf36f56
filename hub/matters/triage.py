"""Whose matter it is, by rule. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from hub.matters.kinds import MatterKind
from hub.matters.model import Side


@dataclass(frozen=True)
class Rule:
    """What was settled at the desk once: texts with this word go the same way."""

    word: str
    lead: Side
    co: Side | None
    kind: str | None = None


@dataclass(frozen=True)
class Responsibility:
    """Who leads and who helps."""

    lead: Side
    co: Side | None


def responsibility(
    kind: MatterKind, place: str, text: str, rules: Iterable[Rule]
) -> Responsibility | None:
    """By the rules whose word is in it, else by its kind; None = unclear, or rules disagree."""
    said = f"{place}\n{text}"
    hits = {
        Responsibility(rule.lead, rule.co)
        for rule in rules
        if rule.word in said and rule.kind in (None, kind.kind)
    }
    if not hits and kind.lead is not None:
        return Responsibility(kind.lead, kind.co)
    return hits.pop() if len(hits) == 1 else None
