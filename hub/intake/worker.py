"""The one thread that writes facts: drain, one transaction, commit, receipts, acknowledgements."""

import logging
import threading
from collections.abc import Callable

from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from hub.intake.failpoints import reached
from hub.intake.inbound import Inbound
from hub.intake.transport import Transport
from hub.intake.unit import Site, Unit
from hub.web.deps import Health
from wire.topics import node_of

log = logging.getLogger(__name__)
TAKE_S = 0.2
RETRY_S = 1.0
STORE = "store"


class Intake(threading.Thread):
    """Runs until ``stop``; an unexpected error ends the thread, and with it the process."""

    def __init__(self, engine: Engine, site: Site, transport: Transport, health: Health) -> None:
        super().__init__(name="intake")
        self._engine = engine.execution_options(writes=True)
        self._site = site
        self._transport = transport
        self._health = health
        self.on_roster_held: Callable[[str, int], None] = lambda _point, _version: None
        self._stop_asked = threading.Event()

    def run(self) -> None:
        """Take groups until asked to stop."""
        while not self._stop_asked.is_set():
            self._transport.tend()
            group = self._transport.inbox.take(TAKE_S)
            while group and not self._stop_asked.is_set():
                if self._commit(group):
                    break
                self._stop_asked.wait(RETRY_S)

    def stop(self) -> None:
        """End after the transaction at hand."""
        self._stop_asked.set()
        self.join()

    def _commit(self, group: list[Inbound]) -> bool:
        """False when the store refused: nothing is held and nothing was answered."""
        try:
            with self._engine.begin() as connection:
                unit = Unit(connection, self._site)
                for message in group:
                    unit.take(message)
                unit.finish()
                if unit.accepted:
                    reached("hub-before-commit")
        except OperationalError as error:
            self._refused(str(error.orig))
            return False
        if unit.accepted:
            reached("hub-after-commit")
        if self._health.problems.pop(STORE, None):
            log.info("store event=writable")
        self._after(group, unit)
        return True

    def _refused(self, why: str) -> None:
        if STORE not in self._health.problems:
            log.error("store event=refused why=%s; no receipt is sent, trying on", why)
        self._health.problems[STORE] = why

    def _after(self, group: list[Inbound], unit: Unit) -> None:
        for answer in unit.answers:
            send = self._transport.publish_now if answer.now else self._transport.publish
            send(answer.topic, answer.payload)
        if unit.accepted:
            reached("hub-after-receipt")
        for point, version in unit.rosters.items():
            self.on_roster_held(point, version)
        for message in group:
            where = node_of(message.topic)
            if where is not None and where[2] == "facts":
                self._transport.acknowledge(message)
        self._health.counts.update(unit.counts)
        _tell(unit)


def _tell(unit: Unit) -> None:
    for what in unit.rolled_back:
        log.warning("store event=rolled-back %s; every point sends again what is missing", what)
    for fact in unit.accepted:
        log.debug("fact=%s point=%s arrival=%d", fact.id, fact.point, fact.arrival)
    if unit.accepted:
        log.info("intake accepted=%d upto=%d", len(unit.accepted), unit.accepted[-1].arrival)
