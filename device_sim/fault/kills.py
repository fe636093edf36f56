"""SIGKILL at named places and at random moments, with the whole route alive."""

import random
from collections.abc import Callable

from device_sim.demo.compound_up import HUB, HUB_BROKER, node_name
from device_sim.demo.trouble import DemoError
from device_sim.fault.place import Place, kind_of, nodes

NODE_PLACES = (
    "edge-before-commit", "edge-after-commit", "edge-before-publish", "edge-after-publish",
    "edge-before-acknowledge", "edge-after-acknowledge",
)  # fmt: skip
HUB_PLACES = ("hub-before-commit", "hub-after-commit", "hub-after-receipt")
DECK = ("node",) * 10 + (HUB,) + (HUB_BROKER,) * 9
LONGEST_PAUSE_S = 0.2


def at_named_places(place: Place, times: int, chance: random.Random) -> None:
    """Each program ends itself at each of its places, at another fact every time."""
    for _ in range(times):
        for name in NODE_PLACES:
            node = chance.choice(nodes(place))
            place.kill_at(node, f"{name}:{chance.randint(1, 6)}")
            place.again(node)
            place.wait_for_traffic(*(p for p in place.points if node_name(p) == node))
        for name in HUB_PLACES:
            place.kill_at(HUB, f"{name}:{chance.randint(1, 6)}")
            place.start_hub()
            place.wait_for_traffic()
    nothing_missed(place, (*NODE_PLACES, *HUB_PLACES))


def at_random(place: Place, count: int, chance: random.Random) -> None:
    """Whoever has come back to work since its last death is killed again; a broker is emptied."""
    working: dict[str, Callable[[], bool]] = {
        name: _at_work(place, name) for name in (*nodes(place), HUB, HUB_BROKER)
    }
    for _ in range(count):
        kind = chance.choice(DECK)
        names = [name for name in working if kind_of(name) == kind]
        place.wait(f"a {kind} is at work", lambda names=names: _ready(working, names))  # type: ignore[misc]
        place.pause_s(chance.uniform(0, LONGEST_PAUSE_S))
        name = chance.choice(_ready(working, names) or names)
        place.kill(name, wipe=name == HUB_BROKER)
        place.again(name)
        working[name] = _at_work(place, name)
    place.wait("the hub answers", place.hub_answers)
    nothing_missed(place, ("node", HUB, HUB_BROKER) if count > 60 else ("node",))


def _ready(working: dict[str, Callable[[], bool]], names: list[str]) -> list[str]:
    return [name for name in names if working[name]()]


def _at_work(place: Place, name: str) -> Callable[[], bool]:
    """Whether a program has done something since now: answered a tap, given a receipt, linked."""
    for point, crowd in place.crowds.items():
        if name == node_name(point):
            before = crowd.taken
            return lambda: crowd.taken > before + 1
    if name == HUB_BROKER:
        return lambda: any(place.linked())
    held = place.held()
    return lambda: place.held() > held


def nothing_missed(place: Place, kinds: tuple[str, ...]) -> None:
    """A kill with nothing in flight proves nothing."""
    idle = [kind for kind in kinds if not place.kills[kind] or not place.in_flight[kind]]
    if idle:
        msg = f"nothing was in flight at any kill of {', '.join(idle)}: no proof; try more kills"
        raise DemoError(msg)
