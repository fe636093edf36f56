"""By what each day was settled, so that a day of which nothing changed is not judged again.

Revision ID: 0040
Revises: 0032
"""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "settled_by",
        sa.Column("community", sa.String(), primary_key=True, nullable=False),
        sa.Column("day", sa.Date(), primary_key=True, nullable=False),
        sa.Column("run", sa.BigInteger(), nullable=False),
        sa.Column("known", sa.String(), nullable=False),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("settled_by")
