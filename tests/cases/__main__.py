"""``python -m tests.cases [FILE]``: the cases of a file through the hub's tables on both engines.

A case passes on an engine when it does as told and in every shuffled order.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from sqlalchemy import Engine

from tests.cases.reading import Case, CaseFileError, read_cases
from tests.cases.running import Failure, as_told, in_orders
from tests.hub.stores import PostgresStores, SqliteStores, Stores
from tests.postgres import running_cluster

SAMPLE = Path(__file__).parents[1] / "data" / "settlement_cases.json"
ORDERS = 40
ENGINES = ("sqlite", "postgresql")


@contextmanager
def store(engine: str) -> Iterator[Engine]:
    """A migrated store for all cases; each lives in a community of its own."""
    with ExitStack() as stack:
        if engine == "postgresql":
            stores: Stores = PostgresStores(stack.enter_context(running_cluster()))
        else:
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            stores = SqliteStores(Path(folder))
        yield stack.enter_context(stores.fresh(hasty=True))


def failures(engine: Engine, case: Case, orders: int) -> Iterator[Failure]:
    """As told first: if that fails, other orders say nothing more."""
    told = as_told(engine, case)
    if told is not None:
        yield told
    else:
        yield from in_orders(engine, case, orders)


def run(cases: list[Case], engine: str, orders: int) -> int:
    """Print every failure and the count; how many cases failed."""
    failed = 0
    with store(engine) as made:
        for case in cases:
            found = list(failures(made, case, orders))
            failed += bool(found)
            for failure in found:
                sys.stdout.write(f"{engine} {failure}\n")
    sys.stdout.write(f"{engine}: {len(cases) - failed} passed, {failed} failed\n")
    sys.stdout.flush()
    return failed


def main(words: list[str]) -> int:
    """0 when every case passes on every engine, 1 when not, 2 when the file is not understood."""
    parser = argparse.ArgumentParser(prog="python -m tests.cases")
    parser.add_argument("file", nargs="?", type=Path, default=SAMPLE)
    parser.add_argument("--orders", type=int, default=ORDERS, help="shuffles of each case")
    parser.add_argument("--engine", choices=ENGINES, help="one engine only")
    given = parser.parse_args(words)
    try:
        cases = read_cases(given.file)
    except CaseFileError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    engines = [given.engine] if given.engine else ENGINES
    failed = [run(cases, engine, given.orders) for engine in engines]
    return 1 if any(failed) or not cases else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
