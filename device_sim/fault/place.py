"""A site that is broken on purpose: real programs over ptys and brokers, and a judge at the end."""

import shutil
import signal
import socket
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from device_sim.compound.files import HOST, Passwords, Ports, reader_link
from device_sim.compound.town import POINTS, grow
from device_sim.demo.children import Children
from device_sim.demo.compound_up import (
    HUB,
    HUB_BROKER,
    OFFLINE_POINT,
    POINT_BUS,
    Site,
    hub_command,
    node_command,
    node_name,
    prepare_hub,
    wipe_broker,
    write_files,
)
from device_sim.demo.link_proxy import LinkProxy
from device_sim.demo.trouble import DemoError
from device_sim.devices.mqtt_scales import Access
from device_sim.devices.pty_port import PtyPort
from device_sim.fault.crowd import Crowd
from device_sim.fault.small_disk import mounted
from device_sim.hub_client import HubClient, HubRefusedError
from device_sim.people.terminal import Terminal
from device_sim.truth.log import TruthLog
from device_sim.truth.records import Fault, Start

LOOK_S = 0.02
LONGEST_LOOK_S = 5.0
LAST_WORDS_S = 0.1
START_TIMEOUT_S = 120.0
QUIET_TIMEOUT_S = 180.0
CALM_S = 1.5
REWARD_FEN = 30
FIRST_POINT = POINTS.index(OFFLINE_POINT)


def free_ports() -> Ports:
    """Six ports that nobody listens on now."""
    with ExitStack() as held:
        probes = [held.enter_context(socket.create_server((HOST, 0))) for _ in range(6)]
        return Ports(*(int(probe.getsockname()[1]) for probe in probes))


