"""An import file, row by row, with every problem named by line and column."""

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import BaseModel, ValidationError

RowModel = TypeVar("RowModel", bound=BaseModel)


@dataclass(frozen=True)
class Line(Generic[RowModel]):
    """A checked row and the line of the file it came from."""

    path: Path
    no: int
    row: RowModel

    def problem(self, column: str, what: str) -> str:
        """One line for the person who wrote the file."""
        return f"{self.path}:{self.no}: {column}: {what}"


def read_csv(path: Path, model: type[RowModel]) -> tuple[list[Line[RowModel]], list[str]]:
    """The good rows, and a problem for everything else."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        return [], [f"{path}: cannot be read as UTF-8: {error}"]
    reader = csv.DictReader(text.splitlines(), restkey="(too many columns)", strict=True)
    wanted = [field.alias or name for name, field in model.model_fields.items()]
    missing = [name for name in wanted if name not in (reader.fieldnames or ())]
    if missing:
        return [], [f"{path}:1: missing columns {', '.join(missing)}; expected {','.join(wanted)}"]
    lines: list[Line[RowModel]] = []
    problems: list[str] = []
    try:
        for raw in reader:
            try:
                lines.append(Line(path, reader.line_num, model.model_validate(raw)))
            except ValidationError as error:
                problems += [_problem(path, reader.line_num, dict(item)) for item in error.errors()]
    except csv.Error as error:
        problems.append(f"{path}:{reader.line_num}: not CSV: {error}")
    return lines, problems


def _problem(path: Path, line: int, item: dict[str, object]) -> str:
    location = item["loc"]
    column = str(location[0]) if isinstance(location, tuple) and location else "row"
    found = "(hidden)" if column in {"pin", "card"} else repr(item["input"])[:60]
    return f"{path}:{line}: {column}: found {found}; {item['msg']}"
