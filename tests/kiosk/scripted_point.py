"""A point as the terminal sees it: taps make visits, commands make verdicts, each once."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from wire.day import SHANGHAI, utc_ms
from wire.point_bus import (
    Command,
    Reply,
    ReplyCode,
    Screen,
    ScreenBin,
    ScreenCounts,
    ScreenJudged,
    ScreenLink,
    ScreenShift,
    ScreenVisit,
)
from wire.session import PortStatus

START_MS = utc_ms(datetime(2025, 5, 6, 9, 40, tzinfo=SHANGHAI))
CATEGORIES = ("hazardous", "recyclable", *["kitchen"] * 4, *["other"] * 8)


def bins(faulty: tuple[int, ...] = ()) -> tuple[ScreenBin, ...]:
    return tuple(
        ScreenBin(
            no=no, category=category, grams=no * 1010, state="faulty" if no in faulty else "ok"
        )
        for no, category in enumerate(CATEGORIES, start=1)
    )


@dataclass
class ScriptedPoint:
    point: str = "p03"
    now_ms: int = START_MS
    on_duty: bool = True
    undo_s: int = 60
    link: ScreenLink = field(default_factory=lambda: ScreenLink(up=True, waiting=0))
    bins: tuple[ScreenBin, ...] = field(default_factory=bins)
    reader_ok: bool = True
    rev: int = 0
    visits: list[ScreenVisit] = field(default_factory=list)
    judged: list[tuple[ScreenJudged, ScreenVisit]] = field(default_factory=list)
    replies: dict[str, Reply] = field(default_factory=dict)
    received: list[Command] = field(default_factory=list)
    doors: frozenset[str] = frozenset({"11-1-102", "11-2-301"})
    told: list[Command] = field(default_factory=list)
    """Reports, changed bins and broadcasts, as they were carried out."""
    speaker: Literal["ok", "none", "failed"] = "ok"
    ports: tuple[PortStatus, ...] = ()
    roster: int = 3
    maintenance: bool = False
    trust: Literal["hub", "none"] = "hub"
    shifts: int = 1
    _ids: int = 0

    def tap(self, door: str | None) -> str:
        """Somebody taps; None is an unregistered card."""
        visit = ScreenVisit(
            no=len(self.visits) + len(self.judged) + 1,
            visit=self._new_id(),
            door=door,
            card="known" if door else "unknown",
            tapped_ms=self.now_ms,
            rev=self._record(),
        )
        self.visits.append(visit)
        return visit.visit

    def answer(self, command: Command) -> Reply:
        """The reply; a repeated command gets the one it had."""
        self.received.append(command)
        if command.command_id not in self.replies:
            code, count = self._carry_out(command)
            self.replies[command.command_id] = Reply(
                command_id=command.command_id, code=code, screen_rev=self.rev, count=count
            )
        return self.replies[command.command_id]

    def screen(self) -> Screen:
        shift = ScreenShift(
            shift=f"{self.shifts:032x}", person="v03", since_ms=START_MS - 6_000_000
        )
        return Screen(
            point=self.point,
            screen_rev=self.rev,
            at_ms=self.now_ms,
            trust=self.trust,
            shift=shift if self.on_duty else None,
            visits=tuple(self.visits),
            judged=tuple(judged for judged, _ in reversed(self.judged[-8:])),
            bins=self.bins,
            link=self.link,
            reader_ok=self.reader_ok,
            speaker=self.speaker,
            maintenance=self.maintenance,
            roster=self.roster,
            counts=ScreenCounts(taps=7, manual=1, accepted=4, bulk=2, rejected=1, deposits=9),
            matters=("device", "facility", "blocked_way"),
            ports=self.ports,
        )

    def come_on_duty(self) -> None:
        """A supervisor's card."""
        self.on_duty = True
        self.shifts += 1

    def verdicts(self) -> dict[str, str]:
        """Door → verdict in force, with its reason."""
        return {
            judged.door or "?": judged.value + (f" {judged.reason}" if judged.reason else "")
            for judged, _ in self.judged
        }

    def leave(self, visit_id: str) -> None:
        """The visit is no longer listed, without a verdict from here."""
        self.visits = [visit for visit in self.visits if visit.visit != visit_id]
        self._record()

    def change(self, visit_id: str) -> None:
        """Something about the visit changed: older screens are stale for it."""
        rev = self._record()
        self.visits = [
            v.model_copy(update={"rev": rev}) if v.visit == visit_id else v for v in self.visits
        ]

    def _carry_out(self, command: Command) -> tuple[ReplyCode, int]:
        if not self.on_duty and command.action != "check_in":
            return "no_shift", 0
        own = {
            "check_in": self._check_in, "undo": self._undo, "hand_over": self._hand_over,
            "manual": self._manual, "look_up": self._look_up, "report": self._tell,
            "bin_changed": self._tell, "broadcast": self._tell,
        }.get(command.action, self._verdicts)  # fmt: skip
        return own(command)

    def _tell(self, command: Command) -> tuple[ReplyCode, int]:
        self.told.append(command)
        silent = command.action == "broadcast" and self.speaker != "ok"
        return "no_speaker" if silent else "done", 1

    def _verdicts(self, command: Command) -> tuple[ReplyCode, int]:
        if command.action == "judge" and self._judge_again(command):
            return "done", 1
        wanted = [command.visit] if command.action == "judge" else list(command.shown)
        fit = [v for v in self.visits if v.visit in wanted and v.rev <= command.screen_rev]
        for visit in fit:
            self._judge(visit, command)
        if not fit:
            known = any(v.visit in wanted for v in self.visits)
            return ("stale" if known else "unknown_visit"), 0
        return "done", len(fit)

    def _check_in(self, command: Command) -> tuple[ReplyCode, int]:
        if (command.number, command.pin) != ("103", "4711"):
            return "not_admitted", 0
        self.come_on_duty()
        return "done", 1

    def _hand_over(self, command: Command) -> tuple[ReplyCode, int]:
        if self.visits and command.unjudged is None:
            return "bad_request", 0
        for visit in [v for v in self.visits if v.visit in command.shown]:
            self._judge(visit, command)
        if command.unjudged == "left":
            self.visits = []
        self.on_duty = False
        self._record()
        return "done", 1

    def _look_up(self, command: Command) -> tuple[ReplyCode, int]:
        return ("done" if command.door in self.doors else "unknown_door"), 0

    def _manual(self, command: Command) -> tuple[ReplyCode, int]:
        self.tap(command.door)
        return "done", 1

    def _judge_again(self, command: Command) -> bool:
        """改判: the visit was judged before."""
        again = next((pair for pair in self.judged if pair[0].visit == command.visit), None)
        if again is None:
            return False
        self.judged.remove(again)
        self.visits.append(again[1])
        self._judge(again[1], command)
        return True

    def _judge(self, visit: ScreenVisit, command: Command) -> None:
        self._record()
        judged = ScreenJudged(
            visit=visit.visit,
            verdict=self._new_id(),
            door=visit.door,
            value=command.value or "accepted",
            reason=command.reason,
            mode="single" if command.value else "bulk",
            at_ms=self.now_ms,
            undo_until_ms=self.now_ms + self.undo_s * 1000,
        )
        self.visits.remove(visit)
        self.judged.append((judged, visit))

    def _undo(self, command: Command) -> tuple[ReplyCode, int]:
        for judged, visit in self.judged:
            if judged.verdict != command.verdict:
                continue
            if self.now_ms > judged.undo_until_ms:
                return "too_late", 0
            self.judged.remove((judged, visit))
            back = visit.model_copy(update={"rev": self._record()})
            self.visits = sorted([*self.visits, back], key=lambda v: v.no)
            return "done", 1
        return "stale", 0

    def _record(self) -> int:
        self.rev += 1
        return self.rev

    def _new_id(self) -> str:
        self._ids += 1
        return f"{self._ids:032x}"
