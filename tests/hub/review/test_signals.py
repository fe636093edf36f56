"""What of a day is worth a look: pure."""

from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from hub.review.shifts import Shift, compared
from hub.review.signals import A_DAY, Day, Item, Judgement, Seen, items_of
from wire.day import day_start_ms

DAY = date(2026, 5, 3)
SEVEN = day_start_ms(DAY) + 7 * 3_600_000


def seen(name: str, second: float = 0, **change: Any) -> Seen:
    made = Seen(name, "p01", f"k{name}", "card", f"h{name}", SEVEN + int(second * 1000), "s", None)
    return made._replace(**change)


def judged(visit: str, second: float, value: str = "accepted", **change: Any) -> Judgement:
    made = Judgement(visit, value, "single", "s", "v1", SEVEN + int(second * 1000), own=False)
    return made._replace(**change)


def signals(*visits: Seen, point: str = "p01", **more: Any) -> list[Item]:
    return [i for i in items_of(Day(DAY, visits, **more)).get(point, []) if i.signal != "sample"]


def test_cards_of_many_homes_in_a_row_while_no_scale_moves() -> None:
    bunch = [seen(f"{n}", 10 * n) for n in range(5)]
    (item,) = signals(*bunch)
    assert (item.signal, item.evidence["homes"], len(item.evidence["visits"])) == (
        "many_cards", 5, 5,
    )  # fmt: skip
    assert signals(*bunch, moved_ms={"p01": [SEVEN + 20_000]}) == []
    assert signals(*[visit._replace(household="h") for visit in bunch]) == []
    assert signals(*[seen(f"{n}", 20 * n) for n in range(5)]) == []


def test_one_card_at_two_points_within_a_minute() -> None:
    there = seen("b", 59, card="ka", point="p02")
    (item,) = signals(seen("a"), there, point="p02")
    assert (item.signal, item.evidence["points"]) == ("two_points", ["p01", "p02"])
    assert "k" not in str(item.evidence["visits"][0]["household"]), "no card in the evidence"
    assert signals(seen("a"), there._replace(at_ms=SEVEN + 60_000), point="p02") == []
    assert signals(seen("a"), there._replace(point="p01")) == []


def test_speed_is_the_time_since_that_visits_own_tap_and_bulk_is_marked() -> None:
    visits = [seen(f"{n:02}", 90 * n) for n in range(12)]
    fast = [judged(v.visit, 90 * n + 2.9) for n, v in enumerate(visits)]
    (item,) = signals(*visits, verdicts=fast)
    assert (item.signal, item.subject, item.evidence["in_a_row"]) == ("fast", "s", 12)
    slow = [judged(v.visit, 90 * n + 3.0) for n, v in enumerate(visits)]
    assert signals(*visits, verdicts=slow) == []
    assert signals(*visits, verdicts=[*fast[:5], slow[5], *fast[6:]]) == [], "not in a row"
    late = [judged(v.visit, 2000 + n / 10) for n, v in enumerate(visits)]
    assert signals(*visits, verdicts=late) == [], "soon after each other is no haste"
    bulk = [verdict._replace(mode="bulk") for verdict in fast]
    assert signals(*visits, verdicts=bulk) == []
    mixed = signals(*visits, verdicts=[*fast[:10], *bulk[10:]])
    assert (mixed[0].evidence["in_a_row"], mixed[0].evidence["bulk"]) == (10, 2)


def test_shifts_of_one_point_are_compared_with_each_other() -> None:
    def shift(person: str, accepted: int, verdicts: int = 300, day: date = DAY) -> Shift:
        return Shift(f"s-{person}", person, day, verdicts, accepted, 0, 0)

    assert [who for who, _ in compared([shift("a", 300), shift("b", 270)], DAY)] == ["a"]
    assert list(compared([shift("a", 300), shift("b", 298)], DAY)) == [], "all are that good"
    assert list(compared([shift("a", 299, 299), shift("b", 100)], DAY)) == [], "too few"
    assert [who for who, _ in compared([shift("a", 150), shift("b", 270)], DAY)] == ["a", "b"]
    away = shift("a", 300, day=date(2026, 5, 1))
    assert list(compared([away, shift("b", 285)], DAY)) == []
    (item,) = signals(seen("a"), shifts={"p01": [shift("a", 300), shift("b", 270)]})
    assert (item.subject, item.evidence["others"]["accepted"]) == ("a", 270)


def test_by_hand_own_home_odd_weight_and_night() -> None:
    by_hand = seen("m", card=None, source="manual")
    assert [item.signal for item in signals(by_hand)] == ["by_hand"]
    (own,) = signals(seen("a"), verdicts=[judged("a", 20, own=True)])
    assert (own.signal, own.evidence["person"]) == ("own_home", "v1")
    for weight_g, odd in ((None, 0), (0, 1), (30_000, 0), (30_001, 1)):
        assert len(signals(seen("a", weight_g=weight_g), verdicts=[judged("a", 20)])) == odd
    assert signals(seen("a", weight_g=0), verdicts=[judged("a", 20, "rejected")]) == []
    for hour, late in ((22, 0), (23, 1), (4, 1), (5, 0)):
        assert len(signals(seen("a", at_ms=day_start_ms(DAY) + hour * 3_600_000))) == late


def test_a_hundredth_is_drawn_and_the_same_when_drawn_again() -> None:
    visits = [seen(f"{n:03}", 60 * n) for n in range(250)]
    (item,) = items_of(Day(DAY, visits))["p01"]
    assert (item.signal, item.evidence["of"], len(item.evidence["visits"])) == ("sample", 250, 2)
    assert items_of(Day(DAY, visits[::-1]))["p01"] == [item]


@given(st.integers(0, 60), st.integers(1, 4))
def test_nobody_is_asked_to_look_at_more_than_ten(by_hand: int, points: int) -> None:
    visits = [
        seen(f"{n:02}", n, card=None, source="manual", shift=f"s{n}", point=f"p{n % points}")
        for n in range(by_hand)
    ]
    for items in items_of(Day(DAY, visits)).values():
        assert 0 < len(items) <= A_DAY
        assert [item.signal for item in items].count("sample") == 1
