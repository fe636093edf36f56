"""The running hub: intake, publisher and nightly settlement beside the HTTP application."""

import ctypes
import fcntl
import gc
import logging
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType

import uvicorn
from sqlalchemy import Engine

from hub.app import create_app
from hub.clock import hub_clock
from hub.config import HttpConfig, HubConfig
from hub.intake.transport import Transport
from hub.intake.unit import Site
from hub.intake.worker import Intake
from hub.matters.clockwork import start_clocks
from hub.registry.publisher import Publisher
from hub.rewards.nightly import start_nightly
from hub.store import StartError, open_store, prepare, read_secret
from hub.web.deps import Hub

log = logging.getLogger(__name__)
_M_ARENA_MAX = -8  # of malloc.h


@contextmanager
def only_one(data: Path) -> Iterator[None]:
    """Held while a hub serves this folder; the kernel frees it when the process dies."""
    data.mkdir(parents=True, exist_ok=True)
    with (data / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            msg = f"{data}: another lianxin-hub serves this folder; stop it first"
            raise StartError(msg) from None
        yield


def listen(config: HttpConfig) -> socket.socket:
    """The listening socket of the API."""
    try:
        sock = socket.create_server((config.host, config.port), backlog=256)
    except (OSError, OverflowError) as error:
        msg = (
            f"[http] {config.host}:{config.port}: cannot listen: {error}; "
            "free the port or change [http] port"
        )
        raise StartError(msg) from None
    # Accepted sockets inherit it; without it an answer on a kept connection waits 40 ms.
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


def serve(config: HubConfig, say: Callable[[str], None]) -> int:
    """Serve until SIGTERM or SIGINT; 1 when a worker died."""
    _share_a_heap()
    now_ms = hub_clock(config.rehearsal_offset_s)
    with ExitStack() as stack:
        stack.enter_context(only_one(config.data))
        sock = stack.enter_context(listen(config.http))
        engine = open_store(config)
        stack.callback(engine.dispose)
        password = prepare(engine, config, now_ms())
        if password is not None:
            say(f"admin password: {password}")
        hub = Hub(engine, config.community, now_ms, read_secret(config.data))
        server = uvicorn.Server(
            uvicorn.Config(
                create_app(hub), log_config=None, access_log=False, lifespan="off", ws="none",
                proxy_headers=False, timeout_graceful_shutdown=5,
            )
        )  # fmt: skip
        died = stack.enter_context(_deadly(server))
        _start_workers(stack, config, hub, engine)
        host, port = sock.getsockname()[:2]
        _collect_seldom()
        say(f"lianxin-hub: {config.community} at http://{host}:{port}")
        with _signals_end_quietly():
            server.run(sockets=[sock])
    return 1 if died.is_set() else 0


def _share_a_heap() -> None:
    """The GNU C library gives each thread a heap of its own, which it hardly uses: 1 MB here."""
    adjust = getattr(ctypes.CDLL(None), "mallopt", None)
    if adjust is not None:
        adjust(_M_ARENA_MAX, 1)


def _collect_seldom() -> None:
    """A fifth of a backlog's time went into looking through rows and modules for cycles."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(2_000, 10, 5)


def _start_workers(stack: ExitStack, config: HubConfig, hub: Hub, engine: Engine) -> None:
    site = Site(config.community, frozenset(config.nodes), hub.now_ms)
    transport = Transport(config.broker, config.community, hub.now_ms, hub.health)
    intake = Intake(engine, site, transport, hub.health)
    publisher = Publisher(engine, site, transport)
    transport.on_up = publisher.connected
    intake.on_roster_held = publisher.roster_held
    stack.callback(start_nightly(hub))
    stack.callback(start_clocks(hub))
    for worker in (publisher, intake):
        worker.start()
        stack.callback(worker.stop)
    transport.start()
    stack.callback(transport.stop)


@contextmanager
def _deadly(server: uvicorn.Server) -> Iterator[threading.Event]:
    """A worker that dies takes the process with it: a hub that seems to run is worse than none."""
    died = threading.Event()
    before = threading.excepthook

    def hook(dead: threading.ExceptHookArgs) -> None:
        name = dead.thread.name if dead.thread else "?"
        log.critical(
            "thread=%s event=died why=%s: %s", name, dead.exc_type.__name__, dead.exc_value
        )
        died.set()
        server.should_exit = True

    threading.excepthook = hook
    try:
        yield died
    finally:
        threading.excepthook = before


@contextmanager
def _signals_end_quietly() -> Iterator[None]:
    """Uvicorn raises the signal that ended it once more, which would cut the clean-up short."""

    def nothing(_number: int, _frame: FrameType | None) -> None: ...

    before = {number: signal.signal(number, nothing) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
