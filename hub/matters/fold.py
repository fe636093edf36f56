"""A matter from its events: the one place that says what an event changes. Pure."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from hub.matters.model import Event, Matter, Proposal, State, Task, Watch

Change = Callable[[Matter, Event], Matter]


def folded(events: Iterable[Event]) -> Matter:
    """The matter after all of them; the first is its ``receive``."""
    matter: Matter | None = None
    for event in events:
        matter = after(matter, event)
    if matter is None:
        msg = "a matter without events; expected at least its receive"
        raise ValueError(msg)
    return matter


def after(matter: Matter | None, event: Event) -> Matter:
    """The matter after one event more."""
    if matter is None:
        return _received(event)
    moved = matter.state is not event.to
    changed = _CHANGES.get(event.act, _nothing)(matter, event)
    since_ms = event.at_ms if moved else matter.since_ms
    changed = replace(changed, state=event.to, version=matter.version + 1, since_ms=since_ms)
    if moved and matter.state is State.SUSPENDED:
        changed = _clock_runs(changed, event.at_ms)
    if changed.ended and not matter.ended:
        changed = replace(changed, watch=None, closed_ms=event.at_ms)
    return changed


def _received(event: Event) -> Matter:
    data = event.data
    home = data.get("household")
    return Matter(
        kind=data["kind"], place=data["place"], text=data["text"], channel=data["channel"],
        received_ms=event.at_ms, since_ms=event.at_ms, receiver=data["receiver"],
        receiver_body=data["receiver_body"], household=home,
        households=frozenset({home} if home else ()),
    )  # fmt: skip


def _nothing(matter: Matter, _event: Event) -> Matter:
    return matter


def _assigned(matter: Matter, event: Event) -> Matter:
    data = event.data
    tasks = tuple(Task(task["body"], task["person"]) for task in data["tasks"])
    return replace(
        matter, lead=data["lead"], co=data["co"], basis=data["basis"], proposals=(),
        decided_by=tuple(data["decided_by"]), tasks=tasks,
    )  # fmt: skip


def _proposed(matter: Matter, event: Event) -> Matter:
    data = event.data
    said = Proposal(event.by.id, data["body"], data["lead"], data["co"], event.at_ms)
    others = tuple(one for one in matter.proposals if one.body != said.body)
    return replace(matter, proposals=(*others, said))


def _accepted(matter: Matter, event: Event) -> Matter:
    person = event.data["person"]
    taken = _tasks(matter, event, accepted_ms=event.at_ms, person=person)
    return replace(taken, worked=taken.worked | {person})


def _finished(matter: Matter, event: Event) -> Matter:
    result = event.data["result"]
    done = _tasks(matter, event, done_ms=event.at_ms, result=result)
    result = "; ".join(task.result for task in done.tasks if task.result)
    return replace(done, result=result, worked=done.worked | {event.by.id})


def _reassigned(matter: Matter, event: Event) -> Matter:
    return _tasks(matter, event, person=event.data["person"])


def _tasks(matter: Matter, event: Event, **change: Any) -> Matter:
    body = event.data["body"]
    tasks = (replace(task, **change) if task.body == body else task for task in matter.tasks)
    return replace(matter, tasks=tuple(tasks))


def _returned(matter: Matter, event: Event) -> Matter:
    return replace(_assigned(matter, event), returned=True)


def _suspended(matter: Matter, event: Event) -> Matter:
    until = date.fromisoformat(event.data["until"])
    paused = (*matter.paused, (event.at_ms, None))
    return replace(matter, paused=paused, suspended_until=until)


def _clock_runs(matter: Matter, at_ms: int) -> Matter:
    *before, (from_ms, _) = matter.paused
    return replace(matter, paused=(*before, (from_ms, at_ms)), suspended_until=None)


def _verified(matter: Matter, event: Event) -> Matter:
    return matter if event.data["ok"] else _again(matter)


def _again(matter: Matter) -> Matter:
    """Who did it does it again: tasks stay accepted and are not done."""
    tasks = (replace(task, done_ms=None, result=None) for task in matter.tasks)
    return replace(matter, tasks=tuple(tasks))


def _called(matter: Matter, event: Event) -> Matter:
    outcome = event.data["outcome"]
    tried = replace(matter, tries=matter.tries + 1, tried_ms=event.at_ms)
    if outcome == "not_reached":
        return replace(tried, not_reached=event.to is State.CLOSED)
    return _opinion(tried, event, outcome)


def _rated(matter: Matter, event: Event) -> Matter:
    return _opinion(matter, event, event.data["rating"])


def _opinion(matter: Matter, event: Event, rating: Any) -> Matter:
    rated = replace(matter, rating=rating, rated_ms=event.at_ms, not_reached=False)
    return _reopened(rated, event) if event.to is State.IN_PROGRESS else rated


def _reopened(matter: Matter, event: Event) -> Matter:
    """What was done on the spot had no task: it has one now."""
    led = _assigned(matter, event) if "tasks" in event.data else _again(matter)
    return replace(
        led, reopened=matter.reopened + 1, closed_ms=None, tries=0, tried_ms=None,
        not_reached=False,
    )  # fmt: skip


def _decided(matter: Matter, event: Event) -> Matter:
    """By minutes: what the state after it needs."""
    led = _assigned(matter, event) if "tasks" in event.data else matter
    if event.to is State.SUSPENDED:
        return _suspended(led, event)
    if event.to is State.TRANSFERRED:
        return _transferred(led, event)
    if event.to is State.TO_VERIFY:
        return replace(led, result=event.data["result"])
    return led


def _watched(matter: Matter, event: Event) -> Matter:
    data = event.data
    opened_ms = matter.watch.opened_ms if matter.watch else event.at_ms
    day = date.fromisoformat(data["next_check"])
    watch = Watch(data["person"], day, opened_ms, data["why"])
    return replace(matter, watch=watch)


def _unwatched(matter: Matter, event: Event) -> Matter:
    return replace(matter, watch=None, unwatched_ms=event.at_ms)


def _progressed(matter: Matter, event: Event) -> Matter:
    day = event.data.get("next_check")
    if matter.watch is None or day is None:
        return matter
    return replace(matter, watch=replace(matter.watch, next_check=date.fromisoformat(day)))


def _joined(matter: Matter, event: Event) -> Matter:
    return replace(matter, households=matter.households | set(event.data["households"]))


def _told(name: str) -> Change:
    return lambda matter, event: replace(matter, **{name: event.data[name]})


def _transferred(matter: Matter, event: Event) -> Matter:
    return replace(matter, where=event.data["where"], told=event.data["told"])


_CHANGES: Mapping[str, Change] = {
    "assign": _assigned,
    "doubt": _assigned,
    "propose": _proposed,
    "accept": _accepted,
    "return": _returned,
    "suspend": _suspended,
    "decide": _decided,
    "finish": _finished,
    "reassign": _reassigned,
    "verify": _verified,
    "call": _called,
    "rate": _rated,
    "reopen": _reopened,
    "watch": _watched,
    "unwatch": _unwatched,
    "progress": _progressed,
    "join": _joined,
    "settle_on_spot": _told("result"),
    "outside_receipt": _told("result"),
    "decline": _told("told"),
    "merge": _told("merged_into"),
    "transfer": _transferred,
}
