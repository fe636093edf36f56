"""What an entry of each kind names, and that no row lacks its other half at the commit.

Redemptions are set aside before they are booked, and entries have a unit that their postings share.

Revision ID: 0003
Revises: 0002
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from alembic.operations import BatchOperations

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

REBUILT = ("ledger_entry", "ledger_posting", "payout_result", "redemption")
"""SQLite changes a table by making it anew, without its triggers."""

CHECKS = {
    "ledger_entry": {
        "ledger_entry_unit": "unit IN ('fen', 'point')",
        "ledger_entry_kind": (
            "(kind IN ('reward', 'supplement') AND amount_fen > 0 AND run IS NOT NULL "
            "AND policy_id IS NOT NULL AND visit_id IS NOT NULL AND reverses IS NULL) "
            "OR (kind = 'reversal' AND amount_fen < 0 AND run IS NOT NULL "
            "AND policy_id IS NOT NULL AND reverses IS NOT NULL) "
            "OR (kind IN ('payout', 'redemption') AND amount_fen < 0 AND run IS NULL "
            "AND policy_id IS NULL AND reverses IS NULL) "
            "OR (kind = 'grant' AND amount_fen > 0 AND unit = 'point' AND run IS NULL "
            "AND policy_id IS NULL AND reverses IS NULL)"
        ),
    },
    "payout_result": {
        "payout_result_entry": (
            "(result = 'posted' AND entry IS NOT NULL) OR (result = 'void' AND entry IS NULL)"
        )
    },
    "redemption": {"redemption_spends": "amount_fen > 0"},
}
AT_COMMIT: dict[str, Any] = {"deferrable": True, "initially": "DEFERRED"}
APPEND_ONLY = (
    "CREATE OR REPLACE FUNCTION lianxin_append_only() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME {error}; END $$"
)
SET_ENTRY = sa.text(
    "UPDATE redemption SET entry = :entry WHERE community = :community AND key = :key"
)


def upgrade() -> None:
    """Constrain the ledger; what was redeemed is set aside and booked."""
    postgresql = _on_postgresql()
    if postgresql:
        _replace_balance_check()
    else:
        _drop_append_only(REBUILT)
    spent = _spent()
    _constrain()
    results = _spend_in_two_steps()
    for column, name in (("letter", "dead_letter"), ("lookup", "household_lookup")):
        if postgresql:  # an INTEGER PRIMARY KEY of SQLite has 64 bits anyway
            op.alter_column(name, column, type_=sa.BigInteger())
    for name in (*(() if postgresql else REBUILT), "redemption_result"):
        _append_only(name)
    if spent:
        op.bulk_insert(results, [row | {"result": "posted"} for row in spent])


def downgrade() -> None:
    """Back to 0002; an older hub knows no redemption that is not booked."""
    postgresql = _on_postgresql()
    booked = _rows("SELECT community, key, entry FROM redemption_result WHERE entry IS NOT NULL")
    op.drop_table("redemption_result")
    if postgresql:
        op.execute("DROP TRIGGER redemption_append_only ON redemption")
    else:
        _drop_append_only(REBUILT)
    _spend_at_once(booked)
    _unconstrain()
    for name in ("redemption",) if postgresql else REBUILT:
        _append_only(name)
    if postgresql:
        _restore_balance_check()
        for column, name in (("letter", "dead_letter"), ("lookup", "household_lookup")):
            op.alter_column(name, column, type_=sa.Integer())


def _on_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def _rows(statement: str) -> list[dict[str, object]]:
    return [dict(row) for row in op.get_bind().execute(sa.text(statement)).mappings()]


def _constrain() -> None:
    with op.batch_alter_table("ledger_entry") as entry:
        _check(entry, "ledger_entry")
        entry.create_unique_constraint("ledger_entry_in_unit", ["community", "entry", "unit"])
        entry.create_foreign_key(
            "ledger_entry_of_run", "settlement_run", ["community", "run"], ["community", "run"],
            **AT_COMMIT,
        )  # fmt: skip
        entry.create_index("ledger_entry_by_run", ["community", "run"])
    with op.batch_alter_table("ledger_posting") as posting:
        posting.add_column(sa.Column("unit", sa.String(), nullable=False, server_default="fen"))
    with op.batch_alter_table("ledger_posting") as posting:
        posting.alter_column("unit", server_default=None)
        columns = ["community", "entry", "unit"]
        posting.create_foreign_key(
            "ledger_posting_of_entry", "ledger_entry", columns, columns, **AT_COMMIT
        )
    with op.batch_alter_table("payout_result") as result:
        _check(result, "payout_result")
        result.create_unique_constraint("payout_result_books", ["community", "entry"])
        result.create_foreign_key(
            "payout_result_of", "payout", ["community", "payout"], ["community", "payout"]
        )
        result.create_foreign_key(
            "payout_result_is_booked", "ledger_entry", ["community", "entry"],
            ["community", "entry"], **AT_COMMIT,
        )  # fmt: skip


def _unconstrain() -> None:
    with op.batch_alter_table("payout_result") as result:
        for name in ("payout_result_of", "payout_result_is_booked"):
            result.drop_constraint(name, type_="foreignkey")
        result.drop_constraint("payout_result_books", type_="unique")
        result.drop_constraint("payout_result_entry", type_="check")
    with op.batch_alter_table("ledger_posting") as posting:
        posting.drop_constraint("ledger_posting_of_entry", type_="foreignkey")
        posting.drop_column("unit")
    with op.batch_alter_table("ledger_entry") as entry:
        entry.drop_index("ledger_entry_by_run")
        entry.drop_constraint("ledger_entry_of_run", type_="foreignkey")
        entry.drop_constraint("ledger_entry_in_unit", type_="unique")
        for name in CHECKS["ledger_entry"]:
            entry.drop_constraint(name, type_="check")


def _check(batch: BatchOperations, name: str) -> None:
    for check, condition in CHECKS[name].items():
        batch.create_check_constraint(check, sa.text(condition))


def _spent() -> list[dict[str, object]]:
    return _rows("SELECT community, key, entry, at_ms FROM redemption")


def _spend_in_two_steps() -> sa.Table:
    """Set aside, then posted or void: what was spent before was both at once."""
    with op.batch_alter_table("redemption") as redemption:
        redemption.drop_column("entry")
        redemption.add_column(sa.Column("unit", sa.String(), nullable=False, server_default="fen"))
        _check(redemption, "redemption")
    with op.batch_alter_table("redemption") as redemption:
        redemption.alter_column("unit", server_default=None)
        redemption.create_index("redemption_by_household", ["community", "household_id"])
    return op.create_table(
        "redemption_result",
        sa.Column("community", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("result", sa.String(), nullable=False),
        sa.Column("entry", sa.BigInteger(), nullable=True),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "(result = 'posted' AND entry IS NOT NULL) OR (result = 'void' AND entry IS NULL)",
            name="redemption_result_entry",
        ),
        sa.PrimaryKeyConstraint("community", "key"),
        sa.UniqueConstraint("community", "entry", name="redemption_result_books"),
        sa.ForeignKeyConstraint(
            ["community", "key"],
            ["redemption.community", "redemption.key"],
            name="redemption_result_of",
        ),
        sa.ForeignKeyConstraint(
            ["community", "entry"],
            ["ledger_entry.community", "ledger_entry.entry"],
            name="redemption_result_is_booked",
            **AT_COMMIT,
        ),
    )


def _spend_at_once(booked: list[dict[str, object]]) -> None:
    with op.batch_alter_table("redemption") as redemption:
        redemption.drop_index("redemption_by_household")
        redemption.add_column(sa.Column("entry", sa.BigInteger(), nullable=True))
        redemption.drop_column("unit")
        redemption.drop_constraint("redemption_spends", type_="check")
    for row in booked:
        op.get_bind().execute(SET_ENTRY, row)
    op.execute("DELETE FROM redemption WHERE entry IS NULL")
    with op.batch_alter_table("redemption") as redemption:
        redemption.alter_column("entry", nullable=False, existing_type=sa.BigInteger())


def _replace_balance_check() -> None:
    """0002 looked at the commit; and its refusals were no errors of integrity to a client."""
    for name in ("ledger_entry", "ledger_posting"):
        op.execute(f"DROP TRIGGER {name}_balances ON {name}")
    op.execute("DROP FUNCTION lianxin_entry_balances()")
    op.execute(APPEND_ONLY.format(error="USING ERRCODE = 'restrict_violation'"))


def _restore_balance_check() -> None:
    op.execute(APPEND_ONLY.format(error=""))
    op.execute(
        "CREATE FUNCTION lianxin_entry_balances() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN IF (SELECT count(*) < 2 OR sum(amount_fen) <> 0 FROM ledger_posting "
        "WHERE community = NEW.community AND entry = NEW.entry) THEN "
        "RAISE EXCEPTION 'entry % does not balance', NEW.entry; END IF; RETURN NULL; END $$"
    )
    for name in ("ledger_entry", "ledger_posting"):
        op.execute(
            f"CREATE CONSTRAINT TRIGGER {name}_balances AFTER INSERT ON {name} "
            "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION lianxin_entry_balances()"
        )


def _drop_append_only(names: tuple[str, ...]) -> None:
    for name in names:
        for action in ("update", "delete"):
            op.execute(f"DROP TRIGGER {name}_no_{action}")


def _append_only(name: str) -> None:
    if _on_postgresql():
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
