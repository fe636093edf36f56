"""Which decoder a configured kind of scale has."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from edge.frames import FrameDecoder
from edge.scales import comma_text, sics, xk3190, yaohua_text
from edge.scales.toledo import Checksum, FixedZeros, ToledoDecoder
from edge.scales.weighed import ScaleReading


@dataclass(frozen=True)
class ScaleLine:
    """What has to be configured because the line does not tell it."""

    unit: str | None = None
    checksum: Checksum = "either"
    fixed_zeros: FixedZeros = "refused"


KINDS: Mapping[str, Callable[[ScaleLine], FrameDecoder[ScaleReading]]] = {
    "xk3190-a9": lambda told: xk3190.continuous("a9", told.unit),
    "keli-d2008": lambda told: xk3190.continuous("d2008", told.unit or "kg"),
    "yaohua-tf-reversed": lambda told: yaohua_text.EqualsDecoder(
        reversed_digits=True, unit=told.unit
    ),
    "yaohua-tf-forward": lambda told: yaohua_text.EqualsDecoder(
        reversed_digits=False, unit=told.unit
    ),
    "xk3190-a12e": lambda _: yaohua_text.a12e_lines(),
    "xk3190-a12-text": lambda _: yaohua_text.a12_lines(),
    "toledo-continuous": lambda told: ToledoDecoder(told.checksum, told.fixed_zeros),
    "mt-sics": lambda _: sics.decoder(),
    "and-standard": lambda _: comma_text.decoder(),
    "dini-argeo": lambda _: comma_text.decoder(addressed=True),
    "cas-22": lambda _: comma_text.cas(),
}
COMMAND_MODE = "xk3190-command"
"""Several indicators on one line, each asked by its letter."""
