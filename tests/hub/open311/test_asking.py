"""Whatever comes is a report, a query or a 400; whatever goes out can be read."""

import json
from contextlib import suppress
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.open311.asking import report, wanted
from hub.open311.errors import GeoReportError
from hub.open311.formats import rendered
from hub.open311.reading import hidden

pytestmark = pytest.mark.long


@settings(max_examples=100)
@given(st.lists(st.tuples(st.sampled_from(
    ["service_code", "lat", "long", "address_string", "address_id", "description", "phone",
     "first_name", "last_name", "media_url", "attribute[since]", "attribute[where][]", "x"]
), st.text(max_size=60)), max_size=8))  # fmt: skip
def test_any_form_is_a_report_or_a_400(pairs: list[tuple[str, str]]) -> None:
    with suppress(GeoReportError):
        made = report(pairs)
        assert 1 <= len(made.place) <= 200
        assert len(made.text) <= 4600


@settings(max_examples=100)
@given(st.dictionaries(st.sampled_from(
    ["service_request_id", "service_code", "start_date", "end_date", "status", "page",
     "page_size", "extensions"]
), st.text(max_size=30) | st.datetimes().map(str), max_size=8))  # fmt: skip
def test_any_query_is_wanted_within_bounds_or_a_400(given_: dict[str, str]) -> None:
    with suppress(GeoReportError):
        made = wanted(given_, 1_777_766_401_234)
        assert made.to_ms - made.from_ms <= 90 * 86_400_000
        assert 1 <= made.size <= 1000


WHAT = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=20)),
    lambda inner: st.dictionaries(st.sampled_from(["a", "b"]), inner, max_size=2),
    max_leaves=6,
)


@settings(max_examples=100)
@given(WHAT)
def test_any_answer_is_xml_that_can_be_read(what: Any) -> None:
    ET.fromstring(rendered("notes", [{"x": what}], "xml"))
    assert json.loads(rendered("notes", [{"x": what}], "json")) == [{"x": what}]


@given(st.text(max_size=40), st.text("王凤英ab", min_size=2, max_size=5), st.text(max_size=40))
def test_a_secret_never_stays(before: str, secret: str, behind: str) -> None:
    assert secret not in hidden(f"{before}{secret}{behind}", [secret])
