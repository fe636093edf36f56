"""People at one point who never stop: one taps, one judges, both write down the truth first."""

import secrets
import threading
from collections.abc import Iterator, Sequence
from itertools import cycle

from device_sim.compound.files import READER_NAME
from device_sim.compound.town import Card, Volunteer
from device_sim.devices import rdm6300
from device_sim.devices.pty_port import PtyPort
from device_sim.people.supervisor import REPLY_TIMEOUT_S, SETTLED
from device_sim.people.terminal import SilentPointError, Terminal
from device_sim.truth.log import TruthLog
from device_sim.truth.records import Answered, Decide, Heard, Tap
from wire.facts import RejectReason, VerdictValue
from wire.point_bus import Command, Reply, Screen, ScreenVisit, Signal

PACE_S = 0.15
PATIENCE_S = 10.0
"""Longer than a loaded machine needs: the next tap must not be answered for this one."""
LOOK_S = 0.1
REJECTED_OF = 8
TRIES = 3


class Crowd:
    """Taps go one by one: each waits for its answer, unless the node is known to be dead."""

    def __init__(
        self,
        reader: PtyPort,
        terminal: Terminal,
        truth: TruthLog,
        cards: Sequence[Card],
        volunteer: Volunteer,
    ) -> None:
        self.terminal, self.point = terminal, terminal.point
        self.taken = 0
        """Taps that were answered "recorded"."""
        self.refused = 0
        self.awaiting = False
        self.supervised = True
        self.failed: str | None = None
        self._reader, self._truth, self._volunteer = reader, truth, volunteer
        self._cards: Iterator[Card] = cycle(cards)
        self._heard: list[Signal] = []
        self._tap_no = 0
        self._judged: set[str] = set()
        self._asking = False
        self._go, self._idle, self._stop = threading.Event(), threading.Event(), threading.Event()
        self._last_words: Screen | None = None
        self._down = False
        self._threads = [
            threading.Thread(target=run, name=f"{run.__name__}-{self.point}")
            for run in (self._tap_all, self._judge_all)
        ]

    def start(self, *, taps: bool = True) -> None:
        if taps:
            self._go.set()
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        self._stop.set()
        self._go.set()
        self.terminal.release()
        for thread in self._threads:
            if thread.is_alive():
                thread.join()
        self.terminal.close()

    def pause(self) -> None:
        """No tap any more once this returns; the judging goes on."""
        self._go.clear()
        self._idle.wait(2 * PATIENCE_S)

    def go_on(self) -> None:
        self._go.set()

    def down(self) -> None:
        """The node is dead: nobody answers until it has shown a new screen."""
        self._last_words, self._down = self.terminal.screen, True

    def forget(self) -> None:
        """The node may have forgotten verdicts: what it shows again is judged again."""
        self._judged.clear()

    @property
    def screen(self) -> Screen | None:
        """Of the node as it runs now; None when it has shown none yet."""
        screen = self.terminal.screen
        if self._down and screen is not self._last_words and screen is not None:
            self._down = not screen.reader_ok
        return None if self._down else screen

    @property
    def waiting(self) -> int:
        """Facts without a receipt, as the screen said last; a tap without an answer counts."""
        screen = self.terminal.screen
        return (screen.link.waiting if screen else 0) + self.awaiting

    @property
    def quiet(self) -> bool:
        """Everything is judged and every fact has its receipt."""
        screen = self.screen
        if screen is None or not screen.link.up or screen.link.waiting or self._asking:
            return False
        return all(visit.visit in self._judged for visit in screen.visits) or not screen.shift

    def _tap_all(self) -> None:
        while not self._stop.is_set():
            if not self._go.is_set():
                self._idle.set()
                self._go.wait(LOOK_S)
                continue
            self._idle.clear()
            screen = self.screen
            if screen is None or (self.supervised and not screen.roster):
                self._stop.wait(LOOK_S / 4)
            elif self.supervised and screen.shift is None:
                self._once("volunteer", self._volunteer.uid, None, attended=False)
                self.terminal.wait(self._on_duty, 4.0)
            else:
                card = next(self._cards)
                attended = screen.shift is not None
                self._once("resident", card.uid, card.home.door, attended=attended)
            self._stop.wait(PACE_S)

    def _on_duty(self) -> bool:
        screen = self.terminal.screen
        return screen is not None and screen.shift is not None

    def _once(self, who: str, uid: str, door: str | None, *, attended: bool) -> None:
        self._listen()
        self._tap_no = self._truth.next_tap()
        tap = {"at_ms": self._truth.now_ms(), "tap": self._tap_no, "point": self.point}
        tap |= {"who": who, "door": door, "attended": attended}
        self._truth.write(Tap.model_validate(tap))
        self.awaiting = True
        self._reader.write(rdm6300.frame(uid))
        for _ in range(round(PATIENCE_S / LOOK_S)):  # no clock: a machine may be suspended
            if self._down or self._stop.is_set():
                break
            if self.terminal.wait(lambda: bool(self.terminal.signals), LOOK_S) and self._listen():
                break
        self.awaiting = False

    def _listen(self) -> bool:
        """Write down what was heard at the reader; whether anything was."""
        heard = False
        for signal in self.terminal.take_signals():
            again = signal.fact is not None and signal in self._heard[-20:]
            if again or signal.reader != READER_NAME:
                continue
            heard = True
            self._heard.append(signal)
            self._truth.write(
                Heard(
                    at_ms=self._truth.now_ms(), tap=self._tap_no, point=self.point,
                    signal=signal.signal, fact=signal.fact,
                )
            )  # fmt: skip
            self.taken += signal.fact is not None
            self.refused += signal.signal == "refused"
        return heard

    def _judge_all(self) -> None:
        try:
            while not self._stop.is_set():
                screen = self.screen
                shown = screen.visits if screen is not None and screen.shift else ()
                todo = [visit for visit in shown if visit.visit not in self._judged]
                self._asking = bool(todo)
                for visit in todo[:20]:
                    self._judge(visit)
                if not todo:
                    self.terminal.wait_news(LOOK_S)
        except SilentPointError as error:
            if not self._stop.is_set():
                self.failed = str(error)

    def _judge(self, visit: ScreenVisit) -> None:
        """The same word for the same visit, however often it is asked."""
        bad = int(visit.visit, 16) % REJECTED_OF == 0
        value: VerdictValue = "rejected" if bad else "accepted"
        reason: RejectReason | None = "mixed" if bad else None
        screen = self.terminal.screen
        command = Command(
            command_id=secrets.token_hex(16), screen_rev=screen.screen_rev if screen else 0,
            action="judge", visit=visit.visit, value=value, reason=reason,
        )  # fmt: skip
        said = {"at_ms": self._truth.now_ms(), "point": self.point, "command": command.command_id}
        self._truth.write(
            Decide.model_validate(said | {"visit": visit.visit, "value": value, "reason": reason})
        )
        reply = self._answer(command)
        said["at_ms"] = self._truth.now_ms()
        self._truth.write(Answered.model_validate(said | {"code": reply.code}))
        if reply.code in SETTLED:
            self._judged.add(visit.visit)

    def _answer(self, command: Command) -> Reply:
        """Asked again as the same command: a suspended machine answers late."""
        for _ in range(TRIES - 1):
            try:
                return self.terminal.ask(command, REPLY_TIMEOUT_S)
            except SilentPointError:
                if self._stop.is_set():
                    raise
        return self.terminal.ask(command, REPLY_TIMEOUT_S)
