"""``python -m tests.bench [NAME …]``: print every figure; exit code 1 when one is over its limit.

``--pairs N`` takes more or fewer than 9, ``--folder PATH`` measures another disk.
"""

import argparse
import importlib
import os
import platform
import sys
import tempfile
from pathlib import Path
from types import ModuleType

from tests.bench.harness import FEWEST_PAIRS, Place

ROOT = Path(__file__).parents[2]


def benches() -> dict[str, ModuleType]:
    """Every bench of this folder by its name."""
    found = sorted(path.stem for path in Path(__file__).parent.glob("bench_*.py"))
    return {
        stem.removeprefix("bench_").replace("_", "-"): importlib.import_module(
            f"tests.bench.{stem}"
        )
        for stem in found
    }


def machine() -> str:
    """What the absolute figures belong to."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    model = next((line.split(":")[1].strip() for line in lines if "model name" in line), "?")
    load = " ".join(f"{load:.1f}" for load in os.getloadavg())
    cores = os.cpu_count()
    return (
        f"{cores} × {model} ({platform.machine()}), Python {platform.python_version()}, load {load}"
    )


def run(module: ModuleType, pairs: int, parent: Path) -> int:
    """Print the figures of one bench; how many are over."""
    over = 0
    with tempfile.TemporaryDirectory(dir=parent) as folder:
        for figure in module.figures(Place(Path(folder), pairs)):
            sys.stdout.write(f"{figure}\n")
            sys.stdout.flush()
            over += figure.over
    return over


def main() -> int:
    known = benches()
    parser = argparse.ArgumentParser(prog="make bench ARGS=…", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(known)}")
    parser.add_argument("--pairs", type=int, default=FEWEST_PAIRS)
    parser.add_argument("--folder", type=Path, default=ROOT / "var" / "bench")
    asked = parser.parse_args()
    unknown = set(asked.names) - set(known)
    if unknown or asked.pairs < 1:
        parser.error(f"unknown {sorted(unknown)}; pairs {asked.pairs}, expected at least 1")
    asked.folder.mkdir(parents=True, exist_ok=True)
    sys.stdout.write(f"{machine()}\n")
    over = 0
    for name in asked.names or known:
        module = known[name]
        sys.stdout.write(f"\n{name}: {(module.__doc__ or '').splitlines()[0]}\n")
        over += run(module, asked.pairs, asked.folder)
    return 1 if over else 0


if __name__ == "__main__":
    raise SystemExit(main())
