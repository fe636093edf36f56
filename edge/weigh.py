"""``lianxin-edge weigh``: a recorded stream of one scale, weighed again."""

import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Annotated, Any

import typer

from edge.readings import WeightFault, WeightRead
from edge.scales.weighing import BinWeighing

EXIT_USAGE = 2
STABLE = {"S": True, "D": False}


def weigh(
    *,
    division_g: Annotated[int, typer.Option(min=1, max=1000, help="e of the scale")] = 20,
    noise_g: Annotated[float, typer.Option(min=0, help="its idle σ")] = 7,
) -> None:
    """Weigh a recorded stream again: what would have been a deposit, with which bounds.

    Each line of standard input is milliseconds and grams, and S or D where the scale says stable
    or dynamic, or milliseconds and the name of a fault. One JSON object a step.

    Example: lianxin-edge weigh --division-g 50 --noise-g 15 < bin07.txt
    """
    try:
        for step in steps(sys.stdin, BinWeighing(division_g, noise_g)):
            typer.echo(json.dumps(step))
    except ValueError as error:
        typer.echo(f"lianxin-edge weigh: {error}", err=True)
        raise typer.Exit(EXIT_USAGE) from None


def steps(lines: Iterable[str], weighing: BinWeighing) -> Iterator[dict[str, Any]]:
    """Every step of the stream; raises ValueError naming the line that is none."""
    for number, line in enumerate(lines, start=1):
        words = line.split()
        if not words:
            continue
        try:
            up_ms, reading = int(words[0]), _reading(words[1:])
        except (ValueError, IndexError):
            msg = f"line {number}: {line.strip()[:40]!r}, expected milliseconds and grams"
            raise ValueError(msg) from None
        step = weighing.feed(up_ms, reading)
        if step is not None:
            yield asdict(step)


def _reading(words: list[str]) -> WeightRead | WeightFault:
    if words[0].lstrip("-").isdecimal():
        return WeightRead(int(words[0]), STABLE[words[1]] if words[1:] else None)
    return WeightFault(words[0])
