import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.wire.golden_examples import EPOCH, NONCE, fact_lines
from wire import codec
from wire.facts import MAX_LINE_BYTES, Stamp, UnknownBody
from wire.session import FactsHeader, Receipt


def _header(count: int) -> FactsHeader:
    return FactsHeader(epoch=EPOCH, first_seq=9, count=count, nonce=NONCE)


def test_a_fact_of_tomorrow_is_kept_with_all_it_says() -> None:
    raw = json.loads(fact_lines()[0]) | {"kind": "lid_opened", "mood": "new"}
    raw["body"] = {"angle": 40}
    fact = codec.decode_fact(json.dumps(raw).encode())
    assert isinstance(fact.body, UnknownBody)
    assert fact.body.model_dump() == {"angle": 40}
    assert fact.envelope.model_extra == {"mood": "new", "body": {"angle": 40}}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"", "not_json"),
        (b"\xff\xfe", "not_json"),
        (fact_lines()[0].decode().encode("utf-16"), "not_json"),
        (b"[]", "not_json"),
        (b"[" * 4000, "not_json"),
        (b"{}", "bad_fact"),
        (b"x" * (MAX_LINE_BYTES + 1), "too_long"),
        (fact_lines()[1].replace(b'"known":"known"', b'"known":"perhaps"'), "bad_fact"),
        (fact_lines()[1].replace(b'"up_ms":62000', b'"up_ms":NaN'), "bad_fact"),
        (fact_lines()[4].replace(b'"bin":4', b'"bin":0'), "bad_fact"),
    ],
)
def test_an_unreadable_line_says_why(line: bytes, reason: str) -> None:
    with pytest.raises(codec.BadMessageError) as caught:
        codec.decode_fact(line)
    assert caught.value.reason == reason


@pytest.mark.parametrize("line", fact_lines())
def test_a_new_fact_is_what_its_line_says(line: bytes) -> None:
    read = codec.decode_fact(line)
    stamp = Stamp.model_validate(read.envelope.model_dump(include=set(Stamp.model_fields)))
    fact, again = codec.new_fact(read.id, stamp, read.body, test=bool(read.envelope.test))
    assert again == line
    assert fact.body == read.body
    assert fact.envelope.model_dump() == read.envelope.model_dump(exclude={"body"})


def test_a_batch_returns_the_very_bytes() -> None:
    lines = fact_lines()[:5]
    header, back = codec.decode_batch(codec.encode_batch(_header(5), lines))
    assert (header, back) == (_header(5), lines)


@given(cut=st.integers(min_value=0, max_value=400))
def test_a_truncated_batch_is_never_taken_for_a_shorter_one(cut: int) -> None:
    whole = codec.encode_batch(_header(3), fact_lines()[:3])
    with pytest.raises(codec.BadMessageError):
        codec.decode_batch(whole[: len(whole) - 1 - cut])


@given(st.binary(max_size=600))
def test_random_bytes_are_refused_with_a_reason(data: bytes) -> None:
    for read in (codec.decode_batch, codec.decode_fact):
        with pytest.raises(codec.BadMessageError):
            read(data)
    with pytest.raises(codec.BadMessageError):
        codec.decode(data, Receipt)


def test_the_chain_sees_order_bytes_and_epoch() -> None:
    one, two = fact_lines()[:2]
    seed = codec.chain_seed(EPOCH)
    forward = codec.chain_next(codec.chain_next(seed, one), two)
    assert forward != codec.chain_next(codec.chain_next(seed, two), one)
    assert forward != codec.chain_next(codec.chain_next(seed, one + b" "), two)
    assert seed != codec.chain_seed(NONCE)
