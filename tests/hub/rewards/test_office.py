"""What only an officer can say: who stood at a point, and when a boot without a clock was."""

from datetime import date

import pytest

from hub.rewards.nightly import settle_due
from tests.hub.rewards.office_world import DAY, HOMES, OfficeWorld, compound
from wire.facts import Stamp

office = pytest.fixture(name="office")(compound)
FIRST, SECOND, THIRD = HOMES
STOOD = {
    "point": "p01", "person": "v104", "from": f"{DAY}T07:00:00+08:00",
    "to": f"{DAY}T09:00:00+08:00", "reason": "忘带卡",
}  # fmt: skip


def unattended(office: OfficeWorld) -> list[str]:
    visits = [office.tap(f"e{n}", home, f"07:1{n}", shift=None) for n, home in enumerate(HOMES)]
    office.settle()
    assert [reason for _, reason in office.held()] == ["unattended_hold"] * 3
    return visits


def test_who_stood_there_turns_unattended_into_unjudged(office: OfficeWorld) -> None:
    visits = unattended(office)
    done = office.post("/shifts/attests", STOOD)
    assert (done["attest"], done["visits"], done["entries"]) == (1, 3, 0)
    assert office.held() == [(visit, "verdict_pending") for visit in visits]


def test_an_attested_supervisor_pays_all_but_their_own_home(office: OfficeWorld) -> None:
    visits = unattended(office)
    office.verdict(visits[1], "rejected", "07:20")
    done = office.post("/shifts/attests", STOOD | {"value": "accepted"})
    assert (done["entries"], done["amount_fen"]) == (1, 30)
    assert [office.reason(home) for home in HOMES] == ["paid", "all_rejected", "self_verdict_hold"]
    assert office.day(FIRST)["visits"][0]["by_role"] == "attested"
    assert office.held() == [(visits[2], "self_verdict_hold")]
    assert office.settle()["entries"] == 0
    (told,) = office.get("/shifts/attests?point=p01")["items"]
    assert (told["person"], told["user"], told["role"]) == ("v104", "li.fang", "office")


def test_the_newest_word_about_a_shift_holds(office: OfficeWorld) -> None:
    unattended(office)
    office.post("/shifts/attests", STOOD | {"value": "accepted", "person": "v103"})
    assert (office.fen(FIRST), office.fen(THIRD)) == (30, 30)
    office.post("/shifts/attests", STOOD | {"person": "v103"})
    assert (office.fen(FIRST), office.fen(THIRD)) == (0, 0)


@pytest.mark.parametrize(
    ("change", "status", "kind"),
    [
        ({"to": f"{DAY}T06:00:00+08:00"}, 422, "bad-span"),
        ({"to": "2026-05-04T00:00:01+08:00", "from": f"{DAY}T08:00:00+08:00"}, 422, "bad-span"),
        ({"from": "2026-05-04T09:00:00+08:00", "to": "2026-05-04T11:00:00+08:00"}, 422,
         "future-shift"),
        ({"person": "v99"}, 409, "no-person"),
        ({"point": "p99"}, 409, "no-point"),
    ],
)  # fmt: skip
def test_what_cannot_have_been_is_refused(
    office: OfficeWorld, change: dict[str, str], status: int, kind: str
) -> None:
    assert office.post("/shifts/attests", STOOD | change, status)["type"] == f"/problems/{kind}"


def dark(minute: int) -> Stamp:
    """So many minutes after the machine started without a clock."""
    return Stamp(boot=2, boot_id="b2", up_ms=minute * 60_000, wall_ms=0, trust="none")


def test_one_word_dates_a_whole_boot_and_what_is_still_to_come(office: OfficeWorld) -> None:
    first = office.accepted("e1", FIRST, "07:00", received="2026-05-04T08:00", when=dark(10))
    office.accepted("e2", SECOND, "07:00", received="2026-05-04T08:00", when=dark(10 + 24 * 60))
    office.at("2026-05-05T10:00")
    office.settle(date(2026, 5, 4))
    assert [reason for _, reason in office.held()] == ["clock_untrusted"] * 2
    body = {"visit": first, "at": "2026-05-02T19:10:00+08:00", "reason": "停电,监控时间"}
    done = office.post("/boots/dates", body)
    assert done["days"] == [
        {"day": "2026-05-02", "visits": 1},
        {"day": "2026-05-03", "visits": 1},
    ]
    assert (done["amount_fen"], office.held()) == (60, [])
    assert office.reason(SECOND, DAY) == "paid"
    office.accepted("e3", THIRD, "07:00", received="2026-05-05T11:00", when=dark(20))
    office.at("2026-05-06T03:01")
    settle_due(office.hub, None)
    assert (office.reason(THIRD, date(2026, 5, 2)), office.fen(THIRD)) == ("paid", 30)


def test_a_boot_is_not_dated_into_the_future_nor_against_a_clock(office: OfficeWorld) -> None:
    known = office.accepted("e1", FIRST, "07:00")
    lost = office.accepted("e2", SECOND, "07:00", when=dark(10))
    office.accepted("e3", THIRD, "07:00", when=dark(10 + 24 * 60))
    body = {"at": "2026-05-04T08:00:00+08:00", "reason": "x"}
    assert office.post("/boots/dates", body | {"visit": known}, 409)["type"].endswith("is-known")
    assert office.post("/boots/dates", body | {"visit": lost}, 422)["type"].endswith("future-day")
    assert office.post("/boots/dates", body | {"visit": "0" * 32}, 404)
    early = body | {"visit": lost, "at": "2010-01-01T00:00:00+08:00"}
    assert office.post("/boots/dates", early, 422)["type"].endswith("no-policy-yet")
