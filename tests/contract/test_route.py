"""The whole way through each broker: the point's own daemon, the hub's own intake."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.servers import Broker
from tests.edge.daemon_rig import SUPERVISOR_TAG, TAG, Rig
from tests.faults.ends import HubEnd, hub_end
from tests.faults.site import kind_of, rows
from tests.hub.stores import SqliteStores
from tests.programs import free_port, until

Route = tuple[Rig, HubEnd]


@pytest.fixture
def route(broker: Broker, stores: SqliteStores, tmp_path: Path) -> Iterator[Route]:
    rig = Rig(tmp_path, broker.port, free_port())  # nobody listens on its point bus
    rig.config = rig.config.model_copy(update={"hub_broker": broker.edge_config("p03")})
    with stores.fresh() as engine, hub_end(engine, broker.hub_config(), "p03") as hub:
        try:
            yield rig, hub
        finally:
            rig.stop()
            os.close(rig.master)
            os.close(rig.slave)


def start(rig: Rig) -> None:
    rig.start()
    until(lambda: rig.daemon and rig.daemon._health.ports["reader-1"].up, "the reader is open")


def held(rig: Rig, sql: str) -> list[tuple[object, ...]]:
    return rows(rig.config.data / "outbox.db", sql)


def waiting(rig: Rig) -> int:
    return len(held(rig, "SELECT 1 FROM fact WHERE acked_ms IS NULL"))


def taps(rig: Rig) -> int:
    return sum(kind_of(row[0]) == "tap" for row in held(rig, "SELECT line FROM fact"))  # type: ignore[arg-type]


def everything_arrived(rig: Rig, hub: HubEnd) -> None:
    def same() -> bool:
        recorded = [row[0] for row in held(rig, "SELECT line FROM fact ORDER BY n")]
        return bool(recorded) and hub.lines("p03") == recorded and waiting(rig) == 0

    until(same, "the hub holds what the point recorded, and the point knows it")


def test_a_tap_becomes_a_fact_at_the_hub_and_a_receipt_at_the_point(route: Route) -> None:
    rig, hub = route
    start(rig)
    rig.hold_card(TAG)
    until(lambda: taps(rig) == 1, "the tap is recorded")
    everything_arrived(rig, hub)
    assert rig.daemon is not None
    for client in (rig.daemon._hub_link._client, hub.transport._client):
        sock = client.socket()
        assert isinstance(sock, socket.socket)
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY), "44 ms a receipt without"


@pytest.mark.parametrize(
    ("broker", "wipe"),
    [("nats", False), ("nats", True), ("mosquitto", True)],  # this one never keeps anything
    indirect=["broker"],
)
def test_a_broker_that_went_away_is_met_again(route: Route, broker: Broker, *, wipe: bool) -> None:
    rig, hub = route
    start(rig)
    rig.hold_card(TAG)
    until(lambda: taps(rig) == 1, "a tap before")
    everything_arrived(rig, hub)
    broker.kill(wipe=wipe)
    until(lambda: "broker" in hub.health.problems, "/readyz says that the broker is away")
    rig.hold_card(SUPERVISOR_TAG)
    until(lambda: taps(rig) == 2, "a tap meanwhile")
    assert waiting(rig) > 0
    broker.start()
    everything_arrived(rig, hub)
    until(lambda: "broker" not in hub.health.problems, "and that it is back")
