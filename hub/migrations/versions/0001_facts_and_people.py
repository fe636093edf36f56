"""Facts, their projections, the registry, who may call."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision: str | None = None

# A column is text unless a type follows; "!" is part of the primary key, "?" may be null.
TABLES = {
    "hub_meta": "name! value",
    "fact": "community! arrival:big! fact_id kind point epoch seq:big received_ms:big line:blob",
    "fact_alias": "community! point! epoch! seq:big! fact_id? reason? line:blob?",
    "epoch_state": (
        "community! point! epoch! upto:big chain facts:big state nonce? superseded node? "
        "boot:big boot_id software hello_ms:big"
    ),
    "dead_letter": (
        "letter:int! community received_ms:big topic point? epoch? seq:big? reason detail "
        "size:big payload:blob"
    ),
    "visit": (
        "community! visit_id! point boot_id up_ms:big wall_ms:big clock_trust received_ms:big "
        "arrival:big source card? door? shift? occurred_ms:big trusted:bool day:date? "
        "deposits:int weight_g:big? weight_doubt:bool test:bool"
    ),
    "point_verdict": (
        "community! verdict_id! point boot_id up_ms:big wall_ms:big clock_trust "
        "received_ms:big arrival:big visit_id value reason? by_person shift mode replaces? "
        "at_ms:big undone:bool"
    ),
    "verdict_undo": "community! verdict_id! arrival:big",
    "deposit": (
        "community! deposit_id! point boot_id up_ms:big wall_ms:big clock_trust "
        "received_ms:big arrival:big bin:int category grams:big level_g:big quality"
    ),
    "assignment": "community! deposit_id! visit_id! certain:bool arrival:big",
    "shift_event": (
        "community! event_id! point boot_id up_ms:big wall_ms:big clock_trust received_ms:big "
        "arrival:big shift action person by_what unjudged?"
    ),
    "boot_clock": (
        "community! point! boot_id! up_ms:big utc_ms:big uncertainty_ms:big source arrival:big"
    ),
    "point_day": (
        "community! point! day:date! taps:int deposits:int verdicts:int unjudged:int "
        "received_ms:big arrival:big"
    ),
    "bin_level": "community! point! bin:int! level_g:big arrival:big",
    "touched_day": "community! day:date! arrival:big",
    "point_state": "community! point! last_contact_ms:big? status?",
    "household": (
        "community! household_id! building unit room kind from_day:date to_day:date? successor_of?"
    ),
    "card_binding": "community! card! from_ms:big! to_ms:big? household_id serial?",
    "card_block": "community! card! from_ms:big! until_ms:big?",
    "person": "community! person_id! number role card? pin? household_id?",
    "user_account": "community! name! role password_hash created_ms:big disabled:bool",
    "household_lookup": "lookup:int! community household_id user role path at_ms:big",
}
UNIQUE = {
    "fact": {
        "fact_key": ("community", "point", "epoch", "seq"),
        "fact_id_once": ("community", "fact_id"),
    }
}
INDEXES = (
    ("assignment_by_visit", "assignment", ["community", "visit_id"]),
    ("ix_card_binding_household_id", "card_binding", ["household_id"]),
    ("ix_dead_letter_community", "dead_letter", ["community"]),
    ("ix_household_building", "household", ["building"]),
    ("ix_household_lookup_community", "household_lookup", ["community"]),
    ("ix_household_lookup_household_id", "household_lookup", ["household_id"]),
    ("ix_person_card", "person", ["card"]),
    ("ix_point_verdict_visit_id", "point_verdict", ["visit_id"]),
    ("verdict_by_boot", "point_verdict", ["community", "point", "boot_id"]),
    ("ix_shift_event_shift", "shift_event", ["shift"]),
    ("ix_visit_card", "visit", ["card"]),
    ("visit_by_boot", "visit", ["community", "point", "boot_id"]),
    ("visit_by_day", "visit", ["community", "day", "point"]),
)
_TYPES: dict[str, type[sa.types.TypeEngine[Any]]] = {
    "": sa.String,
    "big": sa.BigInteger,
    "int": sa.Integer,
    "bool": sa.Boolean,
    "date": sa.Date,
    "blob": sa.LargeBinary,
}


def _column(word: str) -> sa.Column[Any]:
    name, _, kind = word.rstrip("!?").partition(":")
    return sa.Column(
        name, _TYPES[kind](), primary_key=word.endswith("!"), nullable=word.endswith("?")
    )


def upgrade() -> None:
    for name, words in TABLES.items():
        unique = [
            sa.UniqueConstraint(*keys, name=key) for key, keys in UNIQUE.get(name, {}).items()
        ]
        op.create_table(name, *map(_column, words.split()), *unique)
    for index, name, columns in INDEXES:
        op.create_index(index, name, columns)


def downgrade() -> None:
    for name in reversed(TABLES):
        op.drop_table(name)
