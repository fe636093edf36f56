"""What goes wrong on a serial line: noise, torn frames, a device that hangs or is pulled."""

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
        if self.stuck:
            frame = self._frame or frame
        self._frame = frame
        if self.silent or not frame:
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
