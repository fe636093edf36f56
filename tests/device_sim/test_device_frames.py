"""What the simulators send, against frames that manuals and drivers print; no decoder is asked."""

import json
from functools import reduce
from operator import xor

import pytest

from device_sim.devices import indicators, registry, scale_texts
from device_sim.devices.card_frames import SENDERS, Setup
from device_sim.devices.modbus import Reading
from device_sim.devices.modbus_layouts import TRANSMITTERS
from device_sim.devices.mqtt_readers import WIFI_READERS


@pytest.mark.parametrize(
    ("kind", "card", "frame"),
    [
        ("id12la", "008EC793", b"\x0214008EC793CE\r\n\x03"),
        ("em18", "008EC793", b"14008EC793CE"),
        ("wiegand-serial-dec10", "0001E256", b"0000123478\r\n"),
        ("wiegand-serial-hex6", "001E0256", b"1E0256\r"),
        ("wiegand-serial-hex8", "6B3D12D6", b"6B3D12D6\r"),
        ("ascii-line-uid", "04a1b2c3", b"04A1B2C3\r\n"),
        ("ascii-line-decimal", "008EC793", b"0009357203\r\n"),
        ("qr-line", "LX-000123", b"LX-000123\r\n"),
    ],
)
def test_a_reader_sends_what_its_manual_prints(kind: str, card: str, frame: bytes) -> None:
    assert SENDERS[kind].frame(card, Setup()) == frame


def test_a_7941_tells_the_type_and_checks_from_the_length_on() -> None:
    # The sellers' page: 02 09 01 SN0-SN3 BCC 03 for MF1K, ten bytes for EM4100.
    send = SENDERS["7941-uart10"].frame
    mifare = send("B6D7B5F2", Setup(technology="iso14443a"))
    assert mifare[:7].hex() == "020901b6d7b5f2"
    em4100 = send("00B6D7B5", Setup())
    assert (len(mifare), len(em4100)) == (9, 10)
    assert em4100[:3].hex() + em4100[4:8].hex() == "020a0200b6d7b5"
    assert all(reduce(xor, frame[1:-1]) == 0 and frame[-1] == 3 for frame in (mifare, em4100))


@pytest.mark.parametrize(
    ("encode", "grams", "frame"),
    [
        (indicators.keli_d2008, 37_000, bytes.fromhex("022b30303337303030314603")),
        (scale_texts.equals_reversed, 3000, b"=000.3000"),
        (scale_texts.equals_reversed, -3000, b"=000.300-"),
        (scale_texts.equals_forward, 3000, b"=0003.000"),
        (scale_texts.equals_forward, -1000, b"=-0001.000"),
        (scale_texts.a12e, 4139, b"WG004.139kg3D\r\n"),
        (scale_texts.a12_text, 7500, b"ww007.500kg\r\n"),
        (scale_texts.and_standard, 12_340, b"ST,GS,+0012.34kg\r\n"),
        (scale_texts.and_standard, -40, b"ST,GS,-0000.04kg\r\n"),
        (scale_texts.dini_argeo, 0, b"01ST,GS,    0.00,kg\r\n"),
        (scale_texts.cas_22, 13_500, b"ST,GS,1\xe4,00013.50 kg\r\n"),
        (indicators.toledo_unchecked, 12_340, b"\x02\x34\x30\x20  1234     0\r"),
    ],
)
def test_an_indicator_sends_what_its_manual_prints(
    encode: indicators.Encoder, grams: int, frame: bytes
) -> None:
    assert encode(Reading(grams, stable=True)) == frame


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("xk3190-a12e", b"         OL23\r\n"),
        ("and-standard", b"OL,GS,+9999.99kg\r\n"),
        ("dini-argeo", b"01OL,"),
        ("cas-22", b"OL,"),
        ("mt-sics", b"S +\r\n"),
    ],
)
def test_overload_has_words_of_its_own(kind: str, words: bytes) -> None:
    assert registry.SCALES[kind].encode(Reading(151_000, True, overload=True)).startswith(words)


def test_even_parity_stands_in_bit_seven() -> None:
    frame = indicators.toledo_even_parity(Reading(12_340, stable=True))
    assert all(byte.bit_count() % 2 == 0 for byte in frame)
    plain = indicators.toledo(Reading(12_340, stable=True))
    assert bytes(byte & 0x7F for byte in frame) == plain


def test_indicators_on_one_line_answer_to_their_letter_only() -> None:
    scales = {b"A": lambda: Reading(1200, True), b"C": lambda: Reading(-40, True)}
    hello, gross = bytes.fromhex("024141303003"), bytes.fromhex("024142303303")
    assert indicators.xk3190_answer(hello, scales) == hello
    answer = indicators.xk3190_answer(gross, scales)
    assert (answer[:11], len(answer)) == (b"\x02AB+0012003", 14)
    assert indicators.xk3190_answer(b"\x02BB00\x03", scales) == b"", "no such letter"
    assert indicators.xk3190_answer(gross[:-2] + b"\x34\x03", scales) == b"", "damaged"


def test_registers_stand_where_the_manuals_have_them() -> None:
    reading = Reading(-290, stable=True)
    assert TRANSMITTERS["flintec-ft13"].layout.words(reading)[1] == 0x10000 - 290
    assert TRANSMITTERS["cas-ci600d"].layout.words(reading)[10] == 0x10000 - 29
    eagle = TRANSMITTERS["eagle"].layout.words(Reading(12_500, stable=True))
    assert (eagle[0x1000], eagle[0x1001]) == (0x4148, 0x0000)


@pytest.mark.parametrize(
    ("kind", "card", "said"),
    [
        ("esphome-rdm6300", "008EC793", "9357203"),
        ("esphome-pn532", "047BCB51962280", "04-7B-CB-51-96-22-80"),
        ("esphome-wiegand", "763AE8", "7748328"),
        ("tasmota-rdm6300", "008EC793", {"RDM6300": {"UID": "008EC793"}}),
        ("tasmota-pn532", "047BCB51962280", {"PN532": {"UID": "047BCB51962280", "Data": ""}}),
        ("tasmota-wiegand", "763AE8", {"Wiegand": {"UID": 7748328, "Size": 26}}),
    ],
)
def test_a_wifi_reader_publishes_what_its_firmware_does(kind: str, card: str, said: object) -> None:
    payload = WIFI_READERS[kind].payload(bytes.fromhex(card))
    if kind.startswith("esphome"):
        assert payload.decode() == said
    else:
        message = json.loads(payload)
        assert len(message.pop("Time")) == len("2021-01-21T16:04:12")
        assert message == said


@pytest.mark.parametrize(
    ("kind", "card"), [("em18", "008EC7"), ("wiegand-serial-hex8", "1"), ("qr-line", "a b")]
)
def test_a_card_that_a_reader_cannot_send_is_refused(kind: str, card: str) -> None:
    with pytest.raises(ValueError, match="expected"):
        SENDERS[kind].frame(card, Setup())
