"""The desk's terminal over the hub's own application; cards come through a reader's socket."""

import json
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

from textual.events import Key

from edge.reader_service import LineSocket
from kiosk.common.settings import HubConfig
from kiosk.desk.app import DeskApp, desk_app
from kiosk.desk.config import DeskConfig
from kiosk.desk.shapes import OnDuty
from tests.kiosk.hub_here import MORNING_MS, HubHere
from tests.kiosk.seat import SIZES, Looking

__all__ = ["SIZES", "Seat", "desk_config", "seated"]


def desk_config(here: HubHere, folder: Path, **more: Any) -> DeskConfig:
    hub = HubConfig(url=here.url, username="a-desk", password=here.passwords["desk"])
    given = {"desk": "d1", "title": "合署办公", "taps": folder / "r.sock", "data": folder / "desk"}
    return DeskConfig(hub=hub, **{**given, **more})


class Seat(Looking):
    app: DeskApp

    def __init__(self, here: HubHere, folder: Path, **more: Any) -> None:
        self.here = here
        self.now_ms = 1_000_000
        self.reader = LineSocket(folder / "r.sock")
        self.app = desk_app(
            desk_config(here, folder, **more),
            clock_ms=lambda: self.now_ms,
            wall_ms=lambda: MORNING_MS,
        )

    def tap(self, card: str) -> None:
        self.reader.send(json.dumps({"card": card}).encode() + b"\n")

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)

    async def type(self, text: str) -> None:
        """As an input method commits it: the characters themselves, all at once."""
        for letter in text:
            self.app.post_message(Key(letter, letter))
        await self.pilot.pause()

    async def enter(self, text: str) -> None:
        await self.type(text)
        await self.pilot.press("enter")

    async def choose(self, words: str) -> None:
        """Presses the digit that stands before the words."""
        await self.until(lambda: f"] {words}" in self.text(), words)
        await self.press(self.text().partition(f"] {words}")[0][-1])

    async def on_duty(self, *cards: str) -> None:
        for card in cards:
            before = self.app.desk.duty
            self.tap(card)
            await self.until(partial(self._others_than, before), "the officer is on duty")
        await self.sees("您好,请问办什么事?")
        await self.until(lambda: self.app.desk.kinds, "the kinds")

    def _others_than(self, before: tuple[OnDuty, ...]) -> bool:
        return self.app.desk.duty != before

    async def later(self, seconds: float) -> None:
        self.now_ms += int(seconds * 1000)
        self.app._ticked()


@asynccontextmanager
async def seated(
    here: HubHere, size: tuple[int, int] = (80, 24), folder: Path | None = None, **more: Any
) -> AsyncIterator[Seat]:
    with tempfile.TemporaryDirectory(prefix="lx") as made:
        seat = Seat(here, folder or Path(made), **more)
        try:
            async with seat.app.run_test(size=size) as pilot:
                seat.pilot = pilot
                await seat.until(lambda: seat.app.reader.up, "the reader")
                yield seat
        finally:
            seat.reader.close()
