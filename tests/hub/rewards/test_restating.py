"""Days settled again: the money is shown, then it is that money or none."""

from datetime import date
from pathlib import Path

import pytest

from hub.db import write_session
from hub.rewards.policy import publish
from hub.rewards.tables import RewardPolicy
from tests.hub.rewards.office_world import DAY, HOMES, OfficeWorld, compound
from tests.hub.rewards.registry_rows import card_token
from tests.hub.test_serve import run

office = pytest.fixture(name="office")(compound)
HOME, OTHER = HOMES[:2]
SPAN = {"from": str(DAY), "to": str(DAY), "reason": "新办法"}


def paid_day(office: OfficeWorld) -> None:
    office.accepted("e1", HOME, "07:01")
    office.settle()


def new_policy(office: OfficeWorld, fen: int = 50, name: str = "p2") -> None:
    with write_session(office.hub.engine) as session:
        policy = RewardPolicy(
            community=office.hub.community, policy_id=name, version=fen,
            from_day=date(2026, 5, 1), published_ms=0, amount_fen=fen,
        )  # fmt: skip
        publish(session, policy)


def entries(office: OfficeWorld) -> list[tuple[str, str, int]]:
    items = office.get("/entries")["items"]
    return [(item["household"], item["kind"], item["amount_fen"]) for item in items]


def test_what_would_move_is_shown_and_then_moved(office: OfficeWorld) -> None:
    paid_day(office)
    new_policy(office)
    before = entries(office)
    assert office.post("/settlements/preview", SPAN)["moves"] == [], "the day keeps its policy"
    seen = office.post("/settlements/preview", SPAN | {"restate": True})
    assert seen["moves"] == [{"household": HOME, "day": str(DAY), "amount_fen": 20}]
    assert (seen["count"], seen["total_fen"], entries(office)) == (1, 20, before)
    said = {"If_Match": f'"{seen["etag"]}"', "Idempotency_Key": "r1"}
    done = office.post("/settlements/apply", SPAN | {"restate": True}, **said)
    assert done == seen
    assert entries(office) == [*before, (HOME, "reversal", -30), (HOME, "supplement", 50)]
    assert office.post("/settlements/apply", SPAN | {"restate": True}, **said) == done
    assert (office.fen(HOME), office.settle()["entries"]) == (50, 0)


def test_other_money_than_was_shown_does_not_move(office: OfficeWorld) -> None:
    paid_day(office)
    new_policy(office)
    seen = office.post("/settlements/preview", SPAN | {"restate": True})
    office.accepted("e2", OTHER, "07:02")
    said = {"If_Match": seen["etag"], "Idempotency_Key": "r1"}
    refused = office.post("/settlements/apply", SPAN | {"restate": True}, 412, **said)
    assert refused["type"] == "/problems/changed-since"
    assert (office.fen(HOME), office.fen(OTHER)) == (30, 0)
    again = office.post("/settlements/preview", SPAN | {"restate": True})
    said["If_Match"] = again["etag"]
    office.post("/settlements/apply", SPAN | {"restate": True}, **said)
    assert (office.fen(HOME), office.fen(OTHER)) == (50, 50)


def test_what_was_shown_and_a_key_have_to_be_said(office: OfficeWorld) -> None:
    seen = office.post("/settlements/preview", SPAN)
    assert office.post("/settlements/apply", SPAN, 400, If_Match=seen["etag"])["type"].endswith(
        "idempotency-key-missing"
    )
    assert office.post("/settlements/apply", SPAN, 428, Idempotency_Key="k")["type"].endswith(
        "if-match-missing"
    )
    for change, status in (
        ({"from": "2026-05-04", "to": "2026-05-04"}, 409),
        ({"from": "2026-04-02"}, 422),
        ({"from": "2026-05-04", "to": "2026-05-03"}, 422),
        ({"from": "2019-12-31", "to": "2020-01-01"}, 422),
    ):
        office.post("/settlements/preview", SPAN | change, status)


def test_a_card_bound_to_the_wrong_home_is_set_right_with_its_money(office: OfficeWorld) -> None:
    paid_day(office)
    asked = {
        "card": card_token(HOME), "household": OTHER, "at": f"{DAY}T00:00:00+08:00",
        "reason": "发卡时绑错房号",
    }  # fmt: skip
    office.at("2026-06-03T10:00")
    seen = office.post("/rebindings/preview", asked)
    assert {move["household"]: move["amount_fen"] for move in seen["moves"]} == {
        HOME: -30,
        OTHER: 30,
    }
    assert (office.fen(HOME), office.fen(OTHER), office.reason(HOME)) == (30, 0, "paid")
    said = {"If_Match": seen["etag"], "Idempotency_Key": "b1"}
    office.post("/rebindings", asked, **said)
    assert (office.fen(HOME), office.fen(OTHER)) == (0, 30)
    assert (office.reason(HOME), office.reason(OTHER)) == ("no_event", "paid")
    card = office.post("/cards/search", {"card": asked["card"]})
    assert card["household"] == OTHER


def test_the_command_shows_asks_and_moves(office: OfficeWorld, tmp_path: Path) -> None:
    paid_day(office)
    new_policy(office)
    url = office.hub.engine.url.render_as_string(hide_password=False)
    config = tmp_path / "hub.toml"
    config.write_text(
        f'community = "{office.hub.community}"\ndata = "data"\ndatabase = "{url}"\n'
        'nodes = { p01 = "n1" }\n[http]\nport = 0\n[broker]\nport = 1\npassword = "h"\n'
    )
    span = ("--from", str(DAY), "--to", str(DAY), "--config", config)
    asked = run("restate", *span, "--why", "新办法")
    assert (asked.exit_code, office.fen(HOME)) == (1, 30)
    assert f"{DAY} {HOME}: 0.20 yuan" in asked.stdout
    assert "1 would change, 0.20 yuan in all" in asked.stdout
    done = run("restate", *span, "--why", "新办法", "--yes")
    assert (done.exit_code, office.fen(HOME)) == (0, 50), done.output
    again = run("settle", *span)
    assert f"{DAY}: run 2, 0 entries, 0 fen, 0 held, without p01 p02" in again.stdout
    assert run("settle", "--from", str(DAY), "--config", config).exit_code == 2
    future = run("settle", "--day", "2999-01-01", "--config", config)
    assert (future.exit_code, future.stderr.count("\n")) == (1, 1)
