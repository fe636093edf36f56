"""The composition root of a point, and the one loop that owns its state and its store."""

import logging
import queue
import signal
import time

from edge import keeper
from edge.bins import Bins
from edge.bus.terminal import Terminal
from edge.cards.token import Tokenizer
from edge.clock import PointClock, SystemTime, system_time
from edge.config import EdgeConfig, load_keys
from edge.display import SOFTWARE, Display
from edge.events import (
    CardRefused,
    CardSeen,
    LinkChanged,
    MqttMessage,
    PortDown,
    StopAsked,
    ThreadDied,
    Weights,
    WorkEvent,
)
from edge.health import Health
from edge.house import House
from edge.inbox import Inbox
from edge.link.mqtt import BrokerLink
from edge.link.roster_cache import RosterCache
from edge.link.sender import Sender
from edge.link.uplink import Uplink
from edge.point.attribution import claims_of_tap
from edge.point.commands import Desk
from edge.point.state import PointState
from edge.point.taps import CardAtReader, SameCard, decide_tap
from edge.ports.assemble import make_workers
from edge.recorder import Recorder
from edge.signals.signals import Signals
from edge.store.file import StoreFullError
from edge.store.outbox import Outbox
from edge.store.space import Space
from edge.wireless import Wireless, names_of, topics_of
from wire import topics
from wire.base import TRUSTED
from wire.codec import encode
from wire.facts import SignalName
from wire.session import Status

HOUSEKEEPING_MS = 1000
log = logging.getLogger(__name__)


