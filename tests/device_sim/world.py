"""A small rehearsal as a truth log, and the hub that would answer it rightly."""

from collections.abc import Iterable

from device_sim.truth.hub_view import HubDay, HubView, HubVisit
from device_sim.truth.records import (
    Answered,
    AnyRecord,
    Decide,
    Heard,
    Office,
    Settle,
    Start,
    Tap,
)

NOON_MS = 1_777_777_200_000  # 2026-05-03 11:00 in Shanghai
DAY = "2026-05-03"


def hex128(number: int) -> str:
    return f"{number:032x}"


def start() -> Start:
    return Start(at_ms=NOON_MS, seed=1, points=("p01",), reward_fen=30)


def tap(
    number: int, door: str | None, *, heard: bool = True, at_ms: int = NOON_MS
) -> list[AnyRecord]:
    """A tap whose visit, when heard, is ``hex128(number)``."""
    told: list[AnyRecord] = [
        Tap(
            at_ms=at_ms,
            tap=number,
            point="p01",
            who="resident",
            door=door,
            attended=True,
        )
    ]
    if heard:
        told.append(
            Heard(at_ms=at_ms + 50, tap=number, point="p01", signal="recorded", fact=hex128(number))
        )
    return told


def judged(number: int, value: str, *, code: str = "done") -> list[AnyRecord]:
    reason = "mixed" if value == "rejected" else None
    command = hex128(1000 + number)
    decide = {
        "at_ms": NOON_MS,
        "point": "p01",
        "command": command,
        "visit": hex128(number),
        "value": value,
        "reason": reason,
    }
    answer = {"at_ms": NOON_MS, "point": "p01", "command": command, "code": code}
    return [Decide.model_validate(decide), Answered.model_validate(answer)]


def settled(day: str = DAY) -> Settle:
    return Settle(at_ms=NOON_MS, day=day)


def office(number: int) -> Office:
    return Office(at_ms=NOON_MS, visit=hex128(number), value="accepted")


def visit(number: int, door: str | None, value: str | None = None, day: str = DAY) -> HubVisit:
    reason = "mixed" if value == "rejected" else None
    return HubVisit(hex128(number), "p01", door, day, True, value, reason)


def view(visits: Iterable[HubVisit], paid: Iterable[str] = (), **reasons: str) -> HubView:
    """A hub that paid these doors 30 fen and tells the others the given reason."""
    told = HubView(visits=list(visits))
    for number, door in enumerate(paid):
        told.entries.append(f"e{number}")
        told.booked_fen[door, DAY] += 30
        told.days[door, DAY] = HubDay(30, "paid")
    for door, reason in reasons.items():
        told.days[door, DAY] = HubDay(0, reason)
    for door in {door for door, _ in told.days}:
        told.balance_fen[door] = told.booked_fen[door, DAY]
    return told
