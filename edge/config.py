"""One TOML file per point: what hangs on which wire, and where the brokers are."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from edge.cards.token import KEY_BYTES
from edge.clock import SyncSource
from edge.scales.modbus import ModbusProfile
from edge.scales.mqtt_text import TextFormat
from wire.base import BinNo, Code, TopicPart


def _beside_the_file(path: Path, info: ValidationInfo) -> Path:
    folder = (info.context or {}).get("folder", Path())
    return Path(folder) / path


FilePath = Annotated[Path, AfterValidator(_beside_the_file)]
Port = Annotated[int, Field(ge=1, le=65535)]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class BrokerConfig(_Strict):
    """Where a broker listens and who we are there."""

    host: str = "127.0.0.1"
    port: Port = 1883
    username: str
    password: str


class ReaderConfig(_Strict):
    """A card reader on a serial line."""

    name: Code
    kind: Literal["rdm6300"]
    port: FilePath
    baudrate: Annotated[int, Field(ge=300, le=921_600)] = 9600


class BusConfig(ModbusProfile):
    """A serial bus of scales with one register profile."""

    name: Code
    kind: Literal["modbus"]
    port: FilePath
    baudrate: Annotated[int, Field(ge=300, le=921_600)] = 19200
    timeout_s: Annotated[float, Field(gt=0, le=5)] = 0.2
    sweep_ms: Annotated[
        int, Field(ge=0, le=10_000, description="start a sweep of all slaves this often at most")
    ] = 250


class BinConfig(_Strict):
    """A bin and the scale under it: on a bus, or speaking MQTT."""

    no: BinNo
    category: Code
    division_g: Annotated[int, Field(ge=1, le=1000, description="e of the scale")] = 20
    noise_g: Annotated[
        float | None, Field(ge=0, description="idle σ; commissioning measures it")
    ] = None
    bus: Code | None = None
    slave: Annotated[int | None, Field(ge=1, le=247)] = None
    format: TextFormat | None = None
    topic: str | None = None
    availability: str | None = None

    @model_validator(mode="after")
    def _one_way(self) -> "BinConfig":
        serial = self.bus is not None and self.slave is not None
        mqtt = self.format is not None and self.topic is not None
        if serial == mqtt:
            msg = "a bin needs either bus and slave, or format and topic"
            raise ValueError(msg)
        return self

    @property
    def sigma_g(self) -> float:
        """Idle noise, a third of the division until it is measured."""
        return self.division_g / 3 if self.noise_g is None else self.noise_g


class EdgeConfig(_Strict):
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
    readers: Annotated[tuple[ReaderConfig, ...], Field(min_length=1)]
    buses: tuple[BusConfig, ...] = ()
    bins: Annotated[tuple[BinConfig, ...], Field(min_length=1)]

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
        wires: list[ReaderConfig | BusConfig] = [*self.readers, *self.buses]
        problems = [
            *_repeated("bins.no", [bin_.no for bin_ in self.bins]),
            *_repeated("port", [str(item.port) for item in wires]),
            *_repeated("name", [item.name for item in wires]),
            *_repeated("bus and slave", [(b.bus, b.slave) for b in self.bins if b.bus]),
            *_repeated("topic", [b.topic for b in self.bins if b.topic]),
        ]
        buses = {bus.name for bus in self.buses}
        problems += [
            f"bin {bin_.no}: bus {bin_.bus!r} is not among the buses {sorted(buses)}"
            for bin_ in self.bins
            if bin_.bus is not None and bin_.bus not in buses
        ]
        if problems:
            raise ValueError("; ".join(problems))
        return self


class KeyFileError(Exception):
    """A card key that cannot be used."""


def load_keys(config: EdgeConfig) -> dict[int, bytes]:
    """The card keys by number; raises KeyFileError naming the file and what it should hold."""
    keys = {}
    for number, path in config.card_keys.items():
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
