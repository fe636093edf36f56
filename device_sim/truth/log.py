"""The truth log as a file of JSON lines."""

import os
import threading
import time
from pathlib import Path

from pydantic import ValidationError

from device_sim.truth.records import RECORD, AnyRecord, Record


class TruthLog:
    """Append-only; a line is on the disk before ``write`` returns."""

    def __init__(self, path: Path, *, offset_ms: int) -> None:
        self._file = path.open("ab")
        self._lock = threading.Lock()
        self._offset_ms = offset_ms
        self._taps = 0

    def now_ms(self) -> int:
        """The rehearsal's clock, as the hub is told to show it."""
        return time.time_ns() // 1_000_000 + self._offset_ms

    def next_tap(self) -> int:
        with self._lock:
            self._taps += 1
            return self._taps

    def write(self, record: Record) -> None:
        line = record.model_dump_json().encode() + b"\n"
        with self._lock:
            self._file.write(line)
            self._file.flush()
            os.fdatasync(self._file.fileno())

    def close(self) -> None:
        self._file.close()


class BadTruthError(ValueError):
    """A truth log that cannot be read."""


def read_truth(path: Path) -> list[AnyRecord]:
    """Every line; raises BadTruthError naming the first that is not one."""
    records = []
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            try:
                records.append(RECORD.validate_json(line))
            except ValidationError as error:
                first = error.errors(include_url=False)[0]
                msg = f"{path}:{number}: {first['msg']}; expected a line of a truth log"
                raise BadTruthError(msg) from None
    return records
