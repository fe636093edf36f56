"""What goes wrong on a serial line: noise, torn frames, a device that hangs, a slave that is late.

Pulling the plug and a restart with another tare are done to the device itself: see
:class:`device_sim.devices.serial_lines.SerialDevice` and :class:`device_sim.devices.load.Scale`.
"""

import random
from dataclasses import dataclass, field


@dataclass
class Mischief:
    """Probabilities a frame, and states; change them while the device runs."""

    noise: float = 0.0
    torn: float = 0.0
    flipped: float = 0.0
    stuck: bool = False
    silent: bool = False
    seed: int = 1
    done: dict[str, int] = field(default_factory=lambda: {"noise": 0, "torn": 0, "flipped": 0})

    def __post_init__(self) -> None:
        self._luck = random.Random(self.seed)  # noqa: S311 - faults, no secret
        self._frame = b""

    def spoil(self, frame: bytes) -> bytes:
        """What arrives at the far end of the wire."""
        if not frame:
            return b""
        if self.stuck:
            frame = self._frame or frame
        self._frame = frame
        if self.silent:
            return b""
        if self._happens("torn", self.torn):
            frame = frame[: self._luck.randrange(1, len(frame))]
        if self._happens("flipped", self.flipped):
            place = self._luck.randrange(len(frame))
            flipped = frame[place] ^ (1 << self._luck.randrange(8))
            frame = frame[:place] + bytes([flipped]) + frame[place + 1 :]
        if self._happens("noise", self.noise):
            frame = self._luck.randbytes(self._luck.randrange(1, 9)) + frame
        return frame

    def _happens(self, what: str, probability: float) -> bool:
        happens = self._luck.random() < probability
        self.done[what] += happens
        return happens


@dataclass
class BusMischief(Mischief):
    """Also what single devices of one line do; they are named by their addresses."""

    dead: set[int] = field(default_factory=set)
    late_s: dict[int, float] = field(default_factory=dict)
    refusing: dict[int, int] = field(default_factory=dict)
    """Modbus: the exception code with which a slave answers everything."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.done |= {"late": 0, "refused": 0}

    def delay_s(self, address: int) -> float:
        """How much later than it should this device answers."""
        self.done["late"] += address in self.late_s
        return self.late_s.get(address, 0.0)

    def refusal(self, address: int) -> int | None:
        """The exception code instead of an answer."""
        self.done["refused"] += address in self.refusing
        return self.refusing.get(address)
