"""A thread that keeps one serial port open: a failed port is reopened and stops no other."""

import logging
import queue
import secrets
import termios
import threading
import traceback
from abc import ABC, abstractmethod
from pathlib import Path

import serial

from edge.events import Event, PortDown, PortUp, ThreadDied

FIRST_RETRY_S = 1.0
LONGEST_RETRY_S = 30.0

PORT_ERRORS = (serial.SerialException, OSError, termios.error, TypeError)
"""What pyserial raises: OSError from in_waiting of a hung-up pty, termios.error from a second open
with parity, TypeError from a close during a read."""

log = logging.getLogger(__name__)


class PortWorker(ABC):
    """Runs :meth:`pump` until it fails, waits, and runs it again."""

    def __init__(self, name: str, kind: str, events: "queue.Queue[Event]") -> None:
        self.name = name
        self.kind = kind
        self._events = events
        self._stop = threading.Event()
        self._retry_s = FIRST_RETRY_S
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Ask the thread to end; it does so within its read time-out."""
        self._stop.set()

    def join(self, timeout_s: float) -> None:
        """Wait for the thread."""
        self._thread.join(timeout_s)

    @abstractmethod
    def pump(self) -> None:
        """Open the port, call opened, put readings, return when asked to stop."""

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self.pump()
            except PORT_ERRORS as error:
                self._events.put(PortDown(self.name, str(error) or type(error).__name__))
            except Exception as error:  # noqa: BLE001 - logged without its message
                # A bug of ours in one port must not silence the others, nor itself for ever.
                # Its message is not told: it may quote the card number that it stumbled over.
                kind, where = type(error).__name__, traceback.extract_tb(error.__traceback__)
                log.error(  # noqa: TRY400
                    "%s: %s\n%s", self.name, kind, "".join(traceback.format_list(where))
                )
                last = f"{Path(where[-1].filename).name} line {where[-1].lineno}"
                self._events.put(ThreadDied(self.name, f"{kind} in {last}; please report it"))
            self._stop.wait(self._retry_s * (0.8 + secrets.randbelow(400) / 1000))
            self._retry_s = min(self._retry_s * 2, LONGEST_RETRY_S)

    def opened(self) -> None:
        """Say that the port is open; the next failure is tried again soon."""
        self._retry_s = FIRST_RETRY_S
        self._events.put(PortUp(self.name))
