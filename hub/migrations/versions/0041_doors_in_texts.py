"""Doors in the texts of matters, so that one is found whatever its notation.

Revision ID: 0041
Revises: 0040
"""

import sqlalchemy as sa
from alembic import op

from hub.matters.search import doors

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

_matter = sa.table("matter", *map(sa.column, ("community", "matter", "place", "text")))
_gram = sa.table("matter_gram", *map(sa.column, ("community", "gram", "matter")))
AT_ONCE = 5000


def upgrade() -> None:
    """Read every text once; before, there were pairs of characters alone."""
    connection, m = op.get_bind(), _matter.c
    texts = sa.select(_matter).order_by(m.community, m.matter).limit(AT_ONCE)
    rows = connection.execute(texts).all()
    while rows:
        found = [
            {"community": row.community, "gram": door, "matter": row.matter}
            for row in rows
            for door in sorted(doors(f"{row.place}\n{row.text}"))
        ]
        if found:
            connection.execute(sa.insert(_gram), found)
        place = sa.tuple_(m.community, m.matter) > (rows[-1].community, rows[-1].matter)
        rows = connection.execute(texts.where(place)).all()


def downgrade() -> None:
    """Pairs have no dash."""
    op.execute(sa.delete(_gram).where(_gram.c.gram.like("%-%")))
