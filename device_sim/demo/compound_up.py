"""Starting everything: files, brokers, hub, points, people. Nothing is waited for in vain."""

import shutil
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from device_sim.compound.files import (
    HOST,
    Passwords,
    Ports,
    edge_file,
    write_lists,
    write_machine_files,
    write_secret,
)
from device_sim.compound.plan import PointPlan
from device_sim.compound.town import POINTS, Town
from device_sim.demo.children import Children, program, run_step
from device_sim.demo.trouble import DemoError
from device_sim.devices.mqtt_scales import Access
from device_sim.people.crew import Crew, Devices
from device_sim.people.terminal import Terminal
from device_sim.truth.log import TruthLog
from device_sim.truth.records import Unreadable

OFFLINE_POINT = "p05"
HUB, HUB_BROKER, POINT_BUS = "hub", "hub-broker", "point-bus"
ADMIN_LINE = "admin password:"
POINT_GAP_S = 0.3


def node_name(point: str) -> str:
    return f"edge-{point}"


@dataclass(frozen=True)
class Site:
    """Where a rehearsal lives."""

    folder: Path
    ports: Ports
    passwords: Passwords
    offset_s: int

    @property
    def hub_toml(self) -> Path:
        return self.folder / "hub.toml"

    @property
    def password_file(self) -> Path:
        return self.folder / "admin-password"

    @property
    def truth_file(self) -> Path:
        return self.folder / "truth.jsonl"

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.ports.http}"

    def store(self, broker: str) -> Path:
        return self.folder / "brokers" / broker


def write_files(site: Site, town: Town) -> None:
    write_machine_files(
        site.folder,
        site.ports,
        site.passwords,
        offset_s=site.offset_s,
        through_proxy=OFFLINE_POINT,
    )
    write_lists(site.folder, town)
    (site.folder / "brokers").mkdir()


def hub_command(site: Site, *words: str) -> list[str]:
    return [program("lianxin-hub"), *words, "--config", str(site.hub_toml)]


def start_programs(site: Site, children: Children, open_things: ExitStack) -> None:
    """The hub and all before it; the points follow while the hub is starting."""
    prepare_hub(site, children)
    children.start(HUB, hub_command(site, "serve"))
    stop = threading.Event()
    points = threading.Thread(target=_start_points, args=(site, children, stop), name="points")
    points.start()
    open_things.callback(points.join)
    open_things.callback(stop.set)


def prepare_hub(site: Site, children: Children) -> None:
    """Brokers, store, cards, import."""
    with ThreadPoolExecutor(max_workers=4) as pool:
        lists = [pool.submit(_tokenize, site, name) for name in ("cards", "people")]
        bus = pool.submit(_bus, site, children)
        broker = pool.submit(_hub_broker, site, children)
        for job in (*lists, bus):
            job.result()
        import_lists(site)
        broker.result()


def _start_points(site: Site, children: Children, stop: threading.Event) -> None:
    """One after the other: all at once they would keep the hub from starting."""
    for point in POINTS:
        if not stop.wait(POINT_GAP_S):
            children.start(*node_command(site, point))


def wipe_broker(site: Site) -> None:
    """Everything the hub's broker ever kept."""
    shutil.rmtree(site.store(HUB_BROKER), ignore_errors=True)


def start_crews(
    site: Site,
    town: Town,
    plan: dict[str, PointPlan],
    *,
    devices: dict[str, Devices],
    truth: TruthLog,
    open_things: ExitStack,
) -> dict[str, Crew]:
    """Terminals and people; the devices are there already."""
    crews = {}
    for point in POINTS:
        access = Access(HOST, site.ports.bus_mqtt, f"terminal-{point}", site.passwords.terminal)

        def bad(detail: str, point: str = point) -> None:
            truth.write(Unreadable(at_ms=truth.now_ms(), point=point, detail=detail[:300]))

        terminal = Terminal(point, access, bad)
        open_things.callback(terminal.close)
        crew = Crew(plan[point], town.volunteers[point], devices[point], terminal, truth)
        open_things.callback(crew.close)
        crew.start()
        crews[point] = crew
    for crew in crews.values():
        open_things.callback(crew.stop)
    return crews


def plug_in_devices(site: Site, seed: int, open_things: ExitStack) -> dict[str, Devices]:
    plugged = {}
    for point in POINTS:
        bus = Access(HOST, site.ports.bus_mqtt, f"devices-{point}", site.passwords.device)
        plugged[point] = devices = Devices(site.folder, point, seed, bus)
        open_things.callback(devices.close)
    return plugged


def node_command(site: Site, point: str) -> tuple[str, list[str]]:
    """Its name among the children, and how it is started."""
    config = str(edge_file(site.folder, point))
    return node_name(point), [program("lianxin-edge"), "run", "--config", config]


def _start_broker(site: Site, children: Children, name: str, config: str) -> None:
    path = site.folder / "brokers" / f"{name}.conf"
    write_secret(path, config)
    children.start(name, [program("nats-server"), "--config", str(path)])


def _hub_broker(site: Site, children: Children) -> None:
    ports = ("--mqtt-port", str(site.ports.hub_mqtt), "--client-port", str(site.ports.hub_client))
    store = ("--store", str(site.store(HUB_BROKER)))
    argv = hub_command(site, "broker-config", *ports, *store)
    _start_broker(site, children, HUB_BROKER, run_step("broker-config", argv, site.folder))


def _bus(site: Site, children: Children) -> None:
    secrets = {
        "LIANXIN_TERMINAL_PASSWORD": site.passwords.terminal,
        "LIANXIN_DEVICE_PASSWORD": site.passwords.device,
    }
    argv = [
        *(program("lianxin-edge"), "bus-config"),
        *("--mqtt-port", str(site.ports.bus_mqtt)),
        *("--client-port", str(site.ports.bus_client)),
        *("--store", str(site.store(POINT_BUS))),
        *(str(edge_file(site.folder, point)) for point in POINTS),
    ]
    _start_broker(site, children, POINT_BUS, run_step("bus-config", argv, site.folder, secrets))


def _tokenize(site: Site, name: str) -> None:
    argv: Sequence[str] = [
        *(program("lianxin-edge"), "tokenize"),
        *("--config", str(edge_file(site.folder, POINTS[0]))),
        str(site.folder / f"supplier-{name}.csv"),
    ]
    rows = run_step(f"tokenize {name}", argv, site.folder)
    write_secret(site.folder / f"{name}.csv", rows)


def import_lists(site: Site) -> None:
    """The lists into a new store, whose admin's password is told this once."""
    files = [
        word
        for name in ("households", "cards", "people", "contacts")
        for word in (f"--{name}", str(site.folder / f"{name}.csv"))
    ]
    said = run_step("hub import", hub_command(site, "import", *files), site.folder)
    for line in said.splitlines():
        if line.startswith(ADMIN_LINE):
            write_secret(site.password_file, line.removeprefix(ADMIN_LINE).strip() + "\n")
            return
    msg = f"hub import: no line {ADMIN_LINE!r} in its output; see lianxin-hub import --help"
    raise DemoError(msg)
