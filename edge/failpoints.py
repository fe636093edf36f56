"""Places where a test may kill the process: the proof that nothing recorded is lost.

``LIANXIN_FAILPOINT=name`` or ``name:N`` (the N-th time) ends the process with SIGKILL there.
Without the variable a fail-point does nothing.
"""

import os
import signal

_name, _, _nth = os.environ.get("LIANXIN_FAILPOINT", "").partition(":")
_left = int(_nth or 1)


def reached(name: str) -> None:
    """Die here if this is the place and the time."""
    global _left  # noqa: PLW0603 - one counter for one process
    if name != _name:
        return
    _left -= 1
    if _left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
