"""MT-SICS lines: polled with ``SI`` or streaming after ``SIR``, 9600 8N1 by default.

Source: METTLER TOLEDO MT-SICS reference manual, commands S, SI, SIR, SNR and the error messages.
``S S`` stable or ``S D`` dynamic, the weight right-justified, unit; ``S I`` busy, ``S +``
overload, ``S -`` underload; ES, ET and EL are errors. Any run of blanks is accepted: fields are
wider in the field than the manual prescribes.
"""

from edge.frames import FrameDecoder, lines
from edge.readings import BadFrame, WeightFault
from edge.scales.weighed import ScaleReading, Weighed, number, unreadable

ASK = b"SI\r\n"
STREAM = b"SIR\r\n"
LONGEST = 64
ERRORS = {
    b"ES": WeightFault("syntax", "the scale does not know the command"),
    b"ET": WeightFault("transmission", "the scale heard a damaged command"),
    b"EL": WeightFault("logical", "the scale cannot do the command now"),
}
STATES = {
    b"I": WeightFault("busy", "the scale has no weight now"),
    b"+": WeightFault("overload"),
    b"-": WeightFault("underload"),
    b"L": WeightFault("logical", "wrong parameter"),
}
STABLE = {b"S": True, b"D": False}
REPLIES = (b"S", b"SI", b"SIR", b"SNR", b"SR")


def decoder() -> FrameDecoder[ScaleReading]:
    """A decoder for one port."""
    return lines(_read, LONGEST)


def _read(line: bytes) -> ScaleReading | BadFrame | None:
    # The last weight: what a torn line left before it would make this one unreadable.
    words = line[max(line.rfind(b"S S "), line.rfind(b"S D "), 0) :].split()
    if not words:
        return None
    if words[0] in ERRORS and len(words) == 1:
        return ERRORS[words[0]]
    if words[0] not in REPLIES or len(words) < 2:
        return BadFrame("framing", f"{line[:20]!r}, expected S, a state and a weight")
    if words[1] in STATES and len(words) == 2:
        return STATES[words[1]]
    return _weight(words, line)


def _weight(words: list[bytes], line: bytes) -> ScaleReading | BadFrame:
    if words[1] not in STABLE or len(words) not in (3, 4):
        return BadFrame("framing", f"{line[:20]!r}, expected S S or S D, a weight and a unit")
    value = number(words[2])
    if value is None:
        return unreadable(words[2])
    unit = words[3].decode("ascii", errors="replace") if len(words) == 4 else None
    return Weighed(value, unit, STABLE[words[1]])
