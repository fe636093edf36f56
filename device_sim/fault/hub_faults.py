"""What may happen to the hub, to its broker and to the way there."""

import random
from pathlib import Path

from device_sim.demo.children import run_step
from device_sim.demo.compound_up import HUB, HUB_BROKER, hub_command, import_lists
from device_sim.fault.place import Place
from device_sim.fault.small_disk import filled
from wire.day import business_day

AWAY_TAPS = 25
FLAP_S = 0.5
SLOW_BYTES_S = 4000
HELD_BACK = 20
"""Facts without a receipt that show that receipts have stopped."""


def _store(place: Place) -> Path:
    return place.site.folder / "hub"


def away(place: Place) -> None:
    """No hub for a while: taps go on, the screens count."""
    place.kill(HUB)
    place.wait_for_traffic(taps=AWAY_TAPS)
    waiting = place.waiting()
    place.start_hub()
    place.done.append(f"hub away for {waiting} facts")


def restored(place: Place) -> None:
    """Yesterday's backup is put back: what came since comes again from the points."""
    backup = place.site.folder / "yesterday.db"
    run_step("backup", [*hub_command(place.site, "backup"), str(backup)], place.site.folder)
    before = place.held()
    place.wait_for_traffic(taps=AWAY_TAPS)
    place.drain()
    lost = place.held() - before
    place.stop(HUB)
    run_step("restore", [*hub_command(place.site, "restore"), str(backup)], place.site.folder)
    place.start_hub()
    place.go_on()
    place.wait_for_traffic()
    place.done.append(f"backup put back, {lost} facts sent again")


def lost(place: Place) -> None:
    """The hub's machine is gone: a new store, the lists imported again, facts from the points."""
    place.drain()
    held = place.held()
    place.kill(HUB)
    place.set_aside(_store(place))
    import_lists(place.site)
    place.log_in()
    place.start_hub()
    place.go_on()
    place.wait_for_traffic()
    place.done.append(f"store lost, {held} facts sent again")


def full_disk(place: Place) -> None:
    """No receipt while nothing can be written; the hub says so and goes on by itself."""
    with filled(_store(place)):
        place.wait("receipts have stopped", lambda: place.waiting() > HELD_BACK)
        place.wait("the hub says so", lambda: not place.ready())
        waiting = place.waiting()
        place.wait_for_traffic()
    place.wait("receipts come again", place.ready)
    place.done.append(f"disk full with {waiting} facts waiting")


def corrupt_broker(place: Place, chance: random.Random) -> None:
    """Every file of the broker is overwritten; what does not start then is started empty."""
    place.kill(HUB_BROKER)
    files = [path for path in place.site.store(HUB_BROKER).rglob("*") if path.is_file()]
    for path in files:
        path.write_bytes(chance.randbytes(max(64, path.stat().st_size)))
    place.again(HUB_BROKER)
    place.dead.add(HUB_BROKER)  # it may refuse
    place.pause_s(2.0)
    place.again_wiped()
    place.dead.discard(HUB_BROKER)
    place.wait_for_traffic(taps=AWAY_TAPS)
    place.done.append(f"{len(files)} files of the broker overwritten")


def everybody_again(place: Place) -> None:
    """Twelve points come back to an emptied broker at the same moment, three times."""
    for _ in range(3):
        place.kill(HUB_BROKER, wipe=True)
        place.wait_for_traffic()
        place.again(HUB_BROKER)
        place.wait("every link is up", lambda: len(place.linked()) == len(place.points))
    place.done.append(f"{len(place.points)} points back at once, 3 times")


def flapping(place: Place, seconds: float) -> None:
    """The cable goes and comes every second."""
    flaps = round(seconds / (2 * FLAP_S))
    for _ in range(flaps):
        place.link.cut()
        place.pause_s(FLAP_S)
        place.link.restore()
        place.pause_s(FLAP_S)
    place.wait_for_traffic()
    place.done.append(f"{flaps} flaps in {seconds:.0f} s")


def half_open(place: Place) -> None:
    """Both ends believe in the connection; nothing arrives."""
    place.link.swallow()
    place.wait("receipts have stopped", lambda: place.waiting() > HELD_BACK)
    waiting = place.waiting()
    place.link.restore()
    place.wait_for_traffic()
    place.done.append(f"half-open with {waiting} facts waiting")


def slow_line(place: Place) -> None:
    """A backlog over a line of some kilobytes a second; nothing is sent twice for impatience."""
    place.link.cut()
    place.wait_for_traffic(taps=AWAY_TAPS)
    waiting = place.waiting()
    place.link.slow_to(SLOW_BYTES_S)
    place.link.restore()
    place.wait_for_traffic()
    place.drain()
    place.link.slow_to(None)
    place.go_on()
    place.wait_for_traffic()
    place.done.append(f"{waiting} facts over {SLOW_BYTES_S} bytes a second")


def midnight(place: Place) -> None:
    """Kills around midnight: no visit lands on the wrong day."""
    began = business_day(place.truth.now_ms())
    place.kill(HUB)
    place.wait(
        "midnight is over", lambda: business_day(place.truth.now_ms()) > began, timeout_s=300
    )
    place.wait_for_traffic()
    place.start_hub()
    place.wait_for_traffic()
    place.done.append("midnight passed offline")


def dated_late(place: Place) -> None:
    """The first boot of all points has no clock and no roster; the hub comes later and dates it."""
    place.wait_for_traffic(taps=AWAY_TAPS)
    waiting = place.waiting()
    place.start_hub()
    place.wait_for_traffic()
    place.done.append(f"{waiting} facts without a believed time, dated by the first welcome")
