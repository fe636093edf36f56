"""What the office says and decides, the caps of visits by hand, and what is to be looked at.

Revision ID: 0008
Revises: 0006
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0006"
branch_labels = None
depends_on = None

# As in 0006: text unless a type follows; "!" is part of the primary key, "?" may be null.
_BY = "reason user role at_ms:big"
TABLES = {
    "shift_attest": f"community! sequence:big! point person from_ms:big to_ms:big value {_BY}",
    "boot_date": f"community! sequence:big! point boot_id up_ms:big utc_ms:big {_BY}",
    "assign_home": f"community! sequence:big! visit_id household_id {_BY}",
    "held_owner": "community! sequence:big! visit_id owner user at_ms:big",
    "restatement": f"community! sequence:big! what first_day:date last_day:date moves {_BY}",
    "month_close": f"community! month! run:big digest amount_fen:big {_BY}",
    "dispute": "community! dispute:big! household_id day:date visit_id? claim user role at_ms:big",
    "dispute_result": f"community! dispute:big! outcome visit_id? value? household_id? moves {_BY}",
    "review_item": "community! day:date! point! number:int! signal subject evidence at_ms:big",
    "review_result": f"community! day:date! point! number:int! action dispute:big? {_BY}",
}
INDEXES = (
    ("shift_attest_by_point", "shift_attest", ["community", "point", "from_ms"]),
    ("assign_home_by_visit", "assign_home", ["community", "visit_id"]),
    ("assign_home_by_household", "assign_home", ["community", "household_id"]),
    ("held_owner_by_visit", "held_owner", ["community", "visit_id"]),
    ("dispute_by_household", "dispute", ["community", "household_id"]),
    ("verdict_by_visit", "point_verdict", ["community", "visit_id"]),
)
PARTIAL = (
    ("visit_by_hand", "visit", ["community", "day"], "source <> 'card'"),
    ("fact_faults", "fact", ["community", "arrival"], "kind = 'fault'"),
)
CAPS = ("manual_per_month", "manual_per_shift")
_TYPES: dict[str, type[sa.types.TypeEngine[Any]]] = {
    "": sa.String,
    "big": sa.BigInteger,
    "int": sa.Integer,
    "date": sa.Date,
}


def upgrade() -> None:
    """Make the tables, append-only, and what finds rows in them."""
    for name, words in TABLES.items():
        op.create_table(name, *map(_column, words.split()))
        _append_only(name)
    for index, name, columns in INDEXES:
        op.create_index(index, name, columns)
    op.drop_index("ix_point_verdict_visit_id", "point_verdict")
    for index, name, columns, where in PARTIAL:
        only = sa.text(where)
        op.create_index(index, name, columns, sqlite_where=only, postgresql_where=only)
    for cap in CAPS:
        op.add_column("reward_policy", sa.Column(cap, sa.Integer(), nullable=True))


def downgrade() -> None:
    """Drop them."""
    for cap in reversed(CAPS):
        op.drop_column("reward_policy", cap)
    for index, name, _, _ in PARTIAL:
        op.drop_index(index, name)
    op.create_index("ix_point_verdict_visit_id", "point_verdict", ["visit_id"])
    op.drop_index("verdict_by_visit", "point_verdict")
    for name in reversed(TABLES):
        op.drop_table(name)


def _column(word: str) -> sa.Column[Any]:
    name, _, kind = word.rstrip("!?").partition(":")
    return sa.Column(
        name, _TYPES[kind](), primary_key=word.endswith("!"), nullable=word.endswith("?")
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
