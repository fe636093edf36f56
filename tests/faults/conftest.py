"""One site for the whole folder: its programs are killed and started again, never its truth."""

import os
import pty
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from tests.faults.campaign import Campaign
from tests.faults.crowd import Crowd
from tests.faults.site import Site
from tests.hub.stores import SqliteStores
from tests.programs import until


@pytest.fixture(scope="package")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, Crowd]]:
    master, slave = pty.openpty()
    site = Site(tmp_path_factory.mktemp("site"), os.ttyname(slave))
    crowd = None
    try:
        site.start_all()
        crowd = Crowd(site, master)
        until(crowd.attended, "the supervisor's card opens the shift")
        yield site, crowd
    finally:
        if crowd is not None:
            crowd.stop()
        site.end()
        os.close(master)
        os.close(slave)


@pytest.fixture
def campaign(programs: tuple[Site, Crowd]) -> Campaign:
    """Fresh counters over the running site; taps go on."""
    site, crowd = programs
    crowd.go_on()
    return Campaign(site, crowd)


@pytest.fixture(scope="session")
def stores(tmp_path_factory: pytest.TempPathFactory) -> SqliteStores:
    return SqliteStores(tmp_path_factory.mktemp("stores"))


@pytest.fixture
def engine(stores: SqliteStores) -> Iterator[Engine]:
    with stores.fresh(hasty=True) as engine:
        yield engine
