"""Everything the public API says that the truth can be compared with."""

from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from device_sim.hub_client import HubClient

ASKERS = 4
BYSTANDERS = 5
"""Households that never came, asked as well."""


@dataclass(frozen=True)
class HubVisit:
    """One row of the visits list."""

    visit: str
    point: str
    household: str | None
    day: str | None
    attended: bool
    verdict: str | None
    reason: str | None


@dataclass(frozen=True)
class HubDay:
    """What a household is told about one day."""

    amount_fen: int
    reason: str


@dataclass
class HubView:
    """The hub as its API shows it."""

    visits: list[HubVisit] = field(default_factory=list)
    days: dict[tuple[str, str], HubDay] = field(default_factory=dict)
    booked_fen: Counter[tuple[str, str]] = field(default_factory=Counter)
    entries: list[str] = field(default_factory=list)
    balance_fen: dict[str, int] = field(default_factory=dict)
    held: list[str] = field(default_factory=list)


def gather(hub: HubClient, doors: Iterable[str], days: Iterable[str]) -> HubView:
    """Read it all, page by page."""
    view = HubView(visits=[_visit(item) for item in hub.pages("/visits")])
    for entry in hub.pages("/entries"):
        view.entries.append(entry["entry"])
        view.booked_fen[entry["household"], entry["day"]] += entry["amount_fen"]
    view.held = [item["visit"] for item in hub.pages("/held")]
    known = sorted(days)
    came = set(doors)
    bystanders = [
        item["household"]
        for item in hub.get("/households", limit=100)["items"]
        if item["household"] not in came
    ]

    def ask(door: str) -> None:
        view.balance_fen[door] = hub.get(f"/households/{door}/balance")["balance_fen"]
        if known:
            told = hub.get(f"/households/{door}/days", **{"from": known[0], "to": known[-1]})
            for day in told["days"]:
                view.days[door, day["day"]] = HubDay(day["amount_fen"], day["reason"])

    with ThreadPoolExecutor(max_workers=ASKERS) as pool:
        list(pool.map(ask, [*sorted(came), *bystanders[:BYSTANDERS]]))
    return view


def _visit(item: dict[str, Any]) -> HubVisit:
    return HubVisit(
        visit=item["visit"],
        point=item["point"],
        household=item["household"],
        day=item["day"],
        attended=item["attended"],
        verdict=item["verdict"],
        reason=item["verdict_reason"],
    )
