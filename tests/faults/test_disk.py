"""A whole point on a disk that is full or read-only: it refuses aloud, and recovers by itself."""

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.store.space import BALLAST_BYTES, MB
from tests.edge.daemon_rig import SUPERVISOR_TAG, TAG, HubOnBroker, Peer, Rig, rig
from tests.edge.store.disks import fill, memory_disk, remount
from tests.programs import until
from wire import topics
from wire.codec import decode, decode_fact, encode
from wire.facts import Fault, Tap, Verdict
from wire.point_bus import Command, Reply, Screen, Signal
from wire.session import Status

__all__ = ["rig"]
Point = tuple[Rig, HubOnBroker, Peer]


@pytest.fixture
def disk(rig: Point, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The point's folder lies on a disk of its own."""
    monkeypatch.setattr("edge.keeper.TRY_AGAIN_MS", 200)
    monkeypatch.setattr("edge.daemon.HOUSEKEEPING_MS", 200)
    with memory_disk(tmp_path / "card", 64) as disk:
        point = rig[0]
        point.config = point.config.model_copy(update={"data": disk / "p03"})
        yield disk
        point.stop()


def _screen(terminal: Peer) -> Screen | None:
    payload = terminal.latest.get(topics.SCREEN.of("p03"))
    return None if payload is None else decode(payload, Screen)


def _signals(terminal: Peer) -> list[str]:
    heard: list[str] = []
    while not terminal.heard.empty():
        topic, payload, _ = terminal.heard.get()
        if topic == topics.SIGNAL.of("p03"):
            heard.append(decode(payload, Signal).signal)
    return heard


def _refuses(point: Rig, terminal: Peer, tag: bytes) -> None:
    until(lambda: (s := _screen(terminal)) and s.full and s.reader_ok, "the screen says full")
    _signals(terminal)
    terminal.latest.pop(topics.SIGNAL.of("p03"), None)
    point.hold_card(tag)
    until(lambda: topics.SIGNAL.of("p03") in terminal.latest, "a signal")
    assert _signals(terminal) == ["refused"]


def _records(point: Rig, terminal: Peer, tag: bytes) -> str:
    until(lambda: (s := _screen(terminal)) and s.reader_ok and not s.full, "space again")
    terminal.latest.pop(topics.SIGNAL.of("p03"), None)
    point.hold_card(tag)
    until(lambda: topics.SIGNAL.of("p03") in terminal.latest, "a signal")
    signal = decode(terminal.latest[topics.SIGNAL.of("p03")], Signal)
    assert signal.signal in ("recorded", "see_supervisor", "accepted")
    assert signal.fact is not None
    return signal.fact


def _tag(number: int) -> bytes:
    return TAG[:1] + (1000 + number).to_bytes(4, "big")


def _store_faults(hub: HubOnBroker) -> list[tuple[str, str]]:
    facts = [decode_fact(line).body for line in list(hub.model.by_id.values())]
    return [(fact.state, fact.detail) for fact in facts
            if isinstance(fact, Fault) and fact.device == "store"]  # fmt: skip


def test_a_daemon_that_starts_on_a_full_disk_refuses_aloud_until_there_is_space(
    rig: Point, disk: Path
) -> None:
    point, hub, terminal = rig
    filler = fill(disk, leave_bytes=0)
    point.start()
    _refuses(point, terminal, _tag(1))
    status = topics.STATUS.of("lhyy", "p03")
    until(lambda: "nothing written" in str(hub.latest.get(status)), "the hub is told why")
    store = [port for port in decode(hub.latest[status], Status).ports if port.name == "outbox"]
    assert [port.up for port in store] == [False]
    filler.unlink()
    fact = _records(point, terminal, _tag(2))
    until(lambda: fact in hub.model.by_id, "the fact at the hub")
    until(lambda: len(_store_faults(hub)) == 2, "what happened meanwhile at the hub")
    assert [state for state, _ in _store_faults(hub)] == ["raised", "cleared"]
    assert _store_faults(hub)[1][1] == "1 cards refused"


def test_a_disk_that_fills_is_refused_before_it_is_full_and_what_was_begun_is_closed(
    rig: Point, disk: Path
) -> None:
    point, hub, terminal = rig
    point.start()
    until(lambda: (s := _screen(terminal)) and s.link.up, "welcomed")
    hub.publish_roster()
    until((disk / "p03" / "ballast").exists, "the ballast")
    assert (disk / "p03" / "ballast").stat().st_size == BALLAST_BYTES
    until(lambda: (s := _screen(terminal)) and s.roster, "the roster")
    _records(point, terminal, SUPERVISOR_TAG)
    visit = _records(point, terminal, _tag(1))
    filler = fill(disk, leave_bytes=10 * MB)
    _refuses(point, terminal, _tag(2))
    assert not (disk / "p03" / "ballast").exists(), "its space is for what was begun"
    screen = _screen(terminal)
    assert screen is not None
    judge = Command(command_id=secrets.token_hex(16), screen_rev=screen.screen_rev,
                    action="judge", visit=visit, value="accepted")  # fmt: skip
    assert _ask(terminal, judge).code == "done"
    by_hand = Command(command_id=secrets.token_hex(16), screen_rev=screen.screen_rev,
                      action="manual", door="11-1-102")  # fmt: skip
    assert _ask(terminal, by_hand).code == "store_full"
    until(lambda: len(_store_faults(hub)) == 1, "the office is told while it lasts")
    filler.unlink()
    _records(point, terminal, _tag(3))
    until(lambda: len(_store_faults(hub)) == 2, "and that it is over")
    until(lambda: (_held(hub, Verdict), _held(hub, Tap)) == (1, 2), "what was answered, no more")


def _held(hub: HubOnBroker, body: type) -> int:
    lines = list(hub.model.by_id.values())
    return sum(isinstance(decode_fact(line).body, body) for line in lines)


def test_a_disk_that_is_read_only_at_the_start_refuses_and_comes_back(
    rig: Point, disk: Path
) -> None:
    point, hub, terminal = rig
    point.start()
    kept = _records(point, terminal, _tag(1))
    until(lambda: kept in hub.model.by_id, "the fact at the hub")
    point.stop()
    terminal.latest.clear()
    remount(disk, "ro")
    point.start()
    _refuses(point, terminal, _tag(2))
    remount(disk, "rw")
    fact = _records(point, terminal, _tag(3))
    until(lambda: fact in hub.model.by_id, "the fact at the hub")
    taps = [decode_fact(line) for line in list(hub.model.by_id.values())]
    assert [tap.id for tap in taps if isinstance(tap.body, Tap)] == [kept, fact]


def _ask(terminal: Peer, command: Command) -> Reply:
    topic = topics.REPLY.of("p03")

    def answered() -> bool:
        terminal.client.publish(topics.COMMAND.of("p03"), encode(command), 1)
        payload = terminal.latest.get(topic)
        return payload is not None and decode(payload, Reply).command_id == command.command_id

    until(answered, "a reply")
    return decode(terminal.latest[topic], Reply)
