"""The supervisor's terminal on the point bus: commands in, screen, replies and signals out."""

import logging
from collections import OrderedDict
from typing import Literal

from edge.link.mqtt import BrokerLink
from edge.point.commands import Desk, Outcome, decide
from edge.point.pins import PinGuard
from edge.recorder import Recorder
from edge.signals.signals import Signals
from edge.store.file import StoreFullError
from wire import topics
from wire.codec import BadMessageError, decode, encode
from wire.facts import SignalName, Verdict
from wire.point_bus import Command, Reply, Screen, Signal

REPLIES_KEPT = 200
log = logging.getLogger(__name__)


class Terminal:
    """Owned by the daemon's loop. A repeated command gets the answer it had, restart or not."""

    def __init__(self, point: str, link: BrokerLink, recorder: Recorder, signals: Signals) -> None:
        self._point = point
        self._link = link
        self._recorder = recorder
        self._signals = signals
        self.pins = PinGuard()
        self._reply_topic = topics.REPLY.of(point)
        self._screen_topic = topics.SCREEN.of(point)
        self._signal_topic = topics.SIGNAL.of(point)
        self._replies: OrderedDict[str, Reply] = OrderedDict()

    @staticmethod
    def subscription(point: str) -> str:
        """Where commands arrive."""
        return topics.COMMAND.of(point)

    def handle(self, payload: bytes, desk: Desk) -> None:
        """Answer one command after its facts are committed; a malformed one is dropped."""
        try:
            command = decode(payload, Command)
        except BadMessageError as error:
            log.warning("%s: %s; dropped", topics.COMMAND.of(self._point), error)
            return
        reply = self._replies.get(command.command_id) or self._answer(command, desk)
        self._replies[command.command_id] = reply
        while len(self._replies) > REPLIES_KEPT:
            self._replies.popitem(last=False)
        self._link.publish(self._reply_topic, encode(reply))

    def _answer(self, command: Command, desk: Desk) -> Reply:
        done = self._recorder.state.commands.get(command.command_id)
        if done is not None:
            return self._reply(command, Outcome("done"), done)
        outcome = decide(command, desk)
        if command.action == "broadcast" and outcome.code == "done":
            outcome = self._broadcast(command)
        fact_ids: list[str] = []
        if outcome.facts:
            try:
                fact_ids = [fact.id for fact in self._recorder.record(outcome.facts)]
            except StoreFullError as error:
                self._recorder.note_full(error)
                outcome = Outcome("store_full")
        for fact_id, fact in zip(fact_ids, outcome.facts, strict=False):
            if isinstance(fact, Verdict) and fact.mode == "single":
                good = fact.value in ("accepted", "corrected")
                self.signal("accepted" if good else "soft", "terminal", fact_id)
        return self._reply(command, outcome, fact_ids)

    def _broadcast(self, command: Command) -> Outcome:
        """A wish to the loudspeaker; nothing is recorded of it."""
        if command.broadcast == "hush":
            self._signals.hush()
            return Outcome("done")
        return Outcome("done" if self._signals.broadcast_now() else "no_speaker")

    def _reply(self, command: Command, outcome: Outcome, fact_ids: list[str]) -> Reply:
        return Reply(
            command_id=command.command_id,
            code=outcome.code,
            screen_rev=self._recorder.state.screen_rev,
            fact=fact_ids[0] if fact_ids else None,
            count=len(fact_ids),
            detail=outcome.detail,
        )

    def show(self, screen: Screen) -> None:
        """Retained: a terminal that starts later sees the present state."""
        self._link.publish(self._screen_topic, encode(screen), retain=True)

    def signal(
        self, signal: SignalName | Literal["soft"], reader: str, fact_id: str | None
    ) -> None:
        """Tell the light and the loudspeaker; call only after the commit."""
        message = Signal(signal=signal, reader=reader, fact=fact_id)
        self._link.publish(self._signal_topic, encode(message))
