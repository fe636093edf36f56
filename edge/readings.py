"""What devices say, after decoding; values without any I/O."""

from dataclasses import dataclass


@dataclass(frozen=True)
class CardRead:
    """A card at a reader. ``uid`` is canonical upper-case hex: 8 digits for EM4100."""

    technology: str
    uid: str


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
