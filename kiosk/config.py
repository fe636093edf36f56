"""kiosk.toml: which point, which bus, which language and colours."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from wire.base import TopicPart
from wire.config_file import Section, read_config

Colour = Annotated[
    str, Field(pattern=r"^#[0-9a-fA-F]{6}$", description="a colour as #rrggbb, quoted")
]
DEFAULT_PALETTE = {
    "hazardous": "#c1121f",
    "recyclable": "#0057b8",
    "kitchen": "#1b7f3b",
    "other": "#ffd60a",
}


class BusConfig(Section):
    """The point's own broker; the terminal speaks to nothing else."""

    host: str
    port: Annotated[int, Field(ge=1, le=65535)]
    username: str
    password: str


class KioskConfig(Section):
    """One terminal. ``title`` is what residents call the point."""

    point: TopicPart
    title: Annotated[str, Field(max_length=16)] = ""
    language: Literal["zh", "en"] = "zh"
    theme: Literal["day", "night"] = "day"
    dim_after_s: Annotated[
        int, Field(ge=30, le=86_400, description="without a key or a tap; never a lock")
    ] = 300
    palette: dict[str, Colour] = Field(default_factory=dict)
    bus: BusConfig

    @model_validator(mode="after")
    def _fill_palette(self) -> "KioskConfig":
        self.palette.update(DEFAULT_PALETTE | self.palette)
        return self


def read_kiosk_config(path: Path) -> KioskConfig:
    """Raises ConfigError with one line for every wrong key."""
    return read_config(path, KioskConfig)
