"""One filled store for many tests that only look, or roll back what they did."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from tests.hub.ledger.ledger_world import fill
from tests.hub.stores import Stores


@pytest.fixture(scope="session")
def filled(stores: Stores) -> Iterator[Engine]:
    with stores.fresh(hasty=True) as engine:
        fill(engine)
        yield engine


@pytest.fixture(scope="session")
def store(stores: Stores) -> Iterator[Engine]:
    """For worlds that each have a community of their own."""
    with stores.fresh(hasty=True) as engine:
        yield engine
