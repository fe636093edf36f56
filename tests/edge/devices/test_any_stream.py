"""What must hold for every decoder and any stream, not only for the published frames."""

import itertools
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge.cards.em18 import Em18Decoder
from edge.cards.em4100 import HEX
from edge.decode import DEVICES, Options, decoded
from edge.readings import CardRead
from tests.edge.devices import drawn_frames
from tests.edge.devices.drawn_frames import SHAPES, Shape
from tests.edge.devices.test_published_frames import says

CUTS = st.lists(st.integers(0, 999), max_size=6)
SERIAL = [name for name in DEVICES if not name.startswith(("tasmota", "esphome"))]
FEW = settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])


def cut(data: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    return [data[a:b] for a, b in itertools.pairwise(edges)]


def readings(device: str, chunks: list[bytes]) -> list[dict[str, Any]]:
    return [line for line in decoded(device, Options(), "", chunks) if "error" not in line]


FRAMED = [shape for shape in SHAPES if shape.device != "em18"]
"""Frames that can be found in a stream; those of an EM-18 only after a pause."""


def ids(shape: Shape) -> str:
    return shape.device


def test_every_serial_decoder_has_its_shape() -> None:
    assert {shape.device for shape in SHAPES} == set(SERIAL)


@pytest.mark.parametrize("shape", SHAPES, ids=ids)
@FEW
@given(data=st.data(), places=CUTS)
def test_any_chunking_gives_the_same_readings(
    shape: Shape, data: st.DataObject, places: list[int]
) -> None:
    drawn = data.draw(st.lists(shape.frames, min_size=1, max_size=4))
    stream = b"".join(frame for frame, _ in drawn)
    found = readings(shape.device, cut(stream, places))
    assert found == readings(shape.device, [stream])
    # The last "=" text of several may have been cut off.
    last_unsure = shape.device.startswith("yaohua-tf") and len(drawn) > 1
    expected = drawn[:-1] if last_unsure else drawn
    assert len(found) == len(expected)
    assert all(says(line, said) for line, (_, said) in zip(found, expected, strict=True))


@pytest.mark.parametrize("shape", FRAMED, ids=ids)
@FEW
@given(data=st.data(), before=st.binary(max_size=60), places=CUTS)
def test_garbage_hides_a_frame_no_longer_than_one_frame(
    shape: Shape, data: st.DataObject, before: bytes, places: list[int]
) -> None:
    frame, said = data.draw(shape.frames)
    found = readings(shape.device, cut(before + frame * shape.copies, places))
    assert any(says(line, said) for line in found)


@pytest.mark.parametrize("shape", FRAMED, ids=ids)
@FEW
@given(data=st.data())
def test_a_torn_frame_does_not_hide_what_follows(shape: Shape, data: st.DataObject) -> None:
    (torn, _), (frame, said) = data.draw(shape.frames), data.draw(shape.frames)
    length = data.draw(st.integers(1, len(torn) - 1))
    found = readings(shape.device, [torn[:length] + frame * shape.copies])
    assert any(says(line, said) for line in found)


@pytest.mark.parametrize(
    ("device", "start"),
    [("pn532", "00ff50b0"), ("pn532", "00ff41bf01"), ("7941-uart10", "020c01aa"),
     ("modbus-rtu-response", "010350"), ("modbus-rtu-request", "0110000000015040")],
)  # fmt: skip
@FEW
@given(data=st.data(), places=CUTS)
def test_noise_that_announces_a_long_frame_hides_none_when_silence_follows(
    device: str, start: str, data: st.DataObject, places: list[int]
) -> None:
    (shape,) = [shape for shape in SHAPES if shape.device == device]
    frame, said = data.draw(shape.frames)
    found = readings(device, cut(bytes.fromhex(start) + frame, places))
    assert [says(line, said) for line in found] == [True]


@FEW
@given(tags=st.lists(drawn_frames.em18_tags, min_size=1, max_size=4), places=CUTS,
       noise=st.binary(max_size=20).filter(lambda noise: not HEX.intersection(noise)))  # fmt: skip
def test_an_em18_between_bytes_that_are_no_digits_is_heard_however_it_is_cut(
    tags: list[bytes], places: list[int], noise: bytes
) -> None:
    stream = noise + b"".join(drawn_frames.em_digits(tag) + b"\r\n" for tag in tags) + noise
    found = readings("em18", cut(stream, places))
    assert [line["uid"] for line in found] == [tag[1:].hex().upper() for tag in tags]


@FEW
@given(tag=drawn_frames.em18_tags, before=st.binary(max_size=60), held=st.integers(1, 3))
def test_an_em18_is_heard_after_a_pause_whatever_came_before(
    tag: bytes, before: bytes, held: int
) -> None:
    decoder = Em18Decoder()
    decoder.feed(before)
    decoder.idle()
    found = [reading for _ in range(held) for reading in decoder.feed(drawn_frames.em_digits(tag))]
    assert found == [CardRead("em4100", tag[1:].hex().upper())] * held


def test_an_em18_out_of_step_is_not_believed() -> None:
    frame = b"4500C5D1E9B8"
    decoder = Em18Decoder()
    assert not [r for r in decoder.feed(b"4" + frame * 6) if isinstance(r, CardRead)]
    decoder.idle()
    assert len(decoder.feed(frame)) == 1


@pytest.mark.parametrize("device", SERIAL)
@FEW
@given(chunks=st.lists(st.binary(max_size=300), max_size=12))
def test_random_bytes_never_raise_and_never_pile_up(device: str, chunks: list[bytes]) -> None:
    decoder = DEVICES[device].make(Options())
    for chunk in chunks:
        decoder.feed(chunk)
        inner = getattr(decoder, "_frames", decoder)
        assert len(inner._buffer) < inner._longest <= 512
    decoder.idle()


@pytest.mark.parametrize("device", sorted(set(DEVICES) - set(SERIAL)))
@FEW
@given(payload=st.binary(max_size=60))
def test_random_messages_never_raise(device: str, payload: bytes) -> None:
    list(decoded(device, Options(), "", [payload]))


@pytest.mark.parametrize("device", sorted(set(DEVICES) - set(SERIAL)))
@pytest.mark.parametrize(
    "payload",
    [
        b"[" * 5000,
        b'{"HX711":' * 2000,
        b'{"HX711":{"Weight":1e999999999}}',
        b'{"HX711":{"Weight":' + b"9" * 1500 + b"}}",
        b'{"Wiegand":{"UID":' + b"9" * 1500 + b',"Size":99999999999}}',
        b'{"Wiegand":{"UID":1,"Size":-4}}',
        b'{"RDM6300":{"UID":[]},"PN532":{"UID":7}}',
        b"\xf0\x90\x80",
        b"1_000.5",
        "１２.５".encode(),
    ],
    ids=range(10),
)
def test_a_hostile_message_is_an_error_or_not_ours(device: str, payload: bytes) -> None:
    assert not readings(device, [payload])


@pytest.mark.parametrize("shape", SHAPES, ids=ids)
@FEW
@given(data=st.data())
def test_an_error_never_tells_a_card_number(shape: Shape, data: st.DataObject) -> None:
    frame, said = data.draw(shape.frames)
    uid = str(said.get("uid", said.get("number", "")))
    place = data.draw(st.integers(0, len(frame) - 1))
    spoilt = frame[:place] + bytes([frame[place] ^ 0x01]) + frame[place + 1 :]
    for line in decoded(shape.device, Options(), "", [spoilt + frame]):
        if "error" in line and len(uid) >= 6:
            assert uid not in str(line)
