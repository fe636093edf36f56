"""One history that meets every rule of the model: what chance finds in minutes, in seconds."""

from datetime import date

from sqlalchemy import Engine

from tests.hub.ledger.test_machine import DAYS, MINUTE_MS, MONTH_ENDS, Money


def test_a_history_that_meets_every_rule(store: Engine) -> None:
    """Each step asks hub and model alike."""
    told = Money(store)
    told.money_to_begin_with()
    first, second, third = DAYS
    for step in (_verdicts, _late, _owners, _rates):
        step(told, first, second, third)
        told.balances_agree()
    _money_out(told)
    told.teardown()


def _verdicts(told: Money, day: date, *_others: date) -> None:
    told.tap("K1", day, 500, late_days=0, word="unclear")
    told.settle(day, restate=False)
    number = len(told.model.said)
    told.tap("K1", day, 510, late_days=0, word="approved")
    told.settle(day, restate=False)
    (visit,) = {said.tap for said in told.model.said[number:]}
    at = told.model.taps[visit].at_ms
    for word, when, staff in (
        ("rejected", at - MINUTE_MS, False), ("rejected", at + 9 * MINUTE_MS, False),
        ("corrected", at + 10 * MINUTE_MS, False), ("rejected", told._next_ms(), True),
        ("approved", told.now_ms + MINUTE_MS, False), ("approved", told._next_ms(), True),
    ):  # fmt: skip
        told._judge(visit, word, when, staff=staff)
        told.settle(day, restate=False)
    number = len(told.model.said)
    told.tap("K2", day, 520, late_days=0, word="approved")
    told.settle(day, restate=False)
    told._undo(number)
    told.settle(day, restate=False)
    told.send_last_again()


def _late(told: Money, day: date, second: date, third: date) -> None:
    for card, of, late_days in (("K2", day, 32), ("K2", second, 31), ("K1", second, 2)):
        told.tap(card, of, 530, late_days=late_days, word="approved")
        told.settle(of, restate=False)


def _owners(told: Money, day: date, _second: date, third: date) -> None:
    for minute in (600, 700, 800):
        told.tap("K3", day, minute, late_days=0, word="approved")
    told.settle(day, restate=False)
    for home, minute in (("H2", 650), ("H1", 750), ("H0", 850)):
        told.bind("K3", home, day, minute)
        told.settle(day, restate=False)
    told.tap("K2", third, 900, late_days=0, word="rejected")
    told.settle(third, restate=False)


def _rates(told: Money, day: date, second: date, _third: date) -> None:
    for since, amount in ((day, 50), (second, 20), (second, 50)):
        told.publish(since, amount)
        for each in (day, second):
            for restate in (False, True):
                told.settle(each, restate=restate)
                told.settle(each, restate=False)


def _money_out(told: Money) -> None:
    told.set_aside("r1", "H2", 30)
    for key, home, fen in (("r1", "H2", 30), ("r1", "H2", 10), ("r1", "H0", 30), ("r2", "H2", 0)):
        told.set_aside(key, home, fen)
    told.set_aside("r2", "H1", 10)
    told.set_aside("r4", "H2", 61)
    for key in ("r1", "r2"):
        told._spend(key, "posted" if key == "r1" else "void")
        told._spend(key, "void" if key == "r1" else "posted")
    least = min(told.model.due(MONTH_ENDS).values())
    for min_fen in (least + 1, least, 1):
        told.open_month(min_fen)
    told.set_aside("r3", "H0", 10)
    told.tap("K0", DAYS[0], 1000, late_days=0, word="approved")
    told.publish(DAYS[2], 50)
    told.settle(DAYS[2], restate=True)
    told.open_month(1)
    told.balances_agree()
    for again in range(3):
        for home in sorted({aside.household for aside in told.model.payouts}):
            told._close_one(home, "posted" if again else "void")
            told.balances_agree()
    told.open_month(1)
