"""Every scenario by its name: what is broken, at how many points, and how it is done."""

import random
from collections.abc import Callable
from dataclasses import dataclass

from device_sim.compound.town import POINTS
from device_sim.fault import hub_faults, kills, mischief, node_faults
from device_sim.fault.place import Place

CAMPAIGN_POINTS = 4
CAMPAIGN_KILLS = 250
"""In one campaign: a longer one has more visits than a morning."""
NAMED_PLACES = len(kills.NODE_PLACES) + len(kills.HUB_PLACES)
BEFORE_MIDNIGHT_S = 75


@dataclass(frozen=True)
class Wish:
    """What was asked for; ``kills`` are those of one random campaign."""

    kills: int
    chance: random.Random


@dataclass(frozen=True)
class Scenario:
    """One thing that goes wrong; ``small_disk`` is a folder of the site on a disk to be filled.

    ``red`` names the one-line fault of tests/sabotage/faults.toml that makes this go wrong.
    """

    words: str
    red: str
    act: Callable[[Place, Wish], None]
    points: int = 1
    hub: bool = True
    small_disk: str = ""
    to_midnight_s: int | None = None


def _named(place: Place, wish: Wish) -> None:
    kills.at_named_places(place, max(1, wish.kills // (25 * NAMED_PLACES)), wish.chance)


def _random(place: Place, wish: Wish) -> None:
    kills.at_random(place, wish.kills, wish.chance)


def _damage(how: str, red: str) -> Scenario:
    def act(place: Place, wish: Wish) -> None:
        node_faults.damaged(place, how, wish.chance)

    return Scenario(f"a point's outbox is {how}", red, act)


CATALOGUE: dict[str, Scenario] = {
    "kill-places": Scenario(
        "node and hub end by SIGKILL at named places", "receipt-before-commit", _named, points=2
    ),
    "kill-random": Scenario(
        "SIGKILL of nodes, hub and broker at random moments; the broker loses its store",
        "signal-before-commit",
        _random,
        points=CAMPAIGN_POINTS,
    ),
    "image-fewer": Scenario(
        "an older card image, fewer taps offline than it forgot",
        "chain-not-compared",
        lambda place, _: node_faults.restored_image(place, 4),
    ),
    "image-more": Scenario(
        "an older card image, more taps offline than it forgot",
        "every-row-believed-acknowledged-in-a-new-epoch",
        lambda place, _: node_faults.restored_image(place, 40),
    ),
    "reflash": Scenario(
        "a new card without a store",
        "a-new-outbox-has-the-old-epoch",
        lambda p, _: node_faults.reflashed(p),
    ),
    "swap": Scenario(
        "another machine on the point",
        "a-new-outbox-has-the-old-epoch",
        lambda p, _: node_faults.swapped(p),
    ),
    "clone": Scenario(
        "two live machines with one card",
        "a-quarantined-node-goes-on",
        lambda p, _: node_faults.cloned(p),
    ),
    "outbox-corrupt": _damage("corrupt", "a-row-is-not-checked-at-the-start"),
    "outbox-truncated": _damage("truncated", "a-short-file-is-given-to-sqlite"),
    "outbox-zeroed": _damage("zeroed", "the-damaged-file-thrown-away"),
    "outbox-lost-log": Scenario(
        "the write-ahead log of an outbox is gone",
        "an-older-image-is-not-declared",
        lambda place, _: node_faults.lost_log(place),
    ),
    "node-disk-full": Scenario(
        "no space at a point",
        "visits-begun-on-a-nearly-full-disk",
        lambda p, _: node_faults.full_disk(p),
        small_disk=POINTS[4],
    ),
    "node-disk-read-only": Scenario(
        "a point's disk becomes read-only",
        "a-full-disk-ends-the-daemon",
        lambda place, _: node_faults.read_only_disk(place),
        small_disk=POINTS[4],
    ),
    "hub-away": Scenario(
        "the hub is killed and stays away", "hub-not-greeted-again", lambda p, _: hub_faults.away(p)
    ),
    "hub-disk-full": Scenario(
        "no space at the hub",
        "a-full-hub-forgets-what-it-could-not-write",
        lambda p, _: hub_faults.full_disk(p),
        points=2,
        small_disk="hub",
    ),
    "hub-restored": Scenario(
        "yesterday's backup is put back",
        "a-new-hub-is-taken-for-the-old",
        lambda p, _: hub_faults.restored(p),
        points=2,
    ),
    "hub-lost": Scenario(
        "the hub's store is gone", "ninety-days-are-one", lambda p, _: hub_faults.lost(p), points=2
    ),
    "broker-corrupt": Scenario(
        "the broker's files are overwritten",
        "a-receipt-is-sent-to-nobody-after-a-broker-restart",
        lambda place, wish: hub_faults.corrupt_broker(place, wish.chance),
    ),
    "broker-rush": Scenario(
        "all points come back to an emptied broker at once",
        "a-receipt-is-sent-to-nobody-after-a-broker-restart",
        lambda place, _: hub_faults.everybody_again(place),
        points=len(POINTS),
    ),
    "mischief": Scenario(
        "batches and receipts are repeated, late, torn, forged",
        "other-bytes-under-a-known-key-accepted",
        lambda place, _: mischief.at_the_broker(place),
        points=2,
    ),
    "link-flaps": Scenario(
        "the cable goes and comes every second",
        "a-gap-is-skipped",
        lambda p, _: hub_faults.flapping(p, 30),
    ),
    "link-half-open": Scenario(
        "the connection stands and nothing arrives",
        "a-half-open-line-is-believed",
        lambda p, _: hub_faults.half_open(p),
    ),
    "link-slow": Scenario(
        "the line to the broker crawls",
        "small-answers-wait-for-an-ack",
        lambda place, _: hub_faults.slow_line(place),
    ),
    "midnight": Scenario(
        "the hub is away over midnight",
        "tomorrow-believed",
        lambda place, _: hub_faults.midnight(place),
        to_midnight_s=BEFORE_MIDNIGHT_S,
    ),
    "dated-late": Scenario(
        "a first boot without clock, roster or hub",
        "clock-trusted-without-a-source",
        lambda place, _: hub_faults.dated_late(place),
        hub=False,
    ),
}


def campaign(total_kills: int) -> list[tuple[str, int]]:
    """Every scenario, and the random campaign again until there are kills enough."""
    rounds = [(name, CAMPAIGN_KILLS) for name in CATALOGUE]
    once = sum(kills for name, kills in rounds if name == "kill-random")
    more = -(-(total_kills - once) // CAMPAIGN_KILLS)
    return rounds + [("kill-random", CAMPAIGN_KILLS)] * more
