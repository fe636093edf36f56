"""Accounts of desks from the command line."""

from pathlib import Path

from sqlmodel import Session

from hub.access.tables import User
from hub.db import make_engine
from tests.hub.test_serve import run, write_config


def test_a_desks_account_is_of_one_desk_by_the_command_line(tmp_path: Path) -> None:
    config = write_config(tmp_path)

    def user(*words: str) -> tuple[int, str]:
        done = run("user", *words, "--config", config)
        return done.exit_code, done.stderr

    def desk() -> str | None:
        engine = make_engine(f"sqlite:///{tmp_path / 'data' / 'hub.db'}")
        with Session(engine) as session:
            held = session.get_one(User, ("lhyy", "desk-d1")).desk
        engine.dispose()
        return held

    assert user("add", "desk-d1", "--role", "desk", "--desk", "d1") == (0, "")
    assert desk() == "d1"
    assert user("desk", "desk-d1", "d2")[0] == 0
    assert desk() == "d2"
    assert user("desk", "desk-d1")[0] == 0
    assert desk() is None
    for words, said in (
        (("add", "li", "--role", "office", "--desk", "d1"), "role office is of no desk"),
        (("add", "desk-d2", "--role", "desk", "--desk", "D 2"), "expected 1 to 32 of a-z"),
        (("desk", "desk-d1", "D 2"), "expected 1 to 32 of a-z"),
    ):
        code, told = user(*words)
        assert (code, said in told) == (2, True), told
    assert user("desk", "nobody", "d1")[0] == 1
