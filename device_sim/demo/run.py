"""``lianxin-sim demo``: a morning of the whole compound, with its faults, settled and judged."""

import subprocess
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from device_sim.compound.files import HOST, Passwords, Ports
from device_sim.compound.plan import make_plan
from device_sim.compound.town import PIN_POINT, POINTS, grow
from device_sim.demo.children import Children
from device_sim.demo.compound_up import (
    HUB,
    HUB_BROKER,
    OFFLINE_POINT,
    POINT_BUS,
    Site,
    plug_in_devices,
    start_crews,
    start_programs,
    write_files,
)
from device_sim.demo.display import Display
from device_sim.demo.faults import Saboteur
from device_sim.demo.folder import check_ports, check_space, claim
from device_sim.demo.front_desk import FrontDesk, register
from device_sim.demo.link_proxy import LinkProxy
from device_sim.demo.office import Office
from device_sim.demo.trouble import DemoError
from device_sim.demo.watch import Watch
from device_sim.hub_client import HubClient
from device_sim.truth.log import TruthLog
from device_sim.truth.records import Start

HUB_TIMEOUT_S = 40.0
FIRST_TAP_TIMEOUT_S = 70.0
CATCH_UP_TIMEOUT_S = 90.0
PATIENCE_FACTOR = 4
REWARD_FEN = 30


@dataclass(frozen=True)
class Wishes:
    """What was asked for at the command line."""

    folder: Path
    ports: Ports
    seed: int
    offset_s: int
    once: bool
    traffic_s: float


def run_demo(wishes: Wishes) -> int:
    """The exit code of the judge; raises DemoError in one line for anything else."""
    with ExitStack() as open_things:
        open_things.enter_context(claim(wishes.folder))
        check_ports(wishes.ports)
        rehearsal = Rehearsal(wishes, open_things)
        try:
            rehearsal.start()
            rehearsal.traffic()
            rehearsal.settle()
            code = rehearsal.judge()
            if not wishes.once:
                rehearsal.stay()
        except (OSError, DemoError):
            # A full disk shows as anybody's failure; it is the better explanation.
            check_space(wishes.folder)
            raise
        return code


