"""A point's configuration on real pseudo-ttys, and the command line run on it."""

from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

from edge.cli import app
from edge.config import EdgeConfig

BROKER = {"username": "p03", "password": "hush-hush"}
KEY = b"\x11" * 32
READER = {"name": "reader-1", "kind": "rdm6300", "port": "card"}


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def toml(table: dict[str, Any]) -> str:
    """As much TOML as an edge.toml needs."""
    flat = [f"{key} = {value(item)}" for key, item in table.items() if not _is_table(item)]
    for key, item in table.items():
        if isinstance(item, dict):
            flat += [f"[{key}]", toml(item)]
        elif _is_table(item):
            for row in item:
                flat += [f"[[{key}]]", toml(row)]
    return "\n".join(flat)


def _is_table(item: object) -> bool:
    rows = isinstance(item, list) and bool(item) and isinstance(item[0], dict)
    return rows or isinstance(item, dict)


def value(item: object) -> str:
    return str(item) if isinstance(item, int | float) else f'"{item}"'


def write_config(folder: Path, **more: object) -> Path:
    """An edge.toml with its key file; a reader at ``card``, one MQTT bin."""
    key = folder / "card-key-1.hex"
    key.write_text(KEY.hex())
    key.chmod(0o600)
    bins = [{"no": 1, "category": "kitchen", "format": "esphome", "topic": "b1/state"}]
    told = {
        "community": "lhyy", "point": "p03", "node": "p03", "data": "p03", "sync_source": "hub",
        "card_keys": {"1": "card-key-1.hex"}, "hub_broker": BROKER, "point_bus": BROKER,
        "readers": [READER], "bins": bins,
    } | more  # fmt: skip
    path = folder / "edge.toml"
    path.write_text(toml(told))
    path.chmod(0o600)
    return path


def read(path: Path) -> EdgeConfig:
    from wire.config_file import read_config

    return read_config(path, EdgeConfig)
