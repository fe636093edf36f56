"""One TOML file per machine, read the same way by every program.

It stands here because a configuration file is written by one program (a technician's wizard,
the simulator) and read by another: every error is told at once, with file, key, found, expected.
"""

import tomllib
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError, ValidationInfo

Config = TypeVar("Config", bound=BaseModel)


class Section(BaseModel):
    """A table of the file: unknown keys are errors, values do not change."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _beside_the_file(path: Path, info: ValidationInfo) -> Path:
    folder: Path = (info.context or {}).get("folder", Path())
    return folder / path.expanduser()


FilePath = Annotated[Path, AfterValidator(_beside_the_file)]
"""Relative to the file it stands in."""


class ConfigError(Exception):
    """A configuration that cannot be used; ``problems`` has one line each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def read_config(path: Path, model: type[Config]) -> Config:
    """The checked configuration; raises ConfigError naming every wrong key at once.

    Relative paths in the model are relative to the file, so that a folder can be moved.
    """
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError([f"{path}: no such file; write one or pass --config"]) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError([f"{path}: cannot be read: {error}"]) from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([f"{path}: not valid TOML: {error}"]) from error
    try:
        return model.model_validate(raw, context={"folder": path.resolve().parent})
    except ValidationError as error:
        raise ConfigError([_line(path, dict(item)) for item in error.errors()]) from None


def _line(path: Path, item: dict[str, object]) -> str:
    location = item["loc"]
    key = ""
    for part in location if isinstance(location, tuple) else ():
        if isinstance(part, str) and "[" in part:
            continue  # pydantic's name for one way of reading a value: no key of the file
        key += f"[{part}]" if isinstance(part, int) else f".{part}" if key else str(part)
    where = f"{path}: {key}" if key else str(path)
    if item["type"] == "missing":
        return f"{where}: missing; expected a value"
    if item["type"] == "extra_forbidden":
        return f"{where}: unknown key; check the spelling or remove it"
    expected = str(item["msg"]).removeprefix("Value error, ")
    if isinstance(item["input"], dict | list):
        return f"{where}: {expected}"
    shown = "(hidden)" if _secret(key) else repr(item["input"])
    return f"{where}: found {shown}; {expected[:1].lower()}{expected[1:]}"


def _secret(key: str) -> bool:
    return any(word in key for word in ("password", "secret", "key", "pin", "token", "nodes"))
