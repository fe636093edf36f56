"""The hub's clock: the machine's, moved by a rehearsal's offset."""

import time
from collections.abc import Callable


def hub_clock(offset_s: int = 0) -> Callable[[], int]:
    """Milliseconds since 1970 as this hub counts them."""
    return lambda: time.time_ns() // 1_000_000 + offset_s * 1000
