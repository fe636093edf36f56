"""One TOML file per point: what hangs on which wire, and where the brokers are."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from edge.cards.token import KEY_BYTES
from edge.clock import SyncSource
from edge.device_config import (
    BinConfig,
    BusConfig,
    CommandLineConfig,
    FilePath,
    MqttReaderConfig,
    Port,
    ReaderConfig,
    Strict,
)
from wire.base import TopicPart

__all__ = ["BinConfig", "BrokerConfig", "BusConfig", "EdgeConfig", "ReaderConfig"]


class BrokerConfig(Strict):
    """Where a broker listens and who we are there."""

    host: str = "127.0.0.1"
    port: Port = 1883
    username: str
    password: str


class EdgeConfig(Strict):
    """Everything a point's daemon is told by its technician."""

    community: TopicPart
    point: TopicPart
    node: TopicPart
    data: FilePath
    sync_source: SyncSource = "kernel"
    card_keys: Annotated[dict[int, FilePath], Field(min_length=1)]
    uid_bits: Literal[24, 32] = 32
    hub_broker: BrokerConfig
    point_bus: BrokerConfig
    readers: Annotated[
        tuple[Annotated[ReaderConfig | MqttReaderConfig, Field(discriminator="kind")], ...],
        Field(min_length=1),
    ]
    buses: tuple[BusConfig, ...] = ()
    command_lines: tuple[CommandLineConfig, ...] = ()
    bins: Annotated[tuple[BinConfig, ...], Field(min_length=1)]

    @property
    def serial_readers(self) -> tuple[ReaderConfig, ...]:
        """Readers on ports of their own."""
        return tuple(item for item in self.readers if isinstance(item, ReaderConfig))

    @property
    def mqtt_readers(self) -> tuple[MqttReaderConfig, ...]:
        """Readers on the point bus."""
        return tuple(item for item in self.readers if isinstance(item, MqttReaderConfig))

    @field_validator("card_keys")
    @classmethod
    def _numbers(cls, keys: dict[int, Path]) -> dict[int, Path]:
        wrong = [number for number in keys if not 1 <= number <= 999]
        if wrong:
            msg = f"key numbers {wrong} must be 1–999"
            raise ValueError(msg)
        return keys

    @model_validator(mode="after")
    def _consistent(self) -> "EdgeConfig":
        wires: list[ReaderConfig | BusConfig | CommandLineConfig]
        wires = [*self.serial_readers, *self.buses, *self.command_lines]
        own_ports = [str(bin_.port) for bin_ in self.bins if bin_.port]
        reader_topics = [reader.topic for reader in self.mqtt_readers]
        problems = [
            *_repeated("bins.no", [bin_.no for bin_ in self.bins]),
            *_repeated("port", [str(item.port) for item in wires] + own_ports),
            *_repeated("name", [item.name for item in (*wires, *self.mqtt_readers)]),
            *_repeated("bus and slave", [(b.bus, b.slave) for b in self.bins if b.bus]),
            *_repeated("topic", [*(b.topic for b in self.bins if b.topic), *reader_topics]),
            *self._lost_bins(),
            *self._short_cards(),
        ]
        if problems:
            raise ValueError("; ".join(problems))
        return self

    def _lost_bins(self) -> list[str]:
        letters = {line.name for line in self.command_lines}
        names = sorted(letters | {bus.name for bus in self.buses})
        missing = [bin_ for bin_ in self.bins if bin_.bus and bin_.bus not in names]
        beyond = [bin_ for bin_ in self.bins if bin_.bus in letters and (bin_.slave or 0) > 26]
        return [
            *(f"bin {b.no}: bus {b.bus!r} is not among the buses {names}" for b in missing),
            *(f"bin {b.no}: slave {b.slave}, but a command line has 1-26 (A-Z)" for b in beyond),
        ]

    def _short_cards(self) -> list[str]:
        """One reader that loses the top byte decides for the whole community."""
        short = [r.name for r in self.readers if r.kind == "wiegand-serial-hex6"]
        if short and self.uid_bits != 24:
            return [f"readers {short} see 24 bits of a card; set uid_bits = 24 everywhere"]
        long = [r.name for r in self.readers if r.kind == "qr-line"]
        if long and self.uid_bits == 24:
            return [f"readers {long}: a printed code has more than 24 bits; set uid_bits = 32"]
        return []


class KeyFileError(Exception):
    """A card key that cannot be used."""


def load_keys(card_keys: Mapping[int, Path]) -> dict[int, bytes]:
    """The card keys by number; raises KeyFileError naming the file and what it should hold."""
    keys = {}
    for number, path in card_keys.items():
        try:
            key = bytes.fromhex(path.read_text(encoding="ascii").strip())
        except (OSError, ValueError) as error:
            msg = f"card_keys.{number}: {path}: {type(error).__name__}; expected 64 hex digits"
            raise KeyFileError(msg) from None
        if len(key) != KEY_BYTES:
            msg = f"card_keys.{number}: {path}: {len(key)} bytes, expected {KEY_BYTES}"
            raise KeyFileError(msg)
        keys[number] = key
    return keys


def _repeated(what: str, values: Sequence[object]) -> list[str]:
    return [f"{what} {value!r} is used twice" for value in set(values) if values.count(value) > 1]
