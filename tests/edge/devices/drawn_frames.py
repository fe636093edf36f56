"""Frames as the data sheets draw them, written apart from the decoders, and what they say.

Each strategy yields the bytes of one frame and the keys that its line must hold.
"""

from dataclasses import dataclass
from functools import reduce
from operator import xor
from typing import Any

from hypothesis import strategies as st

Drawn = tuple[bytes, dict[str, Any]]


@dataclass(frozen=True)
class Shape:
    """How a device's frames look; ``copies`` of one must outlast any garbage before them."""

    device: str
    frames: st.SearchStrategy[Drawn]
    copies: int = 2


def xor_of(data: bytes) -> int:
    return reduce(xor, data)


def hex2(value: int) -> bytes:
    return b"%02X" % value


tags = st.binary(min_size=5, max_size=5).filter(lambda tag: any(tag[1:]))
em18_tags = tags.filter(lambda tag: tag[:2] != tag[3:])
"""Others are taken for twice the same half of a frame."""
uids = st.sampled_from([4, 7, 10]).flatmap(
    lambda size: st.binary(min_size=size, max_size=size).filter(any)
)
digits6 = st.integers(0, 999_999)
units = st.sampled_from([b"kg", b" g", b"lb"])


def em_digits(tag: bytes) -> bytes:
    return tag.hex().upper().encode() + hex2(xor_of(tag))


def em_uid(tag: bytes) -> dict[str, Any]:
    return {"kind": "card", "technology": "em4100", "uid": tag[1:].hex().upper()}


def of_7941(tag: bytes) -> Drawn:
    body = bytes([10, 2]) + tag
    return b"\x02" + body + bytes([xor_of(body), 3]), em_uid(tag)


def pn532(body: bytes, tfi: int = 0xD5) -> bytes:
    data = bytes([tfi]) + body
    length = len(data)
    head = bytes([0, 0, 0xFF, length, (256 - length) % 256])
    return head + data + bytes([(256 - sum(data) % 256) % 256, 0])


def of_pn532(uid: bytes, ats: bytes) -> Drawn:
    sak = 0x28 if ats else 0x08
    tail = bytes([len(ats) + 1]) + ats if ats else b""
    frame = pn532(bytes([0x4B, 1, 1, 0, 4, sak, len(uid)]) + uid + tail)
    return frame, {"kind": "target", "uid": uid.hex().upper(), "sak": f"{sak:02X}"}


def stx_etx(body: bytes) -> bytes:
    return b"\x02" + body + hex2(xor_of(body)) + b"\x03"


def of_a9(value: int, point: int, sign: bytes) -> Drawn:
    body = sign + b"%06d" % value + b"%d" % point
    return stx_etx(body), weight(value, point, sign == b"-")


def of_keli(value: int, sign: bytes) -> Drawn:
    return stx_etx(sign + b"%07d" % value), weight(value, 0, sign == b"-")


def of_asked(address: int, command: int) -> Drawn:
    words = bytes([0x41 + address, 0x41 + command])
    said = {"kind": "host_command", "address": chr(words[0]), "command": chr(words[1])}
    return stx_etx(words), said


def crc(data: bytes) -> bytes:
    register = 0xFFFF
    for byte in data:
        register ^= byte
        for _ in range(8):
            register = register >> 1 ^ 0xA001 if register & 1 else register >> 1
    return data + register.to_bytes(2, "little")


def of_modbus_answer(address: int, words: list[int]) -> Drawn:
    data = b"".join(word.to_bytes(2, "big") for word in words)
    said = {"address": address, "function": 3, "registers": words}
    return crc(bytes([address, 3, len(data)]) + data), said


def of_modbus_request(address: int, start: int, count: int) -> Drawn:
    body = bytes([address, 4]) + start.to_bytes(2, "big") + count.to_bytes(2, "big")
    return crc(body), {"address": address, "function": 4, "start": start, "count": count}


def of_a12(value: int, mode: bytes) -> Drawn:
    text = b"w%c%07.2fkg\r\n" % (mode, value / 100)
    return text, {"value": f"{value / 100:.2f}", "unit": "kg"}


def of_host(max_cards: int) -> Drawn:
    return pn532(bytes([0x4A, max_cards, 0]), tfi=0xD4), {"kind": "host_inlist"}


def of_command(address: int, value: int, point: int) -> Drawn:
    letter = bytes([0x41 + address])
    body = letter + b"B+" + b"%06d" % value + b"%d" % point
    said = weight(value, point, False) | {"address": letter.decode(), "quantity": "gross"}
    return stx_etx(body), said


def weight(value: int, point: int, negative: bool) -> dict[str, Any]:
    text = f"{value:0{point + 1}d}"
    text = text[: len(text) - point] + ("." + text[-point:] if point else "")
    return {"kind": "weight", "value": ("-" if negative and value else "") + text}


def of_toledo(value: int, code: int, status_b: int, check: bool) -> Drawn:
    body = b"\x02" + bytes([0x28 | code, 0x30 | status_b, 0x20]) + b"%6d" % value + b"000000\r"
    if check:
        body += bytes([(128 - sum(body) % 128) % 128])
    said = weight(value, code - 2, bool(status_b & 2))
    said |= {"unit": "kg", "stable": not status_b & 8, "mode": "net" if status_b & 1 else "gross"}
    return body, said


