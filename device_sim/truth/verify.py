"""``lianxin-sim verify``: reads the log and the public API, and nothing else."""

from collections import Counter
from pathlib import Path

from device_sim.hub_client import HubClient
from device_sim.truth.compare import Finding, compare
from device_sim.truth.hub_view import gather
from device_sim.truth.log import read_truth
from device_sim.truth.story import Story, tell


def verify(truth: Path, url: str, password: str) -> tuple[Story, Finding]:
    """The comparison of one rehearsal with one hub."""
    story = tell(read_truth(truth))
    doors = {tap.record.door for tap in story.taps.values() if tap.record.door}
    hub = HubClient(url, password)
    try:
        view = gather(hub, doors, story.days)
    finally:
        hub.close()
    return story, compare(story, view)


def figures(story: Story) -> str:
    """What kind of rehearsal it was, in one line."""
    guests = [
        tap.record for tap in story.taps.values() if tap.record.who == "resident" and tap.heard
    ]
    values = Counter(value for value, _ in story.judged.values())
    heard = {
        visit for tap in story.taps.values() if tap.record.who == "resident" for visit in tap.heard
    }
    doors = [guest.door for guest in guests if guest.door]
    return (
        f"points={len({guest.point for guest in guests})} rejected={values['rejected']} "
        f"corrected={values['corrected']} unclear={values['unclear']} "
        f"unjudged={len(heard - story.judged.keys())} repeats={len(doors) - len(set(doors))} "
        f"unknown={sum(guest.door is None for guest in guests)} "
        f"unattended={sum(not guest.attended for guest in guests)} "
        f"office={len(story.office)} days={len(story.days)}"
    )


def verdict_line(story: Story, found: Finding) -> str:
    """The last line; its first word is the verdict."""
    taps = sum(tap.record.who == "resident" for tap in story.taps.values())
    word = "DIFFERENT" if found.differences else "VERIFIED"
    return (
        f"{word} taps={taps} visits={found.visits} rewarded={found.rewarded} held={found.held} "
        f"fen={found.fen} lost={found.lost} duplicated={found.duplicated}"
    )
