"""``python -m tests.sabotage [NAME …]``: apply each fault to a copy, run its tests, expect red.

The tests that should notice are run first on an untouched copy: a test that is red anyway proves
nothing. ``faults.toml`` holds the faults; ``old`` must occur exactly once in ``file``. WORKERS (2)
copies are broken at the same time.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import tomllib
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

ROOT = Path(__file__).parents[2]
COPIED = ("wire", "edge", "hub", "kiosk", "device_sim", "tests", "docs", "deploy", "pyproject.toml")
WHOLE_S, ONE_S = 1800, 300
"""Longest run of all tests that should notice, and of one fault's; a fault may make code hang."""


@dataclass(frozen=True)
class Fault:
    name: str
    file: str
    old: str
    new: str
    tests: list[str]


def faults() -> list[Fault]:
    text = (Path(__file__).parent / "faults.toml").read_text(encoding="utf-8")
    return [Fault(name, **fields) for name, fields in tomllib.loads(text).items()]


def copy_tree(to: Path) -> None:
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, to / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            to.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, to / name)


def suite(tree: Path, tests: list[str], seconds: float, *options: str) -> tuple[int | None, str]:
    """Exit code of pytest, None if it had to be ended, and what it printed."""
    env = {
        **os.environ, "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1",
        "LIANXIN_HYPOTHESIS": "no-shrinking", "LIANXIN_PATIENCE_S": "30",
    }  # fmt: skip
    command = [sys.executable, "-m", "pytest", "-q", "--no-header", *options, *tests]
    with subprocess.Popen(
        command, cwd=tree, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        start_new_session=True,
    ) as pytest:  # fmt: skip
        try:
            printed, _ = pytest.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            os.killpg(pytest.pid, signal.SIGKILL)  # with the programs that its tests started
            printed, _ = pytest.communicate()
            return None, printed
    return pytest.returncode, printed


def broken(tree: Path, fault: Fault) -> str:
    """The verdict on one fault; the copy is whole again afterwards."""
    path = tree / fault.file
    text = path.read_text(encoding="utf-8")
    if text.count(fault.old) != 1:
        return f"STALE: {fault.file} has {text.count(fault.old)} times {fault.old!r}, expected 1"
    path.write_text(text.replace(fault.old, fault.new), encoding="utf-8")
    try:
        code, printed = suite(tree, fault.tests, ONE_S, "-x")
    finally:
        path.write_text(text, encoding="utf-8")
    if code in (1, None):
        return "noticed"
    return (
        "NOT NOTICED" if code == 0 else f"NO VERDICT: pytest ended with {code}\n{printed[-2000:]}"
    )


def try_all(folder: Path, chosen: list[Fault], workers: int) -> int:
    """How many were not noticed."""
    trees: SimpleQueue[Path] = SimpleQueue()
    for number in range(workers):
        tree = folder / str(number)
        copy_tree(tree)
        trees.put(tree)

    def verdict(fault: Fault) -> tuple[str, Fault]:
        tree = trees.get()
        try:
            return broken(tree, fault), fault
        finally:
            trees.put(tree)

    unnoticed = 0
    with ThreadPoolExecutor(workers) as pool:
        for done in as_completed([pool.submit(verdict, fault) for fault in chosen]):
            said, fault = done.result()
            unnoticed += said != "noticed"
            sys.stdout.write(f"{said:12} {fault.name}\n")
            sys.stdout.flush()
    return unnoticed


def main(names: list[str]) -> int:
    chosen = [fault for fault in faults() if not names or fault.name in names]
    if unknown := set(names) - {fault.name for fault in chosen}:
        sys.stdout.write(f"not in faults.toml: {', '.join(sorted(unknown))}\n")
        return 2
    workers = int(os.environ.get("WORKERS", "2"))
    needed = sorted({test for fault in chosen for test in fault.tests})
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "whole"
        copy_tree(tree)
        code, printed = suite(tree, needed, WHOLE_S, "-x", "-n", str(workers))
        if code != 0:
            sys.stdout.write(f"red before any fault:\n{printed[-4000:]}\n")
            return 1
        unnoticed = try_all(Path(folder), chosen, workers)
    sys.stdout.write(f"{len(chosen) - unnoticed} passed, {unnoticed} failed\n")
    return 1 if unnoticed or not chosen else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
