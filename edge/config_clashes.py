"""What is wrong between the devices of a file, also when some of them are wrong by themselves."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError

from edge.device_config import (
    BinConfig,
    BusConfig,
    CommandLineConfig,
    MqttReaderConfig,
    ReaderConfig,
)

LETTERS = 26
Row = TypeVar("Row", bound=BaseModel)
Reader = ReaderConfig | MqttReaderConfig


@dataclass
class Devices:
    """The readable tables of a file; ``whole`` if no bus had to be left out."""

    readers: Sequence[Reader] = ()
    buses: Sequence[BusConfig] = ()
    command_lines: Sequence[CommandLineConfig] = ()
    bins: Sequence[BinConfig] = ()
    uid_bits: int = 32
    whole: bool = True
    _context: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def readable(cls, raw: Mapping[str, Any], context: Mapping[str, Any] | None) -> "Devices":
        """Every table that is right by itself."""
        told = cls(_context=context or {})
        readers = told.rows(raw.get("readers"), ReaderConfig)
        told.readers = [*readers, *told.rows(raw.get("readers"), MqttReaderConfig)]
        told.buses = told.rows(raw.get("buses"), BusConfig)
        told.command_lines = told.rows(raw.get("command_lines"), CommandLineConfig)
        told.bins = told.rows(raw.get("bins"), BinConfig)
        lines = [raw.get("buses", ()), raw.get("command_lines", ())]
        told.whole = len(told.buses) + len(told.command_lines) == sum(map(_length, lines))
        told.uid_bits = 24 if raw.get("uid_bits") == 24 else 32
        return told

    def rows(self, raw: object, model: type[Row]) -> list[Row]:
        """Those of a table's rows that are right."""
        right = []
        for row in raw if isinstance(raw, list | tuple) else ():
            try:
                right.append(TypeAdapter(model).validate_python(row, context=self._context))
            except ValidationError:
                continue  # told by the validation of the whole
        return right


def clashes(told: Devices) -> list[str]:
    """One line each."""
    serial = [reader for reader in told.readers if isinstance(reader, ReaderConfig)]
    wires: list[ReaderConfig | BusConfig | CommandLineConfig]
    wires = [*serial, *told.buses, *told.command_lines]
    topics = [reader.topic for reader in told.readers if isinstance(reader, MqttReaderConfig)]
    own_ports = [str(bin_.port) for bin_ in told.bins if bin_.port]
    names = [item.name for item in (*told.readers, *told.buses, *told.command_lines)]
    return [
        *_repeated("bins.no", [bin_.no for bin_ in told.bins]),
        *_repeated("port", [str(item.port) for item in wires] + own_ports),
        *_repeated("name", names),
        *_repeated("bus and slave", [(b.bus, b.slave) for b in told.bins if b.bus]),
        *_repeated("topic", [*(b.topic for b in told.bins if b.topic), *topics]),
        *(_lost_bins(told) if told.whole else ()),
        *_short_cards(told),
    ]


def _lost_bins(told: Devices) -> list[str]:
    letters = {line.name for line in told.command_lines}
    names = sorted(letters | {bus.name for bus in told.buses})
    missing = [bin_ for bin_ in told.bins if bin_.bus and bin_.bus not in names]
    beyond = [b for b in told.bins if b.bus in letters and (b.slave or 0) > LETTERS]
    return [
        *(f"bin {b.no}: bus {b.bus!r} is not among the buses {names}" for b in missing),
        *(f"bin {b.no}: slave {b.slave}, but a command line has 1-26 (A-Z)" for b in beyond),
    ]


def _short_cards(told: Devices) -> list[str]:
    """One reader that loses the top byte decides for the whole community."""
    short = [r.name for r in told.readers if r.kind == "wiegand-serial-hex6"]
    if short and told.uid_bits != 24:
        return [f"readers {short} see 24 bits of a card; set uid_bits = 24 everywhere"]
    long = [r.name for r in told.readers if r.kind == "qr-line"]
    if long and told.uid_bits == 24:
        return [f"readers {long}: a printed code has more than 24 bits; set uid_bits = 32"]
    return []


def all_at_once(
    title: str, error: ValidationError | None, problems: Iterable[str], raw: object
) -> ValidationError:
    """The errors of the tables and those between them, as one."""
    found = error.errors() if error is not None else []
    told: list[InitErrorDetails] = [
        {
            "type": PydanticCustomError(item["type"], _literal(item["msg"])),
            "loc": item["loc"],
            "input": item["input"],
        }
        for item in found
        if not _follows(item, found)
    ]
    told += [
        {"type": PydanticCustomError("clash", _literal(words)), "loc": (), "input": raw}
        for words in problems
    ]
    return ValidationError.from_exception_data(title, told)


def _follows(item: ErrorDetails, found: Iterable[ErrorDetails]) -> bool:
    """A list is said to be short when none of its rows is right."""
    here = item["loc"]
    inside = (one["loc"][: len(here)] == here and one["loc"] != here for one in found)
    return item["type"] == "too_short" and any(inside)


def _literal(words: str) -> Any:
    """Pydantic asks for a literal template; without a context nothing in it is replaced."""
    return words


def _length(rows: object) -> int:
    return len(rows) if isinstance(rows, list | tuple) else 0


def _repeated(what: str, values: Sequence[object]) -> list[str]:
    return [f"{what} {value!r} is used twice" for value in set(values) if values.count(value) > 1]
