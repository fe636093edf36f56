"""The terminal around the pages: one screen, one working thread, cards, the lock."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

from textual.events import Key, Paste, Resize
from textual.message import Message
from textual.widgets import Input, TextArea

from kiosk.common.discreet import DiscreetApp
from kiosk.common.hub import HubAwayError, HubError, HubPort
from kiosk.common.link import Link
from kiosk.common.page import Page
from kiosk.common.refusals import sentence
from kiosk.common.rows import Row, clean
from kiosk.common.settings import TerminalConfig
from kiosk.common.stage import Stage
from kiosk.common.styles import THEMES, Painter
from kiosk.common.taps import ReaderState, Tapped, taps_of
from kiosk.common.worker import Broken, Done, Failed, Job, Then, Worker
from kiosk.words import translator

TICK_S = 1.0
Clock = Callable[[], int]


def monotonic_ms() -> int:
    """Milliseconds that only go forward."""
    return time.monotonic_ns() // 1_000_000


def utc_ms() -> int:
    """The machine's clock."""
    return time.time_ns() // 1_000_000


class Told(Message):
    """Something from another thread."""

    def __init__(self, heard: Done | Broken | Tapped | ReaderState) -> None:
        super().__init__()
        self.heard = heard


class Terminal(DiscreetApp, inherit_bindings=False):
    """Subclasses give the pages and say what a card means where no page wants it."""

    CSS_PATH = Path(__file__).with_name("stage.tcss")
    ENABLE_COMMAND_PALETTE = False
    LOCK_MS: ClassVar[int]
    HUSHED: ClassVar[bool] = False
    """Whether pages stay open behind the lock, and so must not speak."""

    def __init__(
        self,
        config: TerminalConfig,
        *,
        dev: bool = False,
        clock_ms: Clock = monotonic_ms,
        wall_ms: Clock = utc_ms,
    ) -> None:
        super().__init__()
        self.t = translator(config.language)
        self.config = config
        self.wall_ms = wall_ms
        self.pages: list[Page] = []
        self.locked: Page | None = None
        self.reader = ReaderState(up=False)
        self._dev = dev
        self._clock_ms = clock_ms
        self._active_ms = clock_ms()
        self._link = Link()
        self._worker = Worker(HubPort(config.hub), self._tell)
        self._taps = taps_of(config, self._tell)
        self._stage = Stage(Painter(config.theme, {}), self._entered)

    def first_page(self) -> Page:
        raise NotImplementedError

    def lock_page(self) -> Page:
        raise NotImplementedError

    def top(self, width: int) -> list[Row]:
        """Two rows that stand on every page."""
        raise NotImplementedError

    def card(self, card: str) -> None:
        """A card that no page wanted."""
        raise NotImplementedError

    def tick(self) -> None:
        """Once a second."""

    def begun(self) -> None:
        """The screen stands."""

    def ended(self) -> None:
        """The screen goes."""

    @property
    def page(self) -> Page:
        """What is shown."""
        return self.locked or self.pages[-1]

    def on_mount(self) -> None:
        for theme in THEMES.values():
            self.register_theme(theme)
        self.theme = self.config.theme
        if self._dev:
            self._bindings.bind("ctrl+q", "quit", "quit", priority=True)
        self.pages = [self.first_page()]
        self.lock()
        self.push_screen(self._stage)
        self._worker.start()
        self._taps.start()
        self.set_interval(TICK_S, self._ticked)
        self.call_after_refresh(self.paint)
        self.begun()

    def on_unmount(self) -> None:
        self.ended()
        self._taps.stop()
        self._worker.stop()

    def ask(
        self, page: Page, job: Job, then: Then | None = None, failed: Failed | None = None
    ) -> None:
        self._link.asked(self._clock_ms())
        self._worker.ask(
            job,
            lambda value: self._answered(page, then, value),
            lambda error: self._failed(page, failed, error),
        )

    def link(self) -> tuple[str, str]:
        """How the hub stands, in the header, and the header's style."""
        return self._link.shown(self._clock_ms(), self.t)

    def say(self, text: str, *, bad: bool = False) -> None:
        self._stage.say(text, "away" if bad else "message")
        self.paint()

    def refused(self, error: HubError) -> None:
        self.say(sentence(error, self.t), bad=True)

    def open(self, page: Page) -> None:
        self._stage.say("")
        self.pages.append(page)
        page.opened()
        self.paint()

    def close(self, page: Page) -> None:
        if page in self.pages[1:]:
            del self.pages[self.pages.index(page) :]
            self._stage.say("")
            self.pages[-1].opened()
        self.paint()

    def home(self) -> None:
        del self.pages[1:]
        self._stage.say("")
        self.pages[0].opened()
        self.paint()

    def lock(self) -> None:
        if self.locked is None:
            self.locked = self.lock_page()
            self._stage.say("")
            self.paint()

    def unlock(self) -> None:
        """Shows again what was shown."""
        self.locked = None
        self._active_ms = self._clock_ms()
        self._stage.say("")
        self.page.opened()
        self.paint()

    def end(self) -> None:
        self.exit()

    def paint(self) -> None:
        if self._stage.is_mounted and self.pages:
            self._stage.paint(self.page, self.top(self._stage.size.width))

    def on_key(self, event: Key) -> None:
        self._active_ms = self._clock_ms()
        name = _name(event)
        if self.page.field() is not None and not self._stage.leaves(name):
            if event.is_printable or name == "enter":  # pressed before the field was there
                self._stage.pass_on(event)
            return  # what is left of it edits the field
        event.stop()
        event.prevent_default()
        self.page.press(name)
        self.paint()

    def on_paste(self, _event: Paste) -> None:
        self._active_ms = self._clock_ms()

    def on_input_changed(self, event: Input.Changed) -> None:
        self._typed(event.input)

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        self._typed(event.text_area)

    def _typed(self, widget: Input | TextArea) -> None:
        """What the widget holds now; a message of an earlier field must not reach this one."""
        self._active_ms = self._clock_ms()
        if self._stage.asks(self.page, widget):
            self.page.typed(self._stage.text())

    def _entered(self) -> None:
        """Enter in the field."""
        self._active_ms = self._clock_ms()
        field = self.page.field()
        if field is None:
            return
        text = clean(self._stage.text())
        if len(text) > field.limit:
            told = self.t("{count} characters, at most {limit}: shorten it")
            self.say(told.format(count=len(text), limit=field.limit), bad=True)
            return
        self.page.entered(text)
        self.paint()

    def on_resize(self, _event: Resize) -> None:
        self.call_after_refresh(self.paint)

    def on_told(self, message: Told) -> None:
        heard = message.heard
        if isinstance(heard, Broken):
            raise heard.error
        if isinstance(heard, Done):
            if heard.then is not None:
                heard.then(heard.value)
        elif isinstance(heard, ReaderState):
            self.reader = heard
        elif self.locked is None and self.page.wants_card():
            self.page.tapped(heard.card)
        else:
            self.card(heard.card)
        if isinstance(heard, Tapped):
            self._active_ms = self._clock_ms()
        self.paint()

    def _tell(self, heard: Done | Broken | Tapped | ReaderState) -> None:
        """Called by other threads."""
        self.post_message(Told(heard))

    def _answered(self, page: Page, then: Then | None, value: object) -> None:
        before = self.locked
        self._heard(online=True)
        if then is not None and (page is self.locked or page in self.pages):
            then(value)
        self._hush(page, before)

    def _failed(self, page: Page, failed: Failed | None, error: HubError) -> None:
        before = self.locked
        self._heard(online=not isinstance(error, HubAwayError))
        if page is not self.locked and page not in self.pages:
            return
        if failed is not None:
            failed(error)
        else:
            self.refused(error)
        self._hush(page, before)

    def _heard(self, *, online: bool) -> None:
        if self._link.heard(self._clock_ms(), online=online):
            self.say(self.t("The connection is back: go on where you were"))
            self.page.again()

    def _hush(self, page: Page, before: Page | None) -> None:
        """What a page behind the lock has to say may name somebody; why it locks is for all."""
        if self.HUSHED and before is not None and before is self.locked and page is not before:
            self._stage.say("")

    def _ticked(self) -> None:
        if self.locked is None and self._clock_ms() - self._active_ms >= self.LOCK_MS:
            self.lock()
        if self._link.look(self._clock_ms()):
            self.ask(self.pages[0], lambda port: port.get("/healthz"), failed=lambda _error: None)
        self.tick()
        self.paint()


def _name(event: Key) -> str:
    """One name for a key, whatever block of the keyboard it is on."""
    signs = {"plus": "+", "add": "+", "pagedown": "+", "minus": "-", "subtract": "-",
             "pageup": "-", "asterisk": "*", "multiply": "*", "slash": "/", "divide": "/",
             "full_stop": ".", "decimal": ".", "ctrl+j": "enter"}  # fmt: skip
    return signs.get(event.key, event.key)
