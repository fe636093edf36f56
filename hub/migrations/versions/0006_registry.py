"""The whole registry: places, names, changes; used keys; spans that do not overlap."""

# ruff: noqa: S608 - every name in these statements is a constant of this file

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# As in 0001: text unless a type follows; "!" is part of the primary key, "?" may be null.
TABLES = {
    "community": "community! name",
    "grid": "community! grid! name",
    "building": "community! building! grid?",
    "building_unit": "community! building! unit!",
    "holder": "community! household_id! name? phone?",
    "name_initials": "community! initials! household_id!",
    "collection_point": "community! point! name grid?",
    "bin": "community! point! bin:int! category",
    "registry_change": "change:int! community at_ms:big user role why what key fields",
    "idempotency_key": "community! user! key! asked_sha256 answer? at_ms:big",
}
INDEXES = (
    ("ix_registry_change_community", "registry_change", ["community"]),
    ("registry_change_of", "registry_change", ["community", "what", "key"]),
    ("household_by_door", "household", ["community", "building", "unit", "room"]),
    ("card_binding_by_serial", "card_binding", ["community", "serial"]),
)
_TYPES: dict[str, type[sa.types.TypeEngine[Any]]] = {
    "": sa.String,
    "big": sa.BigInteger,
    "int": sa.Integer,
}

# A card's binding or block ends at its end or where the next begins: a stated end must not reach
# over the next beginning. Two households of one door are strangers to each other: they must not
# meet at all.
_UNTIL_NEXT = """
    n.community = o.community AND n.card = o.card AND n.from_ms <> o.from_ms AND (
        (o.from_ms < n.from_ms AND o.{to} > n.from_ms)
        OR (n.from_ms < o.from_ms AND n.{to} > o.from_ms))
"""
SPANS = {
    "card_binding": ("to_ms", "from_ms", _UNTIL_NEXT.format(to="to_ms")),
    "card_block": ("until_ms", "from_ms", _UNTIL_NEXT.format(to="until_ms")),
    "household": (
        "to_day",
        "from_day",
        """
    n.community = o.community AND n.building = o.building AND n.unit = o.unit
    AND n.room = o.room AND n.household_id <> o.household_id
    AND (n.to_day IS NULL OR n.from_day < n.to_day) AND (o.to_day IS NULL OR o.from_day < o.to_day)
    AND (o.to_day IS NULL OR n.from_day < o.to_day) AND (n.to_day IS NULL OR o.from_day < n.to_day)
""",
    ),
}


def _column(word: str) -> sa.Column[Any]:
    name, _, kind = word.rstrip("!?").partition(":")
    return sa.Column(
        name, _TYPES[kind](), primary_key=word.endswith("!"), nullable=word.endswith("?")
    )


def upgrade() -> None:
    for name, words in TABLES.items():
        op.create_table(name, *map(_column, words.split()))
    for index, name, columns in INDEXES:
        op.create_index(index, name, columns)
    op.add_column("reward_policy", sa.Column("max_cards", sa.Integer(), nullable=True))
    guard = _guard_postgresql if op.get_bind().dialect.name == "postgresql" else _guard_sqlite
    guard()


def downgrade() -> None:
    postgresql = op.get_bind().dialect.name == "postgresql"
    for name in SPANS:
        if postgresql:
            op.execute(f"DROP TRIGGER {name}_span ON {name}")
            op.execute(f"DROP FUNCTION lianxin_{name}_span()")
        else:
            op.execute(f"DROP TRIGGER {name}_span_insert")
            op.execute(f"DROP TRIGGER {name}_span_update")
    op.drop_column("reward_policy", "max_cards")
    op.drop_index("household_by_door", "household")
    op.drop_index("card_binding_by_serial", "card_binding")
    for name in reversed(TABLES):
        op.drop_table(name)
    if postgresql:
        op.execute("DROP FUNCTION lianxin_registry_change()")


def _guard_sqlite() -> None:
    for name, (end, begin, meets) in SPANS.items():
        wrong = meets.replace("n.", "NEW.")
        for action in ("INSERT", "UPDATE"):
            op.execute(
                f"CREATE TRIGGER {name}_span_{action.lower()} BEFORE {action} ON {name} BEGIN "
                f"SELECT RAISE(ABORT, '{name}: it ends before it begins') "
                f"WHERE NEW.{end} < NEW.{begin}; "
                f"SELECT RAISE(ABORT, '{name}: two at the same time') "
                f"WHERE EXISTS (SELECT 1 FROM {name} AS o WHERE {wrong}); END"
            )
    for action in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER registry_change_no_{action.lower()} BEFORE {action} "
            "ON registry_change BEGIN SELECT RAISE(ABORT, 'registry_change is append-only'); END"
        )


def _guard_postgresql() -> None:
    for name, (end, begin, meets) in SPANS.items():
        lock = "NEW.card" if name != "household" else "NEW.building || NEW.unit || NEW.room"
        wrong = meets.replace("n.", "NEW.")
        op.execute(
            f"CREATE FUNCTION lianxin_{name}_span() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"PERFORM pg_advisory_xact_lock(hashtext('{name}'), hashtext({lock})); "
            f"IF NEW.{end} < NEW.{begin} THEN RAISE EXCEPTION "
            f"'{name}: it ends before it begins' USING ERRCODE = 'check_violation'; END IF; "
            f"IF EXISTS (SELECT 1 FROM {name} AS o WHERE {wrong}) THEN RAISE EXCEPTION "
            f"'{name}: two at the same time' USING ERRCODE = 'exclusion_violation'; END IF; "
            "RETURN NEW; END $$"
        )
        op.execute(
            f"CREATE TRIGGER {name}_span AFTER INSERT OR UPDATE ON {name} "
            f"FOR EACH ROW EXECUTE FUNCTION lianxin_{name}_span()"
        )
    op.execute(
        "CREATE FUNCTION lianxin_registry_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'registry_change is append-only'; END $$"
    )
    op.execute(
        "CREATE TRIGGER registry_change_append_only BEFORE UPDATE OR DELETE OR TRUNCATE "
        "ON registry_change FOR EACH STATEMENT EXECUTE FUNCTION lianxin_registry_change()"
    )
