"""Opening a serial line so that nobody else can read from it."""

from pathlib import Path

import serial

PARITIES = {"none": serial.PARITY_NONE, "even": serial.PARITY_EVEN, "odd": serial.PARITY_ODD}
PSEUDO_TTYS = Path("/dev/pts")


def open_line(
    path: Path, baudrate: int, timeout_s: float, parity: str = "none", data_bits: int = 8
) -> serial.Serial:
    """An exclusive port; raises what pyserial raises.

    A pseudo-tty takes neither parity nor seven bits at its second opening, so they are left out
    there; decoders mask bit 7 themselves.
    """
    if PSEUDO_TTYS in path.resolve().parents:
        parity, data_bits = "none", 8
    return serial.Serial(
        str(path),
        baudrate,
        bytesize=data_bits,
        parity=PARITIES[parity],
        timeout=timeout_s,
        write_timeout=timeout_s,
        exclusive=True,
    )
