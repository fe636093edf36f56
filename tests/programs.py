"""Real programs for tests: a NATS broker, a free port, waiting for a condition."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import pytest

NATS = Path(sys.executable).parent / "nats-server"
PATIENCE_S = float(os.environ.get("LIANXIN_PATIENCE_S", "120"))
"""A machine with too much to do makes a test slow, not red."""


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(condition: Callable[[], object], what: str, seconds: float = PATIENCE_S) -> None:
    """Wait for a condition; fails with its name."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.02)


def listens(port: int) -> bool:
    """Whether somebody accepts connections on a port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def answers(port: int, path: str) -> bool:
    """Whether a GET of this machine's port gets a 200 now.

    For waiting: a new client of httpx2 first reads every certificate, 50 ms of CPU each time.
    """
    asked = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        asked.request("GET", path)
        return asked.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        asked.close()


class NatsServer:
    """One server of the wheel with a given configuration; killed at the end of its block."""

    def __init__(self, config: Path, mqtt_port: int) -> None:
        self.config = config
        self.mqtt_port = mqtt_port
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.config.with_suffix(".log").open("ab") as log:
            self._process = subprocess.Popen(
                [NATS, "-c", self.config], stdout=log, stderr=log, stdin=subprocess.DEVNULL
            )
        until(lambda: listens(self.mqtt_port), f"nats-server on {self.mqtt_port}")

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def __enter__(self) -> "NatsServer":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()


def open_broker(folder: Path) -> NatsServer:
    """A broker without users, for whoever tests something else."""
    port = free_port()
    config = folder / "open.conf"
    config.write_text(
        f'server_name: "open"\nlisten: "127.0.0.1:{free_port()}"\n'
        f'jetstream {{ store_dir: "{folder / "open-store"}" }}\n'
        f'mqtt {{ listen: "127.0.0.1:{port}" }}\n'
    )
    return NatsServer(config, port)


def needs(program: str) -> str:
    """The path of a program of the machine; without it a visible skip, in CI a failure."""
    found = shutil.which(program)
    if found is None and os.environ.get("CI"):
        pytest.fail(f"{program} is missing and CI must not skip; see .ci/run")
    if found is None:
        pytest.skip(f"{program} is not installed")
    return found
