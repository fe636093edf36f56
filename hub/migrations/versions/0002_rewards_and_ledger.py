"""Rewards and ledger: policies, runs, outcomes, decisions, and the append-only journal.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

APPEND_ONLY = (
    "ledger_entry", "ledger_posting", "settlement_run", "staff_verdict", "assign_day",
    "payout", "payout_result", "redemption",
)  # fmt: skip
TABLES = (*APPEND_ONLY, "visit_outcome", "day_outcome", "reward_policy")
WHOLE_FEN = "amount_fen = CAST(amount_fen AS BIGINT)"


def upgrade() -> None:
    """Create the tables and what guards them."""
    _create_rewards()
    _create_decisions()
    _create_ledger()
    _create_money_out()
    if op.get_bind().dialect.name == "postgresql":
        _guard_postgresql()
    else:
        _guard_sqlite()


def downgrade() -> None:
    """Drop the tables; their triggers go with them."""
    for name in TABLES:
        op.drop_table(name)
    if op.get_bind().dialect.name == "postgresql":
        for function in ("lianxin_append_only", "lianxin_entry_balances"):
            op.execute(f"DROP FUNCTION {function}()")


def _guard_sqlite() -> None:
    for name in APPEND_ONLY:
        for action in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {name}_no_{action.lower()} BEFORE {action} ON {name} "
                f"BEGIN SELECT RAISE(ABORT, '{name} is append-only'); END"
            )


def _guard_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION lianxin_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
    )
    for name in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {name}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {name} "
            "FOR EACH STATEMENT EXECUTE FUNCTION lianxin_append_only()"
        )
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


def _create_rewards() -> None:
    op.create_table(
        "reward_policy",
        sa.Column("community", sa.String(), nullable=False),
        sa.Column("policy_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("to_day", sa.Date(), nullable=True),
        sa.Column("published_ms", sa.BigInteger(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("combine", sa.String(), nullable=False),
        sa.Column("unattended", sa.String(), nullable=False),
        sa.Column("self_verdict", sa.String(), nullable=False),
        sa.Column("day_cap_fen", sa.BigInteger(), nullable=True),
        sa.Column("total_cap_fen", sa.BigInteger(), nullable=True),
        sa.Column("late_limit_days", sa.Integer(), nullable=False),
        sa.Column("min_grams", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("community", "policy_id"),
    )
    op.create_table(
        "settlement_run",
        sa.Column("community", sa.String(), nullable=False),
        sa.Column("run", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("early", sa.Boolean(), nullable=False),
        sa.Column("policy_id", sa.String(), nullable=True),
        sa.Column("started_ms", sa.BigInteger(), nullable=False),
        sa.Column("watermark", sa.BigInteger(), nullable=False),
        sa.Column("visits", sa.Integer(), nullable=False),
        sa.Column("households", sa.Integer(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("held", sa.Integer(), nullable=False),
        sa.Column("absent_points", sa.String(), nullable=False),
        sa.Column("canonical", sa.Integer(), nullable=False),
        sa.Column("previous_digest", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("community", "run"),
    )
    op.create_index("settlement_run_by_day", "settlement_run", ["community", "day", "run"])
    op.create_table(
        "day_outcome",
        sa.Column("community", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("household_id", sa.String(), nullable=False),
        sa.Column("run", sa.BigInteger(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("visit_id", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("community", "day", "household_id", "run"),
    )


def _create_decisions() -> None:
    op.create_table(
        "visit_outcome",
        sa.Column("community", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("visit_id", sa.String(), nullable=False),
        sa.Column("run", sa.BigInteger(), nullable=False),
        sa.Column("household_id", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=True),
        sa.Column("verdict_reason", sa.String(), nullable=True),
        sa.Column("by_role", sa.String(), nullable=True),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("community", "day", "visit_id", "run"),
    )
    op.create_index(
        "visit_outcome_by_household", "visit_outcome", ["community", "household_id", "day"]
    )
    op.create_index(
        "visit_outcome_held",
        "visit_outcome",
        ["community", "day", "visit_id"],
        sqlite_where=sa.text("held"),
        postgresql_where=sa.text("held"),
    )
    op.create_table(
        "staff_verdict",
        sa.Column("community", sa.String(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("visit_id", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("user", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("community", "sequence"),
    )
    op.create_index("staff_verdict_by_visit", "staff_verdict", ["community", "visit_id"])
    op.create_table(
        "assign_day",
        sa.Column("community", sa.String(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("visit_id", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("user", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("community", "sequence"),
    )
    op.create_index("assign_day_by_visit", "assign_day", ["community", "visit_id"])
    op.create_index("ix_assign_day_day", "assign_day", ["day"])


def _create_ledger() -> None:
    op.create_table(
        "ledger_entry",
        sa.Column("community", sa.String(), nullable=False),
        sa.Column("entry", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("household_id", sa.String(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("run", sa.BigInteger(), nullable=True),
        sa.Column("policy_id", sa.String(), nullable=True),
        sa.Column("visit_id", sa.String(), nullable=True),
        sa.Column("reverses", sa.BigInteger(), nullable=True),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.CheckConstraint("amount_fen <> 0", name="ledger_entry_moves"),
        sa.CheckConstraint(WHOLE_FEN, name="ledger_entry_whole_fen"),
        sa.PrimaryKeyConstraint("community", "entry"),
        sa.UniqueConstraint(
            "community", "day", "household_id", "sequence", name="ledger_entry_once"
        ),
    )
    op.create_index(
        "ledger_entry_by_household", "ledger_entry", ["community", "household_id", "entry"]
    )
    op.create_table(
        "ledger_posting",
        sa.Column("community", sa.String(), nullable=False),
        sa.Column("entry", sa.BigInteger(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(WHOLE_FEN, name="ledger_posting_whole_fen"),
        sa.PrimaryKeyConstraint("community", "entry", "account"),
    )


def _create_money_out() -> None:
    op.create_table(
        "payout",
        sa.Column("community", sa.String(), nullable=False),
        sa.Column("payout", sa.BigInteger(), nullable=False),
        sa.Column("month", sa.String(), nullable=False),
        sa.Column("household_id", sa.String(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("opened_ms", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount_fen > 0", name="payout_pays"),
        sa.PrimaryKeyConstraint("community", "payout"),
    )
    op.create_index("payout_by_household", "payout", ["community", "household_id", "month"])
    op.create_table(
        "payout_result",
        sa.Column("community", sa.String(), nullable=False),
        sa.Column("payout", sa.BigInteger(), nullable=False),
        sa.Column("result", sa.String(), nullable=False),
        sa.Column("entry", sa.BigInteger(), nullable=True),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("community", "payout"),
    )
    op.create_table(
        "redemption",
        sa.Column("community", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("household_id", sa.String(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("entry", sa.BigInteger(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("community", "key"),
    )
