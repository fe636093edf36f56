"""The one desk that a desk's account is of.

Revision ID: 0043
Revises: 0042
"""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """An older account may act for any, until it is told otherwise."""
    op.add_column("user_account", sa.Column("desk", sa.String(), nullable=True))


def downgrade() -> None:
    """Drop it."""
    op.drop_column("user_account", "desk")
