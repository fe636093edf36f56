"""Cards that were tapped: from the reader's socket, or passed on by the hub to a named desk."""

import json
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from kiosk.common.hub import HubError, HubPort
from kiosk.common.settings import HubConfig, TerminalConfig
from wire.base import CardToken

AGAIN_S = 1.0
"""Pause before a reader or a hub that went away is tried again."""
HUB_WAIT_S = 2
"""Short: a question of a window that was closed takes the next tap with it until it ends."""
MAX_LINE = 4096
_token = TypeAdapter(CardToken)


@dataclass(frozen=True, repr=False)
class Tapped:
    """A card; it never stands in a log, so it has no readable form."""

    card: str


@dataclass(frozen=True)
class ReaderState:
    """Whether cards can be read now, and why not."""

    up: bool
    why: str = ""


Heard = Tapped | ReaderState
Tell = Callable[[Heard], object]


class Taps:
    """A thread that tells; ``stop`` does not wait for it, it holds nothing."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._stopping = threading.Event()
        self._up: bool | None = None

    def start(self) -> None:
        """Begins, and tries for ever."""
        threading.Thread(target=self._run, name="taps", daemon=True).start()

    def stop(self) -> None:
        """Nothing is told any more."""
        self._stopping.set()

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._state(ReaderState(up=False, why=self._listen()))
            self._stopping.wait(AGAIN_S)

    def _listen(self) -> str:
        """Until it breaks; returns why."""
        raise NotImplementedError

    def _state(self, state: ReaderState) -> None:
        if self._up is not state.up and not self._stopping.is_set():
            self._up = state.up
            self._tell(state)

    def _tapped(self, card: object) -> None:
        try:
            known = _token.validate_python(card)
        except ValidationError:
            return
        if not self._stopping.is_set():
            self._tell(Tapped(known))


class SocketTaps(Taps):
    """Lines of `lianxin-edge reader`."""

    def __init__(self, path: Path, tell: Tell) -> None:
        super().__init__(tell)
        self._path = path

    def _listen(self) -> str:
        try:
            with socket.socket(socket.AF_UNIX) as line:
                line.settimeout(0.5)
                line.connect(str(self._path))
                self._state(ReaderState(up=True))
                return self._read(line)
        except OSError as error:
            return f"{self._path}: {error}"

    def _read(self, line: socket.socket) -> str:
        held = b""
        while not self._stopping.is_set():
            try:
                came = line.recv(MAX_LINE)
            except TimeoutError:
                continue
            if not came:
                break
            *whole, held = (held + came)[-MAX_LINE:].split(b"\n")
            for text in whole:
                self._heard(text)
        return f"{self._path}: the reader's program ended"

    def _heard(self, text: bytes) -> None:
        try:
            said = json.loads(text)
        except ValueError:
            return
        self._tapped(said.get("card") if isinstance(said, dict) else None)


class HubTaps(Taps):
    """What the hub keeps for this desk; each tap comes once."""

    def __init__(self, desk: str, config: HubConfig, tell: Tell) -> None:
        super().__init__(tell)
        self._path = f"/desks/{desk}/taps"
        self._port = HubPort(config)

    def stop(self) -> None:
        super().stop()
        self._port.close()

    def _listen(self) -> str:
        try:
            while not self._stopping.is_set():
                # The first question is short: whether the hub is there shows at once.
                wait_s = HUB_WAIT_S if self._up else 0
                said = self._port.get(self._path, wait_s=wait_s).body
                self._state(ReaderState(up=True))
                if isinstance(said, dict) and said.get("card") is not None:
                    self._tapped(said["card"])
        except HubError as error:
            return str(error)
        return ""


def taps_of(config: TerminalConfig, tell: Tell) -> Taps:
    """As the file says."""
    if config.taps == "hub":
        return HubTaps(config.desk, config.hub, tell)
    return SocketTaps(Path(config.taps), tell)