class Daemon:
    """One collection point. :meth:`run` returns after a stop was asked for."""

    def __init__(self, config: EdgeConfig, system: SystemTime | None = None) -> None:
        self._config = config
        self._events = Inbox(config.bins)
        system = system or system_time()
        tokenizer = Tokenizer(load_keys(config.card_keys), config.uid_bits)
        self._outbox = Outbox(config.data / "outbox.db", config.community, config.point)
        self._clock = PointClock(
            system, config.sync_source, self._outbox.boot, self._outbox.newest_wall_ms
        )
        self._recorder = Recorder(self._outbox, self._clock, PointState())
        self._recorder.rebuild()
        self._roster = RosterCache(config.data)
        self._bins = Bins(config.bins)
        self._wireless = Wireless(config, tokenizer)
        self._same_card = SameCard()
        self._answered: dict[str, tuple[SignalName, str | None]] = {}
        self._house_due_ms = 0
        sender = Sender(
            self._outbox,
            config.node,
            self._clock.boot_id,
            SOFTWARE,
            roster_version=lambda: self._roster.version,
        )
        self._hub_link = BrokerLink(
            "hub",
            config.hub_broker,
            subscriptions=Uplink.subscriptions(config),
            events=self._events,
            up_ms=system.up_ms,
            will=(
                topics.STATUS.of(config.community, config.point),
                encode(Status(online=False, boot=self._outbox.boot, nonce=sender.nonce)),
            ),
        )
        self._bus_link = BrokerLink(
            "bus",
            config.point_bus,
            subscriptions=[Terminal.subscription(config.point), *topics_of(config)],
            events=self._events,
            up_ms=system.up_ms,
        )
        self._uplink = Uplink(config, sender, self._roster, self._clock, self._hub_link)
        self._uplink.on_finding = self._note_finding
        self._signals = Signals(config.signals, self._events, system.up_ms)
        self._terminal = Terminal(config.point, self._bus_link, self._recorder, self._signals)
        self._health = Health()
        self._workers = make_workers(config, tokenizer, self._events, system.up_ms)
        ports = [(worker.name, worker.kind) for worker in self._workers]
        own = [("hub", "broker"), ("bus", "broker"), (keeper.NAME, "store")]
        for name, kind in [*ports, *names_of(config), *self._signals.names(), *own]:
            self._health.add(name, kind)
        store = keeper.Keeper(self._recorder, self._health, Space(config.data), self._reopened)
        self._house = House(
            config, self._recorder, self._roster, self._bins, self._health, sender, store
        )
        self._uplink.on_time = lambda: self._house.date_this_boot(self._clock)
        self._display = Display(
            config,
            self._recorder,
            self._roster,
            self._bins,
            self._health,
            self._uplink,
            self._terminal,
            self._signals,
        )

    def run(self) -> None:
        """Serve until SIGTERM or SIGINT."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._events.put(StopAsked()))
        self.serve()

    def serve(self) -> None:
        """Serve until StopAsked is on the queue; the calling thread owns state and store."""
        self._hub_link.start()
        self._bus_link.start()
        self._signals.start()
        for worker in self._workers:
            worker.start()
        log.info("point %s: %d facts waiting", self._config.point, self._outbox.waiting)
        while self._turn():
            pass
        self._signals.stop()
        for worker in self._workers:
            worker.stop()
        for worker in self._workers:
            worker.join(1)
        self._signals.join(1)
        self._display.publish_status(online=False)
        time.sleep(0.05)  # paho sends from its own thread; the goodbye must not overtake
        self._hub_link.stop()
        self._bus_link.stop()
        self._outbox.close()

    def _turn(self) -> bool:
        """One event and what is due; False when a stop was asked for."""
        wait_s = (min(self._house_due_ms, self._display.due_ms) - self._clock.up_ms()) / 1000
        try:
            event = self._events.get(timeout=max(wait_s, 0.001))
        except queue.Empty:
            pass
        else:
            if isinstance(event, StopAsked):
                return False
            self._handle(event)
        try:
            self._uplink.send()
            self._do_what_is_due()
        except StoreFullError as error:
            self._recorder.note_full(error)  # the keeper opens it again
        return True

    def _reopened(self) -> None:
        """The outbox is open (again), perhaps mended: everything starts from what it holds."""
        self._clock.begin(self._outbox.boot, self._outbox.newest_wall_ms)
        self._recorder.rebuild()
        self._uplink.sender.greet_soon()
        self._display.soon()

    def _handle(self, event: WorkEvent) -> None:
        match event:
            case CardSeen():
                self._tap(event)
            case Weights():
                self._record_weights(event)
            case MqttMessage(link="hub"):
                self._hear_hub(event)
            case MqttMessage():
                self._bus_message(event)
            case LinkChanged():
                self._link_changed(event)
            case CardRefused():
                self._terminal.signal("refused", event.reader, None)
                log.warning("%s: %s", event.reader, event.reason)
            case PortDown() | ThreadDied():
                self._health.take(event)
                self._bins.interrupted(event.name)
            case _:
                self._health.take(event)

    def _hear_hub(self, message: MqttMessage) -> None:
        try:
            self._uplink.handle(message)
        except StoreFullError as error:
            self._recorder.note_full(error)  # the receipt comes again

    def _tap(self, seen: CardSeen) -> None:
        wait_ms = self._roster.settings.same_card_s * 1000
        sighting = self._same_card.sighting(seen.reader, seen.token, seen.up_ms, wait_ms)
        if sighting == "elsewhere" and seen.token in self._answered:
            signal, fact_id = self._answered[seen.token]
            self._terminal.signal(signal, seen.reader, fact_id)
        if sighting != "new":
            return
        tokens = [token for token in (seen.token, seen.token_old) if token]
        card = CardAtReader(
            token=seen.token,
            token_old=seen.token_old,
            reader=seen.reader,
            known=self._roster.look_up(tokens),
            person=self._roster.person_with(tokens),
            roster_loaded=self._roster.version > 0,
        )
        decision = decide_tap(self._recorder.state, card)
        facts = self._recorder.try_record(decision.facts)
        if decision.facts and not facts:
            self._recorder.refused_cards += 1
            self._terminal.signal("refused", seen.reader, None)
            return
        fact_id = facts[-1].id if facts else None
        self._answered = {seen.token: (decision.signal, fact_id)}
        self._terminal.signal(decision.signal, seen.reader, fact_id)
        self._display.soon()
        visit = self._recorder.state.visits.get(fact_id or "")
        if visit is not None:
            claims = claims_of_tap(
                self._recorder.state, visit, self._clock.up_ms(), self._roster.settings
            )
            self._recorder.try_record(claims)

    def _record_weights(self, weights: Weights) -> None:
        for body in self._bins.feed(weights):
            facts = self._recorder.try_record([body])
            assign = self._bins.assignment(facts, self._recorder.state, self._roster.settings)
            if assign is not None:
                self._recorder.try_record([assign])

    def _bus_message(self, message: MqttMessage) -> None:
        if message.topic != Terminal.subscription(self._config.point):
            for event in self._wireless.read(message):
                self._handle(event)
            return
        desk = Desk(
            state=self._recorder.state,
            settings=self._roster.settings,
            people=self._roster.people,
            place=self._config.point,
            now_ms=self._clock.stamp().wall_ms,
            knows_door=self._roster.knows_door,
            pins=self._terminal.pins,
        )
        self._terminal.handle(message.payload, desk)
        self._display.show()

    def _link_changed(self, change: LinkChanged) -> None:
        self._health.note(change.link, up=change.up, error=change.reason)
        if change.link == "hub":
            self._uplink.connected(up=change.up)
        else:
            for event in self._wireless.link(up=change.up):
                self._handle(event)
        if change.up:
            self._display.hurry()

    def _note_finding(self, words: str) -> None:
        log.warning("%s", words)
        self._health.note("hub", up=True, error=words)

    def _do_what_is_due(self) -> None:
        now_ms = self._clock.up_ms()
        if now_ms >= self._display.due_ms:
            self._recorder.log_recorded()
        self._display.refresh(now_ms)
        if now_ms >= self._house_due_ms:
            self._house_due_ms = now_ms + HOUSEKEEPING_MS
            for name, count in self._events.take_dropped().items():
                self._health.dropped(name, count)
            for link in (self._hub_link, self._bus_link):
                link.tend(now_ms)
            for weights in self._wireless.held(now_ms):
                self._record_weights(weights)
            self._house.keep(now_ms)
            stamp = self._clock.stamp()
            self._signals.turn(stamp.wall_ms, trusted=stamp.trust in TRUSTED)
