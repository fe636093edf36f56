"""What the supervisor's commands become: facts to record, or a refusal with its reason. Pure."""

from collections.abc import Callable
from dataclasses import dataclass

from edge.point.pins import WAIT_S, PinGuard, pin_matches
from edge.point.state import PointState, ShiftState, VisitState
from wire.base import WireModel
from wire.facts import (
    BinChanged,
    Manual,
    Report,
    Shift,
    Verdict,
    VerdictUndone,
)
from wire.point_bus import Command, ReplyCode
from wire.roster import RosterPerson, Settings


@dataclass(frozen=True)
class Outcome:
    """What to record and what to answer; ``facts`` is empty exactly when nothing happened."""

    code: ReplyCode
    facts: tuple[WireModel, ...] = ()
    detail: str = ""


@dataclass(frozen=True)
class Desk:
    """What a decision may look at besides the command; ``now_ms`` is the point's wall time."""

    state: PointState
    settings: Settings
    people: dict[str, RosterPerson]
    place: str
    now_ms: int
    knows_door: Callable[[str], bool]
    pins: PinGuard


def decide(command: Command, desk: Desk) -> Outcome:
    """The outcome of a command that was not answered before."""
    if command.action == "check_in":
        return _check_in(command, desk)
    if desk.state.shift is None:
        return Outcome("no_shift")
    return _ACTIONS[command.action](command, desk, desk.state.shift)


def _judge(command: Command, desk: Desk, shift: ShiftState) -> Outcome:
    if command.visit is None or command.value is None:
        return Outcome("bad_request", detail="judge needs visit and value")
    if (command.value == "rejected") != (command.reason is not None):
        return Outcome("bad_request", detail="a reason belongs to rejected, and only to it")
    visit = desk.state.visits.get(command.visit)
    if visit is None:
        return Outcome("unknown_visit")
    if visit.rev > command.screen_rev:
        return Outcome("stale")
    return Outcome("done", (_verdict(command, visit, shift, bulk=False),))


def _judge_all(command: Command, desk: Desk, shift: ShiftState) -> Outcome:
    """Exactly the visits that were listed; one that changed since is left out, not guessed."""
    shown = [desk.state.visits.get(visit) for visit in dict.fromkeys(command.shown)]
    judged = [
        _verdict(command, visit, shift, bulk=True)
        for visit in shown
        if visit is not None and visit.verdict is None and visit.rev <= command.screen_rev
    ]
    return Outcome("done", tuple(judged)) if judged else Outcome("stale")


def _verdict(command: Command, visit: VisitState, shift: ShiftState, *, bulk: bool) -> Verdict:
    return Verdict(
        visit=visit.visit,
        value="accepted" if bulk else command.value or "unclear",
        reason=None if bulk else command.reason,
        by=shift.person,
        shift=shift.shift,
        mode="bulk" if bulk else "single",
        replaces=visit.verdict.verdict if visit.verdict else None,
        command_id=command.command_id,
    )


def _undo(command: Command, desk: Desk, shift: ShiftState) -> Outcome:
    for visit in desk.state.visits.values():
        verdict = visit.verdict
        if verdict is None or verdict.verdict != command.verdict:
            continue
        if desk.now_ms - verdict.at_ms > desk.settings.undo_s * 1000:
            return Outcome("too_late")
        undone = VerdictUndone(
            verdict=verdict.verdict,
            visit=visit.visit,
            by=shift.person,
            command_id=command.command_id,
        )
        return Outcome("done", (undone,))
    return Outcome("stale")


def _check_in(command: Command, desk: Desk) -> Outcome:
    if desk.pins.closed(desk.now_ms):
        return Outcome("not_admitted", detail=f"wait {WAIT_S} s")
    person = next((p for p in desk.people.values() if p.number == command.number), None)
    if (
        person is None
        or person.role == "technician"
        or not pin_matches(person.pin, command.pin or "")
    ):
        desk.pins.wrong(desk.now_ms)
        return Outcome("not_admitted")
    desk.pins.right()
    return Outcome(
        "done", tuple(open_shift(desk.state, person.person, "number", command.command_id))
    )


def open_shift(
    state: PointState, person: str, by: str, command_id: str | None = None
) -> list[Shift]:
    """Facts that put a person on duty: the colleague before is relieved, nobody twice."""
    if state.shift is not None and state.shift.person == person:
        return []
    facts = []
    if state.shift is not None:
        facts.append(
            Shift(
                action="closed",
                person=state.shift.person,
                by="plan",
                shift=state.shift.shift,
                unjudged="none",
            )
        )
    opened = Shift(
        action="opened",
        person=person,
        by="card" if by == "card" else "number",
        command_id=command_id,
    )
    return [*facts, opened]


def _hand_over(command: Command, desk: Desk, shift: ShiftState) -> Outcome:
    bulk: tuple[WireModel, ...] = ()
    if command.unjudged == "all_accepted":
        bulk = _judge_all(command, desk, shift).facts
    elif desk.state.unjudged and command.unjudged is None:
        return Outcome("bad_request", detail="visits are unjudged: all_accepted or left")
    closed = Shift(
        action="closed",
        person=shift.person,
        by="number",
        shift=shift.shift,
        unjudged=command.unjudged or "none",
        command_id=command.command_id,
    )
    return Outcome("done", (*bulk, closed))


def _manual(command: Command, _desk: Desk, shift: ShiftState) -> Outcome:
    if command.door is None:
        return Outcome("bad_request", detail="manual needs a door")
    fact = Manual(
        door=command.door, by=shift.person, shift=shift.shift, command_id=command.command_id
    )
    return Outcome("done", (fact,))


def _bin_changed(command: Command, _desk: Desk, shift: ShiftState) -> Outcome:
    if command.bin is None:
        return Outcome("bad_request", detail="bin_changed needs a bin")
    fact = BinChanged(bin=command.bin, by=shift.person, command_id=command.command_id)
    return Outcome("done", (fact,))


def _report(command: Command, desk: Desk, shift: ShiftState) -> Outcome:
    if command.matter is None:
        return Outcome("bad_request", detail="report needs a matter")
    fact = Report(
        matter=command.matter, place=desk.place, by=shift.person, command_id=command.command_id
    )
    return Outcome("done", (fact,))


def _look_up(command: Command, desk: Desk, _shift: ShiftState) -> Outcome:
    if command.door is None:
        return Outcome("bad_request", detail="look_up needs a door")
    return Outcome("done" if desk.knows_door(command.door) else "unknown_door")


def _broadcast(command: Command, _desk: Desk, _shift: ShiftState) -> Outcome:
    if command.broadcast is None:
        return Outcome("bad_request", detail="broadcast needs now or hush")
    return Outcome("done")


_ACTIONS: dict[str, Callable[[Command, Desk, ShiftState], Outcome]] = {
    "judge": _judge,
    "judge_all": _judge_all,
    "undo": _undo,
    "hand_over": _hand_over,
    "manual": _manual,
    "bin_changed": _bin_changed,
    "report": _report,
    "look_up": _look_up,
    "broadcast": _broadcast,
}
