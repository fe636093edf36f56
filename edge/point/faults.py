"""Devices that fail for longer than a hiccup become facts: one when it begins, one when it ends.

A cable that is pulled and put back is no matter for the office; a scale that says nothing for a
minute is one. Pure.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from edge.point.state import PointState
from wire.facts import Fault

LASTING_MS = 60_000
WELL_MS = 10_000
"""A device that flaps stays at fault until it has been well for this long."""


@dataclass(frozen=True)
class Condition:
    """A device now: what ails it ("" = nothing), and the device without which it cannot be well."""

    device: str
    what: str = ""
    detail: str = ""
    needs: str = ""


@dataclass
class FaultWatch:
    """Remembers since when each device is as it is; what was recorded is in the state."""

    _since_ms: dict[str, tuple[str, int]] = field(default_factory=dict)

    def due(self, state: PointState, now: Sequence[Condition], up_ms: int) -> list[Fault]:
        """Facts to record; call about once a second. Faults of what hangs on a bus wait for it."""
        ailing = {condition.device: condition.what for condition in now if condition.what}
        facts: list[Fault] = []
        for condition in now:
            lasted_ms = up_ms - self._since(condition, up_ms)
            known = [what for device, what in state.open_faults if device == condition.device]
            if not condition.what and lasted_ms >= WELL_MS:
                facts += [_fault(condition, what, "cleared") for what in known]
            alone = condition.what and not known and not ailing.get(condition.needs)
            if alone and lasted_ms >= LASTING_MS:
                facts.append(_fault(condition, condition.what, "raised"))
        return facts

    def _since(self, condition: Condition, up_ms: int) -> int:
        what, since_ms = self._since_ms.get(condition.device, (None, up_ms))
        if what != condition.what:
            since_ms = up_ms
            self._since_ms[condition.device] = (condition.what, up_ms)
        return since_ms


def conditions(
    ports: Mapping[str, tuple[bool, str]],
    scales: Mapping[int, str],
    needs: Mapping[str, str],
) -> list[Condition]:
    """Ports by name with their last error, weighing states by bin, and who hangs on whom."""
    found = {
        name: Condition(name, "" if up else "away", "" if up else error, needs.get(name, ""))
        for name, (up, error) in ports.items()
    }
    for bin_no, weighing in scales.items():
        name = f"scale-{bin_no}"
        what = weighing if weighing in ("faulty", "silent") else ""
        if name not in found or not found[name].what:
            found[name] = Condition(name, what, "", needs.get(name, ""))
    return list(found.values())


def _fault(condition: Condition, what: str, state: str) -> Fault:
    return Fault(
        device=condition.device,
        state="raised" if state == "raised" else "cleared",
        what=what,
        detail=condition.detail,
    )
