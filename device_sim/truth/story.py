"""The truth log read as a story: who tapped, what was heard, what was decided."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from device_sim.truth.records import (
    Answered,
    AnyRecord,
    Decide,
    Heard,
    Office,
    Settle,
    Start,
    Tap,
    Unreadable,
)

TAKEN = frozenset({"recorded", "see_supervisor"})
COMMITTED = frozenset({"done"})


@dataclass
class TrueTap:
    """One card held to a reader, with the facts its owner heard of."""

    record: Tap
    heard: dict[str, int] = field(default_factory=dict)
    """visit → when the signal was heard"""


@dataclass
class Story:
    """What must be found at the hub."""

    start: Start
    taps: dict[int, TrueTap] = field(default_factory=dict)
    judged: dict[str, tuple[str, str | None]] = field(default_factory=dict)
    """visit → value and reason of the last decision that was answered done"""
    asked: set[str] = field(default_factory=set)
    """visits for which some decision was sent: signals naming them answer no tap any more"""
    office: dict[str, str] = field(default_factory=dict)
    days: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def heard(self) -> dict[str, TrueTap]:
        """Each heard visit and its tap."""
        return {visit: tap for tap in self.taps.values() for visit in tap.heard}

    def value_of(self, visit: str) -> str | None:
        """The judgement in force: the office outranks the volunteer."""
        volunteer = self.judged.get(visit, (None, None))[0]
        return self.office.get(visit, volunteer)


class NoStartError(ValueError):
    """A log that does not say which rehearsal it tells of."""


def tell(records: Iterable[AnyRecord]) -> Story:
    """Fold the log; raises NoStartError when its first line is missing."""
    lines = list(records)
    if not lines or not isinstance(lines[0], Start):
        msg = "the truth log does not begin with a start line; was the rehearsal ever started?"
        raise NoStartError(msg)
    story = Story(lines[0])
    sent: dict[str, Decide] = {}
    for record in lines[1:]:
        _take(story, sent, record)
    story.problems += [
        f"verdict {command.value} on {command.visit} at {command.point} was never answered"
        for command in sent.values()
    ]
    return story


def _take(story: Story, sent: dict[str, Decide], record: AnyRecord) -> None:
    match record:
        case Tap():
            story.taps[record.tap] = TrueTap(record)
        case Heard(fact=str() as visit) if record.signal in TAKEN and visit not in story.asked:
            story.taps[record.tap].heard.setdefault(visit, record.at_ms)
        case Decide():
            sent[record.command] = record
            story.asked.add(record.visit)
        case Answered():
            _answer(story, sent.pop(record.command, None), record)
        case Office():
            story.office[record.visit] = record.value
        case Settle() if record.day not in story.days:
            story.days.append(record.day)
        case Unreadable():
            story.problems.append(f"{record.point}: unreadable message: {record.detail}")
        case _:
            pass


def _answer(story: Story, command: Decide | None, reply: Answered) -> None:
    if command is None:
        story.problems.append(f"{reply.point}: a reply to {reply.command}, which nobody sent")
    elif reply.code in COMMITTED:
        story.judged[command.visit] = (command.value, command.reason)
    elif reply.code != "stale":
        story.problems.append(
            f"{reply.point}: verdict {command.value} on {command.visit} answered {reply.code}"
        )
