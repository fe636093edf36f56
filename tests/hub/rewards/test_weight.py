"""A weight that nobody can know is missing, and missing pays (R24); never is it 0."""

import pytest

from tests.hub.rewards.office_world import DAY, HOMES, OfficeWorld, compound
from tests.hub.rewards.point_node import hex_id
from wire.facts import Assign, Deposit, Fault

office = pytest.fixture(name="office")(compound)
HOME, OTHER = HOMES[:2]


def deposit(office: OfficeWorld, name: str, at: str, quality: str = "clean") -> str:
    body = Deposit.model_validate(
        {"bin": 4, "category": "kitchen", "grams": 40, "level_g": 40, "moved_up_ms": 1,
         "quality": quality}
    )  # fmt: skip
    return office.send(body, name, at)


def brought_little(office: OfficeWorld, name: str = "e1", at: str = "07:10") -> None:
    visit = office.accepted(name, HOME, at)
    put = deposit(office, f"d{name}", at)
    office.send(Assign(deposit=put, visit=visit, doubt="none"), f"a{name}", at)


def scale(office: OfficeWorld, state: str, at: str, device: str = "scale-9") -> None:
    body = Fault.model_validate({"device": device, "state": state, "what": "silent"})
    office.send(body, f"f{device}{at}", at)


def test_measured_too_little_does_not_pay(office: OfficeWorld) -> None:
    office.policy(min_grams=100)
    brought_little(office)
    office.settle()
    assert (office.reason(HOME), office.day(HOME)["visits"][0]["weight_g"]) == (
        "below_min_weight",
        40,
    )


@pytest.mark.parametrize(
    ("raised", "cleared", "device", "reason"),
    [
        ("07:00", None, "scale-9", "paid"),
        ("07:12", None, "bus-1", "paid"),
        ("06:00", "07:09", "scale-9", "paid"),
        ("06:00", "06:30", "scale-9", "below_min_weight"),
        ("07:20", None, "scale-9", "below_min_weight"),
        ("07:00", None, "reader-2", "below_min_weight"),
    ],
)
def test_while_a_scale_is_at_fault_what_the_others_show_is_not_all(
    office: OfficeWorld, raised: str, cleared: str | None, device: str, reason: str
) -> None:
    office.policy(min_grams=100)
    scale(office, "raised", raised, device)
    if cleared:
        scale(office, "cleared", cleared, device)
    brought_little(office)
    office.settle()
    assert office.reason(HOME) == reason


@pytest.mark.parametrize(
    "doubt",
    [
        {"doubt": "several", "candidates": (hex_id("e1"), hex_id("e2"))},
        {"doubt": "gap", "candidates": (hex_id("e1"),)},
    ],
)
def test_a_deposit_that_may_be_anybodys_leaves_the_weight_missing(
    office: OfficeWorld, doubt: dict[str, object]
) -> None:
    office.policy(min_grams=100)
    brought_little(office)
    office.accepted("e2", OTHER, "07:11")
    put = deposit(office, "d9", "07:12", "gap" if doubt["doubt"] == "gap" else "clean")
    office.send(Assign.model_validate({"deposit": put} | doubt), "a9", "07:13")
    office.settle()
    assert (office.reason(HOME), office.reason(OTHER)) == ("paid", "paid")
    weights = {
        item["visit"]: item["weight_g"] for item in office.get(f"/visits?day={DAY}")["items"]
    }
    assert weights == {hex_id("e1"): None, hex_id("e2"): None}
