"""Which devices of which points are at fault, folded from their facts. Pure."""

from collections.abc import Iterator
from typing import NamedTuple

from wire.facts import Fault

MAINTENANCE = ("point", "maintenance")
"""Device and fault of a technician at work; what fails meanwhile is being looked at."""


class Trouble(NamedTuple):
    """A device that fails since the fact with this arrival."""

    point: str
    device: str
    arrival: int
    words: str


class Ailing:
    """What was raised and not cleared; a device counts once whatever ails it."""

    def __init__(self) -> None:
        self._raised: dict[tuple[str, str], dict[str, Trouble]] = {}

    def said(self, arrival: int, point: str, fault: Fault) -> None:
        """One fact, in the order in which they arrived."""
        of_device = self._raised.setdefault((point, fault.device), {})
        if fault.state == "cleared":
            of_device.pop(fault.what, None)
            return
        words = " ".join(word for word in (fault.device, fault.what, fault.detail) if word)
        of_device.setdefault(fault.what, Trouble(point, fault.device, arrival, words))

    def troubles(self) -> Iterator[Trouble]:
        """The first of each device, but of none where a technician is at work."""
        device, what = MAINTENANCE
        for (point, _), raised in self._raised.items():
            at_work = what in self._raised.get((point, device), {})
            if raised and not at_work:
                yield min(raised.values(), key=lambda trouble: trouble.arrival)
