"""`lianxin-hub verify` against a store as it stands, on both engines."""

from pathlib import Path

import pytest
from sqlalchemy import Engine
from typer.testing import CliRunner

from hub.cli import app
from tests.hub.ledger.ledger_world import fill

pytestmark = pytest.mark.both_engines


def test_it_names_the_root_and_changes_nothing(engine: Engine, tmp_path: Path) -> None:
    fill(engine)
    config = tmp_path / "hub.toml"
    url = engine.url.render_as_string(hide_password=False)
    config.write_text(
        f'community = "lhyy"\ndata = "data"\ndatabase = "{url}"\nnodes = {{ p01 = "n1" }}\n'
        '[http]\nport = 0\n[broker]\nport = 1\npassword = "h"\n'
    )
    words = ["verify", "--config", str(config)]
    good = CliRunner().invoke(app, words)
    assert (good.exit_code, good.stdout.startswith("verified: ")) == (0, True), good.output
    with engine.execution_options(writes=True).begin() as connection:
        connection.exec_driver_sql("UPDATE visit SET weight_g = 701 WHERE weight_g = 700")
    for _ in range(2):
        bad = CliRunner().invoke(app, words)
        assert bad.exit_code == 1
        first, *_, last = bad.stderr.splitlines()
        assert first.startswith("visit ")
        assert "weight_g is 701, facts say 700" in first
        assert last.endswith("the first line is the root")