class Place:
    """One hub, its broker, a point bus and some points; p05 behind a cable that can be cut."""

    def __init__(self, folder: Path, seed: int, points: int, *, offset_s: int = 0) -> None:
        self.site = Site(folder, free_ports(), Passwords(), offset_s)
        self.points = [POINTS[(FIRST_POINT + no) % len(POINTS)] for no in range(points)]
        self.kills: Counter[str] = Counter()
        self.in_flight: Counter[str] = Counter()
        self.done: list[str] = []
        """What was done to it, in words."""
        self.dead: set[str] = set()
        self.crowds: dict[str, Crowd] = {}
        self._open = ExitStack()
        self.api = HubClient(self.site.url, "")
        self._open.callback(self._log_out)
        self._town = grow(seed)
        self.truth = TruthLog(self.site.truth_file, offset_ms=offset_s * 1000)
        self._open.callback(self.truth.close)
        self.children = Children(folder)
        ports = self.site.ports
        self.link = LinkProxy((HOST, ports.proxy), (HOST, ports.hub_mqtt))
        self._open.callback(self.link.close)
        self.began_ms = self.truth.now_ms()
        start = {"at_ms": self.began_ms, "seed": seed, "points": tuple(self.points)}
        self.truth.write(Start.model_validate(start | {"reward_fen": REWARD_FEN}))

    def start(self, *, hub: bool = True, small_disk: str = "") -> None:
        """Everything up, crowds at work; without the hub there is no roster to check in by."""
        self._supervised = hub
        write_files(self.site, self._town)
        if small_disk:
            self._open.enter_context(mounted(self.site.folder / small_disk))
        self._open.callback(self.children.end, (HUB, HUB_BROKER, POINT_BUS))
        readers = {point: reader_link(self.site.folder, point) for point in self.points}
        prepare_hub(self.site, self.children)
        self.log_in()
        if hub:
            self.start_hub()
        for point in self.points:
            self.children.start(*node_command(self.site, point))
            self.add(point, self.crowd(point, readers[point], self.site.ports.bus_mqtt))
        self.wait_for_traffic(*self.points)

    def close(self) -> None:
        self._open.close()

    def _log_out(self) -> None:
        self.api.close()

    def log_in(self) -> None:
        """With the password of the store as it is now."""
        self._log_out()
        password = self.site.password_file.read_text(encoding="utf-8").strip()
        self.api = HubClient(self.site.url, password)

    def start_hub(self, failpoint: str = "") -> None:
        self.dead.discard(HUB)
        environment = {"LIANXIN_FAILPOINT": failpoint}
        self.children.start(HUB, hub_command(self.site, "serve"), environment)
        if not failpoint:
            self.wait("the hub answers", self.hub_answers)

    def hub_answers(self) -> bool:
        return self.api.ready()

    def ready(self) -> bool:
        """Whether the hub says that it can take facts."""
        return self.api.takes_facts()

    def held(self) -> int:
        """How many facts the hub says that it holds; -1 when it says nothing."""
        try:
            return sum(item["facts"] for item in self.api.pages("/points"))
        except HubRefusedError:
            return -1

    def linked(self) -> list[str]:
        """The points whose link is up, as their screens say."""
        seen = {point: crowd.screen for point, crowd in self.crowds.items()}
        return [point for point, screen in seen.items() if screen and screen.link.up]

    def pause_s(self, seconds: float) -> None:
        """The moment itself."""
        time.sleep(seconds)

    def kill(self, name: str, *, wipe: bool = False) -> None:
        """SIGKILL; what had no receipt at this moment is counted as in flight."""
        self._note(name, "killed")
        self.in_flight[kind_of(name)] += self.waiting(name)
        self.dead.add(name)
        self.children.kill(name)
        self.kills[kind_of(name)] += 1
        self._gone(name)
        if wipe:
            wipe_broker(self.site)

    def kill_at(self, name: str, failpoint: str) -> None:
        """Start a program that ends itself at a named place, and wait until it has."""
        self.stop(name)
        self.dead.add(name)
        self.children.again(name, {"LIANXIN_FAILPOINT": failpoint})
        self.wait(f"{name} dies at {failpoint}", lambda: self._ended(name))
        code = self.children.exit_code(name)
        if code != -signal.SIGKILL:
            msg = f"{name} ended with {code} at {failpoint}, expected SIGKILL; see its log"
            raise DemoError(msg)
        place = failpoint.partition(":")[0]
        self.kills[place] += 1
        self.in_flight[place] += max(1, self.waiting(name))  # a place is reached with a fact only
        self._gone(name)

    def stop(self, name: str) -> None:
        """Ended politely, as a technician does."""
        self.dead.add(name)
        self.children.stop(name)
        self._gone(name)

    def again(self, name: str) -> None:
        self._note(name, "restarted")
        self.children.again(name)
        self.dead.discard(name)

    def again_wiped(self) -> None:
        """A broker that does not start is started empty."""
        if self._ended(HUB_BROKER):
            wipe_broker(self.site)
            self.children.again(HUB_BROKER)

    def _ended(self, name: str) -> bool:
        return self.children.exit_code(name) is not None

    def _gone(self, name: str) -> None:
        time.sleep(LAST_WORDS_S)  # what it had said is still on its way
        for point, crowd in self.crowds.items():
            if name == node_name(point):
                crowd.down()

    def waiting(self, name: str = "") -> int:
        """At the point of this node, or at all points."""
        mine = [crowd for point, crowd in self.crowds.items() if name == node_name(point)]
        return sum(crowd.waiting for crowd in mine or self.crowds.values())

    def wait(
        self, what: str, true: Callable[[], object], timeout_s: float = START_TIMEOUT_S
    ) -> None:
        left_s, looked_s = timeout_s, time.monotonic()
        while not true():
            self.children.check(frozenset(self.dead))
            for crowd in self.crowds.values():
                if crowd.failed is not None:
                    raise DemoError(crowd.failed)
            now_s = time.monotonic()
            left_s -= min(now_s - looked_s, LONGEST_LOOK_S)  # a machine that was suspended
            looked_s = now_s
            if left_s < 0:
                logs = self.site.folder / "logs"
                msg = f"waited {timeout_s:.0f} s in vain until {what}; see {logs}"
                raise DemoError(msg)
            time.sleep(LOOK_S)

    def wait_for_traffic(self, *points: str, taps: int = 3) -> None:
        """Taps are answered again at these points."""
        before = {point: self.crowds[point].taken for point in points or self.points}
        for point, count in before.items():
            crowd = self.crowds[point]
            self.wait(
                f"{point} answers taps",
                lambda crowd=crowd, count=count: crowd.taken >= count + taps,  # type: ignore[misc]
            )

    def drain(self, *names: str) -> None:
        """Nobody taps (there), everything is judged, every fact has its receipt."""
        crowds = [self.crowds[name] for name in names or self.crowds]
        for crowd in crowds:
            crowd.pause()
        calm_s = time.monotonic()

        def calm() -> bool:
            nonlocal calm_s
            if not all(crowd.quiet for crowd in crowds):
                calm_s = time.monotonic()
            return time.monotonic() - calm_s > CALM_S

        self.wait("every fact has its receipt", calm, QUIET_TIMEOUT_S)

    def go_on(self) -> None:
        for crowd in self.crowds.values():
            crowd.go_on()

    def set_aside(self, path: Path) -> Path:
        """Away from where it was; it stays beside it."""
        aside = path.with_name(f"{path.name}.aside")
        shutil.rmtree(aside, ignore_errors=True)
        shutil.move(path, aside)
        return aside

    def _note(self, what: str, action: str) -> None:
        self.truth.write(
            Fault.model_validate({"at_ms": self.truth.now_ms(), "what": what, "action": action})
        )

    def crowd(self, point: str, reader: Path, bus_port: int) -> Crowd:
        """People of a point at a reader and a terminal."""
        port = self._open.enter_context(PtyPort(reader))
        access = Access(HOST, bus_port, f"terminal-{point}", self.site.passwords.terminal)
        terminal = Terminal(point, access, lambda detail: self.done.append(f"unreadable: {detail}"))
        doors = [home.door for home in self._town.homes]
        volunteer = self._town.volunteers[point]  # who judges nobody of the own home
        mine = set(doors[self.points.index(point) :: len(self.points)]) - {volunteer.home.door}
        cards = [card for card in self._town.cards if card.home.door in mine]
        return Crowd(port, terminal, self.truth, cards, volunteer)

    def add(self, name: str, crowd: Crowd, *, taps: bool = True) -> None:
        """They begin when their node shows a screen, or when they are told to go on."""
        self.crowds[name] = crowd
        crowd.supervised = self._supervised
        crowd.start(taps=taps)
        self._open.callback(crowd.close)


def kind_of(name: str) -> str:
    """What a program is, whichever point it serves."""
    return "node" if name.startswith(node_name("")) else name


def nodes(place: Place) -> list[str]:
    """The names of the nodes among the children."""
    return [node_name(point) for point in place.points]
