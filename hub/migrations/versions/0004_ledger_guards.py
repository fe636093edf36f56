"""The store itself refuses what the ledger must never hold, on both engines by the same conditions.

Order of writing: postings, then their entry, which seals them; entries, then their run, which seals
them. The foreign keys of 0003 see to it that neither lacks the other at the commit.

Revision ID: 0004
Revises: 0003
"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

AVAILABLE = """
    COALESCE((SELECT SUM(e.amount_fen) FROM ledger_entry e
        WHERE e.community = NEW.community AND e.household_id = NEW.household_id
        AND e.unit = :unit), 0)
    - COALESCE((SELECT SUM(p.amount_fen) FROM payout p
        WHERE p.community = NEW.community AND p.household_id = NEW.household_id AND :unit = 'fen'
        AND NOT EXISTS (SELECT 1 FROM payout_result r
            WHERE r.community = p.community AND r.payout = p.payout)), 0)
    - COALESCE((SELECT SUM(q.amount_fen) FROM redemption q
        WHERE q.community = NEW.community AND q.household_id = NEW.household_id
        AND q.unit = :unit AND NOT EXISTS (SELECT 1 FROM redemption_result r
            WHERE r.community = q.community AND r.key = q.key)), 0)
"""
GUARDS = {
    "ledger_posting": {
        "its entry is booked already": """
            EXISTS (SELECT 1 FROM ledger_entry e
                WHERE e.community = NEW.community AND e.entry = NEW.entry)
        """
    },
    "ledger_entry": {
        "its postings do not balance": """
            NOT EXISTS (SELECT 1 FROM ledger_posting p
                WHERE p.community = NEW.community AND p.entry = NEW.entry GROUP BY p.entry
                HAVING COUNT(*) > 1 AND SUM(p.amount_fen) = 0 AND SUM(CASE
                    WHEN p.account = 'household:' || NEW.household_id THEN p.amount_fen
                    ELSE 0 END) = NEW.amount_fen)
        """,
        "its run is closed": """
            NEW.run IS NOT NULL AND EXISTS (SELECT 1 FROM settlement_run r
                WHERE r.community = NEW.community AND r.run = NEW.run)
        """,
        "it does not take back a credit of its day": """
            NEW.kind = 'reversal' AND NOT EXISTS (SELECT 1 FROM ledger_entry e
                WHERE e.community = NEW.community AND e.entry = NEW.reverses AND e.day = NEW.day
                AND e.household_id = NEW.household_id AND e.unit = NEW.unit
                AND e.amount_fen = -NEW.amount_fen)
        """,
        "nothing was set aside for it": """
            (NEW.kind = 'payout' AND NOT EXISTS (SELECT 1 FROM payout_result r
                JOIN payout p ON p.community = r.community AND p.payout = r.payout
                WHERE r.community = NEW.community AND r.entry = NEW.entry
                AND p.household_id = NEW.household_id AND p.amount_fen = -NEW.amount_fen
                AND NEW.unit = 'fen'))
            OR (NEW.kind = 'redemption' AND NOT EXISTS (SELECT 1 FROM redemption_result r
                JOIN redemption q ON q.community = r.community AND q.key = r.key
                WHERE r.community = NEW.community AND r.entry = NEW.entry
                AND q.household_id = NEW.household_id AND q.amount_fen = -NEW.amount_fen
                AND q.unit = NEW.unit))
        """,
    },
    "settlement_run": {
        "it does not follow the run before": """
            NEW.previous_digest <> COALESCE((SELECT r.digest FROM settlement_run r
                WHERE r.community = NEW.community AND r.run = NEW.run - 1),
                '0000000000000000000000000000000000000000000000000000000000000000')
        """,
        "its count, sum and day are not those of its entries": """
            EXISTS (SELECT 1 FROM (
                SELECT COUNT(*) AS entries, COALESCE(SUM(e.amount_fen), 0) AS fen,
                COALESCE(SUM(CASE WHEN e.day = NEW.day THEN 0 ELSE 1 END), 0) AS other
                FROM ledger_entry e WHERE e.community = NEW.community AND e.run = NEW.run) AS mine
            WHERE mine.entries <> NEW.entries OR mine.fen <> NEW.amount_fen OR mine.other > 0)
        """,
        "a household has more or less than one reward": """
            EXISTS (SELECT 1 FROM ledger_entry e
                WHERE e.community = NEW.community AND e.day = NEW.day
                AND e.kind IN ('reward', 'supplement', 'reversal') GROUP BY e.household_id
                HAVING SUM(e.amount_fen) NOT IN (0, COALESCE((SELECT p.amount_fen
                    FROM reward_policy p
                    WHERE p.community = NEW.community AND p.policy_id = NEW.policy_id), 0)))
        """,
        "the cap of the day is exceeded": """
            EXISTS (SELECT 1 FROM reward_policy p
                WHERE p.community = NEW.community AND p.policy_id = NEW.policy_id
                AND p.day_cap_fen < (SELECT SUM(e.amount_fen) FROM ledger_entry e
                    WHERE e.community = p.community AND e.day = NEW.day
                    AND e.kind IN ('reward', 'supplement', 'reversal')))
        """,
        "the total cap of the policy is exceeded": """
            EXISTS (SELECT 1 FROM reward_policy p
                WHERE p.community = NEW.community AND p.policy_id = NEW.policy_id
                AND p.total_cap_fen < (SELECT SUM(e.amount_fen) FROM ledger_entry e
                    WHERE e.community = p.community AND e.policy_id = p.policy_id))
        """,
    },
    "payout": {"more than is available": "NEW.amount_fen >" + AVAILABLE.replace(":unit", "'fen'")},
    "redemption": {
        "more than is available": "NEW.amount_fen >" + AVAILABLE.replace(":unit", "NEW.unit")
    },
}
ANY_FRESH = "EXISTS (SELECT 1 FROM fresh WHERE :condition)"
BULKY = ("ledger_posting", "ledger_entry")
"""Written by the thousand: PostgreSQL asks once a statement, SQLite can only ask for each row."""


def upgrade() -> None:
    """Make the guards."""
    for name, conditions in GUARDS.items():
        _guard(name, conditions)


def downgrade() -> None:
    """Drop them."""
    for name, conditions in GUARDS.items():
        _unguard(name, conditions)


def _on_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def _guard(name: str, conditions: dict[str, str]) -> None:
    if _on_postgresql():
        bulky = name in BULKY
        asked = {why: _of_any(each) if bulky else each for why, each in conditions.items()}
        raised = " ".join(
            f"IF {condition} THEN RAISE EXCEPTION '{name} is refused: {why}' "
            "USING ERRCODE = 'check_violation'; END IF;"
            for why, condition in asked.items()
        )
        op.execute(
            f"CREATE FUNCTION lianxin_guard_{name}() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN {raised} RETURN NEW; END $$"
        )
        when = "AFTER INSERT" if bulky else "BEFORE INSERT"
        each = "REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT" if bulky else "FOR EACH ROW"
        op.execute(
            f"CREATE TRIGGER {name}_guard {when} ON {name} {each} "
            f"EXECUTE FUNCTION lianxin_guard_{name}()"
        )
        return
    for number, (why, condition) in enumerate(conditions.items(), 1):
        op.execute(
            f"CREATE TRIGGER {name}_guard_{number} BEFORE INSERT ON {name} WHEN {condition} "
            f"BEGIN SELECT RAISE(ABORT, '{name} is refused: {why}'); END"
        )


def _of_any(condition: str) -> str:
    """The same condition, asked once about all rows of a statement."""
    return ANY_FRESH.replace(":condition", condition.replace("NEW.", "fresh."))


def _unguard(name: str, conditions: dict[str, str]) -> None:
    if _on_postgresql():
        op.execute(f"DROP TRIGGER {name}_guard ON {name}")
        op.execute(f"DROP FUNCTION lianxin_guard_{name}()")
        return
    for number in range(1, len(conditions) + 1):
        op.execute(f"DROP TRIGGER {name}_guard_{number}")
