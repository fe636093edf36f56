"""Who helps with a joint matter; indexes to count a desk's header and to search what is open.

Revision ID: 0042
Revises: 0041
"""

import sqlalchemy as sa
from alembic import op
from sqlmodel import Session

from hub.matters.fold import folded
from hub.matters.store import events_of

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

_BEFORE = ("community", "open", "next_ms", "matter")
_names = ("community", "matter", "open", "co", "helper")
_matter = sa.table("matter", *map(sa.column, _names))


def upgrade() -> None:
    """Fold the open joint matters once."""
    op.add_column("matter", sa.Column("helper", sa.String(), nullable=True))
    op.drop_index("matter_open_due", "matter")
    counted = ("warn_ms", "state", "watched", "lead", "co")
    op.create_index("matter_open_due", "matter", [*_BEFORE, *counted])
    op.create_index("matter_open", "matter", ["community", "open", "matter"])
    for name in ("co", "helper"):
        only = sa.text(f"{name} IS NOT NULL")
        columns = ["community", "open", name, "next_ms", "matter"]
        op.create_index(
            f"matter_by_{name}", "matter", columns, sqlite_where=only, postgresql_where=only
        )
    c, connection = _matter.c, op.get_bind()
    joint = sa.select(c.community, c.matter).where(c.open == sa.true(), c.co.is_not(None))
    with Session(connection) as session:
        for community, number in connection.execute(joint).all():
            helper = folded(events_of(session, community, number)).helper
            mine = sa.and_(c.community == community, c.matter == number)
            connection.execute(sa.update(_matter).where(mine).values(helper=helper))


def downgrade() -> None:
    """Lists know the lead alone."""
    for name in ("matter_by_helper", "matter_by_co", "matter_open", "matter_open_due"):
        op.drop_index(name, "matter")
    op.create_index("matter_open_due", "matter", list(_BEFORE))
    op.drop_column("matter", "helper")
