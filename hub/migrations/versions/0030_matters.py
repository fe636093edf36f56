"""Officers, desks, and residents' matters with their events.

Revision ID: 0030
Revises: 0020
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0020"
branch_labels = None
depends_on = None

# Text unless a type follows; "!" is part of the primary key, "?" may be null.
TABLES = {
    "officer": "community! person_id! body name phone left:bool",
    "desk_duty": "duty:count! community desk person_id body from_ms:big to_ms:big?",
    "matter_event": "community! matter:big! seq:int! act to_state actor body device reason data "
    "at_ms:big client_ms:big?",
    "matter": "community! matter:big! version:int state open:bool kind place text channel lead? "
    "co? basis? owner watched:bool next_check? due_ms:big? next_ms:big warn_ms:big? "
    "received_ms:big updated_ms:big",
    "matter_reporter": "community! matter:big! reporter:int! household_id? name? phone? "
    "from_matter:big? at_ms:big",
    "matter_gram": "community! gram! matter:big!",
    "matter_source": "community! source! matter:big",
    "matter_kind": "community! kind! data",
    "matter_rule": "community! rule:big! word kind? lead co? from_matter:big? decided_by at_ms:big "
    "ended_ms:big?",
    "working_hours": "community! data",
}
INDEXES = {
    "desk_duty_at": "desk_duty community desk to_ms",
    "matter_by_state": "matter community state matter",
    "matter_open_due": "matter community open next_ms matter",
    "matter_by_lead": "matter community open lead next_ms matter",
    "matter_by_owner": "matter community open owner next_ms matter",
    "matter_by_watch": "matter community watched next_check matter",
    "matter_by_kind": "matter community kind matter",
    "matter_by_updated": "matter community updated_ms matter",
    "matter_reporter_home": "matter_reporter community household_id matter",
}
APPEND_ONLY = ("matter_event",)
_TYPES: dict[str, Any] = {
    "": sa.String(),
    "big": sa.BigInteger(),
    "int": sa.Integer(),
    "bool": sa.Boolean(),
    "count": sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
}


def upgrade() -> None:
    """Make them; the events are never changed."""
    for name, words in TABLES.items():
        op.create_table(name, *map(_column, words.split()))
    for index, words in INDEXES.items():
        name, *columns = words.split()
        op.create_index(index, name, columns)
    for name in APPEND_ONLY:
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
