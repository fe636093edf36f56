"""SIGKILL of node, hub and broker: every recorded fact is at the hub once, every fen paid once."""

import os
import pty
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.faults.crowd import Crowd
from tests.faults.site import Site, acked, rows, waiting
from tests.programs import until

NODE_POINTS = (
    "edge-before-commit", "edge-after-commit", "edge-before-publish", "edge-after-publish",
    "edge-before-acknowledge", "edge-after-acknowledge",
)  # fmt: skip
HUB_POINTS = ("hub-before-commit", "hub-after-commit", "hub-after-receipt")

PROGRAMS = ["node", "hub", "broker"]


class Campaign:
    """Counts what was killed and what was in flight then; judges the end."""

    def __init__(self, site: Site, crowd: Crowd) -> None:
        self.site, self.crowd = site, crowd
        self.kills: Counter[str] = Counter()
        self.in_flight = 0

    def wait_for_traffic(self) -> None:
        """Taps are answered and receipts come back: the whole route is alive."""
        before, acknowledged = len(self.crowd.recorded), acked(self.site)
        until(lambda: len(self.crowd.recorded) > before + 3, "taps are answered", seconds=40)
        until(lambda: acked(self.site) > acknowledged, "receipts come back", seconds=40)

    def at(self, name: str, nth: int) -> None:
        """Kill a program at a named place while taps go on; then start it again."""
        program = "hub" if name in HUB_POINTS else "node"
        self.site.kill(program)
        self.site.start(program, f"{name}:{nth}")
        until(lambda: self.site.is_dead(program), f"{program} dies at {name}:{nth}", seconds=40)
        assert self.site.died_by_kill(program), self.site.log(program)[-2000:]
        self.in_flight += waiting(self.site)
        self.kills[name] += 1
        self.site.start(program)
        self.wait_for_traffic()

    def at_random(self, program: str, chance: random.Random) -> None:
        """Kill with the whole route alive; a broker loses all it kept."""
        self.wait_for_traffic()
        time.sleep(chance.uniform(0, 0.3))  # the random moment itself
        assert self.crowd.busy(), "a kill with nothing in flight proves nothing"
        self.site.kill(program, wipe=program == "broker")
        self.in_flight += waiting(self.site)
        self.kills[f"random {program}"] += 1
        self.site.start(program)

    def finish(self) -> None:
        """Let everything arrive, then compare the stores, the answers and the ledger."""
        site = self.site
        self.wait_for_traffic()
        self.crowd.pause()
        until(self.crowd.all_judged, "every visit is judged", seconds=60)
        until(lambda: waiting(site) == 0, "every fact has its receipt", seconds=90)
        recorded = rows(site.outbox, "SELECT id, line FROM fact")
        held = rows(site.hub_db, "SELECT fact_id, line FROM fact")
        assert len({row[0] for row in held}) == len(held), "a fact is at the hub twice"
        assert sorted(recorded) == sorted(held), "outbox and hub differ"
        ids = {row[0] for row in held}
        assert self.crowd.recorded <= ids, "answered recorded, and lost"
        assert self.crowd.done <= ids, "answered done, and lost"
        self._ledger()

    def _ledger(self) -> None:
        """Everybody who tapped was accepted: each household has 30 fen, once."""
        with httpx2.Client(base_url=self.site.url, timeout=30) as api:
            form = {"username": "admin", "password": self.site.admin_password}
            token = api.post("/auth/token", data=form).raise_for_status().json()["access_token"]
            api.headers["Authorization"] = f"Bearer {token}"
            now = api.get("/points").raise_for_status().json()["items"][0]
            assert now["facts"] == len(rows(self.site.outbox, "SELECT 1 FROM fact"))
            days = {row[0] for row in rows(self.site.hub_db, "SELECT DISTINCT day FROM visit")}
            visits: set[tuple[str, str]] = set()
            paid: Counter[tuple[str, str]] = Counter()
            for day in days:
                body = {"day": day, "early": True}
                api.post("/settlements", json=body).raise_for_status()
                again = api.post("/settlements", json=body).raise_for_status().json()
                assert again["entries"] == 0, "settled twice"
                for item in self._all(api, f"/visits?day={day}&limit=500"):
                    # The supervisor's own card, tapped before the roster came, is nobody's.
                    if item["household"] is not None:
                        visits.add((item["household"], item["day"]))
                for item in self._all(api, f"/entries?day={day}&limit=500"):
                    paid[(item["household"], item["day"])] += item["amount_fen"]
            assert paid == dict.fromkeys(visits, 30)

    @staticmethod
    def _all(api: httpx2.Client, path: str) -> Iterator[dict[str, Any]]:
        after = ""
        while True:
            page = api.get(f"{path}{after}").raise_for_status().json()
            yield from page["items"]
            if page["next"] is None:
                return
            after = f"&after={page['next']}"


@pytest.fixture
def campaign(tmp_path: Path) -> Iterator[Campaign]:
    master, slave = pty.openpty()
    site = Site(tmp_path, os.ttyname(slave))
    crowd = None
    try:
        site.start_all()
        crowd = Crowd(site, master)
        until(crowd.attended, "the supervisor's card opens the shift", seconds=40)
        yield Campaign(site, crowd)
    finally:
        if crowd is not None:
            crowd.stop()
        site.end()
        os.close(master)
        os.close(slave)


def _report(campaign: Campaign, capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        kills = ", ".join(f"{name} {count}" for name, count in sorted(campaign.kills.items()))
        sys.stdout.write(
            f"\n{sum(campaign.kills.values())} kills ({kills}); {campaign.in_flight} facts in"
            f" flight then; {len(campaign.crowd.recorded)} taps answered, 0 lost, 0 twice\n"
        )
    assert campaign.in_flight > 0, "nothing was in flight at any kill"


def test_a_kill_at_each_named_place(campaign: Campaign, capsys: pytest.CaptureFixture[str]) -> None:
    for name in (*NODE_POINTS, *HUB_POINTS):
        campaign.at(name, nth=5)
    campaign.finish()
    _report(campaign, capsys)


def test_six_kills_at_random_moments(
    campaign: Campaign, capsys: pytest.CaptureFixture[str]
) -> None:
    chance = random.Random(11)
    for program in chance.sample(PROGRAMS * 2, 6):
        campaign.at_random(program, chance)
    campaign.finish()
    _report(campaign, capsys)


@pytest.mark.long
def test_the_campaign(campaign: Campaign, capsys: pytest.CaptureFixture[str]) -> None:
    """Each named place three times, and thirty-six random moments."""
    chance = random.Random(2026)
    for nth in (1, 4, 9):
        for name in (*NODE_POINTS, *HUB_POINTS):
            campaign.at(name, nth)
    for program in chance.sample(PROGRAMS * 12, 36):
        campaign.at_random(program, chance)
    assert all(campaign.kills[name] == 3 for name in (*NODE_POINTS, *HUB_POINTS))
    campaign.finish()
    _report(campaign, capsys)
