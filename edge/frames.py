"""The hunt for frames in a stream of bytes, shared by every serial decoder; no I/O.

A protocol is a function that looks at the front of what has arrived and says how many bytes it has
finished with and what they meant, or None while the frame is not all there. It answers alike
whatever comes after, so that chunking cannot change what is heard.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from edge.readings import BadFrame

Reading = TypeVar("Reading")
CR, LF = 0x0D, 0x0A


@dataclass(frozen=True)
class Taken(Generic[Reading]):
    """``used`` bytes are done with; ``readings`` is what they said."""

    used: int
    readings: tuple[Reading | BadFrame, ...] = ()


class FrameDecoder(Generic[Reading]):
    """Push bytes in any chunking; get every finished reading back, in order.

    ``longest`` bounds the buffer: no frame is longer, so ``take`` decides on that many bytes.
    ``last`` reads what silence completes, for protocols whose frames end in a gap.
    """

    def __init__(
        self,
        take: Callable[[bytes], Taken[Reading] | None],
        longest: int,
        last: Callable[[bytes], tuple[Reading | BadFrame, ...]] | None = None,
    ) -> None:
        self._buffer = bytearray()
        self._take = take
        self._longest = longest
        self._last = last

    def feed(self, data: bytes) -> list[Reading | BadFrame]:
        """Readings finished by these bytes. Keeps at most one incomplete frame."""
        self._buffer += data
        out: list[Reading | BadFrame] = []
        while self._buffer:
            taken = self._take(bytes(self._buffer[: self._longest]))
            if taken is None and len(self._buffer) < self._longest:
                break
            if taken is None:
                taken = Taken(1, (BadFrame("too_long", f"no frame within {self._longest} bytes"),))
            del self._buffer[: taken.used]
            out += taken.readings
        return out

    def idle(self) -> list[Reading | BadFrame]:
        """The line has been quiet for longer than any pause inside a frame."""
        rest = bytes(self._buffer)
        self._buffer.clear()
        if self._last is not None:
            return list(self._last(rest)) if rest else []
        return self._behind_a_false_start(rest)

    def _behind_a_false_start(self, rest: bytes) -> list[Reading | BadFrame]:
        """Whole frames in what silence proved to be none: noise may have announced a long one."""
        out: list[Reading | BadFrame] = []
        place = 1
        while place < len(rest):
            taken = self._take(rest[place : place + self._longest])
            place += 1 if taken is None else taken.used
            if taken is not None:
                out += [reading for reading in taken.readings if not isinstance(reading, BadFrame)]
        return out


def skip_to(buffer: bytes, start: int, name: str) -> Taken[Reading] | None:
    """The garbage before a start byte; None when the buffer begins with it."""
    place = buffer.find(start)
    if place == 0:
        return None
    count = len(buffer) if place < 0 else place
    return Taken(count, (BadFrame("garbage", f"{count} bytes before a frame, expected {name}"),))


def lines(
    read: Callable[[bytes], Reading | BadFrame | None], longest: int
) -> FrameDecoder[Reading]:
    """Texts that end in CR, LF or both; ``read`` gets one without its end, None = say nothing."""

    def take(buffer: bytes) -> Taken[Reading] | None:
        ends = [place for place in (buffer.find(CR), buffer.find(LF)) if place >= 0]
        if not ends:
            if len(buffer) < longest:
                return None
            return Taken(
                longest, (BadFrame("too_long", f"{longest} bytes without CR or LF, expected one"),)
            )
        end = min(ends)
        reading = read(buffer[:end]) if end else None
        return Taken(end + 1, () if reading is None else (reading,))

    return FrameDecoder(take, longest)
