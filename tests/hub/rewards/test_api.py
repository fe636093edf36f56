"""Days and why, settlements, the held list and decisions, over HTTP."""

from datetime import date, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlmodel import Session

from hub.db import write_session
from hub.ledger.verify import verify
from hub.registry.tables import CardBinding, Household
from hub.rewards.policy import ensure_default_policy
from hub.rewards.settled import forget
from hub.web.deps import Hub
from hub.web.keyset import encode_place
from tests.hub.conftest import bearer
from tests.hub.rewards.point_node import PointNode, encode_fact, hex_id, stamp
from tests.hub.rewards.registry_rows import at_ms, card_token
from wire.day import day_start_ms
from wire.facts import DayEnd, Manual, Tap, Verdict

DAY = date(2026, 5, 3)
HOMES = ("11-1-102", "11-1-103", "11-1-104")
SHIFT = "5" * 32


def world(hub: Hub) -> PointNode:
    """Three households: one accepted, one rejected, one unjudged; one unknown card."""
    with write_session(hub.engine) as session:
        ensure_default_policy(session, hub.community, date(2020, 1, 1))
        for home in HOMES:
            building, unit, room = home.split("-")
            session.add(
                Household(
                    community=hub.community, household_id=home, building=building, unit=unit,
                    room=room, from_day=date(2020, 1, 1),
                )
            )  # fmt: skip
            session.add(
                CardBinding(
                    community=hub.community, card=card_token(home), from_ms=0, household_id=home
                )
            )
    node = PointNode(hub.community, "p01")
    lines = [_tap(number, name) for number, name in enumerate([*HOMES, "x"], 1)]
    lines += [_verdict(1, "accepted"), _verdict(2, "rejected"), _verdict(4, "accepted")]
    ended = DayEnd(day=DAY, taps=4, deposits=0, verdicts=3, unjudged=1)
    send(hub, node, [*lines, encode_fact(hex_id("end"), stamp(_at(9)), ended)])
    return node


def send(hub: Hub, node: PointNode, lines: list[bytes]) -> None:
    with hub.engine.execution_options(writes=True).begin() as connection:
        assert set(node.send(connection, lines, _at(9))) == {"accepted"}


def _at(hour: int) -> int:
    return day_start_ms(DAY) + hour * 3_600_000


def _tap(number: int, name: str) -> bytes:
    tap = Tap(
        card=card_token(name), reader="reader-1", known="known", signal="recorded", shift=SHIFT
    )
    return encode_fact(hex_id(f"e{number}"), stamp(_at(7) + number * 60_000), tap)


def _verdict(number: int, value: Any) -> bytes:
    said = Verdict(
        visit=hex_id(f"e{number}"),
        value=value,
        reason="mixed" if value == "rejected" else None,
        by="v01",
        shift=SHIFT,
        command_id="0" * 32,
    )
    return encode_fact(hex_id(f"v{number}"), stamp(_at(8) + number), said)


@pytest.fixture
def office(hub: Hub, client: TestClient) -> dict[str, str]:
    world(hub)
    hub.now_ms.ms = at_ms("2026-05-04T10:00:00+08:00")  # type: ignore[attr-defined]
    return bearer(hub, "office")


def settle(client: TestClient, office: dict[str, str], **body: object) -> Any:
    answer = client.post("/settlements", json={"day": str(DAY)} | body, headers=office)
    assert answer.status_code == 200, answer.text
    return answer.json()


def day_of(client: TestClient, office: dict[str, str], home: str) -> Any:
    url = f"/households/{home}/days?from={DAY}&to={DAY}"
    (shown,) = client.get(url, headers=office).json()["days"]
    return shown


