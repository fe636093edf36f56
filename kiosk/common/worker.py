"""The one thread of a terminal that waits: for the hub, for a file, for a printer."""

import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from kiosk.common.hub import HubAwayError, HubError, HubPort

Job = Callable[[HubPort], Any]
Then = Callable[[Any], None]
Failed = Callable[[HubError], None]


@dataclass(frozen=True)
class Done:
    """A job's end: what to call on the screen's side, and with what."""

    then: Callable[[Any], None] | None
    value: Any


@dataclass(frozen=True)
class Broken:
    """The thread ends by a mistake in the program."""

    error: BaseException


class Worker:
    """Does jobs one after the other; ``tell`` is called from its thread and must only put."""

    def __init__(self, port: HubPort, tell: Callable[[Done | Broken], object]) -> None:
        self._port = port
        self._tell = tell
        self._jobs: queue.SimpleQueue[tuple[Job, Then | None, Failed | None] | None] = (
            queue.SimpleQueue()
        )
        self._thread = threading.Thread(target=self._run, name="worker", daemon=True)

    def start(self) -> None:
        """Begins with what was asked so far."""
        self._thread.start()

    def stop(self, timeout_s: float = 2.0) -> None:
        """Finishes what was asked, so that the last draft is on the disk; then ends."""
        self._jobs.put(None)
        self._thread.join(timeout_s)
        self._port.close()

    def ask(self, job: Job, then: Then | None = None, failed: Failed | None = None) -> None:
        """Queues a job; one of the two is called later with what came of it."""
        self._jobs.put((job, then, failed))

    def _run(self) -> None:
        try:
            while (asked := self._jobs.get()) is not None:
                job, then, failed = asked
                try:
                    done = Done(then, job(self._port))
                except HubError as error:
                    done = Done(failed, error)
                except ValidationError as error:
                    told = HubAwayError(f"an answer of another form: {error.title}")
                    done = Done(failed, told)
                self._tell(done)
                if isinstance(done.value, HubAwayError):
                    self._give_up(done.value)
        except BaseException as error:
            self._tell(Broken(error))
            raise

    def _give_up(self, error: HubAwayError) -> None:
        """What was asked meanwhile is answered alike: each would wait as long for nothing."""
        for _ in range(self._jobs.qsize()):
            asked = self._jobs.get()
            if asked is None:
                self._jobs.put(None)
                return
            self._tell(Done(asked[2], error))
