"""The daemon as a process's thread would run it: real pseudo-tty, real brokers, a model hub."""

import os
import pty
import secrets

import pytest

from edge.store.file import StoreFullError
from tests.edge.daemon_rig import SUPERVISOR_TAG, TAG, HubOnBroker, Peer, Rig, rig
from tests.edge.model_hub import ModelHub
from tests.programs import until
from wire import topics
from wire.codec import decode, decode_fact, encode
from wire.facts import Tap, Verdict
from wire.point_bus import Command, Reply, Screen, Signal
from wire.session import Status

__all__ = ["rig"]


def _screen(terminal: Peer) -> Screen | None:
    payload = terminal.latest.get(topics.SCREEN.of("p03"))
    return None if payload is None else decode(payload, Screen)


def _ready(terminal: Peer) -> bool:
    screen = _screen(terminal)
    return screen is not None and screen.reader_ok


def test_a_tap_is_answered_committed_shown_and_receipted(
    rig: tuple[Rig, HubOnBroker, Peer],
) -> None:
    point, hub, terminal = rig
    point.start()
    until(lambda: _ready(terminal), "the screen shows a working reader")
    point.hold_card(TAG)
    until(lambda: topics.SIGNAL.of("p03") in terminal.latest, "the signal")
    signal = decode(terminal.latest[topics.SIGNAL.of("p03")], Signal)
    assert signal.signal == "recorded"
    until(lambda: signal.fact in hub.model.by_id, "the fact at the hub")
    facts = [decode_fact(line) for line in hub.model.by_id.values()]
    assert sum(isinstance(fact.body, Tap) for fact in facts) == 1, "a held card is one tap"
    until(lambda: (s := _screen(terminal)) and s.link.waiting == 0 and s.trust == "hub", "receipt")
    kinds = {fact.envelope.kind for fact in facts}
    assert "clock" in kinds, "the first believed time dates the boot"


def test_offline_facts_wait_and_a_command_is_answered_alike_after_a_restart(
    rig: tuple[Rig, HubOnBroker, Peer],
) -> None:
    point, hub, terminal = rig
    hub.answers = False
    hub.publish_roster()
    point.start()
    until(lambda: _ready(terminal), "the screen")
    point.hold_card(TAG)
    until(lambda: (s := _screen(terminal)) and s.visits, "the visit is listed")
    screen = _screen(terminal)
    assert screen is not None
    command = Command(
        command_id=secrets.token_hex(16), screen_rev=screen.screen_rev, action="judge",
        visit=screen.visits[0].visit, value="accepted",
    )  # fmt: skip
    assert _ask(terminal, command).code == "no_shift"
    point.stop()
    terminal.latest.clear()
    point.start()
    until(lambda: _ready(terminal), "the screen again")
    point.hold_card(SUPERVISOR_TAG)
    until(lambda: (s := _screen(terminal)) and s.shift is not None, "the shift is open")
    judged = command.model_copy(update={"command_id": secrets.token_hex(16)})
    first = _ask(terminal, judged)
    assert first.code == "done"
    point.stop()
    terminal.latest.clear()
    point.start()
    second = _ask(terminal, judged)
    assert (second.code, second.fact, second.count) == (first.code, first.fact, first.count)
    hub.answers = True
    until(lambda: first.fact in hub.model.by_id, "the verdict at the hub")
    verdicts = [
        line for line in hub.model.by_id.values() if isinstance(decode_fact(line).body, Verdict)
    ]
    assert len(verdicts) == 1


def _ask(terminal: Peer, command: Command) -> Reply:
    """As a terminal does: the same command until an answer comes."""
    topic = topics.REPLY.of("p03")

    def answered() -> bool:
        terminal.client.publish(topics.COMMAND.of("p03"), encode(command), 1)
        payload = terminal.latest.get(topic)
        return payload is not None and decode(payload, Reply).command_id == command.command_id

    until(answered, "a reply")
    return decode(terminal.latest[topic], Reply)


def test_the_will_speaks_for_a_dead_node_and_a_goodbye_for_a_stopped_one(
    rig: tuple[Rig, HubOnBroker, Peer],
) -> None:
    point, hub, _ = rig
    topic = topics.STATUS.of("lhyy", "p03")
    point.start()
    until(lambda: topic in hub.latest and decode(hub.latest[topic], Status).online, "online")
    point.stop()
    until(lambda: not decode(hub.latest[topic], Status).online, "the goodbye")


def test_a_hub_that_comes_back_is_greeted_again(rig: tuple[Rig, HubOnBroker, Peer]) -> None:
    point, hub, terminal = rig
    point.start()
    until(lambda: (s := _screen(terminal)) and s.link.up, "welcomed")
    point.hold_card(TAG)
    until(lambda: len(hub.model.by_id) >= 2, "facts at the hub")
    before = set(hub.model.by_id)
    hub.model = ModelHub()  # the hub lost everything; nothing is waiting at the node
    hub.publish_roster()
    until(lambda: before <= set(hub.model.by_id), "everything kept was sent again")


def test_a_pulled_reader_is_shown(rig: tuple[Rig, HubOnBroker, Peer]) -> None:
    point, _, terminal = rig
    point.start()
    until(lambda: _ready(terminal), "the reader works")
    os.close(point.master)
    until(lambda: (s := _screen(terminal)) and not s.reader_ok, "the reader is shown as gone")
    point.master, new_slave = pty.openpty()
    os.close(new_slave)


def test_a_scale_may_not_read_the_screen(rig: tuple[Rig, HubOnBroker, Peer]) -> None:
    point, _, terminal = rig
    point.start()
    until(lambda: _ready(terminal), "the screen is published")
    port = point.config.point_bus.port
    scale = Peer(port, "devices-p03", "d", [topics.SCREEN.of("p03"), topics.SIGNAL.of("p03")])
    try:
        point.hold_card(TAG)
        until(lambda: topics.SIGNAL.of("p03") in scale.latest, "a device hears the signal")
        assert topics.SCREEN.of("p03") not in scale.latest
    finally:
        scale.stop()


def test_a_full_store_refuses_aloud_and_never_says_recorded(
    rig: tuple[Rig, HubOnBroker, Peer], monkeypatch: pytest.MonkeyPatch
) -> None:
    point, _, terminal = rig
    point.start()
    until(lambda: _ready(terminal), "the reader works")
    assert point.daemon is not None
    monkeypatch.setattr(point.daemon._outbox, "append", _no_space)
    point.hold_card(TAG)
    until(lambda: (s := _screen(terminal)) and s.full, "the screen says that the store is full")
    heard = []
    while not terminal.heard.empty():
        topic, payload, _ = terminal.heard.get()
        if topic == topics.SIGNAL.of("p03"):
            heard.append(decode(payload, Signal).signal)
    assert heard == ["refused"]
    monkeypatch.undo()
    point.hold_card(bytes.fromhex("6200000002"))
    until(lambda: (s := _screen(terminal)) and s.visits and not s.full, "space again: recorded")


def _no_space(_facts: object) -> list[int]:
    raise StoreFullError("no space")
