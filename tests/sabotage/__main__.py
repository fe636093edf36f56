"""``python -m tests.sabotage [NAME …]``: apply each fault to a copy, run its tests, expect red.

The tests that should notice are run first on the untouched copy: a test that is red anyway proves
nothing. ``faults.toml`` holds the faults; ``old`` must occur exactly once in ``file``.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
COPIED = ("wire", "edge", "hub", "kiosk", "device_sim", "tests", "docs", "deploy", "pyproject.toml")
TIMEOUT_S = 300


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
            shutil.copy(source, to / name)


def suite_is_green(tree: Path, tests: list[str]) -> bool:
    """Exit code 0 or 1 of pytest; anything else is no verdict and ends the run."""
    env = {
        **os.environ, "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1",
        "LIANXIN_HYPOTHESIS": "no-shrinking",
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", "--no-header", *tests],
        cwd=tree, env=env, capture_output=True, text=True, timeout=TIMEOUT_S, check=False,
    )  # fmt: skip
    if done.returncode not in (0, 1):
        raise SystemExit(f"pytest {tests} ended with {done.returncode}:\n{done.stdout[-2000:]}")
    return done.returncode == 0


def stays_green(tree: Path, fault: Fault) -> bool:
    path = tree / fault.file
    text = path.read_text(encoding="utf-8")
    if text.count(fault.old) != 1:
        found = text.count(fault.old)
        raise SystemExit(f"{fault.name}: {fault.file} has {found} times {fault.old!r}, expected 1")
    path.write_text(text.replace(fault.old, fault.new), encoding="utf-8")
    try:
        return suite_is_green(tree, fault.tests)
    finally:
        path.write_text(text, encoding="utf-8")


def main(names: list[str]) -> int:
    chosen = [fault for fault in faults() if not names or fault.name in names]
    unnoticed = 0
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder)
        copy_tree(tree)
        needed = sorted({test for fault in chosen for test in fault.tests})
        if not suite_is_green(tree, needed):
            sys.stdout.write(f"red before any fault: {needed}\n")
            return 1
        for fault in chosen:
            green = stays_green(tree, fault)
            unnoticed += green
            sys.stdout.write(f"{'NOT NOTICED' if green else 'noticed':12} {fault.name}\n")
            sys.stdout.flush()
    sys.stdout.write(f"{len(chosen) - unnoticed} passed, {unnoticed} failed\n")
    return 1 if unnoticed or not chosen else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
