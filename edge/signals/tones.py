"""The five tones as PCM samples. Pure.

About 2 kHz, where hearing with age still is good and a small loudspeaker is loud; what tells them
apart is not pitch but number, length and movement of the pulses, which a weak ear keeps.
"""

import array
import math
from dataclasses import dataclass
from functools import cache
from typing import Literal, get_args

ToneName = Literal["recorded", "accepted", "see_supervisor", "refused", "soft"]
Tried = Literal["recorded", "accepted", "see_supervisor", "refused", "soft", "broadcast"]
"""What a technician may try: the tones and a broadcast."""
TONE_NAMES: tuple[ToneName, ...] = get_args(ToneName)
RATE_HZ = 48_000
FULL_SCALE = 32_767
PEAK = FULL_SCALE * 0.9
EDGE_MS = 8


@dataclass(frozen=True)
class Pulse:
    """One sound: it glides between two pitches and, with ``warble_hz``, swells and fades."""

    from_hz: int
    to_hz: int
    ms: int
    pause_ms: int = 0
    warble_hz: int = 0
    edge_ms: int = EDGE_MS
    level: float = 1.0


PATTERNS: dict[ToneName, tuple[Pulse, ...]] = {
    "recorded": (Pulse(2000, 2000, 160),),
    "accepted": (Pulse(1800, 2000, 110, pause_ms=70), Pulse(2100, 2400, 200)),
    "see_supervisor": (
        Pulse(2400, 1800, 180, pause_ms=110),
        Pulse(2400, 1800, 180, pause_ms=110),
        Pulse(2400, 1800, 180),
    ),
    "refused": (Pulse(1800, 1800, 600, warble_hz=14),),
    "soft": (Pulse(1700, 1600, 320, edge_ms=120, level=0.3),),
}


def duration_ms(name: ToneName) -> int:
    """From the first to the last sample."""
    return sum(pulse.ms + pulse.pause_ms for pulse in PATTERNS[name])


def samples(name: ToneName, volume: int) -> bytes:
    """16-bit little-endian mono samples at RATE_HZ; volume 0 is silence of the same length."""
    return levelled(_loudest(name), volume)


@cache
def _loudest(name: ToneName) -> bytes:
    out = array.array("h")
    for pulse in PATTERNS[name]:
        out.extend(_sounding(pulse))
        out.extend([0] * (pulse.pause_ms * RATE_HZ // 1000))
    return little_endian(out).tobytes()


def _sounding(pulse: Pulse) -> list[int]:
    count = pulse.ms * RATE_HZ // 1000
    edge = pulse.edge_ms * RATE_HZ // 1000
    slope = (pulse.to_hz - pulse.from_hz) / 2 / count
    values = []
    for n in range(count):
        angle = 2 * math.pi * (pulse.from_hz + slope * n) * n / RATE_HZ
        level = pulse.level * min(1.0, n / edge, (count - n) / edge)
        if pulse.warble_hz:
            level *= 0.55 - 0.45 * math.cos(2 * math.pi * pulse.warble_hz * n / RATE_HZ)
        values.append(round(PEAK * level * math.sin(angle)))
    return values


def levelled(pcm: bytes, volume: int) -> bytes:
    """16-bit little-endian samples at a volume; 100 leaves them as they are.

    The amplitude goes with the square of the volume, so that 50 sounds about half as loud.
    """
    if volume == 100:
        return pcm
    factor = round((volume / 100) ** 2 * 65536)
    values = little_endian(array.array("h", pcm))
    return little_endian(array.array("h", [value * factor >> 16 for value in values])).tobytes()


def little_endian(values: "array.array[int]") -> "array.array[int]":
    """Samples in the order of the file, on any machine."""
    if array.array("h", b"\1\0")[0] != 1:
        values.byteswap()
    return values
