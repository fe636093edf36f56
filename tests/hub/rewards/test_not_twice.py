"""Ways by which a fen might be paid twice: at once, after a payout, by another day or household."""

import threading
from datetime import date, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import event
from sqlmodel import Session

from hub.app import create_app
from hub.db import make_engine, write_session
from hub.registry.tables import Household
from hub.rewards.months import standing
from hub.rewards.settlement import settle_day
from tests.hub.rewards.office_world import DAY, HOMES, OfficeWorld, compound, moment
from tests.hub.rewards.point_node import stamp
from tests.hub.rewards.registry_rows import card_token, correct
from tests.hub.rewards.test_restating import SPAN, new_policy

office = pytest.fixture(name="office")(compound)
HOME, OTHER = HOMES[:2]
MONTH = {"month": "2026-05", "min_fen": 1, "reason": "五月发放"}
AT_ONCE = 4


def paid(office: OfficeWorld, *homes: str) -> None:
    """30 fen each for a day of May; it is June."""
    for number, home in enumerate(homes):
        office.accepted(f"e{number}", home, f"07:0{number}")
    office.settle()
    office.at("2026-06-02T10:00")


def at_once(office: OfficeWorld, *asked: tuple[str, object]) -> list[Any]:
    """Each request AT_ONCE times, under keys of their own, together; the answers."""
    app, answers = create_app(office.hub), []
    start = threading.Barrier(len(asked) * AT_ONCE)

    def ask(url: str, body: object, key: str) -> None:
        headers = office.headers | {"Idempotency-Key": key}
        start.wait()
        answers.append(TestClient(app).post(url, json=body, headers=headers))

    threads = [
        threading.Thread(target=ask, args=(url, body, f"k-{part}-{number}"))
        for part, (url, body) in enumerate(asked)
        for number in range(AT_ONCE)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(answer.status_code in {200, 409} for answer in answers), answers
    return [answer.json() for answer in answers]


def entries(office: OfficeWorld) -> list[tuple[str, str, int]]:
    items = office.get("/entries")["items"]
    return [(item["household"], item["kind"], item["amount_fen"]) for item in items]


def open_month(office: OfficeWorld, key: str, **change: object) -> Any:
    return office.post("/payouts", MONTH | change, Idempotency_Key=key)


def end(office: OfficeWorld, home: str, result: str, key: str) -> Any:
    url = f"/payouts/2026-05/{home}/result"
    return office.post(url, {"result": result, "reason": "回单"}, Idempotency_Key=key)["result"]


def test_a_day_settled_by_many_at_once_is_paid_once(office: OfficeWorld) -> None:
    office.accepted("e1", HOME, "07:01")
    at_once(office, ("/settlements", {"day": str(DAY)}))
    assert entries(office) == [(HOME, "reward", 30)]


def test_a_month_opened_by_many_at_once_is_set_aside_once(office: OfficeWorld) -> None:
    paid(office, HOME, OTHER)
    said = at_once(office, ("/payouts", MONTH))
    assert sorted(answer["total_fen"] for answer in said) == [0] * (AT_ONCE - 1) + [60]


def test_a_payout_ended_by_many_at_once_ends_one_way(office: OfficeWorld) -> None:
    paid(office, HOME)
    open_month(office, "m")
    url = f"/payouts/2026-05/{HOME}/result"
    posted, void = ({"result": result, "reason": "回单"} for result in ("posted", "void"))
    said = [answer["result"] for answer in at_once(office, (url, posted), (url, void))]
    (how,) = (word for word in said if not word.startswith("already_"))
    assert said.count(f"already_{how}") == 2 * AT_ONCE - 1
    assert office.fen(HOME) == (0 if how == "posted" else 30)


def test_a_shop_and_a_payout_at_once_share_what_there_is(office: OfficeWorld) -> None:
    paid(office, HOME)
    spend = {"key": "shop-1", "household": HOME, "amount": 20, "reason": "换袋"}
    at_once(office, ("/redemptions", spend), ("/payouts", MONTH))
    balance = office.get(f"/households/{HOME}/balance")
    assert (balance["balance_fen"], balance["available_fen"]) in {(30, 0), (30, 10)}
    asides = [item["amount_fen"] for item in office.get("/payouts")["items"]]
    asides += [item["amount"] for item in office.get("/redemptions")["items"]]
    assert sum(asides) in {20, 30}


def test_a_day_restated_while_its_payout_is_open_is_carried_not_paid_again(
    office: OfficeWorld,
) -> None:
    paid(office, HOME)
    open_month(office, "m1")
    new_policy(office, fen=20)
    seen = office.post("/settlements/preview", SPAN | {"restate": True})
    said = {"If_Match": seen["etag"], "Idempotency_Key": "r1"}
    office.post("/settlements/apply", SPAN | {"restate": True}, **said)
    assert open_month(office, "m2")["opened"] == 0
    assert end(office, HOME, "posted", "p1") == "posted"
    assert office.fen(HOME) == -10
    next_day = DAY + timedelta(days=1)
    office.accepted("f1", HOME, f"{next_day}T07:00", received="2026-06-02T09:00")
    office.settle(next_day)
    assert office.fen(HOME) == 10
    assert open_month(office, "m3")["total_fen"] == 10, "what was paid too much is taken off"


def test_a_card_given_to_another_home_after_the_payout_owes_and_pays_once(
    office: OfficeWorld,
) -> None:
    paid(office, HOME)
    open_month(office, "m1")
    end(office, HOME, "posted", "p1")
    asked = {
        "card": card_token(HOME), "household": OTHER, "at": f"{DAY}T00:00:00+08:00",
        "reason": "绑错房号",
    }  # fmt: skip
    seen = office.post("/rebindings/preview", asked)
    assert seen["total_fen"] == 0
    office.post("/rebindings", asked, If_Match=seen["etag"], Idempotency_Key="b1")
    assert (office.fen(HOME), office.fen(OTHER)) == (-30, 30)
    assert open_month(office, "m2")["total_fen"] == 30
    assert end(office, OTHER, "posted", "p2") == "posted"
    assert open_month(office, "m3")["opened"] == 0
    assert (office.fen(HOME), office.fen(OTHER)) == (-30, 0)


def test_homes_that_turn_out_to_be_one_family_give_one_reward_back(office: OfficeWorld) -> None:
    paid(office, HOME, OTHER)
    with write_session(office.hub.engine) as session:
        home = session.get_one(Household, (office.hub.community, OTHER))
        correct(session, home, successor_of=HOME)
    office.settle()
    assert (office.fen(HOME), office.fen(OTHER)) == (30, 0)
    assert office.reason(OTHER) == "predecessor_paid"
    office.settle()
    assert len(entries(office)) == 3, "once"


def test_a_visit_is_paid_on_one_day_whatever_days_it_was_given(office: OfficeWorld) -> None:
    dark = stamp(moment("07:01"), trusted=False)
    visit = office.tap("e1", HOME, "07:01", when=dark)
    office.settle()
    url = f"/held/{visit}/decision"
    for day in ("2026-05-01", "2026-05-02", "2026-05-01"):
        office.post(url, {"value": "accepted", "reason": f"那是{day}", "day": day})
        assert office.fen(HOME) == 30
        paid_on = [str(date(2026, 5, n)) for n in (1, 2, 3) if _amount(office, n)]
        assert paid_on == [day]


def _amount(office: OfficeWorld, number: int) -> int:
    return int(office.day(HOME, date(2026, 5, number))["amount_fen"])


def test_what_comes_after_the_close_is_paid_once_by_the_next_payout(office: OfficeWorld) -> None:
    paid(office, HOME)
    office.tap("e9", OTHER, "08:00", received="2026-05-20T09:00")
    office.settle()
    (held,) = [name for name, _ in office.held()]
    office.post(f"/held/{held}/decision", {"value": "rejected", "reason": "没分"})
    closed = office.post("/months/2026-05/close", {"reason": "月结"})["closed"]
    open_month(office, "m1")
    end(office, HOME, "posted", "p1")
    dispute = {"household": OTHER, "day": str(DAY), "visit": held, "claim": "分好了"}
    number = office.post("/disputes", dispute, Idempotency_Key="d1")["dispute"]
    answer = {"outcome": "upheld", "value": "accepted", "reason": "看了监控"}
    seen = office.post(f"/disputes/{number}/preview", answer)
    said = {"If_Match": seen["etag"], "Idempotency_Key": "a1"}
    first = office.post(f"/disputes/{number}/answer", answer, **said)
    assert office.post(f"/disputes/{number}/answer", answer, **said) == first
    assert office.get("/months/2026-05")["closed"] == closed
    assert [open_month(office, key)["total_fen"] for key in ("m2", "m3")] == [30, 0]


def test_a_visit_that_comes_while_its_day_is_settled_waits_for_a_run(office: OfficeWorld) -> None:
    """Only PostgreSQL takes it meanwhile; SQLite has one writer."""
    office.accepted("e1", HOME, "07:01")
    url = office.hub.engine.url.render_as_string(hide_password=False)
    come: list[str] = []

    def comes(*_given: object) -> None:
        if not come:
            come.append("e2")
            office.accepted("e2", OTHER, "07:02")

    def read(_c: object, _cursor: object, statement: str, *_more: object) -> None:
        if "FROM visit" in statement:
            comes()

    settling = make_engine(url)
    if settling.dialect.name == "postgresql":
        event.listen(settling, "after_cursor_execute", read)
    now_ms = office.hub.now_ms()
    with write_session(settling) as session:
        settle_day(session, office.hub.community, DAY, now_ms)
    settling.dispose()
    comes()
    assert unsettled(office) == [DAY]
    office.settle()
    assert unsettled(office) == []
    assert (office.fen(HOME), office.fen(OTHER)) == (30, 30)


def unsettled(office: OfficeWorld) -> list[date]:
    with Session(office.hub.engine) as session:
        return standing(session, office.hub.community, "2026-05", office.hub.now_ms()).unsettled
