"""``lianxin-sim tap``: whose card is held to which reader of a rehearsal that goes on."""

import csv
import errno
import os
import re
from collections.abc import Iterator
from pathlib import Path

from device_sim.demo.trouble import DemoError

HAND = Path("dev/hand")
"""A pipe in the rehearsal's folder; a line is a machine and a chip's number."""
MACHINES = ("desk", "self")
_UID = re.compile(r"[0-9A-F]{8}")


def tap(folder: Path, machine: str, who: str) -> str:
    """Hold a card to a reader; what to tell. Raises DemoError for a card that is nobody's."""
    if machine not in MACHINES:
        msg = f"{machine!r}: expected one of {', '.join(MACHINES)}"
        raise DemoError(msg)
    uid = _uid(folder, who)
    try:
        hand = os.open(folder / HAND, os.O_WRONLY | os.O_NONBLOCK)
    except OSError as error:
        if error.errno not in (errno.ENXIO, errno.ENOENT):
            raise
        msg = f"{folder}: no demo waits for cards there; they are read once it stays up"
        raise DemoError(msg) from None
    try:
        os.write(hand, f"{machine} {uid}\n".encode())
    finally:
        os.close(hand)
    return f"{who} taps at the {machine}: card {uid}"


def _uid(folder: Path, who: str) -> str:
    """A person's, a door's first card, a card by its serial, or a chip that nobody has."""
    if _UID.fullmatch(who.upper()):
        return who.upper()
    try:
        for names, uid in _cards(folder):
            if who in names:
                return uid
    except OSError as error:
        msg = f"{error.filename}: {error.strerror}; expected the folder of a rehearsal"
        raise DemoError(msg) from None
    msg = (
        f"{who!r}: nobody's; expected a person (o01), a door (3-2-501), a card's serial, "
        "or eight hex digits of a new card"
    )
    raise DemoError(msg)


def _cards(folder: Path) -> Iterator[tuple[set[str], str]]:
    """What each card is called by, and its chip's number."""
    for name in ("people", "cards"):
        path = folder / f"supplier-{name}.csv"
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                door = f"{row['building']}-{row['unit']}-{row['room']}"
                called = {row["person"]} if name == "people" else {door, row["serial"]}
                yield called, row["uid"]
