"""Registry and policy rows from a case's words."""

import base64
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, SQLModel

from hub.registry.changes import Registrar, Who
from hub.registry.tables import CardBinding, CardBlock, Household, Person
from hub.rewards.tables import RewardPolicy
from wire.day import utc_ms

Given = dict[str, Any]
WHO = Who("s1", "office", "told so", 0)


def correct(session: Session, row: SQLModel, **changed: object) -> None:
    """As the office does: through the registry's only writer."""
    values = row.model_dump() | changed
    registrar = Registrar(session.connection(), values.pop("community"), WHO)
    registrar.put(type(row), [values])


def at_ms(text: str) -> int:
    return utc_ms(datetime.fromisoformat(text))


def day_or_none(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def card_token(name: str) -> str:
    return "k1." + base64.b32encode(name.encode()).decode().lower().rstrip("=").ljust(52, "a")


def household(community: str, given: Given) -> Household:
    return Household(
        community=community,
        household_id=given["id"],
        building=given["building"],
        unit="1",
        room=given["id"],
        from_day=date.fromisoformat(given.get("from_day", "2020-01-01")),
        to_day=day_or_none(given.get("to_day")),
        successor_of=given.get("successor_of"),
    )


def person(community: str, given: Given) -> Person:
    return Person(
        community=community,
        person_id=given["id"].lower(),
        number="1",
        role=given["role"],
        household_id=given.get("household"),
    )


def binding(community: str, given: Given) -> CardBinding:
    return CardBinding(
        community=community,
        card=card_token(given["card"]),
        from_ms=at_ms(given["from"]),
        to_ms=at_ms(given["to"]) if given.get("to") else None,
        household_id=given["household"],
    )


def block(community: str, given: Given) -> CardBlock:
    return CardBlock(
        community=community,
        card=card_token(given["card"]),
        from_ms=at_ms(given["at"]),
        until_ms=at_ms(given["until"]) if given.get("until") else None,
    )


def policy(community: str, given: Given, version: int) -> RewardPolicy:
    """Any key of ``defaults.policy`` may stand in it."""
    known = {"op", "id", "from_day", "to_day", "published_at"}
    return RewardPolicy(
        community=community,
        policy_id=given["id"],
        version=version,
        from_day=date.fromisoformat(given["from_day"]),
        to_day=day_or_none(given.get("to_day")),
        published_ms=0,
        **{key: value for key, value in given.items() if key not in known},
    )
