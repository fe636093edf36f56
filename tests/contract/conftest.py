"""The brokers, each started once for the folder."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.contract.clients import Caller, caller
from tests.contract.servers import Broker, running
from tests.hub.stores import SqliteStores


@pytest.fixture(scope="package", params=["nats", "mosquitto"])
def broker(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Broker]:
    with ExitStack() as stack:
        yield running(stack, request.param, tmp_path_factory.mktemp(request.param))


@pytest.fixture(scope="session")
def stores(tmp_path_factory: pytest.TempPathFactory) -> SqliteStores:
    return SqliteStores(tmp_path_factory.mktemp("stores"))


@pytest.fixture
def hub_caller(broker: Broker) -> Iterator[Caller]:
    """Somebody with the hub's certificate who hears everything."""
    ours = broker.certs.ours
    with caller(broker.port, ours.client("hub"), trust=ours.ca) as one:
        one.listen(["lianxin/v1/+/+/+"])
        yield one


@pytest.fixture
def node_caller(broker: Broker) -> Iterator[Caller]:
    """Somebody with the certificate of p01."""
    ours = broker.certs.ours
    with caller(broker.port, ours.client("p01"), trust=ours.ca) as one:
        yield one