def test_a_day_is_settled_explained_and_paid(
    hub: Hub, client: TestClient, office: dict[str, str]
) -> None:
    before = day_of(client, office, HOMES[0])
    assert (before["reason"], before["amount_fen"], before["run"]) == ("not_settled", 0, None)
    assert before["visits"][0]["reason"] == "qualified"
    done = settle(client, office)
    assert (done["entries"], done["amount_fen"], done["held"]) == (1, 30, 1)
    assert done["absent_points"] == ["p02"]
    paid, rejected, pending = (day_of(client, office, home) for home in HOMES)
    assert (paid["amount_fen"], paid["reason"], paid["run"]) == (30, "paid", 1)
    assert paid["why"] == "本日 30 分(0.30 元):p01 点 07:01 合格"
    assert paid["why_en"] == "30 fen (0.30 yuan) for this day: p01 07:01 accepted"
    (visit,) = paid["visits"]
    assert visit == {
        "visit": hex_id("e1"),
        "point": "p01",
        "at": "2026-05-03T07:01:00.000+08:00",
        "source": "card",
        "verdict": "accepted",
        "verdict_reason": None,
        "by_role": "volunteer",
        "reason": "qualified",
        "weight_g": None,
    }
    assert (rejected["reason"], rejected["visits"][0]["verdict_reason"]) == (
        "all_rejected",
        "mixed",
    )
    assert (pending["reason"], pending["visits"][0]["verdict"]) == ("verdict_pending", None)
    entries = client.get(f"/entries?day={DAY}", headers=office).json()["items"]
    assert [(item["household"], item["kind"], item["amount_fen"]) for item in entries] == [
        (HOMES[0], "reward", 30)
    ]
    assert client.get(f"/households/{HOMES[0]}/balance", headers=office).json() == {
        "household": HOMES[0], "balance_fen": 30, "available_fen": 30,
        "balance_points": 0, "available_points": 0,
    }  # fmt: skip


def test_settling_again_adds_nothing(hub: Hub, client: TestClient, office: dict[str, str]) -> None:
    first = settle(client, office)
    again = settle(client, office)
    assert again | {"entries": 1, "amount_fen": 30} == first
    with write_session(hub.engine) as session:
        forget(session, hub.community)
    assert settle(client, office) == again, "judged again, not remembered"
    runs = client.get(f"/settlements?day={DAY}", headers=office).json()["items"]
    assert [run["kind"] for run in runs] == ["first"]


def test_a_decision_books_at_once_and_the_same_again_changes_nothing(
    hub: Hub, client: TestClient, office: dict[str, str]
) -> None:
    settle(client, office)
    (held,) = client.get("/held", headers=office).json()["items"]
    assert (held["household"], held["reason"], held["shift"]) == (
        HOMES[2], "verdict_pending", SHIFT,
    )  # fmt: skip
    url = f"/held/{held['visit']}/decision"
    body = {"value": "accepted", "reason": "督导员补充说明"}
    said = client.post(url, json=body, headers=office).json()
    assert (said["value"], said["role"], said["user"], said["runs"]) == (
        "accepted", "office", "a-office", [2],
    )  # fmt: skip
    assert client.post(url, json=body, headers=office).json() == said
    assert client.get("/held", headers=office).json()["items"] == []
    shown = day_of(client, office, HOMES[2])
    assert (shown["reason"], shown["run"], shown["visits"][0]["by_role"]) == ("paid", 2, "staff")
    client.post(url, json={"value": "rejected", "reason": "误判"}, headers=office)
    entries = client.get(f"/entries?household={HOMES[2]}", headers=office).json()["items"]
    assert [(item["kind"], item["amount_fen"]) for item in entries] == [
        ("supplement", 30), ("reversal", -30),
    ]  # fmt: skip
    assert entries[1]["reverses"] == entries[0]["entry"]
    with Session(hub.engine) as session:
        assert verify(session, hub.community) == []


def test_accepting_a_visit_without_a_believed_day_confirms_the_day_shown(
    hub: Hub, client: TestClient, office: dict[str, str]
) -> None:
    """The hold must end with the decision; an earlier decision about the day still counts."""
    node = PointNode(hub.community, "p02")
    tap = Tap(card=card_token(HOMES[1]), reader="r", known="known", signal="recorded", shift=SHIFT)
    send(hub, node, [encode_fact(hex_id("e9"), stamp(0, trusted=False), tap)])
    settle(client, office)
    (held,) = client.get("/held?point=p02", headers=office).json()["items"]
    assert (held["reason"], held["day"]) == ("clock_untrusted", str(DAY))
    url = f"/held/{hex_id('e9')}/decision"
    body = {"value": "accepted", "reason": "看过监控", "day": str(DAY - timedelta(days=1))}
    said = client.post(url, json=body, headers=office).json()
    assert (said["day"], said["runs"]) == (str(DAY - timedelta(days=1)), [2, 3])
    assert day_of(client, office, HOMES[1])["reason"] == "all_rejected"
    del body["day"]
    assert client.post(url, json=body, headers=office).json()["day"] == "2026-05-02"


