"""PN532 frames as they stand on the HSU line: 115200 8N1.

Source: NXP PN532 user manual UM0701-02, sections 6.2 and 7. 00 00 FF LEN LCS TFI data DCS 00 with
LEN + LCS = 0 and TFI + … + DCS = 0 mod 256; TFI is D4 from the host, D5 from the chip. ACK
00 00 FF 00 FF 00, NACK 00 00 FF FF 00 00, syntax error TFI 7F. Zeros before and after a frame are
preamble and postamble, in any number.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from edge.frames import FrameDecoder, Taken
from edge.readings import BadFrame, CardRead, Remark

START = b"\x00\xff"
FROM_HOST, FROM_CHIP, SYNTAX_ERROR = 0xD4, 0xD5, 0x7F
MAX_LEN = 80
"""No answer to a command of ours is longer; a false start must not hold up a good frame."""
LONGEST = len(START) + 2 + MAX_LEN + 1
UID_BYTES = (4, 7, 10)
LIST_ANSWER = 0x4B
HAS_ATS = 0x20


@dataclass(frozen=True)
class Control:
    """ACK or NACK."""

    kind: Literal["ack", "nack"]


@dataclass(frozen=True)
class Information:
    """A frame with content: who speaks, then command and data."""

    tfi: int
    body: bytes


Frame = Control | Information


def encode(body: bytes) -> bytes:
    """A host's command as it goes on the line."""
    data = bytes([FROM_HOST]) + body
    length = len(data)
    return bytes([0, 0, 0xFF, length, -length & 0xFF, *data, -sum(data) & 0xFF, 0])


def frames() -> FrameDecoder[Frame]:
    """Frames of either side."""
    return FrameDecoder(_frame, LONGEST)


def _frame(buffer: bytes) -> Taken[Frame] | None:
    skipped = _before_start(buffer)
    if skipped:
        count = sum(byte not in (0, 0x55) for byte in buffer[:skipped])
        bad = BadFrame("garbage", f"{count} bytes before a frame, expected 00 00 FF")
        return Taken(skipped, (bad,) if count else ())
    if len(buffer) < 4:
        return None
    length, check = buffer[2], buffer[3]
    if (length, check) in ((0x00, 0xFF), (0xFF, 0x00)):
        return Taken(4, (Control("nack" if length else "ack"),))
    if (length + check) & 0xFF or not 1 <= length <= MAX_LEN:
        return _bad("framing", f"LEN {length:02X} LCS {check:02X}, expected a sum of 0")
    return None if len(buffer) < 5 + length else _information(buffer, 4 + length)


def _information(buffer: bytes, end: int) -> Taken[Frame]:
    found, expected = buffer[end], -sum(buffer[4:end]) & 0xFF
    if found != expected:
        return _bad("checksum", f"DCS {found:02X}, expected {expected:02X}")
    return Taken(end + 1, (Information(buffer[4], buffer[5:end]),))


def _before_start(buffer: bytes) -> int:
    place = buffer.find(START)
    if place >= 0:
        return place
    return len(buffer) - 1 if buffer[-1] == START[0] else len(buffer)


def _bad(reason: str, detail: str) -> Taken[Frame]:
    """The hunt goes on behind the start code: a good frame may begin inside a bad one."""
    return Taken(len(START), (BadFrame(reason, detail),))


def targets(data: bytes) -> list[CardRead | BadFrame]:
    """The cards in an answer to InListPassiveTarget at 106 kbit/s type A.

    A UID is as long as its length byte says; a processor card appends an ATS, which is no part
    of it.
    """
    out: list[CardRead | BadFrame] = []
    rest = data[1:]
    for _ in range(data[0] if data else 0):
        end = 5 + rest[4] if len(rest) > 4 else 5
        if len(rest) < end or end - 5 not in UID_BYTES:
            out.append(BadFrame("truncated", f"{len(rest)} bytes for a target, expected {end}"))
            break
        uid, rest_after = rest[5:end], rest[end:]
        said = {"kind": "target", "count": data[0], "sak": f"{rest[3]:02X}"}
        said["atqa"] = rest[1:3].hex().upper()
        if rest[3] & HAS_ATS and rest_after:
            ats, rest_after = rest_after[: rest_after[0]], rest_after[max(rest_after[0], 1) :]
            said["ats"] = ats.hex().upper()
        if any(uid):
            out.append(CardRead("iso14443a", uid.hex().upper(), said))
        else:
            out.append(BadFrame("null_uid", "a UID of zeros, expected a card"))
        rest = rest_after
    return out


class Pn532Decoder:
    """What a chip says, for a technician; the reader itself is run by Pn532Host."""

    def __init__(self, explain: "Callable[[Frame], list[CardRead | BadFrame | Remark]]") -> None:
        self._frames = frames()
        self._explain = explain

    def feed(self, data: bytes) -> list[CardRead | BadFrame | Remark]:
        """Readings and remarks finished by these bytes."""
        out: list[CardRead | BadFrame | Remark] = []
        for frame in self._frames.feed(data):
            out += [frame] if isinstance(frame, BadFrame) else self._explain(frame)
        return out

    def idle(self) -> list[CardRead | BadFrame | Remark]:
        """Nothing of a chip ends in silence, but noise may have announced more than came."""
        found = [frame for frame in self._frames.idle() if isinstance(frame, Information)]
        return [reading for frame in found for reading in self._explain(frame)]


def from_chip(frame: Frame) -> list[CardRead | BadFrame | Remark]:
    """The chip's side."""
    if isinstance(frame, Control):
        return [Remark({"kind": frame.kind})]
    if frame.tfi == SYNTAX_ERROR:
        return [Remark({"kind": "error", "code": "syntax", "error": "syntax"})]
    if frame.tfi != FROM_CHIP or not frame.body:
        return [BadFrame("framing", f"TFI {frame.tfi:02X}, expected D5 from a chip")]
    command, data = frame.body[0], frame.body[1:]
    if command != LIST_ANSWER:
        said = {"kind": "response", "command": f"{command:02X}", "data": data.hex().upper()}
        return [Remark(said)]
    if not any(data[:1]):
        return [Remark({"kind": "target", "count": 0})]
    return [*targets(data)]


_HOST_COMMANDS = {0x02: "getfirmware", 0x14: "samconfig", 0x32: "rfconfig", 0x4A: "inlist"}


class Pn532HostDecoder(Pn532Decoder):
    """What a driver writes, for a technician with two wires on the line."""

    def __init__(self) -> None:
        super().__init__(self._command)
        self._woken = False
        self._heard = bytearray()

    def feed(self, data: bytes) -> list[CardRead | BadFrame | Remark]:
        """Commands finished by these bytes."""
        self._woken = self._woken or b"\x55\x55" in self._heard[-1:] + data
        self._heard[:] = data[-1:] or self._heard
        return super().feed(data)

    def _command(self, frame: Frame) -> list[CardRead | BadFrame | Remark]:
        if isinstance(frame, Control):
            return [Remark({"kind": f"host_{frame.kind}"})]
        if frame.tfi != FROM_HOST or not frame.body:
            return [BadFrame("framing", f"TFI {frame.tfi:02X}, expected D4 from a host")]
        name = _HOST_COMMANDS.get(frame.body[0], f"command_{frame.body[0]:02X}")
        wake, self._woken = "wakeup_" if self._woken else "", False
        return [Remark({"kind": f"host_{wake}{name}", "data": frame.body[1:].hex().upper()})]
