"""Who ordered money or points out.

Revision ID: 0010
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0008"
branch_labels = None
depends_on = None

WORDS = ("what", "subject", "result", "reason", "user", "role")


def upgrade() -> None:
    """Make it, append-only."""
    op.create_table(
        "money_order",
        sa.Column("community", sa.String(), primary_key=True, nullable=False),
        sa.Column("sequence", sa.BigInteger(), primary_key=True, nullable=False),
        *(sa.Column(word, sa.String(), nullable=False) for word in WORDS),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE TRIGGER money_order_append_only BEFORE UPDATE OR DELETE OR TRUNCATE "
            "ON money_order FOR EACH STATEMENT EXECUTE FUNCTION lianxin_append_only()"
        )
        return
    for action in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER money_order_no_{action.lower()} BEFORE {action} ON money_order "
            "BEGIN SELECT RAISE(ABORT, 'money_order is append-only'); END"
        )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("money_order")
