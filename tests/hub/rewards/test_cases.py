"""Every case of the sample, as told and with its facts shuffled and sent again; see tests/cases."""

from typing import Any

import pytest
from sqlalchemy import Engine

from tests.cases.__main__ import SAMPLE
from tests.cases.reading import read_cases
from tests.cases.running import as_told, in_orders

CASES = read_cases(SAMPLE)
MORE = read_cases(SAMPLE.with_name("more_settlement_cases.json"))
HOSTILE = read_cases(SAMPLE.with_name("hostile_settlement_cases.json"))
ORDERS = 3


def name(case: dict[str, Any]) -> str:
    return str(case["id"])


def test_the_sample_is_whole() -> None:
    assert len(CASES) == 48
    assert [case["id"] for case in CASES if "crowd" in case] == ["C12"]


@pytest.mark.parametrize("case", [case for case in CASES if "crowd" not in case], ids=name)
def test_a_case_as_it_is_told(store: Engine, case: dict[str, Any]) -> None:
    assert as_told(store, case) is None


@pytest.mark.parametrize("case", [case for case in CASES if "crowd" in case], ids=name)
def test_a_case_of_a_whole_compound(store: Engine, case: dict[str, Any]) -> None:
    assert as_told(store, case) is None


@pytest.mark.parametrize("case", MORE, ids=name)
def test_a_case_of_our_own(store: Engine, case: dict[str, Any]) -> None:
    assert [as_told(store, case), *in_orders(store, case, 1)] == [None]


@pytest.mark.long
@pytest.mark.parametrize("case", CASES, ids=name)
def test_a_case_in_any_order_and_sent_again(store: Engine, case: dict[str, Any]) -> None:
    assert list(in_orders(store, case, ORDERS)) == []


@pytest.mark.long
@pytest.mark.parametrize("case", HOSTILE, ids=name)
def test_a_case_by_who_wants_it_to_fail(store: Engine, case: dict[str, Any]) -> None:
    assert as_told(store, case) is None
