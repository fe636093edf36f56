"""The roster as every point receives it: pages of cards and people, then the manifest. Pure."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from wire.codec import encode
from wire.roster import (
    CARDS_PER_PAGE,
    PageRef,
    RosterCard,
    RosterManifest,
    RosterPage,
    RosterPerson,
)

Item = TypeVar("Item")
PEOPLE_PER_PAGE = 30
"""A person is ≤ 300 bytes: thirty fit into what the cards leave of a page."""


@dataclass(frozen=True)
class Roster:
    """Who may tap and who may open a shift, in a fixed order."""

    cards: tuple[RosterCard, ...]
    people: tuple[RosterPerson, ...]

    @property
    def digest(self) -> str:
        """Changes when, and only when, the content does."""
        people = [person.model_dump() for person in self.people]
        content = json.dumps([self.cards, people], ensure_ascii=True, separators=(",", ":"))
        return hashlib.sha256(content.encode()).hexdigest()


def encode_roster(roster: Roster, version: int, made_ms: int) -> tuple[bytes, dict[str, bytes]]:
    """The manifest's payload, and the pages' by page number."""
    cards = _parts(roster.cards, CARDS_PER_PAGE)
    people = _parts(roster.people, PEOPLE_PER_PAGE)
    pages: dict[str, bytes] = {}
    for no in range(max(len(cards), len(people), 1)):
        page = RosterPage(
            version=version,
            no=no,
            cards=tuple(cards[no]) if no < len(cards) else (),
            people=tuple(people[no]) if no < len(people) else (),
        )
        pages[str(no)] = encode(page)
    refs = tuple(
        PageRef(no=int(no), sha256=hashlib.sha256(payload).hexdigest())
        for no, payload in pages.items()
    )
    manifest = RosterManifest(version=version, made_ms=made_ms, cards=len(roster.cards), pages=refs)
    return encode(manifest), pages


def _parts(items: Sequence[Item], size: int) -> list[Sequence[Item]]:
    return [items[start : start + size] for start in range(0, len(items), size)]
