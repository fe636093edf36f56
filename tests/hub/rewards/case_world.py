"""One case against the real intake, tables, settlement and ledger; see tests/cases."""

from collections import Counter
from datetime import date
from typing import Any, Literal

from sqlalchemy import Engine, select, update
from sqlmodel import Session, SQLModel

from hub.db import table, write_session
from hub.ledger import payouts, redemptions
from hub.ledger.accounts import balance
from hub.ledger.tables import LedgerEntry
from hub.registry.tables import Household
from hub.rewards.days import household_days
from hub.rewards.outcomes import known_outcomes
from hub.rewards.policy import policy_for, publish
from hub.rewards.settled import forget
from hub.rewards.settlement import settle_day
from hub.rewards.staff import assign_day, record_verdict
from hub.visits.tables import Visit
from hub.web.deps import Caller
from tests.cases.expecting import MismatchError, entry_row, expect, expected_row
from tests.hub.rewards import registry_rows as registry
from tests.hub.rewards.point_node import PointNode, crowd_lines, encode_fact, hex_id, stamp
from tests.hub.rewards.registry_rows import at_ms, card_token, correct
from wire.facts import Assign, Deposit, Stamp, Tap, Verdict, VerdictValue

Case = dict[str, Any]
Step = dict[str, Any]
VALUES: dict[str, VerdictValue] = {
    "approved": "accepted",
    "corrected": "corrected",
    "rejected": "rejected",
    "unclear": "unclear",
}
STAFF = Caller("s1", "office")
SHIFT = "5" * 32


