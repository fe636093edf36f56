"""What the commands do: the part of the command line that needs the store and the server."""

import getpass
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from hub.access.users import add_user, put_at_desk, reset_password
from hub.clock import hub_clock
from hub.config import HubConfig
from hub.db import snapshot_session, write_session
from hub.ledger.verify import differences
from hub.migrations import HistoryError
from hub.registry.changes import Progress, Who
from hub.registry.exporting import exported
from hub.registry.importing import import_read
from hub.registry.reading import Read
from hub.rewards.settled import forget
from hub.roles import Role
from hub.store import StartError, open_store, prepare, read_secret, shown_url
from hub.visits.project import rebuild as rebuild_projections
from wire.broker import TlsError

WORKBOOK = "file"

SHOWN = 100


class JobError(Exception):
    """What an operator can repair, in one line."""


@contextmanager
def one_line(config: HubConfig) -> Iterator[None]:
    """Turn what an operator can repair into a JobError."""
    try:
        yield
    except StartError as error:
        raise JobError(str(error)) from error
    except TlsError as error:
        msg = f"[broker] {error}"
        raise JobError(msg) from error
    except DBAPIError as error:
        raise JobError(f"store {shown_url(config)}: {error.orig}") from error
    except HistoryError as error:
        msg = f"store {shown_url(config)}: made by another version? {error}"
        raise JobError(msg) from error
    except OSError as error:
        msg = f"{error.filename or config.data}: {error.strerror or error}"
        raise JobError(msg) from error


def init(config: HubConfig) -> tuple[str, str | None]:
    """Make or upgrade the store; where it is, and the admin's password if it was made now."""
    engine = open_store(config)
    password = prepare(engine, config, hub_clock(config.rehearsal_offset_s)())
    read_secret(config.data)
    engine.dispose()
    return shown_url(config), password


def import_lists(
    config: HubConfig, files: Mapping[str, Path], why: str, *, dry_run: bool, progress: Progress
) -> tuple[list[str], str, str | None]:
    """Every problem, what was (or would be) imported, and a new admin's password.

    ``files`` has a file for a list's name; that of ``file`` is a workbook of several.
    """
    read = Read()
    for kind, path in files.items():
        read.file(str(path), path.read_bytes(), None if kind == WORKBOOK else kind)
    engine = open_store(config)
    now_ms = hub_clock(config.rehearsal_offset_s)()
    password = None if dry_run else prepare(engine, config, now_ms)
    who = Who(getpass.getuser(), "operator", why, now_ms)
    with write_session(engine) as session:
        done = import_read(session, config.community, read, who, dry_run=dry_run, progress=progress)
    engine.dispose()
    return done.problems, done.told, password


def export_list(config: HubConfig, kind: str, path: Path) -> int:
    """Write a list as it can be imported again, CSV or XLSX by the file's name; its rows."""
    engine = open_store(config)
    with Session(engine) as session:
        count, content = exported(session, config.community, kind, xlsx=path.suffix == ".xlsx")
    engine.dispose()
    path.touch(mode=0o600)
    path.write_bytes(content)
    return count


def rebuild(config: HubConfig) -> int:
    """Empty and refill the projections; from how many facts."""
    engine = open_store(config)
    with write_session(engine) as session:
        count = rebuild_projections(session.connection(), config.community)
        forget(session, config.community)
    engine.dispose()
    return count


def verify(config: HubConfig) -> list[str]:
    """What does not agree with itself, the root first, at most ``SHOWN`` lines."""
    engine = open_store(config)
    with snapshot_session(engine) as session:
        found = list(islice(differences(session, config.community), SHOWN))
    engine.dispose()
    return found


def add(config: HubConfig, name: str, role: Role, desk: str | None) -> str | None:
    """A new user's password; None when the name is taken."""
    engine = open_store(config)
    now_ms = hub_clock(config.rehearsal_offset_s)()
    with write_session(engine) as session:
        password = add_user(session, config.community, name, role, now_ms, desk=desk)
    engine.dispose()
    return password


def put_at(config: HubConfig, name: str, desk: str | None) -> bool:
    """Give a desk's account its one desk; False when there is no such account."""
    engine = open_store(config)
    with write_session(engine) as session:
        done = put_at_desk(session, config.community, name, desk)
    engine.dispose()
    return done


def reset(config: HubConfig, name: str) -> str | None:
    """A user's new password; None when there is no such user."""
    engine = open_store(config)
    with write_session(engine) as session:
        password = reset_password(session, config.community, name)
    engine.dispose()
    return password
