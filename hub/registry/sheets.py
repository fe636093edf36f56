"""CSV and XLSX files as rows of tidy text, and back. openpyxl is loaded by the first workbook."""

import codecs
import csv
import io
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hub.registry.tidy import tidy

MAX_ROWS = 50_000
MAX_COLUMNS = 40
_SEPARATORS = (",", "\t", ";")
_FIRST_LINES = 10
MAX_UNPACKED = 32 * 1024 * 1024
_BROKEN = (
    zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError,
    SyntaxError, KeyError, IndexError, ValueError, TypeError, AttributeError,
)  # fmt: skip
"""What openpyxl lets out for files that are damaged, encrypted or no workbook."""
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class SheetError(Exception):
    """Why a file is no table at all, in words."""


@dataclass(frozen=True)
class Sheet:
    """A table: row numbers as a spreadsheet shows them, and the cells of each row."""

    name: str
    rows: list[tuple[int, list[str]]]


def read_sheets(name: str, content: bytes) -> list[Sheet]:
    """The sheets of a workbook, or the one of a CSV file; blank rows and ``#`` remarks left out."""
    sheets = _workbook(name, content) if content[:4] == b"PK\x03\x04" else [_csv(name, content)]
    for sheet in sheets:
        if len(sheet.rows) > MAX_ROWS:
            msg = f"{sheet.name}: more than {MAX_ROWS} rows; send it in parts"
            raise SheetError(msg)
    return sheets


def decoded(name: str, content: bytes) -> str:
    """UTF-8 with or without a mark, GB18030, which Chinese spreadsheets still write, or UTF-16.

    A spreadsheet's "Unicode text" is UTF-16 with a mark and tabs.
    """
    marked = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    msg = f"{name}: neither UTF-8 nor GB18030 text, and no XLSX workbook"
    raise SheetError(msg)


def _csv(name: str, content: bytes) -> Sheet:
    text = decoded(name, content)
    if "\0" in text:
        msg = f"{name}: has NUL bytes; expected CSV or XLSX"
        raise SheetError(msg)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=_separator(text))
    rows = []
    begins = 1
    try:
        for cells in reader:
            rows.append((begins, [tidy(cell) for cell in cells]))
            begins = reader.line_num + 1
    except csv.Error as error:
        msg = f"{name}:{reader.line_num}: not CSV: {error}"
        raise SheetError(msg) from None
    return Sheet(name, [(no, row) for no, row in rows if any(row) and not row[0].startswith("#")])


def _separator(text: str) -> str:
    """What stands most often in the first lines: commas, or what a spreadsheet wrote instead."""
    begin = "\n".join(text.splitlines()[:_FIRST_LINES])
    return max(_SEPARATORS, key=begin.count)


def _workbook(name: str, content: bytes) -> list[Sheet]:
    from openpyxl import load_workbook  # noqa: PLC0415 - 20 MB that a serving hub does not need
    from openpyxl.utils.exceptions import InvalidFileException  # noqa: PLC0415

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unpacked = sum(part.file_size for part in archive.infolist())
        if unpacked > MAX_UNPACKED:
            msg = f"{name}: unpacks to {unpacked} bytes; expected at most {MAX_UNPACKED}"
            raise SheetError(msg)
        book = load_workbook(io.BytesIO(content), data_only=True)
    except (InvalidFileException, *_BROKEN) as error:
        msg = f"{name}: no XLSX workbook that can be read: {error}"
        raise SheetError(msg) from None
    return [_worksheet(f"{name}[{sheet.title}]", sheet) for sheet in book.worksheets]


def _worksheet(name: str, sheet: Any) -> Sheet:
    """A merged cell's value stands in every row and column that it covers.

    A row that has nothing but such covered cells is blank.
    """
    if sheet.max_row > MAX_ROWS or sheet.max_column > MAX_COLUMNS:
        msg = (
            f"{name}: {sheet.max_row} rows and {sheet.max_column} columns; "
            f"expected at most {MAX_ROWS} and {MAX_COLUMNS}"
        )
        raise SheetError(msg)
    rows = [[tidy(value) for value in row] for row in sheet.iter_rows(values_only=True)]
    written = [any(row) and not row[0].startswith("#") for row in rows]
    for area in sheet.merged_cells.ranges:
        value = tidy(sheet.cell(area.min_row, area.min_col).value)
        for row in rows[area.min_row - 1 : area.max_row]:
            row[area.min_col - 1 : area.max_col] = [value] * (area.max_col - area.min_col + 1)
    kept = zip(range(1, len(rows) + 1), rows, written, strict=True)
    return Sheet(name, [(no, row) for no, row, own in kept if own])


def write_csv(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    """UTF-8 with a mark, as Chinese spreadsheets expect it."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(headings)
    writer.writerows(rows)
    return text.getvalue().encode("utf-8-sig")


def write_xlsx(sheets: Sequence[tuple[str, Sequence[str], Sequence[Sequence[str]]]]) -> bytes:
    """A workbook of text cells: title, headings and rows of each sheet."""
    from openpyxl import Workbook  # noqa: PLC0415

    book = Workbook(write_only=True)
    for title, headings, rows in sheets:
        sheet = book.create_sheet(title)
        sheet.append(list(headings))
        for row in rows:
            sheet.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
