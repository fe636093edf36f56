"""Making a store ready: folder, schema, generation, secret, first user, expected points."""

import os
import secrets
from collections.abc import Collection
from datetime import date
from pathlib import Path

from sqlalchemy import Engine, delete, make_url, select
from sqlalchemy.exc import ArgumentError
from sqlmodel import Session

from hub.access.users import ensure_admin
from hub.config import HubConfig
from hub.db import make_engine, table, upsert, write_session
from hub.meta import ensure_generation
from hub.migrations import migrate
from hub.rewards.policy import ensure_default_policy
from hub.visits.tables import PointState


class StartError(Exception):
    """Why the hub cannot start, in one line."""


PAYS_SINCE = date(2020, 1, 1)
"""The default policy reaches back far enough for facts that waited at a point."""


def open_store(config: HubConfig) -> Engine:
    """The engine over a migrated store; the data folder is made if it is not there."""
    config.data.mkdir(parents=True, exist_ok=True)
    try:
        engine = make_engine(config.database_url)
    except ImportError as error:
        msg = (
            f"store {shown_url(config)}: Python package {error.name} is not installed; "
            "install it, or name another driver, as postgresql+psycopg://"
        )
        raise StartError(msg) from None
    except ArgumentError:
        msg = (
            f"store {shown_url(config)}: unknown kind of database or no URL at all; "
            "expected sqlite:///FILE or postgresql+psycopg://USER:PASSWORD@HOST/NAME"
        )
        raise StartError(msg) from None
    migrate(engine)
    return engine


def shown_url(config: HubConfig) -> str:
    """Where the store is, without the password: for people and logs."""
    try:
        return make_url(config.database_url).set(query={}).render_as_string(hide_password=True)
    except ArgumentError:
        return "[database]"  # whatever it is, a password may stand in it


def prepare(engine: Engine, config: HubConfig, now_ms: int) -> str | None:
    """Bring a migrated store to where it can be served; a new admin's password, once."""
    with write_session(engine) as session:
        ensure_generation(session.connection())
        ensure_default_policy(session, config.community, PAYS_SINCE)
        expect_points(session, config.community, config.nodes)
        return ensure_admin(session, config.community, now_ms)


def expect_points(session: Session, community: str, points: Collection[str]) -> None:
    """The points of the configuration are the ones that are missed when they are silent."""
    p = table(PointState)
    connection = session.connection()
    held = set(connection.execute(select(p.c.point).where(p.c.community == community)).scalars())
    gone = held - set(points)
    connection.execute(delete(p).where(p.c.community == community, p.c.point.in_(sorted(gone))))
    new = [{"community": community, "point": point} for point in sorted(set(points) - held)]
    upsert(connection, PointState, new)


def read_secret(data: Path) -> bytes:
    """What signs the bearer tokens: 32 random bytes in a file of mode 600, never in the store."""
    path = data / "secret"
    if not path.exists():
        fresh = path.with_suffix(f".{secrets.token_hex(4)}")
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(32))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(fresh, path)
        except FileExistsError:
            pass  # another start of the hub was faster; its secret holds
        finally:
            fresh.unlink()
    return path.read_bytes()
