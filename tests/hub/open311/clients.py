"""The hub on a loopback port, and clients that others have written."""

import builtins
import itertools
import socket
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import uvicorn

from hub.app import create_app
from hub.web.deps import Hub
from tests.programs import until


@contextmanager
def running(hub: Hub) -> Iterator[str]:
    """Its address."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
        server = uvicorn.Server(
            uvicorn.Config(create_app(hub), log_level="warning", lifespan="off")
        )
        thread = threading.Thread(target=server.run, kwargs={"sockets": [sock]})
        thread.start()
        try:
            until(lambda: server.started, "the hub answers")
            yield f"http://127.0.0.1:{port}"
        finally:
            server.should_exit = True
            thread.join(20)


def old_three() -> Any:
    """``three`` of 2013: it asks for what Python 2 had."""
    itertools.ifilter = builtins.filter  # type: ignore[attr-defined]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return import_module("three")
    finally:
        del itertools.ifilter  # type: ignore[attr-defined]
