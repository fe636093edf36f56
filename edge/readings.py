"""What devices say, after decoding; values without any I/O."""

from collections.abc import Mapping
from dataclasses import dataclass, field

Said = Mapping[str, object]
"""What else a frame told, in the words of ``lianxin-edge decode``; nothing is decided by it."""


@dataclass(frozen=True)
class CardRead:
    """A card at a reader. ``uid`` is canonical upper-case hex: 8 digits for EM4100."""

    technology: str
    uid: str
    said: Said = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True)
class CardNumber:
    """A card of which the reader tells only a number; what is behind it is configured."""

    number: int
    said: Said = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True)
class Remark:
    """A frame that is neither a card nor a weight: an acknowledgement, a command."""

    said: Said


@dataclass(frozen=True)
class BadFrame:
    """Bytes that were no frame; ``reason`` is a word, ``detail`` says found and expected."""

    reason: str
    detail: str


@dataclass(frozen=True)
class WeightRead:
    """A scale's reading in whole grams; ``stable`` is None where the scale does not say."""

    grams: int
    stable: bool | None = None


@dataclass(frozen=True)
class WeightFault:
    """A reading that is no number: overload, underload, blank, offline."""

    reason: str
    detail: str = ""
