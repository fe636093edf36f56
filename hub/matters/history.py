"""What happened to a matter: every word that was written, and by whom."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from hub.matters.acting import Known
from hub.matters.model import Event
from hub.matters.views import Names, belongs
from hub.rewards.views import at_local
from hub.web.keyset import Page

OUTCOME_ZH: Mapping[str, str] = {
    "satisfied": "满意", "mostly": "基本满意", "dissatisfied": "不满意", "not_reached": "未联系上",
}  # fmt: skip


class EventView(BaseModel):
    """One event of a matter, never changed; ``said`` is its reason and all else in words."""

    seq: int
    act: str
    state: str
    actor: str
    actor_name: str
    body: str
    device: str
    reason: str
    said: str
    at: str


class EventPage(Page):
    """Oldest first."""

    items: list[EventView]


def event_views(known: Known, after: int, limit: int, names: Names) -> Sequence[EventView]:
    """Events behind the one numbered ``after``."""
    return [
        EventView(
            seq=seq, act=event.act, state=event.to.value, actor=event.by.id,
            actor_name=names.of(event.by.id), body=event.by.body, device=event.by.device,
            reason=event.reason, said=_said(event, names), at=at_local(event.at_ms),
        )
        for seq, event in enumerate(known.events, start=1)
        if after < seq <= after + limit
    ]  # fmt: skip


def _said(event: Event, names: Names) -> str:
    """What stands in the matter already, as its text, is not said again."""
    if event.act == "receive":
        return ""
    given: dict[str, Any] = {**event.data}
    if given.get("person") == event.by.id:
        del given["person"]
    if event.act in _LED:
        given["lead"] = belongs(given.get("lead"), given.get("co"), given.get("basis"))
    words: dict[str, Callable[[Any], str]] = {
        "lead": str, "outcome": _outcome, "rating": _outcome, "where": str, "told": str,
        "result": str, "text": str, "photo": str, "until": str, "person": names.of,
        "next_check": str, "matter": _number, "merged_into": _number,
    }  # fmt: skip
    said = [words[name](given[name]) for name in words if given.get(name) is not None]
    return "  ".join(dict.fromkeys(one for one in (event.reason, *said) if one))


_LED = {"assign", "doubt", "return", "propose", "decide"}


def _outcome(code: Any) -> str:
    return OUTCOME_ZH.get(code, str(code))


def _number(number: Any) -> str:
    return f"#{number}"
