from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.hub.stores import SqliteStores
from tests.kiosk.hub_here import HubHere, Hubs, hubs_in
from tests.kiosk.point_bus import Broker, PointOnBus, point_on
from tests.kiosk.scripted_point import ScriptedPoint

_NUMBERS = count(100)


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """Shared by the tests that leave it alone."""
    broker = Broker(tmp_path_factory.mktemp("bus"))
    broker.start()
    yield broker
    broker.kill()


@pytest.fixture
def own_broker(tmp_path: Path) -> Iterator[Broker]:
    """For the tests that stop it."""
    broker = Broker(tmp_path)
    broker.start()
    yield broker
    broker.kill()


@pytest.fixture
def point(broker: Broker) -> Iterator[PointOnBus]:
    """A point of its own for each test."""
    with point_on(broker, ScriptedPoint(point=f"p{next(_NUMBERS)}")) as point:
        yield point


@pytest.fixture(scope="session")
def hubs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hubs]:
    """The hub's own application, on loopback."""
    with hubs_in(SqliteStores(tmp_path_factory.mktemp("stores"))) as hubs:
        yield hubs


@pytest.fixture
def here(hubs: Hubs) -> Iterator[HubHere]:
    """The hub with a compound as it is in the morning."""
    with hubs.fresh() as here:
        yield here
