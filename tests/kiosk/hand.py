"""A terminal without a screen library: the pure board, a clock, and a point to talk to."""

from dataclasses import dataclass, field

from kiosk.point.board import Board, bus, show
from kiosk.point.keys import DECIDE_MS, Key
from kiosk.point.press import press, settle
from kiosk.point.waiting import answered, due
from tests.kiosk.scripted_point import ScriptedPoint


@dataclass
class Hand:
    point: ScriptedPoint = field(default_factory=ScriptedPoint)
    board: Board = field(default_factory=lambda: bus(Board(), up=True))
    now_ms: int = 1_000_000
    _pressed: int = 0

    def wait(self, ms: int) -> None:
        self.now_ms += ms
        self.point.now_ms += ms

    def look(self) -> None:
        """The point's present screen arrives."""
        self.board = show(self.board, self.point.screen(), self.now_ms)

    def press(self, *keys: Key, apart_ms: int = 300, room_for: int = 400) -> None:
        """Keys without the bus carrying anything."""
        for key in keys:
            self.wait(apart_ms)
            self._pressed += 1
            self.board = press(
                self.board, key, self.now_ms, f"{self._pressed:032x}", room_for=room_for
            )
            if apart_ms >= DECIDE_MS:
                self.wait(DECIDE_MS)
                self.board = settle(self.board, self.now_ms)

    def exchange(self) -> None:
        """What is due goes out; replies and then the new screen come back."""
        self.board, commands = due(self.board, self.now_ms)
        for command in commands:
            self.board = answered(self.board, self.point.answer(command), self.now_ms)
        self.look()

    def type(self, *keys: Key) -> None:
        """Keys at a person's pace, each carried to the point before the next."""
        for key in keys:
            self.press(key)
            self.exchange()

    def tap(self, *doors: str | None) -> None:
        for door in doors:
            self.point.tap(door)
            self.look()

    @property
    def at(self) -> str | None:
        """The door at ▶."""
        return self.board.target.door if self.board.target else None

    @property
    def said(self) -> str:
        return self.board.prompt.said


def hand_with(*doors: str | None, on_duty: bool = True) -> Hand:
    """The list seen for two seconds already."""
    hand = Hand()
    hand.point.on_duty = on_duty
    hand.look()
    hand.tap(*doors)
    hand.wait(2000)
    return hand
