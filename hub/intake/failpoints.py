"""Named places where a test may kill the hub; without LIANXIN_FAILPOINT they do nothing."""

import os
import signal
from collections import Counter

_counts: Counter[str] = Counter()


def reached(name: str) -> None:
    """SIGKILL this process when LIANXIN_FAILPOINT is ``name``, or ``name:N`` the N-th time."""
    armed = os.environ.get("LIANXIN_FAILPOINT")
    if not armed:
        return
    wanted, _, nth = armed.partition(":")
    if wanted != name:
        return
    _counts[name] += 1
    if _counts[name] == int(nth or 1):
        os.kill(os.getpid(), signal.SIGKILL)
