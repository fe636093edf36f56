"""A commissioning from the refusal beside a running daemon to the sheet that is signed."""

import fcntl
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from edge.commission import sheet
from edge.commission.cards import tap_each
from edge.commission.console import Console, StoppedError
from edge.commission.files import ConfigFile, FileChangedError, Kept, keep, kept_at, write_whole
from edge.commission.limits import reasons
from edge.commission.session import Bench, Clock, Pace, Session, moved
from edge.commission.wiring import channels
from edge.config import EdgeConfig
from edge.ports.listen import REMEDIES, access, one_port_twice, wires
from wire.config_file import ConfigError, read_config
from wire.day import local_time


class RefusedError(Exception):
    """It cannot begin; the message says what to do."""


@dataclass(frozen=True)
class Wish:
    """What the technician asked for."""

    file: Path
    bins: tuple[int, ...] = ()
    weight_g: int = 5000
    pace: Pace = field(default_factory=Pace)
    folder: Path | None = None


def run(wish: Wish, console: Console, clock: Clock) -> bool:
    """Whether everything was accepted; raises RefusedError before anything was done."""
    config = _checked(wish)
    kept_path = wish.file.resolve().with_suffix(".commission.json")
    kept = kept_at(kept_path, config.community, config.point)
    bins = _still_to_do(config, kept, wish.bins)
    stamp = local_time(clock.wall_ms()).strftime("before-%Y%m%d-%H%M%S")
    bench = Bench(
        config, ConfigFile(wish.file, stamp), kept, kept_path, console, clock,
        wish.weight_g, wish.pace,
    )  # fmt: skip
    _greet(bench, bins)
    try:
        if bins:
            Session(bench).measure(bins)
        if not wish.bins:
            _readers(bench)
    except (StoppedError, KeyboardInterrupt):
        console.say("Stopped; what was measured is kept. Run the same command to go on.")
    except (FileChangedError, ConfigError, OSError) as error:
        console.say(f"Stopped: {error}. What was measured before is kept.")
    return _hand_over(bench, wish.folder or wish.file.resolve().parent)


def _checked(wish: Wish) -> EdgeConfig:
    try:
        config = read_config(wish.file, EdgeConfig)
    except ConfigError as error:
        raise RefusedError("\n".join(error.problems)) from None
    unknown = sorted(set(wish.bins) - {bin_.no for bin_ in config.bins})
    if unknown:
        have = ", ".join(str(bin_.no) for bin_ in config.bins)
        raise RefusedError(f"--bin {unknown[0]}: no such bin; {wish.file} has {have}")
    for folder in {wish.file.resolve().parent, wish.folder or wish.file.resolve().parent}:
        if not os.access(folder, os.W_OK | os.X_OK):
            raise RefusedError(f"{folder}: cannot be written; run as its owner, or give --sheets")
    if _daemon_runs(config.data):
        raise RefusedError(f"the daemon works in {config.data}: systemctl stop lianxin-edge")
    if twice := one_port_twice(config):
        raise RefusedError("\n".join(twice))
    held = [wire for wire in wires(config) if access(wire.port) == "busy"]
    if held:
        names = ", ".join(f"{wire.name} ({wire.port})" for wire in held)
        raise RefusedError(f"in use by another program: {names}; {REMEDIES['busy']}")
    return config


def _daemon_runs(data: Path) -> bool:
    """A point without serial ports shows its daemon by nothing else."""
    try:
        with (data / "lock").open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def _still_to_do(config: EdgeConfig, kept: Kept, only: Sequence[int]) -> list[int]:
    """Measurements on a scale that the bin no longer has are forgotten."""
    wired = channels(config)
    for no in [no for no in kept.bins if no not in wired or moved(kept, wired, no)]:
        del kept.bins[no]
    good = [no for no, found in kept.bins.items() if not reasons(found)]
    return [no for no in wired if (no in only if only else no not in good)]


def _greet(bench: Bench, bins: Sequence[int]) -> None:
    config, say = bench.config, bench.console.say
    say(f"Point {config.point}, node {config.node}: {len(config.bins)} bins, {bench.file.path}")
    done = ", ".join(str(no) for no in sorted(bench.kept.bins) if no not in bins)
    if done:
        say(f"Measured before: bins {done}. (--bin N measures one again)")


def _readers(bench: Bench) -> None:
    left = [item for item in bench.config.readers if item.name not in bench.kept.readers]
    if not left:
        return
    config = bench.config.model_copy(update={"readers": tuple(left)})
    heard = tap_each(config, bench.console, bench.clock.up_ms)
    bench.kept.readers = (*bench.kept.readers, *heard)
    keep(bench.kept_path, bench.kept)


def _hand_over(bench: Bench, folder: Path) -> bool:
    """Write the sheet of all that is known by now."""
    config, say, kept = read_config(bench.file.path, EdgeConfig), bench.console.say, bench.kept
    labels = channels(config)
    bins = {no: found for no, found in kept.bins.items() if not moved(kept, labels, no)}
    filled = sheet.Sheet(
        config.community,
        config.point,
        config.node,
        bench.clock.wall_ms(),
        tuple((no, labels[no].label, bins.get(no)) for no in labels),
        tuple((item.name, item.name in kept.readers) for item in config.readers),
    )
    day = local_time(filled.at_ms).strftime("%Y-%m-%d")
    stem = folder / f"acceptance-{config.point}-{day}"
    printed = sheet.text(filled)
    say("")
    say(printed)
    for path, content in ((".txt", printed), (".csv", "\ufeff" + sheet.table(filled))):
        target = stem.with_name(stem.name + path)
        write_whole(target, content)
        say(f"written: {target}")
    if bench.file.backup.exists():
        say(f"written: {bench.file.path}; the old one is {bench.file.backup.name}")
    return filled.accepted