class Rehearsal:
    """The main thread: everything else runs beside it and is looked at from here."""

    def __init__(self, wishes: Wishes, open_things: ExitStack) -> None:
        self._wishes = wishes
        self._open = open_things
        self._site = Site(wishes.folder, wishes.ports, Passwords(), wishes.offset_s)
        self._town = grow(wishes.seed)
        self._plan = make_plan(self._town, traffic_s=wishes.traffic_s)
        self._display = Display()
        self._truth = TruthLog(self._site.truth_file, offset_ms=wishes.offset_s * 1000)
        open_things.callback(self._truth.close)
        self._children = Children(wishes.folder)
        self._link = LinkProxy((HOST, wishes.ports.proxy), (HOST, wishes.ports.hub_mqtt))
        open_things.callback(self._link.close)
        self._saboteur = Saboteur(
            self._site, self._children, self._link, self._truth, wishes.traffic_s
        )

    def start(self) -> None:
        """Everything up; the crews begin as soon as their point is ready."""
        wishes = self._wishes
        self._display.say(
            f"seed {wishes.seed}: {len(self._town.homes)} households, {len(POINTS)} points, "
            f"{sum(len(plan.visits) for plan in self._plan.values())} visits planned"
        )
        self._truth.write(
            Start(
                at_ms=self._truth.now_ms(),
                seed=wishes.seed,
                points=POINTS,
                reward_fen=REWARD_FEN,
            )
        )
        write_files(self._site, self._town)
        devices = plug_in_devices(self._site, wishes.seed, self._open)
        self._open.callback(self._children.end, (HUB, HUB_BROKER, POINT_BUS))
        start_programs(self._site, self._children, self._open)
        password = self._site.password_file.read_text(encoding="utf-8").strip()
        self._hub = HubClient(self._site.url, password)
        self._open.callback(self._hub.close)
        self._office = Office(self._hub, self._truth)
        crews = start_crews(
            self._site,
            self._town,
            self._plan,
            devices=devices,
            truth=self._truth,
            open_things=self._open,
        )
        self._watch = Watch(
            self._display,
            self._children,
            self._saboteur,
            crews,
            hub=self._hub,
            logs=self._site.folder / "logs",
        )
        self._watch.wait("the hub answers", self._hub.ready, HUB_TIMEOUT_S)
        self._display.say(f"the hub answers at {self._site.url}")
        register(self._hub, self._town.officers)

    def traffic(self) -> None:
        """Until every plan is finished and every online point has been heard out."""
        watch = self._watch
        watch.wait("the first tap is heard", lambda: watch.traffic_began, FIRST_TAP_TIMEOUT_S)
        began_s = time.monotonic()
        patience_s = PATIENCE_FACTOR * self._wishes.traffic_s + CATCH_UP_TIMEOUT_S
        while not (watch.all_done and self._saboteur.finished):
            watch.turn()
            if time.monotonic() - began_s > patience_s:
                logs = self._site.folder / "logs"
                msg = f"after {patience_s:.0f} s {watch.unfinished} have not finished; see {logs}"
                raise DemoError(msg)
            for words in self._saboteur.act(time.monotonic() - began_s):
                self._display.say(words)
        self._display.say("every visit is judged or left; the supervisors have handed over")
        online = [point for point in POINTS if point != OFFLINE_POINT]
        watch.wait_calm("the online points are heard out", online, CATCH_UP_TIMEOUT_S)

    def settle(self) -> None:
        """The day is settled, the offline point comes back, a supplement follows."""
        for words in self._office.settle():
            self._display.say(words)
        waiting = self._watch.waiting(OFFLINE_POINT)
        self._saboteur.restore_link()
        self._display.say(f"{OFFLINE_POINT} is online again with {waiting} facts waiting")
        self._watch.wait_calm(f"{OFFLINE_POINT} is heard out", POINTS, CATCH_UP_TIMEOUT_S)
        for words in [*self._office.settle(), self._office.decide_one()]:
            self._display.say(words)

    def judge(self) -> int:
        """The exit code of a process that believes the truth log and the API only."""
        argv = self._verify_command()
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
        self._children.check()
        self._display.plain((done.stdout + done.stderr).rstrip())
        return done.returncode

    def stay(self) -> None:
        """Everything stays up until Ctrl-C."""
        desk = FrontDesk(self._site, self._children)
        desk.open()
        self._open.callback(desk.close)
        self._display.plain(self._how_to_go_on(desk.files()))
        while True:
            self._children.check()
            desk.turn(1.0)

    def _verify_command(self) -> list[str]:
        return [
            *(sys.executable, "-m", "device_sim", "verify"),
            *("--truth", str(self._site.truth_file)),
            *("--hub", self._site.url),
            *("--password-file", str(self._site.password_file)),
        ]

    def _how_to_go_on(self, desks: dict[str, Path]) -> str:
        site = self._site
        token = (
            f"TOKEN=$(curl -s {site.url}/auth/token -d username=admin "
            f'-d password="$(cat {site.password_file})" | '
            f"{sys.executable} -c 'import json,sys; print(json.load(sys.stdin)[\"access_token\"])')"
        )
        kiosk = Path(sys.executable).parent / "lianxin-kiosk"
        tap = f"{Path(sys.executable).parent / 'lianxin-sim'} tap --folder {site.folder}"
        rewarded = next(v.door for v in self._plan[PIN_POINT].visits if v.value == "accepted")
        return "\n".join(
            [
                "",
                f"The API with its pages of description:  {site.url}/docs",
                f"The password of admin:                  {site.password_file}",
                "A supervisor's terminal:                "
                f"{kiosk} point --config {site.folder}/{PIN_POINT}.kiosk.toml",
                f"The joint front desk:                   {kiosk} desk --config {desks['desk']}",
                f"  its officers tap:                     {tap} desk o01; {tap} desk o02",
                f"The self-check machine:                 {kiosk} self --config {desks['self']}",
                f"  a household taps:                     {tap} self {rewarded}",
                f"A token:                                {token}",
                "What a point knows:                     "
                f'curl -s {site.url}/points -H "Authorization: Bearer $TOKEN"',
                f"Judge once more:                        {' '.join(self._verify_command())}",
                f"What everybody said:                    {site.folder / 'logs'}",
                "",
                "Everything stays up until Ctrl-C.",
            ]
        )
