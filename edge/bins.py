"""The bins of a point: readings of any scale become deposits and levels."""

from collections.abc import Iterable

from edge.config import BinConfig
from edge.events import Weights
from edge.point.attribution import assign_deposit
from edge.point.screen import BinOnScreen
from edge.point.state import PointState
from edge.scales.weighing import BinWeighing, Step, moved_together
from wire.base import WireModel
from wire.codec import Fact
from wire.facts import Assign, Deposit, Emptied, Removed
from wire.roster import Settings


class Bins:
    """Every bin with its own weighing; one faulty scale says nothing about another."""

    def __init__(self, bins: Iterable[BinConfig]) -> None:
        self._bins = {bin_.no: bin_ for bin_ in bins}
        self._weighing = {
            bin_.no: BinWeighing(bin_.division_g, bin_.sigma_g) for bin_ in self._bins.values()
        }
        self._lines = {bin_.no: bin_.bus or f"scale-{bin_.no}" for bin_ in self._bins.values()}
        self._taken_back: dict[int, int] = {}

    def feed(self, weights: Weights) -> list[WireModel]:
        """Facts that these readings complete."""
        steps = [
            (no, self._weighing[no].feed(weights.up_ms, reading))
            for no, reading in weights.readings
        ]
        return [
            self._fact(no, step)
            for no, step in steps
            if step is not None and not moved_together(step, self._but(no))
        ]

    def _but(self, no: int) -> list[BinWeighing]:
        return [weighing for other, weighing in self._weighing.items() if other != no]

    def _fact(self, no: int, step: Step) -> WireModel:
        if step.kind == "deposit":
            return Deposit(
                bin=no,
                category=self._bins[no].category,
                grams=step.grams,
                level_g=step.level_g,
                moved_up_ms=step.moved_up_ms,
                quality=step.quality,
            )
        if step.undoes_up_ms is not None:
            self._taken_back[no] = step.undoes_up_ms
        kind = Emptied if step.kind == "emptied" else Removed
        return kind(bin=no, grams=step.grams, level_g=step.level_g)

    def assignment(self, facts: list[Fact], state: PointState, settings: Settings) -> Assign | None:
        """Whose the recorded deposit is; None for anything else, or while it may be claimed.

        What was taken back belongs to nobody, whatever was decided when it came.
        """
        for fact in facts:
            deposit = state.deposits.get(fact.id)
            if deposit is not None:
                return assign_deposit(state, deposit, settings)
            if isinstance(fact.body, Removed):
                return self._to_nobody(fact.body.bin, state)
        return None

    def _to_nobody(self, bin_no: int, state: PointState) -> Assign | None:
        moved_up_ms = self._taken_back.pop(bin_no, None)
        for deposit in reversed(list(state.deposits.values())):
            if deposit.bin == bin_no and deposit.moved_up_ms == moved_up_ms:
                return Assign(deposit=deposit.deposit, doubt="no_visit")
        return None

    def interrupted(self, line: str) -> None:
        """The port or device of this name went away; nothing for one without bins."""
        for no, weighing in self._weighing.items():
            if self._lines[no] == line:
                weighing.interrupted()

    def silence(self, now_ms: int) -> None:
        """Let each scale notice that it has said nothing for a while."""
        for weighing in self._weighing.values():
            weighing.silence(now_ms)

    def states(self) -> dict[int, str]:
        """How each bin's weighing stands."""
        return {no: weighing.state for no, weighing in self._weighing.items()}

    def on_screen(self) -> list[BinOnScreen]:
        """For the screen, in the order of the configuration."""
        return [
            BinOnScreen(bin_.no, bin_.category, self._weighing[bin_.no])
            for bin_ in self._bins.values()
        ]

    def health(self) -> tuple[int, int]:
        """Scales that weigh, and all."""
        good = sum(weighing.state in ("ok", "moving") for weighing in self._weighing.values())
        return good, len(self._weighing)
