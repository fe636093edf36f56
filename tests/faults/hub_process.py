"""A hub as a process of its own behind a real broker, for nodes that a test plays."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from hub.brokers.nats import nats_config
from hub.db import make_engine, table, write_session
from hub.visits.project import PROJECTIONS, rebuild
from tests.programs import NatsServer, answers, free_port, until

ROOT = Path(__file__).parents[2]
COMMUNITY = "lhyy"


class HubProcess:
    """Broker and hub; the store is looked at from outside."""

    def __init__(self, folder: Path, points: Iterable[str]) -> None:
        self.folder, self.points = folder, list(points)
        self.mqtt_port, self.http_port = free_port(), free_port()
        self._held = ExitStack()
        self._process: subprocess.Popen[bytes] | None = None
        nodes = ", ".join(f'{point} = "n"' for point in self.points)
        self.config = folder / "hub.toml"
        self.config.write_text(
            f'community = "{COMMUNITY}"\ndata = "hub"\nnodes = {{ {nodes} }}\n'
            f"[http]\nport = {self.http_port}\n"
            f'[broker]\nport = {self.mqtt_port}\npassword = "h"\n'
        )
        self.config.chmod(0o600)
        (folder / "nats.conf").write_text(
            nats_config(
                community=COMMUNITY, hub=("hub", "h"), nodes=dict.fromkeys(self.points, "n"),
                mqtt_port=self.mqtt_port, client_port=free_port(), store=folder / "nats",
            )
        )  # fmt: skip

    @property
    def store(self) -> Path:
        return self.folder / "hub" / "hub.db"

    @property
    def log(self) -> Path:
        return self.folder / "hub.log"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http_port}"

    def command(self, *words: str | Path) -> str:
        """Of lianxin-hub; its output."""
        done = subprocess.run(
            [sys.executable, "-m", "hub", *map(str, words), "--config", str(self.config)],
            cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    def start(self) -> None:
        """Until it answers."""
        self.launch()
        self.wait_ready()

    def launch(self) -> None:
        """It takes seconds to be ready."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "hub", "serve", "--config", str(self.config)],
                cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=os.environ,
            )  # fmt: skip

    def wait_ready(self) -> None:
        assert self._process is not None
        until(lambda: answers(self.http_port, "/readyz"), "the hub takes facts")
        Path(f"/proc/{self._process.pid}/clear_refs").write_text("5")  # the first password's hash

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def highest_rss_mb(self) -> float:
        """Of the running process since it took facts."""
        assert self._process is not None
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        return int(status.split("VmHWM:")[1].split()[0]) / 1024

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        db = sqlite3.connect(f"file:{self.store}?mode=ro", uri=True, timeout=10)
        try:
            return db.execute(sql, values).fetchall()
        finally:
            db.close()

    def held(self) -> int:
        """How many facts it has accepted."""
        return int(self.rows("SELECT coalesce(max(arrival), 0) FROM fact")[0][0])

    def rebuild(self) -> None:
        """As the command does, over the store of a hub that does not run."""
        engine = make_engine(f"sqlite:///{self.store}")
        with write_session(engine) as session:
            rebuild(session.connection(), COMMUNITY)
        engine.dispose()

    def projections(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every row of every projection, in the order of its key."""
        found = {}
        for model in PROJECTIONS:
            target = table(model)
            key = ", ".join(column.name for column in target.primary_key)
            found[target.name] = self.rows(f"SELECT * FROM {target.name} ORDER BY {key}")
        return found

    def __enter__(self) -> Self:
        broker = NatsServer(self.folder / "nats.conf", self.mqtt_port)
        self._held.enter_context(broker)
        self._held.callback(self.kill)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._held.close()