@pytest.mark.parametrize(
    ("day", "early", "status"),
    [
        ("2026-05-04", False, 409), ("2026-05-04", True, 200), ("2026-05-05", True, 422),
        ("9999-12-31", True, 422), ("2019-12-31", False, 422), ("0001-01-01", False, 422),
        ("2020-01-01", False, 200),
    ],
)  # fmt: skip
def test_a_day_that_is_not_over_or_before_every_policy(
    client: TestClient, office: dict[str, str], day: str, early: bool, status: int
) -> None:
    answer = client.post("/settlements", json={"day": day, "early": early}, headers=office)
    assert answer.status_code == status
    runs = client.get("/settlements", headers=office).json()["items"]
    assert len(runs) == (1 if status == 200 else 0)
    if status != 200:
        assert answer.headers["content-type"] == "application/problem+json"


def test_what_cannot_be_answered_is_a_problem(client: TestClient, office: dict[str, str]) -> None:
    home = HOMES[0]
    for url, status in (
        (f"/households/{home}/days?from=2026-05-03&to=2026-05-02", 422),
        (f"/households/{home}/days?from=2026-01-01&to=2026-05-02", 422),
        ("/households/9-9-999/days?from=2026-05-03&to=2026-05-03", 404),
        ("/households/9-9-999/balance", 404),
        ("/held?after=nonsense", 422),
        (f"/settlements?after={encode_place(2**63)}", 422),
        (f"/entries?after={encode_place(2**63)}", 422),
        ("/entries?limit=501", 422),
    ):
        answer = client.get(url, headers=office)
        assert answer.status_code == status, url
        assert answer.headers["content-type"] == "application/problem+json"
    decision = {"value": "accepted", "reason": "x"}
    assert client.post("/held/none/decision", json=decision, headers=office).status_code == 404
    trusted = f"/held/{hex_id('e1')}/decision"
    answer = client.post(trusted, json=decision | {"day": str(DAY)}, headers=office)
    assert answer.json()["type"] == "/problems/day-is-known"


def test_a_visit_is_not_assigned_to_a_day_before_every_policy(
    hub: Hub, client: TestClient, office: dict[str, str]
) -> None:
    node = PointNode(hub.community, "p02")
    tap = Tap(card=card_token(HOMES[1]), reader="r", known="known", signal="recorded")
    send(hub, node, [encode_fact(hex_id("e9"), stamp(0, trusted=False), tap)])
    body = {"value": "accepted", "reason": "x", "day": "0001-01-01"}
    answer = client.post(f"/held/{hex_id('e9')}/decision", json=body, headers=office)
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/no-policy-yet")


def test_only_office_and_admin_decide_and_settle(hub: Hub, client: TestClient) -> None:
    world(hub)
    for role, reads in (("auditor", 200), ("property", 200), ("volunteer", 403)):
        caller = bearer(hub, role)  # type: ignore[arg-type]
        body = {"day": str(DAY - timedelta(days=1))}
        assert client.post("/settlements", json=body, headers=caller).status_code == 403
        decision = {"value": "accepted", "reason": "x"}
        url = f"/held/{hex_id('e3')}/decision"
        assert client.post(url, json=decision, headers=caller).status_code == 403
        assert client.get("/held", headers=caller).status_code == reads
    assert client.get("/held").status_code == 401


def test_pages_are_walked_without_gap_or_repeat(
    hub: Hub, client: TestClient, office: dict[str, str]
) -> None:
    node = PointNode(hub.community, "p02")
    taps = [
        encode_fact(
            hex_id(f"m{number}"), stamp(_at(8)),
            Manual(door=HOMES[2], by="v01", shift=SHIFT, command_id=f"{number:032x}"),
        )
        for number in range(5)
    ]  # fmt: skip
    send(hub, node, taps)
    assert settle(client, office)["held"] == 6
    seen: list[str] = []
    after: str | None = ""
    while after is not None:
        url = "/held?limit=2" + (f"&after={after}" if after else "")
        page = client.get(url, headers=office).json()
        seen += [item["visit"] for item in page["items"]]
        after = page["next"]
    assert sorted(seen) == sorted({hex_id("e3"), *(hex_id(f"m{n}") for n in range(5))})
