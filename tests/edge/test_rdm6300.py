import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.cards.rdm6300 import FRAME_BYTES, Rdm6300Decoder
from edge.readings import BadFrame, CardRead

# 62E3086CED08 is the worked example of the data sheets; 14008EC793 is a card printed 0009357203.
GOOD = b"\x0214008EC793CE\x03"
OTHER = b"\x0262E3086CED08\x03"
CARD = CardRead("em4100", "008EC793")
OTHER_CARD = CardRead("em4100", "E3086CED")


def frame(tag: bytes) -> bytes:
    """As the data sheet draws it, written apart from the decoder."""
    checksum = 0
    for byte in tag:
        checksum ^= byte
    return b"\x02" + (tag + bytes([checksum])).hex().upper().encode() + b"\x03"


def cards(chunks: list[bytes]) -> list[CardRead]:
    decoder = Rdm6300Decoder()
    return [r for chunk in chunks for r in decoder.feed(chunk) if isinstance(r, CardRead)]


def cut(data: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    return [data[a:b] for a, b in itertools.pairwise(edges)]


tags = st.binary(min_size=5, max_size=5).filter(lambda tag: any(tag[1:]))


def test_published_frames() -> None:
    assert cards([GOOD]) == [CARD]
    assert cards([OTHER]) == [OTHER_CARD]
    assert frame(bytes.fromhex("14008EC793")) == GOOD


@given(st.lists(tags, min_size=1, max_size=4), st.lists(st.integers(0, 99), max_size=9))
def test_any_chunking_gives_the_same_cards(sent: list[bytes], places: list[int]) -> None:
    stream = b"".join(frame(tag) for tag in sent)
    assert cards(cut(stream, places)) == [CardRead("em4100", t[1:].hex().upper()) for t in sent]


@given(st.binary(max_size=60), st.binary(max_size=30), st.lists(st.integers(0, 99), max_size=5))
def test_garbage_hides_a_frame_for_one_frame_length_at_most(
    before: bytes, after: bytes, places: list[int]
) -> None:
    # The reader repeats the frame: garbage may spoil the first copy, never the second.
    found = cards(cut(before + GOOD + GOOD + after, places))
    assert CARD in found


@given(st.lists(st.binary(max_size=80), max_size=30))
def test_random_bytes_never_raise_and_never_pile_up(chunks: list[bytes]) -> None:
    decoder = Rdm6300Decoder()
    for chunk in chunks:
        decoder.feed(chunk)
        assert len(decoder._buffer) < FRAME_BYTES


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (GOOD.replace(b"CE", b"CF"), "checksum"),
        (GOOD[:-1] + b"\x04", "no_etx"),
        (GOOD.replace(b"C793", b"C7G3"), "not_hex"),
        (frame(bytes(5)), "null_uid"),
        (b"\x0214008E\x02", "torn"),
        (b"hello", "garbage"),
    ],
)
def test_what_is_no_frame_says_what_it_was(data: bytes, reason: str) -> None:
    readings = Rdm6300Decoder().feed(data)
    assert not [r for r in readings if isinstance(r, CardRead)]
    assert readings[0] == BadFrame(reason, readings[0].detail)  # type: ignore[union-attr]
    assert "expected" in readings[0].detail


def test_a_torn_frame_does_not_eat_the_next() -> None:
    for length in range(1, FRAME_BYTES):
        assert cards([GOOD[:length] + OTHER]) == [OTHER_CARD]
