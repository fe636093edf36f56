"""Scales left alone: which of them speak at all, and how much they tremble."""

from collections.abc import Callable, Mapping

from edge.commission.ears import Ears, Heard, with_bins
from edge.commission.trial import Sample
from edge.commission.wiring import Channel, found_channels
from edge.config import EdgeConfig
from edge.readings import WeightRead
from edge.scales.weighing import WINDOW_SAMPLES

ADDRESSES = 32
"""Asked when a configured one is silent; installers count from 1."""
FLUSH_MS = 50
LONGEST_SWEEPS = 10
LONGEST_REST = 3
"""Times as long as asked for: a slow scale without a plateau would never be seen to move."""

UpMs = Callable[[], int]


def at_rest(
    ears: Ears, channels: Mapping[int, Channel], up_ms: UpMs, idle_ms: int
) -> dict[int, list[Sample]]:
    """Every weight read within so much time, and longer while one that speaks was hardly heard."""
    samples: dict[int, list[Sample]] = {no: [] for no in channels}
    ears.forget()
    began_ms = up_ms()
    while up_ms() < began_ms + idle_ms or (
        any(0 < len(one) < WINDOW_SAMPLES for one in samples.values())
        and up_ms() < began_ms + LONGEST_REST * idle_ms
    ):
        for told in ears.next():
            if isinstance(told, Heard) and isinstance(told.reading, WeightRead):
                samples[told.channel].append(Sample(told.up_ms, told.reading.grams))
    return samples


def look_around(
    config: EdgeConfig,
    channels: Mapping[int, Channel],
    up_ms: UpMs,
    look_ms: int,
    say: Callable[[str], None],
) -> dict[int, Channel]:
    """Scales that answer under an address of no bin, if an address of a bin is silent."""
    with Ears(with_bins(config, channels.values()), up_ms, readers=False) as ears:
        heard = at_rest(ears, channels, up_ms, look_ms)
    silent = [c for c in channels.values() if c.bin.bus is not None and not heard[c.no]]
    buses = {channel.bin.bus for channel in silent}
    asked = {
        no: channel
        for no, channel in found_channels(config, ADDRESSES).items()
        if channel.bin.bus in buses
    }
    if not asked:
        return {}
    say(f"  silent: {', '.join(channel.label for channel in silent)}")
    say(f"  asking the other addresses up to {ADDRESSES} …")
    with Ears(with_bins(config, asked.values()), up_ms, readers=False) as ears:
        answered = _answering(ears, set(asked), up_ms, LONGEST_SWEEPS * _one_sweep_ms(config))
    found = {no: channel for no, channel in asked.items() if no in answered}
    for channel in found.values():
        say(f"  {channel.label} answers and belongs to no bin yet")
    return found


def _answering(ears: Ears, asked: set[int], up_ms: UpMs, most_ms: int) -> set[int]:
    """Who gives a weight, once everybody was asked."""
    left, answered, until_ms = set(asked), set(), up_ms() + most_ms
    while left and up_ms() < until_ms:
        for told in ears.next():
            if isinstance(told, Heard):
                left.discard(told.channel)
                if isinstance(told.reading, WeightRead):
                    answered.add(told.channel)
    return answered


def _one_sweep_ms(config: EdgeConfig) -> int:
    patience_s = [
        *(b.timeout_s for b in config.buses),
        *(c.timeout_s for c in config.command_lines),
    ]
    slowest_s = max(patience_s)
    return round(ADDRESSES * (slowest_s * 1000 + FLUSH_MS))
