"""Runs one case of settlement_cases.json against the real intake, tables, settlement and ledger."""

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
from hub.rewards.policy import policy_for
from hub.rewards.settlement import settle_day
from hub.rewards.staff import assign_day, record_verdict
from hub.visits.tables import Visit
from hub.web.deps import Caller
from tests.hub.rewards import registry_rows as registry
from tests.hub.rewards.point_node import PointNode, encode_fact, hex_id, stamp
from tests.hub.rewards.registry_rows import at_ms, card_token, day_or_none
from wire.day import business_day
from wire.facts import Tap, Verdict, VerdictValue

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
        self.policies = 0
        self.now = 0
        self._add(
            *(registry.household(community, item) for item in case["households"]),
            *(registry.person(community, item) for item in case["people"]),
            *(registry.binding(community, item) for item in case["bindings"]),
        )
        for item in case["policies"]:
            self._policy(item)

    def run(self, step: Step) -> None:
        self.now = at_ms(step["at"]) if "at" in step else self.now
        getattr(self, "_" + step["op"])(step)

    def finish(self) -> None:
        with Session(self.engine) as session:
            for household, expected in self.case.get("expect_balances", {}).items():
                has = balance(session, self.community, household)
                assert has._asdict() == {f"{key}_fen": fen for key, fen in expected.items()}

    # --- the registry

    def _bind(self, step: Step) -> None:
        self._add(registry.binding(self.community, step))

    def _block(self, step: Step) -> None:
        self._add(registry.block(self.community, step))

    def _policy(self, step: Step) -> None:
        self.policies += 1
        self._add(registry.policy(self.community, step, self.policies))

    def _close_household(self, step: Step) -> None:
        with write_session(self.engine) as session:
            household = session.get(Household, (self.community, step["household"]))
            assert household is not None
            household.to_day = date.fromisoformat(step["to_day"])

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
        line = encode_fact(hex_id(step["id"]), when, tap)
        said = self.send(point, line, at_ms(step["received_at"]))
        assert said == step.get("expect", said)
        if "grams" in step:  # 0 g cannot be said by a deposit, which a bin must have gained from
            with write_session(self.engine) as session:
                session.execute(
                    update(table(Visit))
                    .where(table(Visit).c.visit_id == hex_id(step["id"]))
                    .values(weight_g=step["grams"])
                )

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
        name = f"v{len(self.lines)}{step['event']}"
        line = encode_fact(hex_id(name), stamp(at_ms(step["at"])), said)
        self.send(self.points.get(step["event"], "p01"), line, at_ms(step["at"]))

    def _assign_day(self, step: Step) -> None:
        with write_session(self.engine) as session:
            visit = self._visit(session, step["event"])
            day = date.fromisoformat(step["day"])
            assign_day(session, visit, STAFF, at_ms(step["at"]), day=day, reason="case")

    def _visit(self, session: Session, event: str) -> Visit:
        visit = session.get(Visit, (self.community, hex_id(event)))
        assert visit is not None, event
        return visit

    def send(self, point: str, line: bytes, received_ms: int) -> str:
        self.lines.append((point, line, received_ms))
        node = self.nodes.setdefault(point, PointNode(self.community, point))
        with self.engine.execution_options(writes=True).begin() as connection:
            (said,) = node.send(connection, [line], received_ms)
        return said

    def many(self, cards: list[str]) -> None:
        """One approved visit for each card, as C12 tells it."""
        at = at_ms("2026-05-03T07:00:00+08:00")
        taps, verdicts = [], []
        for number, card in enumerate(cards):
            tap = Tap(card=card, reader="r", known="known", signal="recorded", shift=SHIFT)
            name = hex_id(f"e{number:05d}")
            taps.append(encode_fact(name, stamp(at), tap))
            said = Verdict(visit=name, value="accepted", by="v1", shift=SHIFT, command_id="0" * 32)
            verdicts.append(encode_fact(hex_id(f"v{number:05d}"), stamp(at + 30_000), said))
        node = PointNode(self.community, "p01")
        with self.engine.execution_options(writes=True).begin() as connection:
            assert set(node.send(connection, taps, at + 1000)) == {"accepted"}
            assert set(node.send(connection, verdicts, at + 31_000)) == {"accepted"}

    def send_again(self, chosen: list[tuple[str, bytes, int]]) -> None:
        """Redelivery under new keys: whatever came before, nothing may be new."""
        for point, line, received_ms in chosen:
            assert self.send(point, line, received_ms) != "accepted"
            self.lines.pop()

    # --- money

    def _settle(self, step: Step) -> None:
        day, now = date.fromisoformat(step["day"]), at_ms(step["at"])
        with write_session(self.engine) as session:
            done = settle_day(session, self.community, day, now, restate=step.get("restate", False))
        new = self._new_entries()
        assert (done.entries, done.amount_fen) == (len(new), sum(row.amount_fen for row in new))
        if "expect" in step:
            expected = [_expected(item, now) for item in step["expect"]]
            assert Counter(_entry(row) for row in new) == Counter(expected)
        if "expect_total_fen" in step:
            assert done.amount_fen == step["expect_total_fen"]
            assert done.entries == step["expect_count"]
        if not self.quick:
            self._check_again(day, now)
        self._check_shown(day, step)

    def _check_again(self, day: date, now: int) -> None:
        """An immediate second settle adds nothing; net per household is 0 or the amount."""
        with write_session(self.engine) as session:
            again = settle_day(session, self.community, day, now)
            assert again.entries == 0
            policy = policy_for(session, self.community, day, restate=False)
        assert self._new_entries() == []
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
        assert set(net.values()) <= allowed

    def _check_shown(self, day: date, step: Step) -> None:
        with Session(self.engine) as session:
            for household, reason in step.get("explain", {}).items():
                known = session.get(Household, (self.community, household))
                assert known is not None
                (shown,) = household_days(session, known, day, day)
                assert (household, shown.reason) == (household, reason)
                assert shown.why
                assert shown.why_en
            if "unknown_events" in step:
                visits = known_outcomes(session, self.community, day).visits.values()
                unknown = {item.visit for item in visits if item.reason == "card_unknown"}
                assert unknown == {hex_id(event) for event in step["unknown_events"]}

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
        found = {item.household: item.amount_fen for item in opened}
        assert found == {item["household"]: item["fen"] for item in step["expect"]}

    def _payout_confirm(self, step: Step) -> None:
        self._close_payout(step, "posted")

    def _payout_fail(self, step: Step) -> None:
        self._close_payout(step, "void")

    def _close_payout(self, step: Step, result: Literal["posted", "void"]) -> None:
        with write_session(self.engine) as session:
            said = payouts.close_payout(
                session, self.community, step["month"], step["household"], result, now_ms=self.now
            )
        assert said == step["expect"]

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
        assert said == step["expect"]


def _entry(row: Any) -> tuple[object, ...]:
    return row.household_id, row.day, row.amount_fen, row.kind, row.booked_on


def _expected(item: Step, now: int) -> tuple[object, ...]:
    booked = day_or_none(item.get("booked_on")) or business_day(now)
    day = date.fromisoformat(item["day"])
    return item["household"], day, item["fen"], item["kind"], booked