class CaseWorld:
    """One community per case, so that cases also prove that communities never meet."""

    def __init__(self, engine: Engine, community: str, case: Case, *, quick: bool = False) -> None:
        self.engine, self.community, self.case = engine, community, case
        self.quick = quick
        self.nodes: dict[str, PointNode] = {}
        self.entries = 0
        self.lines: list[tuple[str, bytes, int]] = []
        self.points: dict[str, str] = {}
        self.policies = self.verdicts = 0
        self.now = 0
        self._add(
            *(registry.household(community, item) for item in case["households"]),
            *(registry.person(community, item) for item in case["people"]),
            *(registry.binding(community, item) for item in case["bindings"]),
        )
        for item in case["policies"]:
            self._policy(item)
        for step in case.get("steps", []):
            if step["op"] == "event":
                self.points.setdefault(step["id"], step["point"].lower())
        if "crowd" in case:
            self._crowd(**case["crowd"])

    def run(self, step: Step) -> None:
        self.now = at_ms(step["at"]) if "at" in step else self.now
        getattr(self, "_" + step["op"])(step)

    def finish(self) -> None:
        with Session(self.engine) as session:
            for household, expected in self.case.get("expect_balances", {}).items():
                has = balance(session, self.community, household)
                known = {key: getattr(has, f"{key}_fen") for key in expected}
                expect(f"balance of {household}", expected, known)

    # --- the registry

    def _bind(self, step: Step) -> None:
        self._replace(registry.binding(self.community, step))

    def _block(self, step: Step) -> None:
        self._replace(registry.block(self.community, step))

    def _replace(self, row: SQLModel) -> None:
        """What is said again for the same moment corrects what was said."""
        with write_session(self.engine) as session:
            correct(session, row)

    def _policy(self, step: Step) -> None:
        self.policies += 1
        with write_session(self.engine) as session:
            publish(session, registry.policy(self.community, step, self.policies))

    def _close_household(self, step: Step) -> None:
        with write_session(self.engine) as session:
            known = self._household(session, step["household"])
            correct(session, known, to_day=date.fromisoformat(step["to_day"]))

    def _household(self, session: Session, household: str) -> Household:
        known = session.get(Household, (self.community, household))
        if known is None:
            raise MismatchError(f"household {household} is not in the case")
        return known

    def _add(self, *rows: SQLModel) -> None:
        with write_session(self.engine) as session:
            session.add_all(rows)

    # --- what points and staff say

    def _event(self, step: Step) -> None:
        tap = Tap(
            card=card_token(step["card"]),
            reader="reader-1",
            known="known",
            signal="recorded",
            shift=SHIFT if step.get("attended", True) else None,
        )
        when = stamp(at_ms(step["occurred_at"]), trusted=step.get("clock") != "untrusted")
        point = self.points.setdefault(step["id"], step["point"].lower())
        received_ms = at_ms(step["received_at"])
        said = self.send(point, encode_fact(hex_id(step["id"]), when, tap), received_ms)
        expect(f"delivery of {step['id']}", step.get("expect", said), said)
        if said == "accepted" and step.get("grams") is not None:
            self._weigh(step["id"], point, when, step["grams"], received_ms)

    def _weigh(self, event: str, point: str, when: Stamp, grams: int, received_ms: int) -> None:
        """0 g cannot be said by a deposit, which a bin must have gained from."""
        if grams == 0:
            with write_session(self.engine) as session:
                visit = table(Visit)
                mine = (visit.c.community == self.community, visit.c.visit_id == hex_id(event))
                session.execute(update(visit).where(*mine).values(weight_g=0))
            return
        put = Deposit(
            bin=4, category="other", grams=grams, level_g=grams, moved_up_ms=1, quality="clean"
        )
        name = hex_id(f"d{event}")
        belongs = Assign(deposit=name, visit=hex_id(event), doubt="none")
        for fact, body in ((name, put), (hex_id(f"a{event}"), belongs)):
            self.send(point, encode_fact(fact, when, body), received_ms)

    def _verdict(self, step: Step) -> None:
        value = VALUES[step["value"]]
        if step["role"] == "staff":
            with write_session(self.engine) as session:
                visit = self._visit(session, step["event"])
                now = at_ms(step["at"])
                record_verdict(session, visit, STAFF, now, value=value, reason=f"case {now}")
            return
        said = Verdict(
            visit=hex_id(step["event"]),
            value=value,
            by=step["by"].lower(),
            shift=SHIFT,
            command_id="0" * 32,
        )
        self.verdicts += 1
        line = encode_fact(f"{self.verdicts:032x}", stamp(at_ms(step["at"])), said)
        received_ms = at_ms(step.get("received_at") or step["at"])
        self.send(self.points.get(step["event"], "p01"), line, received_ms)

    def _assign_day(self, step: Step) -> None:
        with write_session(self.engine) as session:
            visit = self._visit(session, step["event"])
            day = date.fromisoformat(step["day"])
            assign_day(session, visit, STAFF, at_ms(step["at"]), day=day, reason="case")

    def _visit(self, session: Session, event: str) -> Visit:
        visit = session.get(Visit, (self.community, hex_id(event)))
        if visit is None:
            raise MismatchError(f"visit {event}: the hub does not have it yet")
        return visit

    def send(self, point: str, line: bytes, received_ms: int) -> str:
        self.lines.append((point, line, received_ms))
        node = self.nodes.setdefault(point, PointNode(self.community, point))
        with self.engine.execution_options(writes=True).begin() as connection:
            (said,) = node.send(connection, [line], received_ms)
        return said

    def _crowd(self, cards: list[str], at: str, received_after_s: int, approved_at: str) -> None:
        """One approved visit for each card, in bulk."""
        tapped, approved = at_ms(at), at_ms(approved_at)
        taps, verdicts = crowd_lines(cards, tapped, approved, SHIFT)
        node = PointNode(self.community, "p01")
        with self.engine.execution_options(writes=True).begin() as connection:
            node.send(connection, taps, tapped + received_after_s * 1000)
            node.send(connection, verdicts, approved)

    def send_again(self, chosen: list[tuple[str, bytes, int]]) -> None:
        """Redelivery under new keys: whatever came before, nothing may be new."""
        for point, line, received_ms in chosen:
            said = self.send(point, line, received_ms)
            expect("a line sent again is new", expected=False, found=said == "accepted")
            self.lines.pop()

    # --- money

    def _settle(self, step: Step) -> None:
        day, now = date.fromisoformat(step["day"]), at_ms(step["at"])
        with write_session(self.engine) as session:
            done = settle_day(session, self.community, day, now, restate=step.get("restate", False))
        new = self._new_entries()
        told, found = (done.entries, done.amount_fen), sum(row.amount_fen for row in new)
        expect("what the run says of its entries", told, (len(new), found))
        if "expect" in step:
            expected = Counter(expected_row(item, now) for item in step["expect"])
            expect("new entries", expected, Counter(entry_row(row) for row in new))
        if "expect_total_fen" in step:
            expect("total fen", step["expect_total_fen"], done.amount_fen)
        if "expect_count" in step:
            expect("count of entries", step["expect_count"], done.entries)
        if not self.quick:
            self._check_again(day, now)
        self._check_shown(day, step)

    def _check_again(self, day: date, now: int) -> None:
        """An immediate second settle adds nothing; net per household is 0 or the amount."""
        with write_session(self.engine) as session:
            forget(session, self.community)  # it has to be judged again, not remembered
            again = settle_day(session, self.community, day, now)
            policy = policy_for(session, self.community, day, restate=False)
        added = again.entries, self._new_entries()
        expect("entries of a second settlement at once", (0, []), added)
        entry = table(LedgerEntry).c
        with Session(self.engine) as session:
            net: Counter[str] = Counter()
            for household, fen in session.execute(
                select(entry.household_id, entry.amount_fen).where(
                    entry.community == self.community,
                    entry.day == day,
                    entry.kind.in_(("reward", "supplement", "reversal")),
                )
            ):
                net[household] += fen
        allowed = {0, policy.amount_fen} if policy else {0}
        wrong = {household: fen for household, fen in net.items() if fen not in allowed}
        expect("households with neither nothing nor one reward", {}, wrong)

    def _check_shown(self, day: date, step: Step) -> None:
        with Session(self.engine) as session:
            for household, reason in step.get("explain", {}).items():
                known = self._household(session, household)
                (shown,) = household_days(session, known, day, day)
                expect(f"reason shown to {household}", reason, shown.reason)
                words = bool(shown.why and shown.why_en)
                expect(f"reason of {household} in words", expected=True, found=words)
            if "unknown_events" in step:
                visits = known_outcomes(session, self.community, day).visits.values()
                unknown = {item.visit for item in visits if item.reason == "card_unknown"}
                listed = {hex_id(event) for event in step["unknown_events"]}
                expect("events of unknown cards", listed, unknown)

    def _new_entries(self) -> list[Any]:
        entry = table(LedgerEntry)
        with Session(self.engine) as session:
            rows = session.execute(
                select(entry)
                .where(entry.c.community == self.community, entry.c.entry > self.entries)
                .order_by(entry.c.entry)
            ).all()
        self.entries = rows[-1].entry if rows else self.entries
        return [row for row in rows if row.run is not None]

    def _payout_open(self, step: Step) -> None:
        with write_session(self.engine) as session:
            opened = payouts.open_payouts(
                session, self.community, step["month"], at_ms(step["at"]), min_fen=step["min_fen"]
            )
        found = Counter((item.household, item.amount_fen) for item in opened)
        if "expect" in step:
            expected = Counter((item["household"], item["fen"]) for item in step["expect"])
            expect(f"payouts of {step['month']}", expected, found)

    def _payout_confirm(self, step: Step) -> None:
        self._close_payout(step, "posted")

    def _payout_fail(self, step: Step) -> None:
        self._close_payout(step, "void")

    def _close_payout(self, step: Step, result: Literal["posted", "void"]) -> None:
        with write_session(self.engine) as session:
            said = payouts.close_payout(
                session, self.community, step["month"], step["household"], result, now_ms=self.now
            )
        expect(f"payout of {step['household']}", step.get("expect", said), said)

    def _redeem(self, step: Step) -> None:
        with write_session(self.engine) as session:
            said = redemptions.redeem(
                session,
                self.community,
                step["household"],
                step["fen"],
                key=step["key"],
                now_ms=at_ms(step["at"]),
            )
        expect(f"redemption {step['key']}", step.get("expect", said), said)
