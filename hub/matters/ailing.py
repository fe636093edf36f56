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


class Turn(NamedTuple):
    """A device got well with the fact of this arrival, or began to fail."""

    point: str
    device: str
    arrival: int
    well: bool
    words: str


class Ailing:
    """What was raised and not cleared; a device counts once whatever ails it."""

    def __init__(self) -> None:
        self._raised: dict[tuple[str, str], dict[str, Trouble]] = {}
        self._turned: dict[tuple[str, str], Turn] = {}

    def said(self, arrival: int, point: str, fault: Fault) -> None:
        """One fact, in the order in which they arrived."""
        of_device = self._raised.setdefault((point, fault.device), {})
        if fault.state == "cleared":
            ailed = of_device.pop(fault.what, None)
            if ailed is not None and not of_device:
                turn = Turn(point, fault.device, arrival, well=True, words=ailed.words)
                self._turned[point, fault.device] = turn
            return
        words = " ".join(word for word in (fault.device, fault.what, fault.detail) if word)
        if not of_device:
            turn = Turn(point, fault.device, arrival, well=False, words=words)
            self._turned[point, fault.device] = turn
        of_device.setdefault(fault.what, Trouble(point, fault.device, arrival, words))

    def turns(self) -> Iterator[Turn]:
        """The newest of each device, but of none where a technician is at work."""
        return (turn for turn in self._turned.values() if not self._at_work(turn.point))

    def troubles(self) -> Iterator[Trouble]:
        """The first of each device, but of none where a technician is at work."""
        for (point, _), raised in self._raised.items():
            if raised and not self._at_work(point):
                yield min(raised.values(), key=lambda trouble: trouble.arrival)

    def _at_work(self, point: str) -> bool:
        device, what = MAINTENANCE
        return what in self._raised.get((point, device), {})
