"""Looking at everybody from the main thread: who died, who gave up, how far the facts have come."""

import time
from collections.abc import Callable, Collection
from pathlib import Path

from device_sim.demo.children import Children
from device_sim.demo.compound_up import HUB
from device_sim.demo.display import Display, Row
from device_sim.demo.faults import Saboteur
from device_sim.demo.trouble import DemoError
from device_sim.hub_client import HubClient, HubRefusedError
from device_sim.people.crew import Crew

TICK_S = 0.25
CALM_S = 2.0


class Watch:
    """One look a quarter of a second; a table once a second."""

    def __init__(
        self,
        display: Display,
        children: Children,
        saboteur: Saboteur,
        crews: dict[str, Crew],
        *,
        hub: HubClient,
        logs: Path,
    ) -> None:
        self._display = display
        self._children = children
        self._saboteur = saboteur
        self._crews = crews
        self._hub = hub
        self._logs = logs
        self._rows: dict[str, Row] = {}
        self._table_due_s = 0.0
        self._verified_tap = False

    @property
    def traffic_began(self) -> bool:
        """A resident has heard that a tap is recorded."""
        return any(crew.heard for crew in self._crews.values())

    @property
    def all_done(self) -> bool:
        """Every supervisor has handed over."""
        return not self.unfinished

    @property
    def unfinished(self) -> list[str]:
        """Points whose plan goes on."""
        return [point for point, crew in self._crews.items() if not crew.done.is_set()]

    def turn(self) -> None:
        """Look at everybody once."""
        time.sleep(TICK_S)
        self._children.check(frozenset(self._saboteur.dead))
        for crew in self._crews.values():
            if crew.failed is not None:
                raise DemoError(f"{crew.failed}; see {self._logs}")
        self._report_first_tap()
        if time.monotonic() >= self._table_due_s:
            self._table_due_s = time.monotonic() + 1.0
            self._refresh()

    def _report_first_tap(self) -> None:
        heard = [visit for crew in self._crews.values() for visit in crew.heard]
        if self._verified_tap or not heard or HUB in self._saboteur.dead:
            return
        try:
            known = {item["visit"] for item in self._hub.pages("/visits")}
        except HubRefusedError:
            return
        if known.intersection(heard):
            self._verified_tap = True
            self._display.say("first verified tap: signal heard and visit shown by the hub")

    def _refresh(self) -> None:
        told: dict[str, dict[str, int]] = {}
        if HUB not in self._saboteur.dead:
            try:
                told = {item["point"]: item for item in self._hub.pages("/points")}
            except HubRefusedError:
                told = {}
        for point, crew in self._crews.items():
            self._rows[point] = self._row(point, crew, told.get(point))
        self._display.show([self._rows[point] for point in self._crews])

    def _row(self, point: str, crew: Crew, told: dict[str, int] | None) -> Row:
        old = self._rows.get(point, Row(point))
        screen = crew.terminal.screen
        counts = told or {
            "taps": old.taps,
            "deposits": old.deposits,
            "verdicts": old.verdicts,
            "unjudged": old.unjudged,
        }
        return Row(
            point=point,
            taps=counts["taps"],
            deposits=counts["deposits"],
            verdicts=counts["verdicts"],
            unjudged=counts["unjudged"],
            waiting=screen.link.waiting if screen else 0,
            link=screen is not None and screen.link.up,
            trust=screen.trust if screen else "none",
            on_duty=screen.shift.person if screen and screen.shift else "",
        )

    def waiting(self, point: str) -> int:
        screen = self._crews[point].terminal.screen
        return screen.link.waiting if screen else -1

    def wait_calm(self, what: str, points: Collection[str], timeout_s: float) -> None:
        """Nothing waits at these points, and has not for a while."""
        calm_since_s = time.monotonic()

        def calm() -> bool:
            nonlocal calm_since_s
            if not all(self._caught_up(point) for point in points):
                calm_since_s = time.monotonic()
            return time.monotonic() - calm_since_s > CALM_S

        self.wait(what, calm, timeout_s)

    def _caught_up(self, point: str) -> bool:
        screen = self._crews[point].terminal.screen
        return screen is not None and screen.link.up and screen.link.waiting == 0

    def wait(self, what: str, true: Callable[[], bool], timeout_s: float) -> None:
        end_s = time.monotonic() + timeout_s
        while not true():
            if time.monotonic() > end_s:
                waiting = {p: self.waiting(p) for p in self._crews if not self._caught_up(p)}
                msg = (
                    f"waited {timeout_s:.0f} s in vain until {what}; facts waiting: {waiting}; "
                    f"see {self._logs}"
                )
                raise DemoError(msg)
            self.turn()
