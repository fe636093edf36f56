"""Sheets as checked rows of a list, with every problem named by sheet, row and column."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError
from pydantic.fields import FieldInfo

from hub.registry.columns import LISTS, List
from hub.registry.rows import OF_COLUMN, Row
from hub.registry.sheets import Sheet, SheetError, read_sheets

_HEADINGS_WITHIN = 10
"""Titles and remarks may stand above the headings."""
_LINE_NUMBERS = {"序号", "no", "no."}
"""Offices number their rows; that says nothing about anybody."""
_PARTS = ("building", "unit", "room")
_HIDDEN = {"pin", "card", "name", "phone"}


@dataclass(frozen=True)
class Line:
    """A checked row and where it came from."""

    sheet: str
    no: int
    row: Any
    headings: dict[str, str] = field(default_factory=dict, repr=False)

    def problem(self, column: str, what: str) -> str:
        """One line for the person who wrote the file."""
        return told(self.sheet, self.no, _heading(self.headings, column), what)

    @property
    def given(self) -> set[str]:
        """Columns that the sheet has; the others keep what is registered."""
        fields: set[str] = self.row.model_fields_set
        return fields


def _heading(headings: dict[str, str], column: str) -> str:
    """What the sheet calls a column, or what has it within: a door has building, unit and room."""
    within = ("door", "household") if column in _PARTS else ()
    name = next((name for name in (column, *within) if name in headings), column)
    return headings.get(name, name)


def told(sheet: str, no: int, column: str, what: str) -> str:
    """``file.xlsx[住户]:12: 楼号: what``."""
    return f"{sheet}:{no}: {column}: {what}"


@dataclass
class Read:
    """The rows of every list in some files, and what is wrong with the others."""

    lines: dict[str, list[Line]] = field(default_factory=lambda: {name: [] for name in LISTS})
    problems: list[str] = field(default_factory=list)
    corrects: bool = False
    """Whether a binding may be given to another household from its own first moment on."""

    def file(self, name: str, content: bytes, kind: str | None = None) -> None:
        """Take a file in; without a kind its sheets are recognised by their titles."""
        try:
            sheets = read_sheets(name, content)
        except SheetError as error:
            self.problems.append(str(error))
            return
        for sheet in sheets:
            one = LISTS[kind] if kind and len(sheets) == 1 else recognised(sheet.name)
            if one is not None:
                self._take(one, sheet)
            elif sheet.rows:
                titles = ", ".join(f"{item.title} or {item.name}" for item in LISTS.values())
                self.problems.append(f"{sheet.name}: no such list; expected {titles}")

    def _take(self, one: List, sheet: Sheet) -> None:
        found = _heading_row(one, sheet)
        if found is None:
            self.problems.append(_no_headings(one, sheet))
            return
        at, columns = found
        headings = {name: sheet.rows[at][1][place] for place, name in columns.items()}
        strangers = [
            told(sheet.name, sheet.rows[at][0], word, "is no column of this list; expected "
                 + _words(one))
            for place, word in enumerate(sheet.rows[at][1])
            if word and place not in columns and word.strip().lower() not in _LINE_NUMBERS
        ]  # fmt: skip
        self.problems += strangers
        for no, cells in sheet.rows[at + 1 :]:
            if any(cells[len(sheet.rows[at][1]) :]):
                self.problems.append(told(sheet.name, no, "(too many columns)", "has no heading"))
            raw = {
                name: cells[place] if place < len(cells) else "" for place, name in columns.items()
            }
            try:
                row = one.row.model_validate(raw)
            except ValidationError as error:
                self.problems += _problems(one.row, sheet.name, no, headings, error)
            else:
                self.lines[one.name].append(Line(sheet.name, no, row, headings))


def recognised(sheet: str) -> List | None:
    """The list of a sheet called ``file.xlsx[住户]`` or of a file called ``households.csv``."""
    title = sheet.rpartition("[")[2].rstrip("]") if "[" in sheet else sheet
    title = title.rpartition("/")[2].removesuffix(".csv").strip().lower()
    return next((one for one in LISTS.values() if title in {one.name, one.title}), None)


def _heading_row(one: List, sheet: Sheet) -> tuple[int, dict[int, str]] | None:
    """The first row that has all columns the list cannot do without."""
    for at, (_, cells) in enumerate(sheet.rows[:_HEADINGS_WITHIN]):
        columns: dict[int, str] = {}
        for place, word in enumerate(cells):
            name = one.column(word)
            if name is not None and name not in columns.values():
                columns[place] = name
        if set(one.wanted) <= set(columns.values()):
            return at, columns
    return None


def _no_headings(one: List, sheet: Sheet) -> str:
    first = sheet.rows[0] if sheet.rows else (1, [])
    known = {one.column(word) for word in first[1]}
    missing = [f"{one.columns[name][0]} ({name})" for name in one.wanted if name not in known]
    return f"{sheet.name}:{first[0]}: missing columns {', '.join(missing)}; expected {_words(one)}"


def _words(one: List) -> str:
    return ", ".join(f"{words[0]} ({name})" for name, words in one.columns.items())


def _problems(
    model: type[Row], sheet: str, no: int, headings: dict[str, str], error: ValidationError
) -> Iterable[str]:
    fields = {info.alias or name: info for name, info in model.model_fields.items()}
    for item in error.errors():
        if item["type"] == OF_COLUMN:
            yield told(sheet, no, _heading(headings, item["ctx"]["column"]), item["msg"])
            continue
        column = str(item["loc"][0])
        found = "(hidden)" if column in _HIDDEN else repr(item["input"])[:60]
        heading = headings.get(column, column)
        if item["input"] in ("", None) or item["type"] == "missing":
            yield told(sheet, no, heading, f"is empty; expected {_expected(fields[column])}")
        else:
            yield told(sheet, no, heading, f"found {found}; expected {_expected(fields[column])}")


def _expected(info: FieldInfo) -> str:
    """The description, wherever an optional type hides it."""
    texts = [info.description, *(getattr(item, "description", None) for item in info.metadata)]
    for part in getattr(info.annotation, "__args__", ()):
        texts += [getattr(item, "description", None) for item in getattr(part, "__metadata__", ())]
    return next((text for text in texts if text), "something else")
