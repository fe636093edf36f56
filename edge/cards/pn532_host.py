"""The host's side of a PN532 over HSU as a pure state machine: bytes and time in, bytes out.

Source: NXP PN532 user manual UM0701-02, sections 6.2.2, 7.2.10 and 7.3.5. Wake up with 55 55 and
zeros, SAMConfiguration normal mode, then InListPassiveTarget for one card at 106 kbit/s type A.
The chip stays silent until a card comes; a host that wants to know whether it is still there
aborts with an ACK and asks again.
"""

from dataclasses import dataclass
from typing import Literal

from edge.cards import pn532
from edge.cards.kinds import CardHeard
from edge.readings import BadFrame, CardRead

WAKE_UP = b"\x55\x55" + bytes(14)
SAM_CONFIGURATION = pn532.encode(b"\x14\x01\x17\x00")
LIST_ONE_CARD = pn532.encode(b"\x4a\x01\x00")
ACK = b"\x00\x00\xff\x00\xff\x00"
NACK = b"\x00\x00\xff\xff\x00\x00"
QUIET_MS = 50
"""Longer than the longest frame on the line and any adapter's latency."""
ACK_MS = 100
ANSWER_MS = 300
LISTEN_MS = 1000
"""Without a card the question is put again this often, which shows that the chip is alive."""
POLL_MS = 200
RETRY_MS = 1000
SAM_ANSWER = 0x15


@dataclass(frozen=True)
class Turn:
    """What was heard and what has to be sent now."""

    heard: tuple[CardHeard, ...]
    send: bytes


class Pn532Host:
    """Call turn with whatever arrived, also with nothing, at least every 100 ms."""

    def __init__(self) -> None:
        self._frames = pn532.frames()
        self._state: Literal["asleep", "waking", "resting", "listing"] = "asleep"
        self._due_ms = 0
        self._heard_ms = 0
        self._ack_by_ms: int | None = None
        self._asked_again = False

    def turn(self, data: bytes, up_ms: int) -> Turn:
        """``up_ms`` must not run backwards."""
        heard: list[CardRead | BadFrame] = []
        send = b""
        for frame in self._arrived(data, up_ms):
            if isinstance(frame, BadFrame):
                heard.append(frame)
                send += self._spoilt(frame, up_ms)
            else:
                heard += self._take(frame, up_ms)
        heard += self._too_late(up_ms)
        return Turn(tuple(heard), send + self._ask(up_ms))

    def _arrived(self, data: bytes, up_ms: int) -> list[pn532.Frame | BadFrame]:
        if data:
            self._heard_ms = up_ms
            return self._frames.feed(data)
        return self._frames.idle() if up_ms - self._heard_ms >= QUIET_MS else []

    def _take(self, frame: pn532.Frame, up_ms: int) -> list[CardRead | BadFrame]:
        if isinstance(frame, pn532.Control):
            self._ack_by_ms = None
            return []
        if frame.tfi == pn532.SYNTAX_ERROR:
            self._rest(up_ms, RETRY_MS)
            return [BadFrame("syntax", "the chip did not understand, expected an answer")]
        answer = frame.body[:1]
        if self._state == "waking" and answer == bytes([SAM_ANSWER]):
            self._rest(up_ms, 0)
        elif self._state == "listing" and answer == bytes([pn532.LIST_ANSWER]):
            self._rest(up_ms, POLL_MS)
            return pn532.targets(frame.body[1:])
        return []

    def _spoilt(self, bad: BadFrame, up_ms: int) -> bytes:
        """An answer that came damaged is asked for once more; noise between answers is not."""
        if bad.reason != "checksum" or self._state not in ("waking", "listing"):
            return b""
        if self._asked_again:
            self._rest(up_ms, POLL_MS)
            return ACK
        self._asked_again = True
        return NACK

    def _too_late(self, up_ms: int) -> list[CardRead | BadFrame]:
        silent = self._ack_by_ms is not None and up_ms >= self._ack_by_ms
        if silent or (self._state == "waking" and up_ms >= self._due_ms):
            self._state, self._due_ms, self._ack_by_ms = "asleep", up_ms + RETRY_MS, None
            return [BadFrame("no_answer", "the chip is silent, expected an ACK")]
        return []

    def _ask(self, up_ms: int) -> bytes:
        """The next command, if its time has come."""
        if up_ms < self._due_ms:
            return b""
        if self._state == "asleep":
            self._start("waking", up_ms, ANSWER_MS)
            return WAKE_UP + SAM_CONFIGURATION
        abort = ACK if self._state == "listing" else b""
        self._start("listing", up_ms, LISTEN_MS)
        return abort + LIST_ONE_CARD

    def _start(self, state: Literal["waking", "listing"], up_ms: int, wait_ms: int) -> None:
        self._state, self._asked_again = state, False
        self._due_ms, self._ack_by_ms = up_ms + wait_ms, up_ms + ACK_MS

    def _rest(self, up_ms: int, wait_ms: int) -> None:
        self._state, self._due_ms, self._ack_by_ms = "resting", up_ms + wait_ms, None
