"""Grid contacts of households.

Revision ID: 0020
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "contact",
        sa.Column("community", sa.String(), primary_key=True, nullable=False),
        sa.Column("contact", sa.String(), primary_key=True, nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("body", "title", "name")),
        sa.Column("phone", sa.String(), nullable=False),
        *(sa.Column(name, sa.String()) for name in ("building", "unit", "person_id")),
        sa.Column("to_day", sa.Date()),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("contact")
