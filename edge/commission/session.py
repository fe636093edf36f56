"""The dialogue with one technician: each bin in turn, everything kept as soon as it is known."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from edge.commission import trial
from edge.commission.console import Console, StoppedError
from edge.commission.ears import Ears, Heard, with_bins
from edge.commission.files import ConfigFile, Kept, keep
from edge.commission.limits import Measured, Neighbour, reasons, shown_step_g
from edge.commission.rest import at_rest, look_around
from edge.commission.wiring import Channel, channels, edited, exchange
from edge.config import EdgeConfig
from edge.events import LinkChanged, PortDown
from edge.scales.weighing import WINDOW_SAMPLES


@dataclass(frozen=True)
class Pace:
    """How long a plateau is looked at, and when a technician is reminded."""

    idle_ms: int = 10_000
    hold_ms: int = 3000
    look_ms: int = 3000
    patience_ms: int = 30_000


@dataclass(frozen=True)
class Clock:
    """Time of the session: one that never jumps, one for the sheet."""

    up_ms: Callable[[], int]
    wall_ms: Callable[[], int]


@dataclass
class Bench:
    """What a session works with."""

    config: EdgeConfig
    file: ConfigFile
    kept: Kept
    kept_path: Path
    console: Console
    clock: Clock
    weight_g: int
    pace: Pace


class Session:
    """:meth:`measure` bins with one test weight; raises StoppedError when the technician stops."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._say = bench.console.say
        self._channels = channels(bench.config)
        self._wiring = {no: no for no in self._channels}
        self._noise_g: dict[int, float] = {}
        self._scales: dict[int, trial.Scale] = {}
        self._told: set[str] = set()
        self._idle_ms = 0

    def measure(self, bins: Iterable[int]) -> None:
        """One bin after the other."""
        bench = self._bench
        self._channels |= look_around(
            bench.config, self._channels, bench.clock.up_ms, bench.pace.look_ms, self._say
        )
        heard = with_bins(bench.config, self._channels.values())
        with Ears(heard, bench.clock.up_ms, readers=False) as ears:
            self._rest(ears, f"Leave all bins alone for {bench.pace.idle_ms / 1000:.0f} s …")
            for no in bins:
                self._bin(ears, no)

    def _rest(self, ears: Ears, words: str) -> None:
        self._say(words)
        up_ms = self._bench.clock.up_ms
        began_ms = up_ms()
        samples = at_rest(ears, self._channels, up_ms, self._bench.pace.idle_ms)
        self._idle_ms = up_ms() - began_ms
        self._scales = {
            no: trial.Scale(channel.bin.division_g, samples[no])
            for no, channel in self._channels.items()
        }
        for no in self._wiring.values():
            label, scale = self._channels[no].label, self._scales[no]
            count = len(scale.idle)
            self._say(
                f"  {label}: {count} readings, σ {scale.sigma_g:.1f} g"
                if count
                else f"  {label}: nothing heard; power, wiring, address?"
            )

    def _bin(self, ears: Ears, no: int) -> None:
        while True:
            result = self._trial(ears, no)
            if result is None:
                self._say(f"bin {no}: skipped")
                return
            if not self._agreed(no, result.channel):
                continue
            found = self._measured(no, result)
            self._save(found, result.channel)
            why = reasons(found)
            self._say(_summary(found))
            for reason in why:
                self._say(f"  - {reason}")
            again = why and self._bench.console.ask(
                f"Enter = go on, r + Enter = measure bin {no} again", " r"
            )
            if again != "r":
                return
            self._rest(ears, f"Leave bin {no} alone for {self._bench.pace.idle_ms / 1000:.0f} s …")

    def _trial(self, ears: Ears, no: int) -> trial.Result | None:
        """None when the technician skips the bin."""
        bench, kilograms = self._bench, self._bench.weight_g / 1000
        run = trial.Trial(self._scales, bench.weight_g, bench.pace.hold_ms)
        stages = {
            "holding": "  felt by {}; leave it in …",
            "loaded": "Take it out.",
            "emptying": "  out; leave the bin alone …",
            "waiting": "  it came out too soon; put it in again",
        }
        self._say(f"Put {kilograms:g} kg into bin {no}.   (s + Enter = skip, q + Enter = stop)")
        remind_ms = bench.clock.up_ms() + bench.pace.patience_ms
        ears.forget()
        while run.stage != "done":
            for told in ears.next():
                before = run.stage
                if isinstance(told, Heard):
                    run.feed(told.channel, told.up_ms, told.reading)
                else:
                    self._note(told)
                if run.stage not in (before, "done"):
                    felt = "" if run.channel is None else self._channels[run.channel].label
                    self._say(stages[run.stage].format(felt))
            if self._skipped():
                return None
            if bench.clock.up_ms() >= remind_ms and run.stage == "waiting":
                remind_ms = bench.clock.up_ms() + bench.pace.patience_ms
                self._say(f"  nothing has moved yet{self._faults()}")
        return run.result()

    def _skipped(self) -> bool:
        word = self._bench.console.typed()
        if word == "q":
            raise StoppedError
        return word == "s"

    def _note(self, told: object) -> None:
        """A port that fails again and again is told once."""
        words = ""
        if isinstance(told, PortDown):
            words = f"  {told.name}: {told.reason}"
        elif isinstance(told, LinkChanged):
            words = f"  point bus: {told.reason}"
        if words and words not in self._told:
            self._told.add(words)
            self._say(words)

    def _faults(self) -> str:
        faulty = [
            f"; {self._channels[no].label} says {scale.fault.reason}"
            for no, scale in self._scales.items()
            if scale.fault is not None
        ]
        silent = [
            f"; {self._channels[no].label} was silent at rest"
            for no, scale in self._scales.items()
            if not scale.idle and scale.fault is None
        ]
        return "".join(faulty + silent)

    def _agreed(self, no: int, channel: int) -> bool:
        """Whether the weight really is where the file does not expect it."""
        if self._wiring[no] == channel:
            return True
        label = self._channels[channel].label
        owner = next((f"bin {b}" for b, has in self._wiring.items() if has == channel), "no bin")
        answer = self._bench.console.ask(
            f"{label} felt it, which the file gives to {owner}."
            f" Was the weight in bin {no}?  y = correct the file, n = it was another bin",
            "yn",
        )
        return answer == "y"

    def _measured(self, no: int, result: trial.Result) -> Measured:
        bench, scale = self._bench, self._scales[result.channel]
        return Measured(
            bin_no=no,
            source=self._channels[result.channel].label,
            at_ms=bench.clock.wall_ms(),
            weight_g=bench.weight_g,
            division_g=self._channels[result.channel].bin.division_g,
            idle_ms=self._idle_ms,
            idle_readings=len(scale.idle),
            sigma_g=scale.sigma_g,
            shown_step_g=shown_step_g([sample.grams for sample in scale.idle]),
            error_g=result.loaded_g - result.before_g - bench.weight_g,
            drift_g=result.after_g - result.before_g,
            rate_hz=result.rate_hz,
            neighbours=tuple(
                Neighbour(label=self._channels[other].label, grams=grams)
                for other, grams in result.neighbours
            ),
        )

    def _save(self, found: Measured, channel: int) -> None:
        """The file and what was measured, before anything else is asked of the technician."""
        bench, no = self._bench, found.bin_no
        self._wiring = exchange(self._wiring, no, channel)
        wired = {no: self._channels[has] for no, has in self._wiring.items()}
        if found.idle_readings >= WINDOW_SAMPLES:
            self._noise_g[no] = found.sigma_g
        bench.kept.bins[no] = found
        for other in [b for b in bench.kept.bins if b not in wired or moved(bench.kept, wired, b)]:
            del bench.kept.bins[other]
            self._noise_g.pop(other, None)
            self._say(f"  bin {other} has another scale now and is to be measured again")
        bench.file.write(edited(bench.file.original, wired, self._noise_g))
        keep(bench.kept_path, bench.kept)


def moved(kept: Kept, wired: Mapping[int, Channel], no: int) -> bool:
    """Whether a bin was measured on another scale than it has."""
    return kept.bins[no].source != wired[no].label


def _summary(found: Measured) -> str:
    verdict = "FAIL" if reasons(found) else "pass"
    return (
        f"bin {found.bin_no}: {verdict}  {found.source}, error {found.error_g:+.0f} g, zero"
        f" {found.drift_g:+.0f} g, σ {found.sigma_g:.1f} g, {found.rate_hz:.1f} readings a second"
    )
