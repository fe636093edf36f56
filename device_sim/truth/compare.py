"""The truth against the hub: every difference is one line. Pure."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from device_sim.truth.hub_view import HubDay, HubView, HubVisit
from device_sim.truth.oracle import TrueVisit, day_reason, held, reward_fen
from device_sim.truth.story import Story, TrueTap
from wire.day import business_day

CLOCK_SLACK_MS = 1500
"""A point follows the hub's clock by half a round trip; near midnight both days are true."""


@dataclass
class Finding:
    """What the comparison found; ``lost`` and ``duplicated`` are among the differences."""

    differences: list[str] = field(default_factory=list)
    lost: int = 0
    duplicated: int = 0
    visits: int = 0
    rewarded: int = 0
    held: int = 0
    fen: int = 0


Day = tuple[str, str]
"""A door and a business day."""


def compare(story: Story, view: HubView) -> Finding:
    """Everything that was true is at the hub, once, and nothing else is."""
    found = Finding(differences=list(story.problems))
    at_hub = _each_once(view, found)
    true_visits = _visits(story, at_hub, found)
    _verdicts(story, at_hub, found)
    groups: dict[Day, list[TrueVisit]] = defaultdict(list)
    for visit, day in true_visits:
        if visit.door is not None:
            groups[visit.door, day].append(visit)
    _days(story, view, groups, found)
    _money(story, view, groups, found)
    _held(view, groups, found)
    found.visits = len(at_hub)
    return found


def _each_once(view: HubView, found: Finding) -> dict[str, HubVisit]:
    for visit, times in Counter(row.visit for row in view.visits).items():
        if times > 1:
            found.duplicated += times - 1
            found.differences.append(f"visit {visit} is listed {times} times, expected once")
    return {row.visit: row for row in view.visits}


def _visits(
    story: Story, at_hub: dict[str, HubVisit], found: Finding
) -> list[tuple[TrueVisit, str]]:
    """Every heard tap, then what the hub has beyond; each with its day."""
    kept = []
    for visit, tap in story.heard.items():
        row = at_hub.get(visit)
        if tap.record.who == "volunteer" and row is None:
            continue  # a check-in opens a shift, not a visit
        days = _true_days(tap.record.at_ms, tap.heard[visit])
        if row is None:
            found.lost += 1
            found.differences.append(f"{_place(tap)}: visit {visit} was heard, the hub has none")
        else:
            found.differences += _visit_differences(tap, row, days)
        day = row.day if row is not None and row.day in days else min(days)
        kept.append((_true(story, visit, tap), day))
    return kept + _unheard(story, at_hub, found)


def _unheard(
    story: Story, at_hub: dict[str, HubVisit], found: Finding
) -> list[tuple[TrueVisit, str]]:
    """A tap may be recorded and its signal lost with the node: at most one visit a tap."""
    free: dict[tuple[str, str | None], list[TrueTap]] = defaultdict(list)
    for tap in story.taps.values():
        if not tap.heard:
            free[tap.record.point, tap.record.door].append(tap)
    kept = []
    for row in at_hub.values():
        if row.visit in story.heard:
            continue
        taps = free[row.point, row.household]
        if not taps:
            found.duplicated += 1
            found.differences.append(f"{row.point}: visit {row.visit} of {row.household}: no tap")
            continue
        tap = taps.pop(0)
        kept.append((_true(story, row.visit, tap), row.day or ""))
        if row.day not in _true_days(tap.record.at_ms, tap.record.at_ms):
            found.differences.append(f"{row.point}: visit {row.visit} is on {row.day}")
    return kept


def _true(story: Story, visit: str, tap: TrueTap) -> TrueVisit:
    record = tap.record
    return TrueVisit(visit, record.point, record.door, record.attended, story.value_of(visit))


def _true_days(from_ms: int, to_ms: int) -> set[str]:
    ends = (from_ms - CLOCK_SLACK_MS, to_ms + CLOCK_SLACK_MS)
    return {str(business_day(moment)) for moment in ends}


def _place(tap: TrueTap) -> str:
    return f"{tap.record.point} tap {tap.record.tap} of {tap.record.door or 'an unknown card'}"


def _visit_differences(tap: TrueTap, row: HubVisit, days: set[str]) -> list[str]:
    pairs = [
        ("point", row.point, tap.record.point),
        ("household", row.household, tap.record.door),
        ("attended", row.attended, tap.record.attended),
    ]
    lines = [
        f"{_place(tap)}: visit {row.visit} has {name} {hub}, expected {true}"
        for name, hub, true in pairs
        if hub != true and not (name == "attended" and tap.record.who == "volunteer")
    ]
    if row.day not in days:
        lines.append(f"{_place(tap)}: visit {row.visit} is on {row.day}, expected {days}")
    return lines


def _verdicts(story: Story, at_hub: dict[str, HubVisit], found: Finding) -> None:
    for row in at_hub.values():
        true = story.judged.get(row.visit, (None, None))
        if row.visit in story.office or (row.verdict, row.reason) == true:
            continue
        if row.verdict is None:
            found.lost += 1
        found.differences.append(
            f"{row.point}: visit {row.visit} of {row.household} has verdict "
            f"{row.verdict} {row.reason}, expected {true[0]} {true[1]}"
        )
    for visit in story.judged.keys() - at_hub.keys():
        found.lost += 1
        found.differences.append(f"a verdict on visit {visit}, which the hub has not")


def _days(story: Story, view: HubView, groups: dict[Day, list[TrueVisit]], found: Finding) -> None:
    silent = {(door, day) for door in view.balance_fen for day in story.days}
    for door, day in sorted(silent | groups.keys()):
        reason = day_reason(groups.get((door, day), ()))
        true = HubDay(reward_fen(reason, story.start.reward_fen), reason)
        told = view.days.get((door, day), HubDay(0, "no_event"))
        if told != true:
            found.differences.append(f"{door} {day}: the hub says {told}, expected {true}")
        found.rewarded += reason == "paid"
        found.fen += true.amount_fen
    found.differences += [
        f"{day}: visits came on it, but it was never settled"
        for day in sorted({day for _, day in groups} - set(story.days))
    ]


def _money(story: Story, view: HubView, groups: dict[Day, list[TrueVisit]], found: Finding) -> None:
    owed: Counter[str] = Counter()
    for key in sorted(groups.keys() | view.booked_fen.keys()):
        reason = day_reason(groups.get(key, ()))
        true_fen = reward_fen(reason, story.start.reward_fen)
        owed[key[0]] += true_fen
        if view.booked_fen[key] != true_fen:
            found.differences.append(
                f"{key[0]} {key[1]}: {view.booked_fen[key]} fen are booked, expected {true_fen}"
            )
    found.differences += [
        f"{door}: the balance is {view.balance_fen[door]} fen, expected {owed[door]}"
        for door in view.balance_fen
        if view.balance_fen[door] != owed[door]
    ]
    twice = [entry for entry, times in Counter(view.entries).items() if times > 1]
    found.duplicated += len(twice)
    found.differences += [f"entry {entry} is listed more than once" for entry in twice]


def _held(view: HubView, groups: dict[Day, list[TrueVisit]], found: Finding) -> None:
    true = {visit for came in groups.values() for visit in held(came)}
    listed = set(view.held)
    found.held = len(true)
    found.differences += [f"visit {visit} should be held, is not" for visit in true - listed]
    found.differences += [f"visit {visit} is held, should not be" for visit in listed - true]
    if len(view.held) != len(listed):
        found.differences.append("a visit is listed as held more than once")
