"""One TOML file per point: what hangs on which wire, and where the brokers are."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    Field,
    ModelWrapValidatorHandler,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from edge.cards.token import KEY_BYTES
from edge.clock import SyncSource
from edge.config_clashes import Devices, all_at_once, clashes
from edge.device_config import (
    BinConfig,
    BusConfig,
    CommandLineConfig,
    MqttReaderConfig,
    ReaderConfig,
)
from edge.signals.config import SignalsConfig
from wire.base import TopicPart
from wire.broker import BrokerConfig
from wire.config_file import FilePath, Section

__all__ = ["BinConfig", "BusConfig", "EdgeConfig", "ReaderConfig"]


class PointBusConfig(BrokerConfig):
    """Its configuration is printed by ``lianxin-edge bus-config`` and knows passwords only."""

    password: str


class EdgeConfig(Section):
    """Everything a point's daemon is told by its technician."""

    community: TopicPart
    point: TopicPart
    node: TopicPart
    data: FilePath
    sync_source: SyncSource = "kernel"
    card_keys: Annotated[dict[int, FilePath], Field(min_length=1)]
    uid_bits: Literal[24, 32] = 32
    hub_broker: BrokerConfig
    point_bus: PointBusConfig
    readers: Annotated[
        tuple[Annotated[ReaderConfig | MqttReaderConfig, Field(discriminator="kind")], ...],
        Field(min_length=1),
    ]
    buses: tuple[BusConfig, ...] = ()
    command_lines: tuple[CommandLineConfig, ...] = ()
    bins: Annotated[tuple[BinConfig, ...], Field(min_length=1)]
    signals: SignalsConfig | None = None

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

    @model_validator(mode="wrap")
    @classmethod
    def _consistent(
        cls, raw: Any, check: ModelWrapValidatorHandler["EdgeConfig"], info: ValidationInfo
    ) -> "EdgeConfig":
        """What is wrong between the devices is told beside what is wrong with each."""
        error: ValidationError | None = None
        try:
            config = check(raw)
        except ValidationError as failed:
            error = failed
            told = Devices.readable(raw if isinstance(raw, dict) else {}, info.context)
        else:
            told = Devices(
                config.readers, config.buses, config.command_lines, config.bins, config.uid_bits
            )
        problems = clashes(told)
        if error is not None or problems:
            raise all_at_once(cls.__name__, error, problems, raw)
        return config


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


def wrong_keys(card_keys: Mapping[int, Path]) -> list[str]:
    """What is wrong with each card key's file."""
    wrong = []
    for number, path in card_keys.items():
        try:
            load_keys({number: path})
        except KeyFileError as error:
            wrong.append(str(error))
    return wrong
