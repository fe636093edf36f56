"""Real brokers with the configuration that the hub's own commands write."""

import getpass
import shutil
import subprocess
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from typer.testing import CliRunner

import hub.config
from hub.brokers.certs import Authority, Files
from hub.cli import app
from tests.programs import NATS, free_port, listens, needs, until
from wire.broker import BrokerConfig

HOST = "127.0.0.1"
COMMUNITY = "lhyy"
NODES = ("p01", "p02", "p03")
Kind = Literal["nats", "mosquitto"]


def command(*words: object) -> str:
    """One command of lianxin-hub, in this process."""
    done = CliRunner().invoke(app, [str(word) for word in words])
    assert done.exit_code == 0, f"{words}: {done.output}"
    return done.stdout


class Certs:
    """Three authorities: the hub's, somebody else's, and the hub's a quarter of a century ago."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.config = folder / "hub.toml"
        clients = "hub-data/certs/clients"
        self.config.write_text(
            f'community = "{COMMUNITY}"\ndata = "hub-data"\nnodes = {list(NODES)}\n[broker]\n'
            f'port = {self.port}\nca = "hub-data/certs/ca.crt"\n'
            f'cert = "{clients}/hub.crt"\nkey = "{clients}/hub.key"\n'
        )
        self.ours = Authority(folder / "hub-data" / "certs")
        command("certs", "issue", "--config", self.config, "--host", HOST)
        now = datetime.now(UTC)
        self.foreign = Authority(folder / "foreign")
        self.foreign.issue(["hub", *NODES], [HOST], now)

    def expired(self, name: str) -> Files:
        """A certificate of ours that ended yesterday."""
        copy = self.folder / "expired"
        if not copy.exists():
            shutil.copytree(self.ours.folder, copy)
        old = Authority(copy)
        old.client(name).cert.unlink(missing_ok=True)
        long_ago = datetime.now(UTC) - timedelta(days=91)
        old.issue([name], [], long_ago, life=timedelta(days=0))
        return old.client(name)


class Broker:
    """A broker that asks for certificates; it may be killed, wiped and started again."""

    def __init__(self, kind: Kind, certs: Certs, folder: Path) -> None:
        self.kind, self.certs, self.folder = kind, certs, folder
        self.port = certs.port
        self.log = folder / f"{kind}.log"
        self._client_port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self.configure()

    def configure(self) -> None:
        """Write its configuration and whatever belongs to it."""
        words: list[object] = ["--store", self.folder / "store", "--mqtt-port", self.port]
        if self.kind == "nats":
            words += ["--client-port", self._client_port]
        else:
            words += ["--kind", "mosquitto", "--run-as", getpass.getuser()]
        self.conf.write_text(command("broker-config", "--config", self.certs.config, *words))

    @property
    def conf(self) -> Path:
        return self.folder / "broker.conf"

    def start(self) -> None:
        program = str(NATS) if self.kind == "nats" else needs("mosquitto")
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [program, "-c", self.conf], stdout=log, stderr=log, stdin=subprocess.DEVNULL
            )
        until(lambda: listens(self.port), f"{self.kind} on {self.port}: {self.log.read_text()}")

    def kill(self, *, wipe: bool = False) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
        if wipe and self.kind == "nats":
            shutil.rmtree(self.folder / "store", ignore_errors=True)

    def hub_config(self, files: Files | None = None) -> hub.config.HubBroker:
        files = files or self.certs.ours.client("hub")
        return hub.config.HubBroker(
            host=HOST, port=self.port, ca=self.certs.ours.ca, cert=files.cert, key=files.key
        )

    def edge_config(
        self, name: str, files: Files | None = None, *, port: int | None = None
    ) -> BrokerConfig:
        files = files or self.certs.ours.client(name)
        return BrokerConfig(
            host=HOST, port=port or self.port, username=name, ca=self.certs.ours.ca,
            cert=files.cert, key=files.key,
        )  # fmt: skip


def running(stack: ExitStack, kind: Kind, folder: Path) -> Broker:
    """A broker with fresh certificates; killed with the stack."""
    if kind == "mosquitto":
        needs("mosquitto")
    broker = Broker(kind, Certs(folder), folder)
    broker.start()
    stack.callback(broker.kill)
    return broker
