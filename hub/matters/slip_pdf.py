"""A slip as an A5 page, made by a process of its own."""

import json
import subprocess
import sys
import threading
from pathlib import Path

from hub.matters import typeset
from hub.matters.slip import TITLE, Slip, tidy

_PROGRAM = Path(__file__).parent / "typeset.py"
_TIMEOUT_S = 30
_turn = threading.BoundedSemaphore(1)
"""A page takes a core and 60 MB for half a second."""
_MISSING = {
    typeset.NO_TYPST: "the Python package typst is not installed; "
    "expected: pip install 'lianxin[hub]'",
    typeset.NO_FONT: "this machine has no Chinese font; "
    "expected one, as by: apt install fonts-noto-cjk (or fonts-wqy-zenhei)",
}


class SlipError(Exception):
    """Why there is no page, what is missing and what to do; the plain slip works without."""


def pdf(slip: Slip) -> bytes:
    """One A5 page; waits for its turn."""
    fields = {
        "title": TITLE,
        "community": tidy(slip.community),
        "number": str(slip.number),
        "rows": slip.rows[1:-1],
        "ask": tidy(slip.ask),
    }
    command = [sys.executable, "-I", str(_PROGRAM)]
    with _turn:
        try:
            done = subprocess.run(
                command, input=json.dumps(fields).encode(), capture_output=True,
                timeout=_TIMEOUT_S, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            msg = f"no page of slip {slip.number} after {_TIMEOUT_S} s; print the plain slip"
            raise SlipError(msg) from None
    if done.returncode == 0:
        return done.stdout
    last = (done.stderr.decode(errors="replace").strip().splitlines() or ["no word"])[-1]
    why = _MISSING.get(done.returncode, f"exit code {done.returncode}: {last[:200]}")
    msg = f"no page of slip {slip.number}: {why}; the plain slip can be printed meanwhile"
    raise SlipError(msg)
