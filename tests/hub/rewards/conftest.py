"""One migrated store for all cases: every case lives in a community of its own."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from tests.hub.stores import Stores


@pytest.fixture(scope="session")
def store(stores: Stores) -> Iterator[Engine]:
    with stores.fresh(hasty=True) as engine:
        yield engine
