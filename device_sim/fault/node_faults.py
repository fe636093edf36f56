"""What may happen to a point's machine: its card, its store, its twin."""

import random
import shutil
from pathlib import Path

from device_sim.demo.compound_up import HUB, node_name
from device_sim.fault.place import Place
from device_sim.fault.small_disk import filled, read_only
from device_sim.fault.twin import add_twin

PAGE = 4096
OFFLINE_TAPS = 15


def _first(place: Place) -> tuple[str, str, Path]:
    """A point, its node and the folder of its outbox."""
    point = place.points[0]
    return point, node_name(point), place.site.folder / point


def restored_image(place: Place, offline_taps: int) -> None:
    """An older image is put back, and taps go on offline before the hub can say what it has."""
    point, node, data = _first(place)
    place.drain()
    place.stop(node)
    image = data.with_name(f"{point}.image")
    shutil.copytree(data, image)
    place.again(node)
    place.go_on()
    place.wait_for_traffic(point, taps=OFFLINE_TAPS)
    place.drain()
    place.stop(HUB)
    place.stop(node)
    place.set_aside(data)
    shutil.copytree(image, data)
    place.crowds[point].forget()
    place.again(node)
    place.go_on()
    place.wait_for_traffic(point, taps=offline_taps)
    place.start_hub()
    place.wait_for_traffic(point)
    place.done.append(f"{OFFLINE_TAPS} taps forgotten, {offline_taps} taken before the hub")


def reflashed(place: Place) -> None:
    """A new card without any store: the point goes on under a new epoch."""
    point, node, data = _first(place)
    place.drain()
    place.stop(node)
    place.set_aside(data)
    place.again(node)
    place.go_on()
    place.wait_for_traffic(point)
    place.done.append("1 card reflashed")


def swapped(place: Place) -> None:
    """A second machine takes over with facts unsent in the first, which comes back later."""
    point, node, data = _first(place)
    place.stop(HUB)
    place.wait_for_traffic(point, taps=OFFLINE_TAPS)
    place.crowds[point].pause()
    place.stop(node)
    waiting = place.waiting(node)
    first = place.set_aside(data)
    place.again(node)
    place.start_hub()
    place.go_on()
    place.wait_for_traffic(point)
    place.drain()
    place.stop(node)
    data.rename(data.with_name(f"{point}.second"))
    first.rename(data)
    place.again(node)
    place.go_on()
    place.wait_for_traffic(point)
    place.done.append(f"2 machines on one point, {waiting} facts came late with the first")


def cloned(place: Place) -> None:
    """Two live machines with one card: both record, both are quarantined, an officer lifts it."""
    point, node, data = _first(place)
    place.drain()
    place.stop(node)
    twin = add_twin(place, point, data)
    place.wait("the copy has greeted", lambda: twin in place.linked())
    place.again(node)
    place.wait("the first has greeted", lambda: point in place.linked())
    place.stop(HUB)
    place.start_hub()  # whom both greet once more
    place.go_on()
    place.wait("the hub sees two of them", lambda: _quarantined(place, point))
    place.wait_for_traffic(point, twin)
    for name in (point, twin):
        place.crowds[name].pause()
    place.stop(node_name(twin))
    both = place.waiting(node) + place.waiting(node_name(twin))
    _lift(place, point)
    place.drain(point)
    place.stop(node)
    place.again(node_name(twin))
    place.drain(twin)
    place.stop(node_name(twin))
    place.crowds.pop(twin)
    place.again(node)
    place.go_on()
    place.wait_for_traffic(point)
    place.done.append(f"2 live copies, quarantined and lifted with {both} facts waiting at both")


def _quarantined(place: Place, point: str) -> list[str]:
    epochs = place.api.pages(f"/points/{point}/epochs")
    return [epoch["epoch"] for epoch in epochs if epoch["state"] == "quarantined"]


def _lift(place: Place, point: str) -> None:
    for epoch in _quarantined(place, point):
        place.api.post(f"/points/{point}/epochs/{epoch}/lift", {})


def damaged(place: Place, how: str, chance: random.Random) -> None:
    """The outbox is spoilt while nothing waits in it; the point carries on by itself."""
    point, node, data = _first(place)
    place.drain()
    place.stop(node)
    _spoil(data / "outbox.db", how, chance)
    place.crowds[point].forget()
    place.again(node)
    place.go_on()
    place.wait_for_traffic(point, taps=6)
    place.done.append(f"1 outbox {how}")


def lost_log(place: Place) -> None:
    """A killed machine whose log did not survive; the hub has what stood in it."""
    point, node, data = _first(place)
    place.drain()
    place.kill(node)
    log = data / "outbox.db-wal"
    size = log.stat().st_size
    log.unlink()
    place.crowds[point].forget()
    place.again(node)
    place.go_on()
    place.wait_for_traffic(point, taps=6)
    place.done.append(f"a log of {size} bytes deleted")


def read_only_disk(place: Place) -> None:
    """A machine that starts on a disk it may not write refuses aloud, and recovers by itself."""
    point, node, data = _first(place)
    crowd = place.crowds[point]
    place.drain()
    place.stop(node)
    with read_only(data):
        place.again(node)
        place.go_on()
        place.wait("taps are refused", lambda: crowd.refused > 5)
    refused = crowd.refused
    place.wait_for_traffic(point)
    place.done.append(f"disk read-only, {refused} taps refused aloud")


def _spoil(path: Path, how: str, chance: random.Random) -> None:
    pages = path.stat().st_size // PAGE
    if how == "truncated":
        with path.open("r+b") as file:
            file.truncate((pages // 2) * PAGE + 100)
        return
    spoilt = range(pages) if how == "zeroed" else chance.sample(range(1, pages), max(1, pages // 4))
    with path.open("r+b") as file:
        for page in spoilt:
            file.seek(page * PAGE)
            file.write(bytes(PAGE) if how == "zeroed" else chance.randbytes(PAGE))


def full_disk(place: Place) -> None:
    """Taps are refused aloud while there is no space, and taken again by themselves."""
    point, _, data = _first(place)
    crowd = place.crowds[point]
    with filled(data):
        place.wait("taps are refused", lambda: crowd.refused > 5)
    refused = crowd.refused
    place.wait_for_traffic(point)
    place.done.append(f"disk full, {refused} taps refused aloud")
