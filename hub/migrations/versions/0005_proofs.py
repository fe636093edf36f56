"""What proves that nobody changed a row: marks of facts, links of what no run's digest covers.

Facts and decisions from before get theirs here, as they stand.

Revision ID: 0005
Revises: 0004
"""

import hashlib
import json
from itertools import groupby
from operator import itemgetter

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

LINKED = {
    "staff_verdict": "sequence visit_id value reason user role at_ms",
    "assign_day": "sequence visit_id day reason user role at_ms",
    "payout": "payout month household_id amount_fen opened_ms",
    "payout_result": "payout result entry at_ms",
    "redemption": "key household_id amount_fen at_ms unit",
    "redemption_result": "key result entry at_ms",
    "ledger_entry": (
        "entry day household_id sequence kind amount_fen unit run policy_id visit_id reverses "
        "booked_on created_ms reason"
    ),
}
ZEROS = "0" * 64
FACT = sa.table("fact", *map(sa.column, ("community", "arrival", "mark")))


def upgrade() -> None:
    """Add the columns and the table; prove what stands there."""
    with op.batch_alter_table("fact") as fact:
        fact.add_column(sa.Column("mark", sa.LargeBinary(), nullable=True))
    _mark()
    with op.batch_alter_table("fact") as fact:
        fact.alter_column("mark", existing_type=sa.LargeBinary(), nullable=False)
    links = op.create_table(
        "ledger_link",
        sa.Column("community", sa.String(), nullable=False),
        sa.Column("link", sa.BigInteger(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("previous_digest", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("community", "link"),
        sa.UniqueConstraint("community", "what", "key", name="ledger_link_once"),
    )
    op.bulk_insert(links, _links())
    _append_only()


def downgrade() -> None:
    """Drop them."""
    op.drop_table("ledger_link")
    with op.batch_alter_table("fact") as fact:
        fact.drop_column("mark")


def _mark() -> None:
    bind = op.get_bind()
    rows = bind.execute(
        sa.text(
            "SELECT community, arrival, point, epoch, seq, received_ms, line FROM fact "
            "ORDER BY community, arrival"
        )
    ).all()
    for community, facts in groupby(rows, key=itemgetter(0)):
        mark = bytes(32)
        for _, arrival, point, epoch, seq, received_ms, line in facts:
            head = f"{arrival}\t{point}\t{epoch}\t{seq}\t{received_ms}\n"
            mark = hashlib.sha256(mark + head.encode() + bytes(line)).digest()
            mine = (FACT.c.community == community) & (FACT.c.arrival == arrival)
            bind.execute(sa.update(FACT).where(mine).values(mark=mark))


def _links() -> list[dict[str, object]]:
    links: list[dict[str, object]] = []
    last: dict[str, tuple[int, str]] = {}
    for what, names in LINKED.items():
        columns = names.split()
        target = sa.Table(what, sa.MetaData(), autoload_with=op.get_bind())
        found = sa.select(target).order_by(*target.primary_key)
        if what == "ledger_entry":
            found = found.where(target.c.run.is_(None))
        for row in op.get_bind().execute(found).mappings():
            number, before = last.get(row["community"], (0, ZEROS))
            values = [None if row[name] is None else str(row[name]) for name in columns]
            digest = _digest(before, what, values)
            last[row["community"]] = (number + 1, digest)
            key = {"community": row["community"], "link": number + 1, "key": str(row[columns[0]])}
            links.append(key | {"what": what, "previous_digest": before, "digest": digest})
    return links


def _digest(before: str, what: str, values: list[str | None]) -> str:
    text = json.dumps(["lianxin link 1", before, what, values], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _append_only() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE TRIGGER ledger_link_append_only BEFORE UPDATE OR DELETE OR TRUNCATE "
            "ON ledger_link FOR EACH STATEMENT EXECUTE FUNCTION lianxin_append_only()"
        )
        return
    for action in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER ledger_link_no_{action.lower()} BEFORE {action} ON ledger_link "
            "BEGIN SELECT RAISE(ABORT, 'ledger_link is append-only'); END"
        )
