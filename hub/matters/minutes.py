"""What a meeting decides about a matter, once its minutes are signed. Pure."""

from collections.abc import Sequence
from datetime import date
from typing import Literal

from pydantic import ConfigDict, model_validator

from hub.matters.acts import By, Number, PersonId, Words
from hub.matters.model import OTHER, Event, Side, State
from hub.matters.routing import then, watch
from hub.matters.transitions import Doing, IllegalActError, possible

Outcome = Literal[
    "assigned", "in_progress", "suspended", "transferred", "to_verify", "watched", "unwatched"
]
_STATES = {
    "assigned": State.ASSIGNED, "in_progress": State.IN_PROGRESS, "suspended": State.SUSPENDED,
    "transferred": State.TRANSFERRED, "to_verify": State.TO_VERIFY,
}  # fmt: skip
WHO = {"desk", "by", "card", "client_ms"}
"""Fields of the request, not of the decision."""
_NEEDS: dict[str, tuple[str, ...]] = {
    "assigned": ("lead", "person", "due_on"),
    "in_progress": ("lead", "person", "due_on"),
    "suspended": ("until",),
    "transferred": ("where",),
    "to_verify": (),
    "watched": ("person", "due_on"),
    "unwatched": (),
}


class Decision(By):
    """About one matter: who does it until when, or that it waits, goes out, or is done.

    ``watched`` moves nothing: somebody looks again on ``due_on``; ``unwatched``: nobody needs to.
    """

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "examples": [
                {"matter": 12, "decision": "assigned", "lead": "property", "person": "o02",
                 "due_on": "2026-05-12", "reason": "本周内更换"}
            ]
        },
    )  # fmt: skip

    matter: Number
    decision: Outcome
    reason: Words
    lead: Side | None = None
    co: Side | None = None
    person: PersonId | None = None
    due_on: date | None = None
    until: date | None = None
    where: Words | None = None
    close_watch: bool = False

    @model_validator(mode="after")
    def _whole(self) -> "Decision":
        missing = [name for name in _NEEDS[self.decision] if getattr(self, name) is None]
        if missing:
            msg = f"decision {self.decision} needs {', '.join(missing)}"
            raise ValueError(msg)
        if self.co is not None and (self.lead is None or self.co != OTHER[self.lead]):
            msg = f"co {self.co} beside lead {self.lead}; expected the other side"
            raise ValueError(msg)
        return self


def judge(at: Doing, decided: Decision, signed: Sequence[str]) -> list[Event]:
    """Events of a signed decision; the matter is under watch until the day that was set."""
    if decided.decision == "watched":
        return [watch(at, decided.reason, decided.person, decided.due_on)]
    if decided.decision == "unwatched":
        if at.matter.watch is None:
            raise IllegalActError("nobody watches it", possible(at.matter))
        return [at.event("unwatch", None, decided.reason)]
    day = decided.due_on or decided.until
    if decided.close_watch and at.matter.watch is not None:
        return then(at, _moved(at, decided, signed), lambda m: m.event("unwatch", None, "会议决定"))
    return then(
        at, _moved(at, decided, signed), lambda m: watch(m, decided.reason, decided.person, day)
    )


def _moved(at: Doing, decided: Decision, signed: Sequence[str]) -> Event:
    data = _data(at, decided, signed)
    act = "assign" if decided.decision == "assigned" else "decide"
    return at.event(act, _STATES[decided.decision], decided.reason, **data)


def _data(at: Doing, decided: Decision, signed: Sequence[str]) -> dict[str, object]:
    if decided.decision == "suspended" and decided.until is not None:
        return {"until": decided.until.isoformat()}
    if decided.decision == "transferred":
        return {"where": decided.where, "told": decided.reason}
    if decided.decision == "to_verify":
        return {"result": decided.reason}
    sides: list[Side] = [side for side in (decided.lead, decided.co) if side]
    tasks = [
        {"body": side, "person": (
            decided.person if side == decided.lead else at.now.officers.person_for(side)
        )}
        for side in sides
    ]  # fmt: skip
    return {
        "lead": decided.lead, "co": decided.co, "basis": "meeting", "decided_by": list(signed),
        "tasks": tasks,
    }  # fmt: skip
