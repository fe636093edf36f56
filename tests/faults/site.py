"""One point and one hub as real processes over a real pty and two real brokers."""

import csv
import io
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

from tests.edge.test_rdm6300 import frame
from tests.programs import NATS, free_port, listens, until
from wire.codec import Fact, decode_fact

BIN = Path(sys.executable).parent
POINT = "p01"
SUPERVISOR_UID = "0000FFFF"
CARDS = 900


def uid_of(number: int) -> str:
    return f"{number:08X}"


class Site:
    """Writes the files, starts, kills and restarts the four programs by their process ids."""

    def __init__(self, folder: Path, tty: str) -> None:
        self.folder = folder
        self.ports = {name: free_port() for name in ("http", "hub", "hubc", "bus", "busc")}
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._write_files(tty)
        self._write_lists()
        self._import()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.ports['http']}"

    @property
    def outbox(self) -> Path:
        return self.folder / POINT / "outbox.db"

    @property
    def hub_db(self) -> Path:
        return self.folder / "hub" / "hub.db"

    def _write_files(self, tty: str) -> None:
        (self.folder / "key.hex").write_text("22" * 32)
        broker = '[{0}]\nport = {1}\nusername = "{2}"\npassword = "{3}"\n'
        (self.folder / "edge.toml").write_text(
            f'community = "lhyy"\npoint = "{POINT}"\nnode = "{POINT}"\ndata = "{POINT}"\n'
            'sync_source = "hub"\ncard_keys = { 1 = "key.hex" }\n'
            + broker.format("hub_broker", self.ports["hub"], POINT, "node-pw")
            + broker.format("point_bus", self.ports["bus"], f"edge-{POINT}", "edge-pw")
            + f'[[readers]]\nname = "reader-1"\nkind = "rdm6300"\nport = "{tty}"\n'
            '[[bins]]\nno = 1\ncategory = "kitchen"\nformat = "esphome"\ntopic = "b1/state"\n'
        )
        (self.folder / "hub.toml").write_text(
            f'community = "lhyy"\ndata = "hub"\nnodes = {{ {POINT} = "node-pw" }}\n'
            f"[http]\nport = {self.ports['http']}\n"
            + broker.format("broker", self.ports["hub"], "hub", "hub-pw")
        )
        (self.folder / "hub.toml").chmod(0o600)

    def _write_lists(self) -> None:
        def table(name: str, rows: list[dict[str, str]]) -> None:
            out = io.StringIO()
            writer = csv.DictWriter(out, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
            (self.folder / name).write_text(out.getvalue())

        doors = [{"building": "1", "unit": str(n // 100 + 1), "room": str(n % 100 + 1)}
                 for n in range(CARDS)]  # fmt: skip
        since = {"kind": "residence", "from_day": "2025-01-01"}
        table("households.csv", [door | since for door in doors])
        table(
            "supplier.csv",
            [{"technology": "em4100", "uid": uid_of(n + 1)} | door
             | {"serial": f"S{n:06d}", "from": "2025-01-01T00:00:00+08:00"}
             for n, door in enumerate(doors)],
        )  # fmt: skip
        table(
            "supplier-people.csv",
            [{"technology": "em4100", "uid": SUPERVISOR_UID, "person": "v01", "number": "1",
              "role": "volunteer", "pin": "", "building": "", "unit": "", "room": ""}],
        )  # fmt: skip

    def command(self, *words: str) -> str:
        done = subprocess.run(
            [BIN / words[0], *words[1:]],
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def _import(self) -> None:
        for name in ("supplier", "supplier-people"):
            rows = self.command("lianxin-edge", "tokenize", "-c", "edge.toml", f"{name}.csv")
            (self.folder / f"{name}.out").write_text(rows)
        said = self.command("lianxin-hub", "init", "--config", "hub.toml")
        self.admin_password = said.split("admin password:")[1].strip()
        self.command(
            "lianxin-hub", "import", "--config", "hub.toml", "--households", "households.csv",
            "--cards", "supplier.out", "--people", "supplier-people.out",
        )  # fmt: skip
        conf = self.command(
            "lianxin-hub", "broker-config", "--config", "hub.toml", "--mqtt-port",
            str(self.ports["hub"]), "--client-port", str(self.ports["hubc"]),
            "--store", str(self.folder / "hub-broker"),
        )  # fmt: skip
        (self.folder / "hub-broker.conf").write_text(conf)
        conf = self.command(
            "lianxin-edge", "bus-config", "edge.toml", "--mqtt-port", str(self.ports["bus"]),
            "--client-port", str(self.ports["busc"]), "--store", str(self.folder / "bus"),
            "--terminal-password", "t", "--device-password", "d",
        )  # fmt: skip
        (self.folder / "bus.conf").write_text(conf)

    def start(self, name: str, failpoint: str = "") -> None:
        argv: dict[str, list[object]] = {
            "broker": [NATS, "-c", "hub-broker.conf"],
            "bus": [NATS, "-c", "bus.conf"],
            "hub": [BIN / "lianxin-hub", "serve", "--config", "hub.toml"],
            "node": [BIN / "lianxin-edge", "run", "-c", "edge.toml"],
        }
        with (self.folder / f"{name}.log").open("ab") as log:
            self._processes[name] = subprocess.Popen(
                [str(word) for word in argv[name]], cwd=self.folder, stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, env={**os.environ, "LIANXIN_FAILPOINT": failpoint},
            )  # fmt: skip
        if name in ("broker", "bus"):
            port = self.ports["hub" if name == "broker" else "bus"]
            until(lambda: listens(port), f"{name} listens")

    def start_all(self) -> None:
        for name in ("broker", "bus", "hub", "node"):
            self.start(name)
        until(lambda: listens(self.ports["http"]), "the hub answers")

    def is_dead(self, name: str) -> bool:
        return self._processes[name].poll() is not None

    def kill(self, name: str, *, wipe: bool = False) -> None:
        self._processes[name].kill()
        self._processes[name].wait()
        if wipe:
            shutil.rmtree(self.folder / "hub-broker", ignore_errors=True)

    def died_by_kill(self, name: str) -> bool:
        return self._processes[name].wait(10) == -signal.SIGKILL

    def end(self) -> None:
        for process in self._processes.values():
            process.kill()
            process.wait()

    def doors(self) -> dict[str, str]:
        """Card token → door, as the office has them in its list."""
        with (self.folder / "supplier.out").open(newline="") as file:
            return {
                row["card"]: f"{row['building']}-{row['unit']}-{row['room']}"
                for row in csv.DictReader(file)
            }

    def recorded(self) -> list[Fact]:
        """Everything the node ever recorded."""
        lines = rows(self.outbox, "SELECT line FROM fact ORDER BY n")
        return [decode_fact(line) for (line,) in lines if isinstance(line, bytes)]

    def log(self, name: str) -> str:
        path = self.folder / f"{name}.log"
        return path.read_text(errors="replace") if path.exists() else ""


def rows(path: Path, sql: str) -> list[tuple[object, ...]]:
    """A look into a store from outside; the program may be running or dead."""
    if not path.exists():
        return []
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)
    try:
        return db.execute(sql).fetchall()
    except sqlite3.OperationalError:
        return []
    finally:
        db.close()


def waiting(site: Site) -> int:
    found = rows(site.outbox, "SELECT count(*) FROM fact WHERE acked_ms IS NULL")
    return int(str(found[0][0])) if found else 0


def acked(site: Site) -> int:
    found = rows(site.outbox, "SELECT count(*) FROM fact WHERE acked_ms IS NOT NULL")
    return int(str(found[0][0])) if found else 0


def card_frame(number: int) -> bytes:
    return frame(b"\x14" + bytes.fromhex(uid_of(number)))


def supervisor_frame() -> bytes:
    return frame(b"\x14" + bytes.fromhex(SUPERVISOR_UID))


def kind_of(line: bytes) -> str:
    return str(json.loads(line)["kind"])
