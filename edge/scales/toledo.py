"""Toledo continuous output: about 7 frames a second, often 7E1.

Sources: METTLER TOLEDO Wildcat technical manual appendix 2, Rice Lake 680 manual 11.3.4, KERN FTC
page 42. STX, status A, B, C, six digits of weight, six of tare, CR, and by set-up a checksum: the
two's complement of the sum of the low seven bits. Status A bits 0-2 are the place of the point: 2
is none, 3 one … 7 five decimals. 0 and 1 are fixed zeros, of which sources disagree whether the
digits hold them already: refused unless configured. Parity stands in bit 7 and is masked.
"""

from decimal import Decimal
from typing import Any, Literal

from edge.frames import CR, FrameDecoder, Taken, skip_to
from edge.readings import BadFrame, WeightFault
from edge.scales.weighed import ScaleReading, Weighed, scaled, unreadable

STX = 0x02
BARE_BYTES, CHECKED_BYTES = 17, 18
NET, NEGATIVE, OUT_OF_RANGE, MOTION, KILOGRAMS = 0x01, 0x02, 0x04, 0x08, 0x10
OTHER_UNITS = {1: "g", 2: "t", 3: "oz"}
EXPANDED = 0x10
STATUS_BIT = 0x20
Checksum = Literal["yes", "no", "either"]
FixedZeros = Literal["refused", "included", "appended"]


class ToledoDecoder(FrameDecoder[ScaleReading]):
    """``checksum`` either: a frame is checked when something else than a frame follows it."""

    def __init__(self, checksum: Checksum = "either", zeros: FixedZeros = "refused") -> None:
        self._checksum = checksum
        self._zeros: FixedZeros = zeros
        super().__init__(self._frame, CHECKED_BYTES + 1, self._at_a_pause)

    def feed(self, data: bytes) -> list[ScaleReading | BadFrame]:
        """Readings finished by these bytes, whatever the parity."""
        return super().feed(bytes(byte & 0x7F for byte in data))

    def _frame(self, buffer: bytes) -> Taken[ScaleReading] | None:
        garbage: Taken[ScaleReading] | None = skip_to(buffer, STX, "0x02")
        if garbage is not None:
            return garbage
        for place, byte in enumerate(buffer[1:BARE_BYTES], start=1):
            bad = _misfit(place, byte)
            if bad is not None:
                return Taken(place, (bad,))
        if self._checksum == "no" and len(buffer) >= BARE_BYTES:
            return Taken(BARE_BYTES, (self._weight(buffer, checked=False),))
        return self._checked(buffer) if len(buffer) >= CHECKED_BYTES else None

    def _checked(self, buffer: bytes) -> Taken[ScaleReading] | None:
        found, expected = buffer[BARE_BYTES], -sum(buffer[:BARE_BYTES]) & 0x7F
        bare = self._checksum == "either" and found == STX
        if bare and found == expected:
            # The check is the byte that also begins a frame: what comes behind it decides.
            if len(buffer) == CHECKED_BYTES:
                return None
            bare = buffer[CHECKED_BYTES] != STX
        if bare:
            return Taken(BARE_BYTES, (self._weight(buffer, checked=False),))
        if found == expected:
            return Taken(CHECKED_BYTES, (self._weight(buffer, checked=True),))
        bad = BadFrame("checksum", f"0x{found:02X}, expected 0x{expected:02X}")
        return Taken(BARE_BYTES if found == STX else CHECKED_BYTES, (bad,))

    def _at_a_pause(self, rest: bytes) -> tuple[ScaleReading | BadFrame, ...]:
        if self._checksum == "yes" or len(rest) < BARE_BYTES:
            return ()
        return (self._weight(rest, checked=len(rest) == CHECKED_BYTES),)

    def _weight(self, frame: bytes, *, checked: bool) -> ScaleReading:
        status_a, status_b, status_c = frame[1:4]
        if status_b & OUT_OF_RANGE:
            return WeightFault("overload", "the scale is out of its range")
        digits = _digits(frame[4:10])
        if digits is None:
            return unreadable(frame[4:10])
        unit = _unit(status_b, status_c)
        if unit is None or status_c & EXPANDED:
            return WeightFault("unit", f"status C 0x{status_c:02X}, expected kg, lb, g, t or oz")
        said = _flags(frame) | ({"checksum_ok": True} if checked else {})
        return self._placed(digits, status_a, unit, said)

    def _placed(
        self, digits: bytes, status_a: int, unit: str, said: dict[str, Any]
    ) -> ScaleReading:
        code = status_a & 0x07
        if code < 2 and self._zeros == "refused":
            return WeightFault(
                "fixed_zeros", f"point code {code}, expected 2-7 or the option fixed_zeros"
            )
        decimals = code - 2
        if code < 2 and self._zeros == "included":
            decimals = 0
        value = scaled(digits, decimals, negative=bool(said["negative"]))
        said |= {"digits": int(digits), "dp_code": code, "decimals": max(decimals, 0)}
        if "tare_digits" in said:
            said["tare"] = format(Decimal(said["tare_digits"]).scaleb(-decimals), "f")
        return Weighed(value, unit, not said["motion"], said)


def _flags(frame: bytes) -> dict[str, Any]:
    status_b, tare = frame[2], _digits(frame[10:16])
    said = {} if tare is None else {"tare_digits": int(tare)}
    return said | {
        "mode": "net" if status_b & NET else "gross",
        "negative": bool(status_b & NEGATIVE),
        "overload": False,
        "motion": bool(status_b & MOTION),
    }


def _unit(status_b: int, status_c: int) -> str | None:
    if status_c & 0x07:
        return OTHER_UNITS.get(status_c & 0x07)
    return "kg" if status_b & KILOGRAMS else "lb"


def _digits(field: bytes) -> bytes | None:
    """Leading zeros may be blanks; a field of blanks only holds nothing."""
    digits = field.lstrip(b" ")
    return digits if digits.isdigit() else None


def _misfit(place: int, byte: int) -> BadFrame | None:
    if place == BARE_BYTES - 1:
        if byte == CR:
            return None
        return BadFrame("no_cr", f"byte 17 is 0x{byte:02X}, expected 0x0D")
    if byte < 0x20:
        return BadFrame("torn", f"0x{byte:02X} at byte {place}, expected a digit or status")
    if place <= 3 and not byte & STATUS_BIT:
        return BadFrame("status", f"status 0x{byte:02X}, expected bit 5 set")
    return None
