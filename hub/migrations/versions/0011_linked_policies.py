"""Policies are chained like every other word of the office; those published before as they stand.

Revision ID: 0011
Revises: 0010
"""

import hashlib
import json

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

COLUMNS = (
    "policy_id", "version", "from_day", "to_day", "published_ms", "amount_fen", "combine",
    "unattended", "self_verdict", "day_cap_fen", "total_cap_fen", "late_limit_days", "min_grams",
    "max_cards", "manual_per_month", "manual_per_shift",
)  # fmt: skip
ZEROS = "0" * 64


def upgrade() -> None:
    """Link them behind the newest link."""
    bind, meta = op.get_bind(), sa.MetaData()
    policy = sa.Table("reward_policy", meta, autoload_with=bind)
    link = sa.Table("ledger_link", meta, autoload_with=bind)
    newest = sa.select(link.c.community, link.c.link, link.c.digest).order_by(link.c.link)
    last = {row.community: (row.link, row.digest) for row in bind.execute(newest)}
    links = []
    order = policy.c.community, policy.c.version, policy.c.policy_id
    for row in bind.execute(sa.select(policy).order_by(*order)).mappings():
        number, before = last.get(row["community"], (0, ZEROS))
        values = [None if row[name] is None else str(row[name]) for name in COLUMNS]
        text = json.dumps(["lianxin link 1", before, "reward_policy", values], ensure_ascii=False)
        digest = hashlib.sha256(text.encode()).hexdigest()
        last[row["community"]] = number + 1, digest
        where = {"community": row["community"], "link": number + 1}
        about = {"what": "reward_policy", "key": row["policy_id"]}
        links.append(where | about | {"previous_digest": before, "digest": digest})
    if links:
        op.bulk_insert(link, links)


def downgrade() -> None:
    """Nothing: the links stay, as do those of what an older hub does not know."""
