"""The files of a new community: a heading and an example for every list."""

from pathlib import Path

from hub.registry.columns import LISTS
from hub.registry.sheets import write_csv


def write_templates(folder: Path) -> list[str]:
    """A CSV file for every list, in a new folder; the example is a remark that no import reads."""
    folder.mkdir(parents=True)
    for one in LISTS.values():
        headings = [one.columns[name][0] for name in one.exported]
        example = [f"# 例 {one.example[0]}", *one.example[1:]]
        path = folder / f"{one.name}.csv"
        path.touch(mode=0o600)
        path.write_bytes(write_csv(headings, [example]))
    return [f"{name}.csv" for name in LISTS]