def of_sics(value: int, stable: bool) -> Drawn:
    text = b"S %s %10.2f kg\r\n" % (b"S" if stable else b"D", value / 100)
    return text, {"kind": "weight", "value": f"{value / 100:.2f}", "stable": stable}


def of_and(value: int, stable: bool, unit: bytes, comma: bytes, address: bytes) -> Drawn:
    head = b"ST" if stable else b"US"
    text = address + head + b",GS,+%07.1f" % (value / 10) + comma + unit + b"\r\n"
    said = {"value": f"{value / 10:.1f}", "unit": unit.decode().strip(), "stable": stable}
    return text, said


def of_cas(value: int, device: int, lamp: int) -> Drawn:
    text = b"ST,NT,%c%c,%08.1f kg\r\n" % (device, lamp | 0x80, value / 10)
    return text, {"value": f"{value / 10:.1f}", "mode": "net", "lamp": f"{lamp | 0x80:02X}"}


def of_a12e(value: int) -> Drawn:
    text = b"WG%07.3fkg" % (value / 1000)
    return text + hex2(xor_of(text)) + b"\r\n", {"value": f"{value / 1000:.3f}", "unit": "kg"}


def of_equals(value: int, turned: bool) -> Drawn:
    text = b"%08.3f" % (value / 1000)
    return b"=" + (text[::-1] if turned else text), {"value": f"{value / 1000:.3f}"}


SHAPES = [
    Shape("rdm6300", tags.map(lambda tag: (b"\x02" + em_digits(tag) + b"\x03", em_uid(tag)))),
    Shape("id12la", tags.map(lambda tag: (b"\x02" + em_digits(tag) + b"\r\n\x03", em_uid(tag)))),
    Shape("em18", em18_tags.map(lambda tag: (em_digits(tag), em_uid(tag)))),
    Shape("7941-uart10", tags.map(of_7941)),
    Shape("pn532", st.builds(of_pn532, uids, st.binary(max_size=15))),
    Shape("pn532-host", st.integers(1, 2).map(of_host)),
    Shape(
        "wiegand-serial-hex6",
        st.integers(1, 0xFFFFFF).map(lambda n: (b"%06X\r" % n, {"number": n, "card": n & 0xFFFF})),
    ),
    Shape(
        "wiegand-serial-hex8",
        st.integers(1, 0xFFFF_FFFF).map(lambda n: (b"%08X\r\n" % n, {"number": n, "bits": 34})),
    ),
    Shape(
        "ascii-line-decimal",
        st.integers(1, 0xFFFF_FFFF).map(lambda n: (b"%010d\r" % n, {"number": n})),
    ),
    Shape(
        "qr-line",
        st.text("ABCXYZ0189-:/", min_size=4, max_size=40).map(
            lambda text: (text.encode() + b"\r\n", {"text": text})
        ),
    ),
    Shape(
        "wiegand-serial-dec10",
        st.integers(1, 0xFFFF_FFFF).map(lambda n: (b"%010d\r\n" % n, {"number": n})),
    ),
    Shape(
        "ascii-line-uid",
        uids.map(lambda uid: (uid.hex().upper().encode() + b"\r\n", {"uid": uid.hex().upper()})),
    ),
    Shape(
        "xk3190-a9", st.builds(of_a9, digits6, st.integers(0, 4), st.sampled_from([b"+", b"-"]))
    ),
    Shape("keli-d2008", st.builds(of_keli, digits6, st.sampled_from([b"+", b"-"]))),
    Shape("xk3190-command-host", st.builds(of_asked, st.integers(0, 25), st.integers(0, 3))),
    Shape("xk3190-command", st.builds(of_command, st.integers(0, 25), digits6, st.integers(0, 4))),
    Shape("yaohua-tf-reversed", digits6.map(lambda value: of_equals(value, True)), copies=3),
    Shape("yaohua-tf-forward", digits6.map(lambda value: of_equals(value, False)), copies=3),
    Shape("xk3190-a12-text", st.builds(of_a12, digits6, st.sampled_from(b"wnt"))),
    Shape("xk3190-a12e", digits6.map(of_a12e)),
    Shape(
        "toledo-continuous",
        st.builds(of_toledo, digits6, st.integers(2, 7), st.sampled_from([16, 17, 18, 24, 27]),
                  st.just(True)),
    ),
    Shape("mt-sics", st.builds(of_sics, digits6, st.booleans())),
    Shape(
        "and-standard",
        st.builds(of_and, digits6, st.booleans(), units, st.just(b""), st.just(b"")),
    ),
    Shape(
        "dini-argeo",
        st.builds(of_and, digits6, st.booleans(), units, st.just(b","), st.just(b"01")),
    ),
    Shape(
        "modbus-rtu-response",
        st.builds(of_modbus_answer, st.integers(1, 247),
                  st.lists(st.integers(0, 0xFFFF), min_size=1, max_size=8)),
    ),
    Shape(
        "modbus-rtu-request",
        st.builds(of_modbus_request, st.integers(1, 247), st.integers(0, 0xFFFF),
                  st.integers(1, 32)),
    ),
    Shape("cas-22", st.builds(of_cas, digits6, st.integers(0, 255), st.integers(0, 127))),
]  # fmt: skip
