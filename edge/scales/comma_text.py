"""Texts with commas: A&D, Dini Argeo, and the 22 bytes of CAS.

Sources: A&D AD-4404 page 80, AD-4329A page 43, EK-L page 28; Dini Argeo DGT4X page 52; CAS CI-400
and CI-600D. ``ST|US|OL|QT``, then ``GS|NT|TR``, then sign, digits and unit; field widths differ
by model, so the commas count. QT is a number of pieces. Out of range the digits are blank or
nines: the header decides. Dini puts two digits of address before and a comma before the unit.
CAS has a byte of device number and a byte of lamps with bit 7 set, so it is cut by its length.
"""

import re

from edge.frames import FrameDecoder, Taken, lines
from edge.readings import BadFrame, WeightFault
from edge.scales.weighed import MODES, ScaleReading, Weighed, number, unreadable

LONGEST = 64
STABLE = {b"ST": True, b"US": False}
HEADERS_2 = {**MODES, "G": "gross", "N": "net", "T": "tare", "PT": "tare"}
"""AD-4329A: one letter and a blank by set-up; PT is a preset tare."""
OUT = {
    b"OL": WeightFault("overload"),
    b"UL": WeightFault("underload"),
    b"LO": WeightFault("out_of_range", "the scale is out of its range"),
    b"TL": WeightFault("not_level", "the scale is not level"),
}
COUNT = b"QT"
_VALUE = re.compile(rb"(?P<value>[ +-]*[0-9.]+)\s*(?P<unit>[A-Za-z%]{0,3})")
_HEADER = re.compile(rb"(?P<address>[0-9]{2})?(?P<header>ST|US|OL|QT|UL|LO|TL),")
CAS_BYTES = 22
_CAS = re.compile(
    rb"(?P<header>ST|US|OL|UL),(?P<mode>GS|NT|TR),(?P<device>.)(?P<lamp>.),"
    rb"(?P<value>.{8}) (?P<unit>.{2})\r\n",
    re.DOTALL,
)


def decoder(*, addressed: bool = False) -> FrameDecoder[ScaleReading]:
    """A&D lines; ``addressed`` for Dini Argeo."""

    def read(line: bytes) -> ScaleReading | BadFrame:
        # The last one: what a torn line left before it would make this one unreadable.
        match = next(reversed(list(_HEADER.finditer(line))), None)
        if match is None:
            return BadFrame("framing", f"{line[:20]!r}, expected ST, US, OL, …")
        address = match["address"] if addressed else None
        return _line(match["header"], line[match.end() :], address)

    return lines(read, LONGEST)


def cas() -> FrameDecoder[ScaleReading]:
    """CAS frames of 22 bytes."""
    return FrameDecoder(_cas_frame, CAS_BYTES)


def _line(header: bytes, rest: bytes, address: bytes | None) -> ScaleReading | BadFrame:
    if header in OUT:
        return OUT[header]
    fields = rest.split(b",")
    said: dict[str, object] = {} if address is None else {"address": address.decode("ascii")}
    mode = HEADERS_2.get(fields[0].decode("ascii", errors="replace").strip())
    if mode is not None:
        said["mode"] = mode
        fields = fields[1:]
    return _value(header, b" ".join(fields), said)


def _value(header: bytes, text: bytes, said: dict[str, object]) -> ScaleReading:
    match = _VALUE.fullmatch(text.strip())
    value = None if match is None else number(match["value"])
    if match is None or value is None:
        digits = re.sub(rb"[A-Za-z]+\s*$", b"", text)
        return unreadable(digits)
    unit = match["unit"].decode("ascii")
    if header == COUNT:
        return Weighed(value, unit, True, said | {"kind": "count"})
    return Weighed(value, unit or None, STABLE[header], said)


def _cas_frame(buffer: bytes) -> Taken[ScaleReading] | None:
    place = _cas_start(buffer)
    if place:
        return Taken(place, (BadFrame("garbage", f"{place} bytes before a frame, expected ST,"),))
    if len(buffer) < CAS_BYTES:
        return None
    match = _CAS.fullmatch(buffer)
    if match is None:
        return Taken(1, (BadFrame("framing", "22 bytes, expected ST,GS,id lamp,weight unit"),))
    if match["header"] in OUT:
        return Taken(CAS_BYTES, (OUT[match["header"]],))
    device = match["device"].decode("latin-1")
    said: dict[str, object] = {"device_id": device, "lamp": match["lamp"].hex().upper()}
    said["mode"] = MODES[match["mode"].decode("ascii")]
    return Taken(CAS_BYTES, (_value(match["header"], match["value"] + match["unit"], said),))


def _cas_start(buffer: bytes) -> int:
    """Where a frame may begin: at a header, or at its first letters at the end."""
    for place in range(len(buffer)):
        head = buffer[place : place + 3]
        if any(word.startswith(head) for word in (b"ST,", b"US,", b"OL,", b"UL,")):
            return place
    return len(buffer)
