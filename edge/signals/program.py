"""One run of a program that makes sound: it ends, is stopped, or hangs and is killed."""

import contextlib
import os
import subprocess
import time
from collections.abc import Callable, Sequence
from typing import IO

LOOK_S = 0.02
DEATH_S = 1.0
ENGLISH = {"LC_ALL": "C.UTF-8"}
"""The messages are read here; the text to speak is UTF-8."""
NO_CARD = ("no soundcards found", "cannot find card", "No such device", "Cannot get card index")

Stop = Callable[[float], bool]
"""Waits at most so many seconds; True when the sound must end now."""


class SoundError(OSError):
    """A program of the sound failed or hung; the message names it and what to do."""


class NoSoundError(SoundError):
    """There is no sound card, or no program that plays: a state, not a fault."""


def run(
    command: Sequence[str], limit_s: float, stop: Stop, data: IO[bytes] | None = None
) -> float | None:
    """None when it ended by itself; after how many seconds, when ``stop`` ended it.

    Raises SoundError when it failed or ran longer than ``limit_s``, NoSoundError when there is
    nothing to sound with.
    """
    began_s = time.monotonic()
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL if data is None else data,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=os.environ | ENGLISH,
        )
    except FileNotFoundError:
        msg = f"{command[0]} is not installed; apt install alsa-utils espeak-ng"
        raise NoSoundError(msg) from None
    try:
        while process.poll() is None:
            if stop(LOOK_S):
                return time.monotonic() - began_s
            if time.monotonic() - began_s > limit_s:
                msg = f"{command[0]} did not end within {limit_s:.1f} s; is the sound card busy?"
                raise SoundError(msg)
        if process.returncode:
            raise _failure(command[0], process)
    finally:
        _end(process)
    return None


def _failure(program: str, process: "subprocess.Popen[bytes]") -> SoundError:
    text = b"" if process.stderr is None else process.stderr.read()
    lines = text.decode(errors="replace").split("\n")
    last = next((line.strip() for line in reversed(lines) if line.strip()), "no message")
    if any(words in line for words in NO_CARD for line in lines):
        return NoSoundError(f"no sound card: {last}")
    return SoundError(f"{last} (exit code {process.returncode}; see `{program} -l` and [signals])")


def _end(process: "subprocess.Popen[bytes]") -> None:
    """SIGKILL, for a stopped process hears nothing else; one that hangs in a driver is left."""
    process.kill()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(DEATH_S)
    if process.stderr is not None:
        process.stderr.close()
