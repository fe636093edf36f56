"""Meetings of the joint desk.

Revision ID: 0031
Revises: 0030
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

# As in 0030.
TABLES = {
    "meeting": "community! meeting:big! held_on:date bodies chair agenda user at_ms:big",
    "meeting_decision": "community! meeting:big! sequence:int! matter:big data actor body "
    "at_ms:big",
    "meeting_signature": "community! meeting:big! body! digest! person at_ms:big",
    "meeting_correction": "community! meeting:big! sequence:int! text actor body at_ms:big",
}
_TYPES: dict[str, Any] = {
    "": sa.String(),
    "big": sa.BigInteger(),
    "int": sa.Integer(),
    "date": sa.Date(),
}


def upgrade() -> None:
    """Make them, append-only."""
    for name, words in TABLES.items():
        op.create_table(name, *map(_column, words.split()))
        _append_only(name)


def downgrade() -> None:
    """Drop them."""
    for name in reversed(TABLES):
        op.drop_table(name)


def _column(word: str) -> sa.Column[Any]:
    name, _, kind = word.rstrip("!?").partition(":")
    return sa.Column(
        name, _TYPES[kind], primary_key=word.endswith("!"), nullable=word.endswith("?")
    )


def _append_only(name: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"CREATE TRIGGER {name}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {name} "
            "FOR EACH STATEMENT EXECUTE FUNCTION lianxin_append_only()"
        )
        return
    for action in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {name}_no_{action.lower()} BEFORE {action} ON {name} "
            f"BEGIN SELECT RAISE(ABORT, '{name} is append-only'); END"
        )
