"""The same key twice is one effect, for everything that moves money or lets it move."""

import re
from typing import Any

import pytest
from sqlalchemy import func, select

from hub.db import table
from hub.ledger.check_links import MODELS
from hub.ledger.tables import LedgerEntry
from hub.review.tables import ReviewResult
from hub.rewards.office_tables import HeldOwner
from hub.rewards.tables import SettlementRun
from tests.hub.rewards.office_world import DAY, HOMES, OfficeWorld, compound
from tests.hub.rewards.point_node import stamp

office = pytest.fixture(name="office")(compound)
HOME, OTHER = HOMES[:2]
WRITTEN = (*MODELS, LedgerEntry, SettlementRun, HeldOwner, ReviewResult)
MONEY = re.compile(
    "/(settlements|held|shifts|boots|months|disputes|review|payouts|redemptions|grants"
    "|rebindings|policies)"
)


def rows(office: OfficeWorld) -> list[int]:
    with office.hub.engine.connect() as connection:
        counts = [select(func.count()).select_from(table(model)) for model in WRITTEN]
        return [connection.execute(count).scalar_one() for count in counts]


def twice(office: OfficeWorld, url: str, body: dict[str, Any], **headers: str) -> Any:
    """The answer, once it has come twice and the second time has written nothing."""
    said = office.headers | {"Idempotency-Key": f"k {url}".replace(" ", "-")[:64]} | headers
    before, answers, written = rows(office), [], []
    for _ in range(2):
        answers.append(office.client.post(url, json=body, headers=said))
        written.append(rows(office))
    first, again = answers
    assert (first.status_code, again.status_code) == (200, 200), first.text + again.text
    assert (again.json(), again.headers["idempotency-replayed"]) == (first.json(), "true")
    assert before != written[0] == written[1], url
    return first.json()


def test_every_request_that_can_move_money_takes_a_key(office: OfficeWorld) -> None:
    paths = office.client.get("/openapi.json").json()["paths"]
    without = {
        path
        for path, methods in paths.items()
        if MONEY.match(path) and "post" in methods and not path.endswith("/preview")
        if "Idempotency-Key" not in {one["name"] for one in methods["post"].get("parameters", ())}
    }
    assert without == set()


def test_the_office_says_everything_twice_and_it_is_done_once(office: OfficeWorld) -> None:
    visits = [office.tap(f"e{n}", home, f"07:0{n}") for n, home in enumerate((HOME, OTHER))]
    alone = office.tap("e3", HOMES[2], "07:09", shift=None)
    dark = office.tap("e4", HOMES[2], "07:10", when=stamp(5_000, trusted=False))
    twice(office, "/settlements", {"day": str(DAY)})
    twice(office, "/held/owners", {"visits": visits, "owner": "office"})
    twice(office, f"/held/{visits[0]}/decision", {"value": "accepted", "reason": "看过"})
    bulk = {"visits": visits[1:], "value": "rejected", "reason": "没分"}
    twice(office, "/held/decisions", bulk)
    stood = {
        "point": "p01", "person": "v102", "from": f"{DAY}T07:00:00+08:00",
        "to": f"{DAY}T09:00:00+08:00", "value": "accepted", "reason": "忘了刷卡",
    }  # fmt: skip
    assert twice(office, "/shifts/attests", stood)["visits"] == 1
    twice(office, "/boots/dates", {"visit": dark, "at": f"{DAY}T07:10:00+08:00", "reason": "停电"})
    office.post(f"/held/{dark}/decision", {"value": "rejected", "reason": "没分"})
    assert office.fen(HOMES[2]) == 30, alone
    opened = twice(office, "/disputes", {"household": OTHER, "day": str(DAY), "claim": "分好了"})
    answer = {"outcome": "upheld", "visit": visits[1], "value": "accepted", "reason": "看了监控"}
    where = f"/disputes/{opened['dispute']}"
    seen = office.post(f"{where}/preview", answer)
    twice(office, f"{where}/answer", answer, **{"If-Match": seen["etag"]})
    policy = {"policy": "p2", "from_day": str(DAY), "amount_fen": 50, "why": "新办法"}
    twice(office, "/policies", policy)
    span = {"from": str(DAY), "to": str(DAY), "reason": "新办法", "restate": True}
    seen = office.post("/settlements/preview", span)
    twice(office, "/settlements/apply", span, **{"If-Match": seen["etag"]})
    assert [office.fen(home) for home in HOMES] == [50, 50, 50]


def test_money_leaves_once_for_a_key(office: OfficeWorld) -> None:
    for number, home in enumerate(HOMES):
        office.accepted(f"e{number}", home, f"07:0{number}")
    office.settle()
    office.at("2026-06-02T10:00")
    twice(office, "/months/2026-05/close", {"reason": "月结"})
    spend = {"key": "s1", "household": HOME, "amount": 20, "reason": "换袋"}
    twice(office, "/redemptions", spend)
    twice(office, "/redemptions/s1/result", {"result": "posted", "reason": "已领"})
    twice(office, "/payouts", {"month": "2026-05", "min_fen": 1, "reason": "五月发放"})
    result = {"result": "posted", "reason": "回单"}
    for home in HOMES:
        twice(office, f"/payouts/2026-05/{home}/result", result)
    twice(office, "/grants", {"household": HOME, "points": 5, "reason": "清扫"})
    assert [office.fen(home) for home in HOMES] == [0, 0, 0]
    assert office.get(f"/households/{HOME}/balance")["balance_points"] == 5
