from pathlib import Path

import pytest
from pydantic import BaseModel, ConfigDict, Field

from wire.config_file import ConfigError, read_config


class _Bin(BaseModel):
    model_config = ConfigDict(extra="forbid")
    no: int = Field(ge=1, le=14)


class _Point(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    point: str
    password: str = Field(min_length=4)
    bins: list[_Bin]


def _problems(path: Path, text: str) -> list[str]:
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        read_config(path, _Point)
    return caught.value.problems


def test_every_error_is_told_at_once_with_key_found_and_expected(tmp_path: Path) -> None:
    path = tmp_path / "point.toml"
    text = 'password = "abc"\nbins = [{no=1}, {no=15}]\nbinz = 1\n'
    assert _problems(path, text) == [
        f"{path}: point: missing; expected a value",
        f"{path}: password: found (hidden); string should have at least 4 characters",
        f"{path}: bins[1].no: found 15; input should be less than or equal to 14",
        f"{path}: binz: unknown key; check the spelling or remove it",
    ]


def test_a_broken_or_missing_file_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "point.toml"
    assert "not valid TOML" in _problems(path, "point = ")[0]
    path.write_bytes(b"\xff")
    with pytest.raises(ConfigError, match="cannot be read"):
        read_config(path, _Point)
    with pytest.raises(ConfigError, match="no such file"):
        read_config(tmp_path / "none.toml", _Point)
