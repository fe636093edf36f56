"""What goes wrong during a rehearsal, and when; each is written down before it happens."""

from collections.abc import Callable
from dataclasses import dataclass

from device_sim.demo.children import Children
from device_sim.demo.compound_up import (
    HUB,
    HUB_BROKER,
    OFFLINE_POINT,
    Site,
    node_name,
    wipe_broker,
)
from device_sim.demo.link_proxy import LinkProxy
from device_sim.truth.log import TruthLog
from device_sim.truth.records import Fault

KILLED_NODE = "p03"


@dataclass(frozen=True)
class Step:
    """One thing to do, so long after the traffic began."""

    at_s: float
    words: str
    act: Callable[[], None]


class Saboteur:
    """Kills and cuts on schedule, and knows who is dead on purpose."""

    def __init__(
        self, site: Site, children: Children, link: LinkProxy, truth: TruthLog, traffic_s: float
    ) -> None:
        self._site = site
        self._children = children
        self._link = link
        self._truth = truth
        self.dead: set[str] = set()
        self._steps = self._schedule(traffic_s / 40)

    @property
    def finished(self) -> bool:
        return not self._steps

    def act(self, elapsed_s: float) -> list[str]:
        """Do what is due; what to tell the onlooker."""
        said = []
        while self._steps and self._steps[0].at_s <= elapsed_s:
            step = self._steps.pop(0)
            step.act()
            said.append(step.words)
        return said

    def restore_link(self) -> None:
        self._note(f"link of {OFFLINE_POINT}", "restored")
        self._link.restore()

    def _schedule(self, pace: float) -> list[Step]:
        node = node_name(KILLED_NODE)
        steps = [
            (9, f"the link of {OFFLINE_POINT} is cut; its residents notice nothing", self._cut),
            (12, "the hub is killed (SIGKILL)", lambda: self._kill(HUB)),
            (14.5, "the hub is started again", lambda: self._again(HUB)),
            (19, f"the node of {KILLED_NODE} is killed", lambda: self._kill(node)),
            (21, f"the node of {KILLED_NODE} is started again", lambda: self._again(node)),
            (27, "the hub's broker is killed and everything it stored is wiped", self._wipe),
            (29, "the hub's broker is started again, empty", lambda: self._again(HUB_BROKER)),
        ]
        return [Step(at_s * pace, words, act) for at_s, words, act in steps]

    def _cut(self) -> None:
        self._note(f"link of {OFFLINE_POINT}", "cut")
        self._link.cut()

    def _kill(self, name: str) -> None:
        self._note(name, "killed")
        self.dead.add(name)
        self._children.kill(name)

    def _wipe(self) -> None:
        self._kill(HUB_BROKER)
        self._note(HUB_BROKER, "wiped")
        wipe_broker(self._site)

    def _again(self, name: str) -> None:
        self._note(name, "restarted")
        self._children.again(name)
        self.dead.discard(name)

    def _note(self, what: str, action: str) -> None:
        self._truth.write(
            Fault.model_validate({"at_ms": self._truth.now_ms(), "what": what, "action": action})
        )
