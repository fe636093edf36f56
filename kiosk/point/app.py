"""The supervisor's terminal: keys and bus messages in, board, screen and commands out."""

import secrets
import time
from collections.abc import Callable

from textual.events import Key, Resize
from textual.message import Message

from kiosk import numlock
from kiosk.common.discreet import DiscreetApp
from kiosk.common.styles import THEMES, Painter
from kiosk.config import KioskConfig
from kiosk.feed import BusUp, Feed, Heard, Unreadable
from kiosk.point import waiting
from kiosk.point.board import Board, bus, show
from kiosk.point.dialogs.press import F_KEYS, lapse, open_dialog
from kiosk.point.keys import DECIDE_MS, key_of
from kiosk.point.press import press, settle
from kiosk.point.screen import AllScreen, DialogScreen, PointScreen, room_for
from kiosk.words import translator
from wire.point_bus import Reply, Screen

TICK_S = 0.25
Clock = Callable[[], int]


def monotonic_ms() -> int:
    """Milliseconds that only go forward."""
    return time.monotonic_ns() // 1_000_000


class Told(Message):
    """Something from the bus; of several screens in the queue only the newest is painted."""

    def __init__(self, heard: Heard) -> None:
        super().__init__()
        self.heard = heard

    def can_replace(self, message: Message) -> bool:
        return (
            isinstance(message, Told)
            and isinstance(message.heard, Screen)
            and isinstance(self.heard, Screen)
        )


class PointApp(DiscreetApp, inherit_bindings=False):
    """Owns the board; every decision is a pure function of it."""

    CSS_PATH = "screen.tcss"
    ENABLE_COMMAND_PALETTE = False

    def __init__(
        self, config: KioskConfig, *, dev: bool = False, clock_ms: Clock = monotonic_ms
    ) -> None:
        numlock.teach()
        super().__init__()
        self.board = Board(active_ms=clock_ms())
        self.unreadable = 0
        self._config = config
        self._dev = dev
        self._clock_ms = clock_ms
        self._t = translator(config.language)
        self._painter = Painter(config.theme, config.palette)
        self._feed = Feed(config, self._tell)
        self._title = config.title or config.point
        self._point = PointScreen(self._title, self._painter, self._t)
        self._all: AllScreen | None = None
        self._dialog: DialogScreen | None = None

    def on_mount(self) -> None:
        for theme in THEMES.values():
            self.register_theme(theme)
        self.theme = self._config.theme
        if self._dev:
            self._bindings.bind("ctrl+q", "quit", "quit", priority=True)
        self.push_screen(self._point)
        self._feed.start()
        self.set_interval(TICK_S, self._after)

    def on_unmount(self) -> None:
        self._feed.stop()

    def on_key(self, event: Key) -> None:
        key, now_ms = key_of(event.key), self._clock_ms()
        if event.key in F_KEYS:
            self.board = open_dialog(settle(self.board, now_ms), F_KEYS[event.key], now_ms)
        elif key is not None:
            room, command_id = room_for(*self.size), secrets.token_hex(16)
            self.board = press(self.board, key, now_ms, command_id, room_for=room)
        else:
            return
        event.stop()
        if self.board.held is not None:
            self.set_timer((DECIDE_MS + 5) / 1000, self._after)
        self._after()

    def on_resize(self, _event: Resize) -> None:
        self.call_after_refresh(self._after)

    def on_told(self, message: Told) -> None:
        heard, now_ms = message.heard, self._clock_ms()
        if isinstance(heard, Screen):
            self.board = show(self.board, heard, now_ms)
        elif isinstance(heard, Reply):
            self.board = waiting.answered(self.board, heard, now_ms)
        elif isinstance(heard, Unreadable):
            self.unreadable += 1
        else:
            self.board = bus(self.board, up=isinstance(heard, BusUp))
        self._after()

    def _tell(self, heard: Heard) -> None:
        """Called by the feed's thread."""
        self.post_message(Told(heard))

    def _after(self) -> None:
        """Publishes what is due and paints."""
        now_ms = self._clock_ms()
        self.board = lapse(settle(self.board, now_ms), now_ms)
        self.board, commands = waiting.due(self.board, now_ms)
        for command in commands:
            self._feed.send(command)
        if not self._point.is_mounted:
            return
        self._dim(now_ms)
        self._point.paint(self.board, now_ms, self.unreadable)
        self._open_and_close()
        if self._dialog is not None and self._dialog.is_mounted:
            self._dialog.paint(self.board, self._title, now_ms)

    def _open_and_close(self) -> None:
        """The page of a half-made decision stands as long as the board holds it."""
        if self.board.listed and self._all is None:
            self._all = AllScreen(self.board, self._painter, self._t)
            self.push_screen(self._all)
        elif not self.board.listed and self._all is not None:
            self._all = None
            self.pop_screen()
        if self.board.dialog and self._dialog is None:
            self._dialog = DialogScreen(self._painter, self._t)
            self.push_screen(self._dialog, None)
            self.call_after_refresh(self._after)
        elif not self.board.dialog and self._dialog is not None:
            self._dialog = None
            self.pop_screen()

    def _dim(self, now_ms: int) -> None:
        """Darker while nobody is there; no lock, and the next key counts."""
        idle = now_ms - self.board.active_ms >= self._config.dim_after_s * 1000
        theme = "dim" if idle and not self.board.visits else self._config.theme
        if theme != self.theme:
            self._painter.use(theme)
            self.theme = theme
