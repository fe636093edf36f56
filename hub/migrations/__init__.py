"""The store's history: Alembic scripts, run by `init` and `serve` themselves."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine

HEAD = "head"


def alembic_config() -> Config:
    """Alembic without an ini file: the scripts travel inside the package."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    return config


def migrate(engine: Engine, revision: str = HEAD) -> None:
    """Bring the store up to ``revision`` in one transaction."""
    with engine.execution_options(writes=True).begin() as connection:
        config = alembic_config()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def migrate_down(engine: Engine, revision: str) -> None:
    """Take the store back to ``revision``; ``base`` leaves nothing."""
    with engine.execution_options(writes=True).begin() as connection:
        config = alembic_config()
        config.attributes["connection"] = connection
        command.downgrade(config, revision)
