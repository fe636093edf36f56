"""The real app on a real bus, with a clock that the test moves and rows that it can read."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from rich.cells import cell_len
from textual.app import App
from textual.pilot import Pilot

from kiosk.point.app import PointApp
from kiosk.point.keys import DECIDE_MS
from tests.kiosk.point_bus import Broker, PointOnBus, config_for
from tests.programs import PATIENCE_S

SIZES = [(80, 24), (120, 36)]
sizes = pytest.mark.parametrize(
    "size", [SIZES[0], pytest.param(SIZES[1], marks=pytest.mark.long)], ids=["80x24", "120x36"]
)


class Looking:
    """Reads what an app paints."""

    app: App[None]
    pilot: Pilot[None]

    def rows(self) -> list[str]:
        """What is painted, as the terminal gets it."""
        strips = self.app.screen._compositor.render_strips()
        return ["".join(segment.text for segment in strip) for strip in strips]

    def text(self) -> str:
        return "\n".join(self.rows())

    async def sees(self, *words: str) -> None:
        """Waits until every word is painted, then checks that no row is cut or too wide."""
        await self.until(lambda: all(word in self.text() for word in words), words)
        width, height = self.app.size
        assert [cell_len(row) for row in self.rows()] == [width] * height

    async def until(self, condition: Callable[[], object], what: object) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not condition():
            assert time.monotonic() < deadline, f"not seen: {what}\n{self.text()}"
            await asyncio.sleep(0.01)


class Seat(Looking):
    app: PointApp

    def __init__(
        self, broker: Broker, point: PointOnBus, *, dev: bool = False, **config: object
    ) -> None:
        self.now_ms = 1_000_000
        self.point = point
        settings = config_for(broker, point.script.point, **config)
        self.app = PointApp(settings, dev=dev, clock_ms=lambda: self.now_ms)

    async def press(self, *keys: str) -> None:
        """At a person's pace: each key half a second after the one before."""
        for key in keys:
            self.now_ms += 500
            await self.pilot.press(key)
            self.now_ms += DECIDE_MS
            self.app._after()

    async def settled(self, verdicts: dict[str, str]) -> None:
        """Waits until the point holds these verdicts and the terminal waits for nothing."""
        script = self.point.script

        def settled() -> bool:
            self.now_ms += 10  # time goes on: what got lost on a bus that came back is said again
            return script.verdicts() == verdicts and not self.app.board.pending

        await self.until(settled, verdicts)


@asynccontextmanager
async def seated(
    broker: Broker,
    point: PointOnBus,
    size: tuple[int, int] = (80, 24),
    *,
    dev: bool = False,
    **config: object,
) -> AsyncIterator[Seat]:
    """The terminal, the screen seen for two seconds already."""
    seat = Seat(broker, point, dev=dev, **config)
    async with seat.app.run_test(size=size) as pilot:
        seat.pilot = pilot
        await seat.until(lambda: seat.app.board.screen is not None, "the first screen")
        seat.now_ms += 2000
        yield seat
