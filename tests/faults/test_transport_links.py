"""Bad lines and bad brokers between the real ends: nothing lost, nothing twice, somebody told."""

import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

import device_sim.demo.link_proxy
from edge.link import mqtt
from hub.config import HubBroker
from hub.intake import transport
from tests.faults.bad_line import BadLine, refusing_subscriptions
from tests.faults.ends import HubEnd, PointEnd, arrived, hub_end, point_end
from tests.hub.stores import SqliteStores
from tests.programs import NatsServer, open_broker, until
from wire.broker import BrokerConfig as EdgeBroker

TWELVE = [f"p{no:02d}" for no in range(1, 13)]


@pytest.fixture
def nats(tmp_path: Path) -> Iterator[NatsServer]:
    with open_broker(tmp_path) as server:
        yield server


@pytest.fixture
def hub(nats: NatsServer, stores: SqliteStores) -> Iterator[HubEnd]:
    with (
        stores.fresh(hasty=True) as engine,
        hub_end(engine, hub_at(nats.mqtt_port), *TWELVE) as end,
    ):
        yield end


@pytest.fixture
def line(nats: NatsServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[BadLine]:
    monkeypatch.setattr(device_sim.demo.link_proxy, "LOOK_S", 0.02)
    line = BadLine(nats.mqtt_port)
    yield line
    line.close()


def hub_at(port: int) -> HubBroker:
    return HubBroker(port=port, password="h")


def edge_at(port: int, name: str = "p01") -> EdgeBroker:
    return EdgeBroker(port=port, username=name, password="n")


def test_twelve_points_come_back_at_once_to_a_broker_that_lost_everything(
    nats: NatsServer, hub: HubEnd, tmp_path: Path
) -> None:
    with ExitStack() as stack:
        ends = [
            stack.enter_context(point_end(tmp_path, name, edge_at(nats.mqtt_port, name)))
            for name in TWELVE
        ]
        nats.kill()
        shutil.rmtree(tmp_path / "open-store")
        until(lambda: not any(end.up for end in ends), "all are told")
        until(lambda: "broker" in hub.health.problems, "the hub is told")
        for end in ends:
            end.record(60)
        nats.start()
        arrived(hub, *ends)
        until(lambda: not hub.health.problems, "all is well again")


def test_a_broker_whose_store_is_garbage_is_as_good_as_a_wiped_one(
    nats: NatsServer, hub: HubEnd, tmp_path: Path
) -> None:
    with point_end(tmp_path, "p01", edge_at(nats.mqtt_port)) as point:
        point.record(30)
        arrived(hub, point)
        nats.kill()
        files = [path for path in (tmp_path / "open-store").rglob("*") if path.is_file()]
        assert len(files) > 3
        for path in files:
            path.write_bytes(b"\xa5" * max(path.stat().st_size // 2, 1))
        point.record(30)
        nats.start()
        arrived(hub, point)


def test_a_line_that_swallows_everything_is_found_dead_and_said_so(
    hub: HubEnd, line: BadLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mqtt, "KEEPALIVE_S", 1)
    with point_end(tmp_path, "p01", edge_at(line.port)) as point:
        line.swallows = True
        point.record(20)
        until(lambda: not point.up, "half open is found out")
        assert point.waiting == 20
        before = line.connections
        until(lambda: line.connections > before, "tried again, still swallowed")
        line.swallows = False
        line.cut()
        line.restore()
        arrived(hub, point)


def flap(line: BadLine, point: PointEnd, times: int, seconds: float, each: int) -> None:
    for _ in range(times):
        line.cut()
        time.sleep(seconds / 2)  # the beat of the fault itself
        line.restore()
        time.sleep(seconds / 2)
        point.record(each)


def test_a_line_that_flaps_loses_nothing(hub: HubEnd, line: BadLine, tmp_path: Path) -> None:
    """Ten flaps of 0.2 s; ten minutes of a second each are in test_transport_messages."""
    with point_end(tmp_path, "p01", edge_at(line.port)) as point:
        flap(line, point, 10, 0.2, each=7)
        arrived(hub, point)
        assert sum(not change.up for change in point.told) >= 2, "it was told"


@pytest.mark.long
def test_a_line_that_flaps_every_second_for_a_minute(
    hub: HubEnd, line: BadLine, tmp_path: Path
) -> None:
    with point_end(tmp_path, "p01", edge_at(line.port)) as point:
        flap(line, point, 60, 1.0, each=10)
        arrived(hub, point)


def test_a_line_that_crawls_delivers_all_and_is_not_made_worse(
    hub: HubEnd, line: BadLine, tmp_path: Path
) -> None:
    with point_end(tmp_path, "p01", edge_at(line.port)) as point:
        line.bytes_per_s = 40_000
        point.record(250)
        arrived(hub, point)
        sent = sum(len(one) for one in point.lines)
    repeated = hub.health.counts["known"] + hub.health.counts["gap"]
    assert sent > 40_000
    assert repeated <= 8, f"{repeated} batches of 5 were sent again over a slow line"


def test_a_refused_subscription_is_told_and_asked_for_again(
    hub: HubEnd, line: BadLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mqtt, "ASK_AGAIN_MS", 150)
    line.change = refusing_subscriptions
    with point_end(tmp_path, "p01", edge_at(line.port), welcomed=False) as point:
        until(lambda: len([c for c in point.told if "not hear" in c.reason]) >= 2, "told, twice")
        assert "receipt" in point.told[-1].reason
        connections = line.connections
        line.change = lambda data: data
        point.record(5)
        arrived(hub, point)
        until(lambda: point.told[-1].up and not point.told[-1].reason, "and that it is well")
        assert line.connections == connections == 1, "without another connection"


def test_a_hub_that_may_hear_nothing_says_so_and_asks_again(
    line: BadLine, stores: SqliteStores, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "ASK_AGAIN_S", 0.15)
    line.change = refusing_subscriptions
    with (
        stores.fresh(hasty=True) as engine,
        hub_end(engine, hub_at(line.port), "p01", connected=False) as hub,
    ):
        until(lambda: "permissions" in hub.health.problems.get("broker", ""), "/readyz says why")
        line.change = lambda data: data
        until(lambda: not hub.health.problems, "well again")
        assert line.connections == 1
