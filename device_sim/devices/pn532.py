"""A PN532 chip at its HSU line: 115200 8N1, silent until it is woken and asked.

Source: NXP PN532 user manual UM0701-02: sections 6.2.1 (frames), 6.2.2 (dialogue: ACK, NACK,
abort), 7.2.10 (SAMConfiguration), 7.2.11 (PowerDown, wake-up by 55h), 7.3.5 (InListPassiveTarget).
"""

from dataclasses import dataclass

ACK = b"\x00\x00\xff\x00\xff\x00"
NACK = b"\x00\x00\xff\xff\x00\x00"
SYNTAX_ERROR = b"\x00\x00\xff\x01\xff\x7f\x81\x00"
WAKE_BYTE = 0x55
START = b"\x00\xff"
GET_FIRMWARE, SAM_CONFIGURATION, LIST_TARGETS = 0x02, 0x14, 0x4A
FIRMWARE = bytes([0x32, 0x01, 0x06, 0x07])
LISTENING_TYPE_A = b"\x01\x00"


@dataclass(frozen=True)
class Tag:
    """A card: UID of 4, 7 or 10 bytes; a processor card also answers with an ATS."""

    uid: bytes
    ats: bytes = b""

    def target(self) -> bytes:
        """Its part of the answer to InListPassiveTarget."""
        atqa = b"\x00\x04" if len(self.uid) == 4 else b"\x00\x44"
        sak = 0x28 if self.ats else 0x08 if len(self.uid) == 4 else 0x00
        ats = bytes([len(self.ats) + 1]) + self.ats if self.ats else b""
        return b"\x01" + atqa + bytes([sak, len(self.uid)]) + self.uid + ats


def answer_frame(body: bytes) -> bytes:
    """A frame from the chip."""
    data = b"\xd5" + body
    head = bytes([0, 0, 0xFF, len(data), 0x100 - len(data)])
    return head + data + bytes([(0x100 - sum(data)) & 0xFF, 0])


class Chip:
    """Bytes in, bytes out; ``tag`` is the card in the field."""

    def __init__(self) -> None:
        self.tag: Tag | None = None
        self._awake = False
        self._heard = bytearray()
        self._last = b""
        self._listing = False

    def power_cycle(self) -> None:
        """It forgets everything and sleeps until woken."""
        self._awake = self._listing = False
        self._heard.clear()

    def hear(self, data: bytes) -> bytes:
        """What goes back at once."""
        if not self._awake:
            if WAKE_BYTE not in data:
                return b""
            self._awake = True
        self._heard += data
        out = b""
        while (frame := self._next()) is not None:
            out += self._obey(frame)
        return out + self.look()

    def look(self) -> bytes:
        """The delayed answer of InListPassiveTarget, once a card is in the field."""
        if not self._listing or self.tag is None:
            return b""
        self._listing = False
        return self._say(b"\x4b\x01" + self.tag.target())

    def _next(self) -> bytes | None:
        """The next frame behind a start code: data, or the two bytes of ACK and NACK."""
        place = self._heard.find(START)
        if place < 0 or len(self._heard) < place + 4:
            return None
        length, check = self._heard[place + 2 : place + 4]
        if (length, check) in ((0, 0xFF), (0xFF, 0)):
            del self._heard[: place + 4]
            return bytes([length, check])
        end = place + 4 + length + 1
        if len(self._heard) < end:
            return None
        frame = bytes(self._heard[place + 4 : end])
        del self._heard[:end]
        bad = (length + check) & 0xFF or sum(frame) & 0xFF or frame[0] != 0xD4
        return b"" if bad else frame[1:-1]

    def _obey(self, frame: bytes) -> bytes:
        if frame == b"\x00\xff":
            self._listing = False
            return b""
        if frame == b"\xff\x00":
            return self._last
        if not frame:
            return SYNTAX_ERROR
        self._listing = frame == bytes([LIST_TARGETS]) + LISTENING_TYPE_A
        if self._listing:
            return ACK
        known = {SAM_CONFIGURATION: b"\x15", GET_FIRMWARE: b"\x03" + FIRMWARE}
        body = known.get(frame[0])
        return ACK + self._say(body) if body is not None else ACK + SYNTAX_ERROR

    def _say(self, body: bytes) -> bytes:
        self._last = answer_frame(body)
        return self._last
