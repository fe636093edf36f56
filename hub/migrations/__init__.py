"""The store's history: Alembic scripts, run by `init` and `serve` themselves.

Alembic is imported only where there is something to do: at rest it would be a tenth of the hub.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, inspect, text

HEAD = "head"
_FOLDER = Path(__file__).parent


class HistoryError(Exception):
    """The store stands at a revision that these scripts do not know, or cannot leave."""


def newest() -> str:
    """The last revision: scripts are numbered in one line, and their files named so."""
    return max(path.stem[:4] for path in (_FOLDER / "versions").glob("[0-9]*.py"))


def migrate(engine: Engine, revision: str = HEAD) -> None:
    """Bring the store up to ``revision`` in one transaction."""
    if revision == HEAD and _stands_at(engine) == newest():
        return
    with _alembic(engine) as (command, config):
        command.upgrade(config, revision)


def migrate_down(engine: Engine, revision: str) -> None:
    """Take the store back to ``revision``; ``base`` leaves nothing."""
    with _alembic(engine) as (command, config):
        command.downgrade(config, revision)


def _stands_at(engine: Engine) -> str | None:
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
        return revision


@contextmanager
def _alembic(engine: Engine) -> Iterator[tuple[Any, Any]]:
    """Its commands and a configuration without an ini file: the scripts travel in the package."""
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415
    from alembic.util import CommandError  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    with engine.execution_options(writes=True).begin() as connection:
        config.attributes["connection"] = connection
        try:
            yield command, config
        except CommandError as error:
            raise HistoryError(str(error)) from error
