"""A settlement that is killed in the middle and run again ends where it would have ended."""

import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlmodel import Session

from hub.db import table
from hub.ledger.tables import LedgerEntry
from hub.ledger.verify import verify
from hub.rewards.tables import DayOutcome, VisitOutcomeRow
from tests.hub.rewards.office_world import DAY, HOMES, OfficeWorld, compound
from tests.hub.stores import Stores
from tests.hub.test_serve import ROOT, run

pytestmark = pytest.mark.sqlite_only
office = pytest.fixture(name="office")(compound)
DAYS = [DAY + timedelta(days=n) for n in range(4)]


def settle(folder: Path, engine: Engine, kill_at: int | None = None) -> int:
    config = folder / "hub.toml"
    config.write_text(
        f'community = "lhyy"\ndata = "data"\ndatabase = "{engine.url}"\n'
        'nodes = { p01 = "n1" }\n[http]\nport = 0\n[broker]\nport = 1\npassword = "h"\n'
    )
    words = ("settle", "--config", config, "--from", str(DAYS[0]), "--to", str(DAYS[-1]))
    if kill_at is None:
        return run(*words).exit_code
    done = subprocess.run(
        [sys.executable, "-m", "hub", *words], cwd=ROOT, capture_output=True, timeout=60,
        env=os.environ | {"LIANXIN_FAILPOINT": f"settled-uncommitted:{kill_at}"}, check=False,
    )  # fmt: skip
    return done.returncode


def books(engine: Engine) -> dict[str, list[Any]]:
    """What was decided and booked, but for when."""
    moments = {"booked_on", "created_ms"}
    with Session(engine) as session:
        assert verify(session, "lhyy") == []
        return {
            model.__tablename__: sorted(
                str([row[c.name] for c in table(model).columns if c.name not in moments])
                for row in session.execute(select(table(model))).mappings()
            )
            for model in (LedgerEntry, DayOutcome, VisitOutcomeRow)
        }


def test_killed_before_a_commit_and_run_again(
    office: OfficeWorld, stores: Stores, tmp_path: Path
) -> None:
    for number, day in enumerate(DAYS):
        for home in HOMES[: 1 + number % 3]:
            office.accepted(f"e{number}{home}", home, f"{day}T07:10")
    with stores.copied(office.hub.engine) as other:
        assert settle(tmp_path, other) == 0
        whole = books(other)
    engine = office.hub.engine
    assert settle(tmp_path, engine, kill_at=3) == -signal.SIGKILL
    killed = books(engine)
    assert {len(rows) for rows in killed.values()} == {3}, "two days stand, the third has not begun"
    assert settle(tmp_path, engine) == 0
    assert books(engine) == whole
    assert len(whole["ledger_entry"]) == 7
    assert settle(tmp_path, engine) == 0
    assert books(engine) == whole
