"""The joint desk's workflow: what each act needs, who may do it, what it records. Pure.

The table of moves stands in ``transitions``; ``fold`` says what an event changes; the clock and
the officers come in as arguments.
"""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from hub.matters import acts
from hub.matters.model import OTHER, Event, State
from hub.matters.routing import assign, doubt, first_taken, then, watch, watched
from hub.matters.transitions import (
    RATABLE_DAYS,
    Doing,
    IllegalActError,
    NotYoursError,
    TooEarlyError,
    closed_long_ago,
    possible,
)
from hub.matters.triage import Responsibility
from wire.day import local_time

MOST_TRIES = 3
MOST_AHEAD = 366
"""Days."""
S = State


def judge(at: Doing, act: acts.Act) -> list[Event]:
    """What the act records, in order; IllegalActError or NotYoursError when it may not be."""
    name: str = act.act  # type: ignore[attr-defined]
    if name not in possible(at.matter):
        msg = f"{name} is not possible in {at.matter.state.value}"
        raise IllegalActError(msg, possible(at.matter))
    return _JUDGES[name](at, act)


def _officer(at: Doing) -> None:
    if at.by.body not in {"committee", "property", "office"}:
        msg = f"{at.by.body} {at.by.id} may not do this; an officer has to"
        raise NotYoursError(msg)


def _of_the_lead(at: Doing) -> None:
    if at.by.body != at.matter.lead:
        msg = f"{at.matter.lead} leads this matter; {at.by.id} is of {at.by.body}"
        raise NotYoursError(msg)


def _of_a_task(at: Doing) -> None:
    if at.matter.task_of(at.by.body) is None:
        sides = " and ".join(task.body for task in at.matter.tasks)
        msg = f"{sides} has the task; {at.by.id} is of {at.by.body}"
        raise NotYoursError(msg)


def _settle(at: Doing, act: acts.SettleOnSpot) -> list[Event]:
    _officer(at)
    return [at.event("settle_on_spot", S.TO_CALL_BACK, result=act.result)]


def _doubt(at: Doing, act: acts.Doubt) -> list[Event]:
    _officer(at)
    return [doubt(at, act.reason)]


def _propose(at: Doing, act: acts.Propose) -> list[Event]:
    if at.by.body not in OTHER:
        msg = f"one person of each side settles it; {at.by.id} is of {at.by.body}"
        raise NotYoursError(msg)
    said = at.event(
        "propose", None, act.reason, body=at.by.body, lead=act.lead, co=act.co,
        word=act.save_as_rule,
    )  # fmt: skip
    other = next((one for one in at.matter.proposals if one.body == OTHER[at.by.body]), None)
    if other is None or (other.lead, other.co) != (act.lead, act.co):
        return [said]
    decided = [other.person, at.by.id]
    to = Responsibility(act.lead, act.co)
    return then(
        at, said,
        lambda later: assign(later, to, "on_spot", decided, act.reason),
        lambda later: watch(later, "当场厘清"),
    )  # fmt: skip


def _transfer(at: Doing, act: acts.Transfer) -> list[Event]:
    _officer(at)
    if at.matter.state is S.IN_PROGRESS:
        _of_the_lead(at)
    said = at.event("transfer", S.TRANSFERRED, where=act.where, told=act.told)
    return [said]


def _decline(at: Doing, act: acts.Decline) -> list[Event]:
    _officer(at)
    return [at.event("decline", S.DECLINED, told=act.told)]


def _merge(at: Doing, act: acts.Merge) -> list[Event]:
    _officer(at)
    return [at.event("merge", S.MERGED, merged_into=act.into)]


def _accept(at: Doing, act: acts.Accept) -> list[Event]:
    _of_a_task(at)
    task = at.matter.task_of(at.by.body)
    if task is not None and task.accepted_ms is not None:
        msg = f"{at.by.body} has accepted already; possible is finish or reassign"
        raise IllegalActError(msg, possible(at.matter))
    leads = at.by.body == at.matter.lead and at.matter.state is S.ASSIGNED
    to = S.IN_PROGRESS if leads else None
    return [at.event("accept", to, body=at.by.body, person=act.person or at.by.id)]


def _return(at: Doing, act: acts.Return) -> list[Event]:
    _of_the_lead(at)
    return [at.event("return", S.UNCLEAR, act.reason, **first_taken(at.matter))]


def _suspend(at: Doing, act: acts.Suspend) -> list[Event]:
    _of_a_task(at)
    _ahead(at, act.until, from_days=1)
    until = act.until.isoformat()
    return [at.event("suspend", S.SUSPENDED, act.reason, until=until)]


def _resume(at: Doing, _act: acts.Act) -> list[Event]:
    _of_a_task(at)
    return [at.event("resume", S.IN_PROGRESS)]


def _confer(at: Doing, act: acts.Confer) -> list[Event]:
    _of_a_task(at)
    said = at.event("confer", S.TO_CONFER, act.reason)
    return then(at, said, *watched(at, "待会商"))


def _finish(at: Doing, act: acts.Finish) -> list[Event]:
    _of_a_task(at)
    task = at.matter.task_of(at.by.body)
    if task is None or task.accepted_ms is None:
        msg = f"{at.by.body} has not accepted its task; accept it first"
        raise IllegalActError(msg, possible(at.matter))
    if task.done_ms is not None:
        msg = f"{at.by.body} has finished its task; the other side has to finish its own"
        raise IllegalActError(msg, possible(at.matter))
    last = all(one.done_ms is not None for one in at.matter.tasks if one.body != at.by.body)
    to = S.TO_VERIFY if last else None
    data: dict[str, Any] = {"body": at.by.body, "result": act.result, "photo": act.photo}
    return [at.event("finish", to, **data)]


