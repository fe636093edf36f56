"""A weight as a scale tells it, value and unit, and the whole grams that are made of it."""

import re
from dataclasses import dataclass, field
from decimal import Decimal

from edge.readings import BadFrame, Remark, Said, WeightFault, WeightRead
from edge.scales.modbus import whole_grams

GRAMS = {
    "mg": Decimal("0.001"),
    "g": Decimal(1),
    "kg": Decimal(1000),
    "t": Decimal(1_000_000),
    "lb": Decimal("453.59237"),
    "oz": Decimal("28.349523125"),
}
MODES = {"GS": "gross", "NT": "net", "TR": "tare"}
_NUMBER = re.compile(rb"\s*([+-]?)\s*([0-9]{1,12}(?:\.[0-9]{0,9})?|\.[0-9]{1,9})\s*")


@dataclass(frozen=True)
class Weighed:
    """One reading; ``unit`` None is what the configuration says, ``stable`` None is unsaid."""

    value: Decimal
    unit: str | None = None
    stable: bool | None = None
    said: Said = field(default_factory=dict, compare=False)


ScaleReading = Weighed | WeightFault | Remark
ScaleHeard = ScaleReading | BadFrame


def in_grams(weighed: Weighed, unit: str | None = None) -> WeightRead | WeightFault:
    """Whole grams; ``unit`` is the configured one, for scales that tell none.

    A tare or a count weighs nothing, and neither does a number of which nobody said the unit.
    """
    if weighed.said.get("mode") == "tare" or weighed.said.get("kind") == "count":
        return WeightFault("not_a_weight", "a tare or a count, expected gross or net")
    said = weighed.unit or unit
    if said is None:
        return WeightFault("unit", "the scale told none; set unit if it never does")
    factor = GRAMS.get(said)
    if factor is None:
        return WeightFault("unit", f"{said!r}, expected one of {', '.join(GRAMS)}")
    return whole_grams(weighed.value * factor, weighed.stable)


def number(text: bytes) -> Decimal | None:
    """A plain decimal text, blanks around it; None for anything else, so also for no digits."""
    match = _NUMBER.fullmatch(text)
    if match is None:
        return None
    return positive_zero(Decimal((match[1] + match[2]).decode("ascii")))


def scaled(digits: bytes, decimals: int, *, negative: bool) -> Decimal:
    """Digits without a point, the point ``decimals`` from the right."""
    value = Decimal(int(digits)).scaleb(-decimals)
    return positive_zero(-value if negative else value)


def positive_zero(value: Decimal) -> Decimal:
    """A scale may show -0; there is nothing in it."""
    return value or abs(value)


def unreadable(text: bytes) -> WeightFault:
    """Why these characters are no number: blank digits are how many scales say overload."""
    if not text.strip(b" +-."):
        return WeightFault("blank", "no digits, expected a weight")
    return WeightFault("not_a_number", f"{text[:20]!r}, expected digits")
