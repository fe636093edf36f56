"""SIGKILL at named places and at random moments, with the whole route alive."""

import random
import time
from collections.abc import Callable

from device_sim.demo.compound_up import HUB, HUB_BROKER, node_name
from device_sim.demo.trouble import DemoError
from device_sim.fault.place import Place, kind_of, nodes

NODE_PLACES = (
    "edge-before-commit", "edge-after-commit", "edge-before-publish", "edge-after-publish",
    "edge-before-acknowledge", "edge-after-acknowledge",
)  # fmt: skip
HUB_PLACES = ("hub-before-commit", "hub-after-commit", "hub-after-receipt")
DECK = ("node",) * 9 + (HUB,) + (HUB_BROKER,) * 10
LONGEST_PAUSE_S = 0.2
HUB_LOOK_S = 1.0


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
        place.wait("anybody is at work", lambda: _ready(working))
        place.pause_s(chance.uniform(0, LONGEST_PAUSE_S))
        name = _victim(_ready(working) or list(working), chance)
        place.kill(name, wipe=name == HUB_BROKER)
        place.again(name)
        working[name] = _at_work(place, name)
    place.wait("the hub answers", place.hub_answers)
    nothing_missed(place, ("node", HUB, HUB_BROKER) if count > 60 else ("node",))


def _ready(working: dict[str, Callable[[], bool]]) -> list[str]:
    return [name for name, at_work in working.items() if at_work()]


def _victim(ready: list[str], chance: random.Random) -> str:
    """Of those at work, by the deck; a hub is the dearest to start again."""
    kinds = {kind_of(name) for name in ready}
    kind = chance.choice([kind for kind in DECK if kind in kinds])
    return chance.choice([name for name in ready if kind_of(name) == kind])


def _at_work(place: Place, name: str) -> Callable[[], bool]:
    """Whether a program has done something since now: answered a tap, given a receipt, linked."""
    for point, crowd in place.crowds.items():
        if name == node_name(point):
            before = crowd.taken
            return lambda: crowd.taken > before + 3
    if name == HUB_BROKER:
        return _linked_again(place)
    return _receipts_again(place)


def _linked_again(place: Place) -> Callable[[], bool]:
    """The points have seen it go and come."""
    seen_gone = not place.kills[HUB_BROKER]

    def back() -> bool:
        nonlocal seen_gone
        linked = bool(place.linked())
        seen_gone = seen_gone or not linked
        return seen_gone and linked

    return back


def _receipts_again(place: Place) -> Callable[[], bool]:
    """Asked now and then: the hub has other things to do."""
    before, look_s = place.held(), time.monotonic()

    def more() -> bool:
        nonlocal look_s
        if time.monotonic() < look_s:
            return False
        look_s = time.monotonic() + HUB_LOOK_S
        return place.held() > before

    return more


def nothing_missed(place: Place, kinds: tuple[str, ...]) -> None:
    """A kill with nothing in flight proves nothing."""
    idle = [kind for kind in kinds if not place.kills[kind] or not place.in_flight[kind]]
    if idle:
        msg = f"nothing was in flight at any kill of {', '.join(idle)}: no proof; try more kills"
        raise DemoError(msg)