def _verify(at: Doing, act: acts.Verify) -> list[Event]:
    _officer(at)
    if at.by.id in at.matter.handlers:
        msg = f"{at.by.id} worked on it; nobody checks their own work"
        raise NotYoursError(msg)
    if at.by.id != at.matter.receiver and at.by.body == at.matter.lead:
        msg = f"{at.matter.receiver} or the other side checks it; {at.by.id} is of {at.by.body}"
        raise NotYoursError(msg)
    to = S.TO_CALL_BACK if act.ok else S.IN_PROGRESS
    return [at.event("verify", to, act.note or "", ok=act.ok)]


def _receipt(at: Doing, act: acts.OutsideReceipt) -> list[Event]:
    _officer(at)
    return [at.event("outside_receipt", S.TO_CALL_BACK, result=act.result)]


def _call(at: Doing, act: acts.Call) -> list[Event]:
    _officer(at)
    data = {"outcome": act.outcome}
    if act.outcome == "not_reached":
        _at_another_time(at)
        to = S.CLOSED if at.matter.tries + 1 >= MOST_TRIES else None
        return [at.event("call", to, act.note or "", **data)]
    return _said(at, "call", act.outcome, act.note or "", data)


def _at_another_time(at: Doing) -> None:
    """Three tries within a minute would be one."""
    again_ms = at.now.call_again_ms
    if again_ms is not None and at.now.at_ms < again_ms:
        msg = (
            f"try {at.matter.tries + 1} of {MOST_TRIES} to reach the reporter is too early; "
            f"it counts from {local_time(again_ms):%Y-%m-%d %H:%M}"
        )
        raise TooEarlyError(msg)


def _rate(at: Doing, act: acts.Rate) -> list[Event]:
    _reporter(at, act.household)
    _within(at)
    return _said(at, "rate", act.rating, "", {"rating": act.rating})


def _said(at: Doing, name: str, rating: str, note: str, data: dict[str, Any]) -> list[Event]:
    if rating == "dissatisfied":
        return _again(at, name, note, data)
    to = None if at.matter.state is S.CLOSED else S.CLOSED
    return [at.event(name, to, note, **data)]


def _again(at: Doing, name: str, reason: str, data: dict[str, Any]) -> list[Event]:
    """Opened again: somebody has a task, and somebody watches."""
    tasks = {} if at.matter.tasks else first_taken(at.matter)
    said = at.event(name, S.IN_PROGRESS, reason, **data, **tasks)
    return then(at, said, *watched(at, "重新办理"))


def _reopen(at: Doing, act: acts.Reopen) -> list[Event]:
    if act.household is not None:
        _reporter(at, act.household)
    else:
        _officer(at)
    _within(at)
    return _again(at, "reopen", act.reason, {})


def _reporter(at: Doing, household: str) -> None:
    if household not in at.matter.households:
        msg = f"{household} did not report this matter; only who reported it may"
        raise NotYoursError(msg)


def _within(at: Doing) -> None:
    if closed_long_ago(at.matter, at.now.at_ms):
        msg = f"closed more than {RATABLE_DAYS} days ago; make a new matter of it"
        raise IllegalActError(msg, possible(at.matter))


def _ahead(at: Doing, day: date, *, from_days: int = 0) -> None:
    """A day that comes, and within a year: what waits longer is forgotten."""
    first, last = (at.now.today + timedelta(days=days) for days in (from_days, MOST_AHEAD))
    if not first <= day <= last:
        msg = f"found {day}; expected a day from {first} to {last}"
        raise IllegalActError(msg, possible(at.matter))


def _watch(at: Doing, act: acts.WatchOver) -> list[Event]:
    _officer(at)
    _ahead(at, act.next_check)
    return [watch(at, act.note, act.person, act.next_check)]


def _progress(at: Doing, act: acts.Progress) -> list[Event]:
    _officer(at)
    if act.next_check is not None:
        _ahead(at, act.next_check)
    day = act.next_check.isoformat() if act.next_check else None
    return [at.event("progress", None, act.note, next_check=day)]


def _note(at: Doing, act: acts.Note) -> list[Event]:
    _officer(at)
    return [at.event("note", None, act.text)]


def _reassign(at: Doing, act: acts.Reassign) -> list[Event]:
    _of_a_task(at)
    return [at.event("reassign", None, body=at.by.body, person=act.person)]


_JUDGES: Mapping[str, Callable[[Doing, Any], list[Event]]] = {
    "settle_on_spot": _settle,
    "doubt": _doubt,
    "propose": _propose,
    "transfer": _transfer,
    "decline": _decline,
    "merge": _merge,
    "accept": _accept,
    "return": _return,
    "suspend": _suspend,
    "resume": _resume,
    "confer": _confer,
    "finish": _finish,
    "verify": _verify,
    "outside_receipt": _receipt,
    "call": _call,
    "rate": _rate,
    "reopen": _reopen,
    "watch": _watch,
    "progress": _progress,
    "note": _note,
    "reassign": _reassign,
}
