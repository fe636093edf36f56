"""Mosquitto acknowledges what it denies and what it drops; nothing is lost by believing it."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from hub.db import write_session
from tests.contract.servers import NODES, Broker, running
from tests.faults.ends import HubEnd, arrived, hub_end, point_end
from tests.hub.stores import SqliteStores
from tests.programs import until


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[Broker]:
    with ExitStack() as stack:
        yield running(stack, "mosquitto", tmp_path)


@pytest.fixture
def hub(mosquitto: Broker, stores: SqliteStores) -> Iterator[HubEnd]:
    config = mosquitto.hub_config()
    with stores.fresh(hasty=True) as engine, hub_end(engine, config, *NODES) as end:
        yield end


def deny(broker: Broker, right: str) -> None:
    """Take a line out of the list of rights."""
    acl = broker.folder / "store" / "acl"
    text = acl.read_text()
    assert right in text
    acl.write_text(text.replace(f"topic {right}\n", ""))
    again(broker)


def again(broker: Broker) -> None:
    broker.kill()
    broker.start()


def test_denied_facts_are_acknowledged_and_still_wait(
    mosquitto: Broker, hub: HubEnd, tmp_path: Path
) -> None:
    with point_end(tmp_path, "p01", mosquitto.edge_config("p01")) as point:
        deny(mosquitto, "write lianxin/v1/lhyy/p01/facts")
        point.record(20)
        greeted = hub.health.counts["hello_kept"]
        until(lambda: hub.health.counts["hello_kept"] > greeted + 1, "it asks again and again")
        assert point.waiting == 20, "a PUBACK means nothing; the screen says how many wait"
        mosquitto.configure()
        again(mosquitto)
        arrived(hub, point)


def test_without_any_receipt_the_welcome_says_what_the_hub_has(
    mosquitto: Broker, hub: HubEnd, tmp_path: Path
) -> None:
    with point_end(tmp_path, "p01", mosquitto.edge_config("p01")) as point:
        deny(mosquitto, "read lianxin/v1/lhyy/p01/receipt")
        point.record(20)
        arrived(hub, point)


def test_a_queue_that_overflows_drops_and_the_points_send_again(
    mosquitto: Broker, hub: HubEnd, tmp_path: Path
) -> None:
    text = mosquitto.conf.read_text()
    text = text.replace("max_queued_messages 4000", "max_queued_messages 1")
    mosquitto.conf.write_text(text.replace("max_inflight_messages 200", "max_inflight_messages 1"))
    again(mosquitto)
    with ExitStack() as stack:
        ends = [
            stack.enter_context(point_end(tmp_path, name, mosquitto.edge_config(name)))
            for name in NODES
        ]
        with write_session(hub.engine):  # the hub is busy: nothing is committed, nothing acked
            for end in ends:
                end.record(200)
            until(lambda: "being dropped" in mosquitto.log.read_text(), "the broker drops")
        arrived(hub, *ends)


def test_a_broker_that_takes_no_certificate_any_more_is_told_at_both_ends(
    mosquitto: Broker, hub: HubEnd, tmp_path: Path
) -> None:
    """As on the day after every certificate ended."""
    with point_end(tmp_path, "p01", mosquitto.edge_config("p01")) as point:
        (tmp_path / "store" / "ca.crt").write_bytes(mosquitto.certs.foreign.ca.read_bytes())
        (tmp_path / "store" / "revoked.crl").write_bytes(mosquitto.certs.foreign.crl.read_bytes())
        again(mosquitto)
        until(lambda: "certificate" in hub.health.problems.get("broker", ""), "/readyz says why")
        until(lambda: "certificate" in point.told[-1].reason, "the point says why")
        point.record(5)
        mosquitto.configure()
        again(mosquitto)
        arrived(hub, point)
