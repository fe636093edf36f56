"""``lianxin-edge config check``: an installer corrects a file once, not once for every error."""

from pathlib import Path

import pytest

from tests.edge.technician.bench import READER, run, write_config
from tests.edge.technician.test_listing import MODBUS

BIN = {"no": 1, "category": "other", "bus": "bus-1", "slave": 1}


def problems(path: Path) -> list[str]:
    done = run("config", "check", str(path))
    assert done.exit_code == 2, done.output
    return [line.removeprefix(f"{path}: ") for line in done.stderr.splitlines()]


def test_wrong_tables_do_not_hide_what_is_wrong_between_the_others(tmp_path: Path) -> None:
    path = write_config(
        tmp_path,
        point="P 03",
        readers=[READER, READER | {"port": "other"}],
        buses=[MODBUS],
        bins=[BIN, BIN | {"no": 2}, BIN | {"no": 3, "slave": 999}],
    )
    assert sorted(problems(path)) == [
        "bins[2].slave: found 999; input should be less than or equal to 247",
        "bus and slave ('bus-1', 1) is used twice",
        "name 'reader-1' is used twice",
        "point: found 'P 03'; string should match pattern '^[a-z0-9_-]{1,32}$'",
    ]


def test_a_wrong_bus_is_one_error_and_not_one_for_each_of_its_bins(tmp_path: Path) -> None:
    path = write_config(tmp_path, buses=[MODBUS | {"count": 0}], bins=[BIN, BIN | {"no": 2}])
    (line,) = [line for line in problems(path) if not line.startswith("bus and slave")]
    assert line.startswith("buses[0].count: found 0")


def test_the_only_reader_being_wrong_is_not_also_told_as_no_reader(tmp_path: Path) -> None:
    path = write_config(tmp_path, readers=[READER | {"kind": "rfid"}])
    (line,) = problems(path)
    assert "rdm6300" in line


def test_every_key_file_is_looked_at(tmp_path: Path) -> None:
    path = write_config(tmp_path, card_keys={"1": "none.hex", "2": "short.hex"})
    (tmp_path / "short.hex").write_text("abcd")
    first, second = problems(path)
    assert "card_keys.1" in first
    assert "2 bytes, expected 32" in second


@pytest.mark.parametrize("wrong", ["rubbish", "missing"])
def test_a_file_that_is_none_is_one_line(tmp_path: Path, wrong: str) -> None:
    path = tmp_path / "edge.toml"
    if wrong == "rubbish":
        path.write_text("point = ")
    (line,) = problems(path)
    assert line.startswith("not valid TOML" if wrong == "rubbish" else "no such file")


def test_a_good_file_is_said_to_be_good(tmp_path: Path) -> None:
    done = run("config", "check", str(write_config(tmp_path)))
    assert (done.exit_code, done.stderr) == (0, "")
    assert "point p03, 1 bins: no errors" in done.stdout
