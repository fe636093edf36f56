"""A volunteer at the terminal: looks at the screen, decides as planned, hands over."""

import secrets
import threading
import time
from collections.abc import Callable

from device_sim.compound.plan import PlannedVisit
from device_sim.people.terminal import Terminal
from device_sim.truth.log import TruthLog
from device_sim.truth.records import Answered, Decide
from wire.point_bus import Command, Reply, ScreenVisit

REPLY_TIMEOUT_S = 60.0
SETTLED = frozenset({"done", "judged"})
LOOK_S = 0.3


class Supervisor:
    """Judges what stands on the screen, never what it did not show."""

    def __init__(
        self,
        terminal: Terminal,
        truth: TruthLog,
        planned: Callable[[ScreenVisit, float], PlannedVisit | None],
    ) -> None:
        self._terminal = terminal
        self._truth = truth
        self._planned = planned
        self._seen_s: dict[str, float] = {}
        self.asked: set[str] = set()
        self.decided: set[str] = set()

    def work(self, finished: Callable[[], bool], stop: threading.Event) -> None:
        """Until everything that was to be judged is judged."""
        while not stop.is_set() and not finished():
            self._look()
            self._terminal.wait_news(LOOK_S)

    def hand_over(self) -> Reply:
        """Leave the rest to the office and go home."""
        return self._ask(action="hand_over", unjudged="left")

    def _look(self) -> None:
        screen = self._terminal.screen
        for visit in screen.visits if screen else ():
            seen_s = self._seen_s.setdefault(visit.visit, time.monotonic())
            waited_s = time.monotonic() - seen_s
            plan = self._planned(visit, waited_s)
            due = plan is not None and plan.value is not None and waited_s >= plan.judge_after_s
            if plan is not None and due and visit.visit not in self.decided:
                self._judge(visit, plan)

    def _judge(self, visit: ScreenVisit, plan: PlannedVisit) -> None:
        if plan.value is None:
            return
        command_id = secrets.token_hex(16)
        self.asked.add(visit.visit)
        self._truth.write(
            Decide(
                at_ms=self._truth.now_ms(),
                point=self._terminal.point,
                command=command_id,
                visit=visit.visit,
                value=plan.value,
                reason=plan.reason,
            )
        )
        reply = self._ask(
            command_id=command_id,
            action="judge",
            visit=visit.visit,
            value=plan.value,
            reason=plan.reason,
        )
        self._truth.write(
            Answered(
                at_ms=self._truth.now_ms(),
                point=self._terminal.point,
                command=command_id,
                code=reply.code,
            )
        )
        if reply.code in SETTLED:
            self.decided.add(visit.visit)
        else:
            self._terminal.wait_news(LOOK_S)

    def _ask(self, command_id: str | None = None, **what: object) -> Reply:
        screen = self._terminal.screen
        command = Command.model_validate(
            {
                "command_id": command_id or secrets.token_hex(16),
                "screen_rev": screen.screen_rev if screen else 0,
                **what,
            }
        )
        return self._terminal.ask(command, REPLY_TIMEOUT_S)
