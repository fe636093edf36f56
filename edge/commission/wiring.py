"""Which bin hangs on which scale, and how the file is told; pure."""

import copy
import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import tomlkit
from tomlkit.items import Table

from edge.config import BinConfig, EdgeConfig

FIRST_FOUND = 1000
"""Channels above are scales that answered under an address of no bin."""
LETTERS = 26
OF_THE_BIN = ("no", "category")
OF_ANY_SCALE = (*OF_THE_BIN, "division_g")


@dataclass(frozen=True)
class Channel:
    """One scale; ``no`` is the bin it has in the file, or 1000 and more if it has none."""

    no: int
    label: str
    bin: BinConfig


def channels(config: EdgeConfig) -> dict[int, Channel]:
    """The scales of the file, by their bins."""
    return {bin_.no: Channel(bin_.no, label(config, bin_), bin_) for bin_ in config.bins}


def found_channels(config: EdgeConfig, addresses: int) -> dict[int, Channel]:
    """Addresses up to this one, on every bus, that no bin of the file has."""
    out: dict[int, Channel] = {}
    highest_on = {bus.name: addresses for bus in config.buses}
    highest_on |= {line.name: min(addresses, LETTERS) for line in config.command_lines}
    for name, highest in highest_on.items():
        on_it = [bin_ for bin_ in config.bins if bin_.bus == name]
        taken = {bin_.slave for bin_ in on_it}
        for slave in range(1, highest + 1) if on_it else ():
            if slave not in taken:
                no = FIRST_FOUND + len(out)
                bin_ = on_it[0].model_copy(update={"no": no, "slave": slave})
                out[no] = Channel(no, label(config, bin_), bin_)
    return out


def label(config: EdgeConfig, bin_: BinConfig) -> str:
    """The scale in a technician's words; the same as long as its wiring is."""
    if bin_.bus is not None and bin_.slave is not None:
        lettered = bin_.bus in {line.name for line in config.command_lines}
        where = f"letter {chr(ord('A') + bin_.slave - 1)}" if lettered else f"address {bin_.slave}"
        return f"{bin_.bus} {where}"
    return str(bin_.port or bin_.topic)


def exchange(wiring: Mapping[int, int], bin_no: int, channel: int) -> dict[int, int]:
    """Give a bin the scale that felt its weight; whoever had that scale gets this bin's."""
    changed = dict(wiring)
    for other, has in wiring.items():
        if has == channel:
            changed[other] = wiring[bin_no]
    changed[bin_no] = channel
    return changed


def edited(text: str, wiring: Mapping[int, Channel], noise_g: Mapping[int, float]) -> str:
    """The file with every bin on its scale; whatever else stands in it stays as it is."""
    document = tomlkit.parse(text)
    rows: dict[int, Any] = {row["no"]: row for row in document["bins"]}
    before = {no: {key: copy.deepcopy(row[key]) for key in row} for no, row in rows.items()}
    for no, channel in wiring.items():
        if channel.no >= FIRST_FOUND:
            address = {"bus": channel.bin.bus, "slave": channel.bin.slave}
            _write(rows[no], _only(before[no], OF_ANY_SCALE) | address)
        elif channel.no != no:
            _write(rows[no], before[channel.no] | _only(before[no], OF_THE_BIN))
    for no, grams in noise_g.items():
        _write(rows[no], dict(rows[no]) | {"noise_g": round(grams, 1)})
    return tomlkit.dumps(document)


def _only(row: Mapping[str, Any], keys: tuple[str, ...]) -> dict[str, Any]:
    return {key: item for key, item in row.items() if key in keys}


def _write(row: Any, wanted: Mapping[str, Any]) -> None:
    """New keys go before the comments that follow the last key: those belong to the next table."""
    body = row.value.body if isinstance(row, Table) else []
    tail = list(itertools.takewhile(lambda item: item[0] is None, reversed(body)))[::-1]
    del body[len(body) - len(tail) :]
    for key, item in wanted.items():
        if key not in row or row[key] != item:
            row[key] = item
    for key in [key for key in row if key not in wanted]:
        del row[key]
    body += tail
