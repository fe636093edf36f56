"""Kills, what was in flight then, and the comparison at the end."""

import random
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import httpx2

from tests.faults.crowd import Crowd
from tests.faults.site import Site, acked, rows, waiting
from tests.programs import until
from wire.day import business_day
from wire.facts import Tap

HUB_POINTS = ("hub-before-commit", "hub-after-commit", "hub-after-receipt")


class Campaign:
    """Counts what was killed and what was in flight then; judges the end."""

    def __init__(self, site: Site, crowd: Crowd) -> None:
        self.site, self.crowd = site, crowd
        self.kills: Counter[str] = Counter()
        self.in_flight = 0

    def wait_for_traffic(self) -> None:
        """Taps are answered and receipts come back: the whole route is alive."""
        before, acknowledged = len(self.crowd.recorded), acked(self.site)
        until(lambda: len(self.crowd.recorded) > before + 3, "taps are answered")
        until(lambda: acked(self.site) > acknowledged, "receipts come back")

    def at(self, name: str, nth: int) -> None:
        """Kill a program at a named place while taps go on; then start it again."""
        program = "hub" if name in HUB_POINTS else "node"
        self.site.kill(program)
        self.site.start(program, f"{name}:{nth}")
        until(lambda: self.site.is_dead(program), f"{program} dies at {name}:{nth}")
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
        until(self.crowd.all_judged, "every visit is judged")
        until(lambda: waiting(site) == 0, "every fact has its receipt")
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
            paid: Counter[tuple[str, str]] = Counter()
            for day in days:
                body = {"day": day, "early": True}
                api.post("/settlements", json=body).raise_for_status()
                again = api.post("/settlements", json=body).raise_for_status().json()
                assert again["entries"] == 0, "settled twice"
                for item in self._all(api, f"/entries?day={day}&limit=500"):
                    paid[(item["household"], item["day"])] += item["amount_fen"]
            assert paid == dict.fromkeys(self._tapped(), 30)

    def _tapped(self) -> set[tuple[str, str]]:
        """Door and day of every tap, from the point's own store and the card list alone."""
        doors = self.site.doors()
        taps = [fact for fact in self.site.recorded() if isinstance(fact.body, Tap)]
        assert len(taps) > len(self.crowd.recorded) // 2 > 0
        # The supervisor's own card, tapped before the roster came, is in no list.
        return {
            (doors[tap.body.card], str(business_day(tap.envelope.wall_ms)))
            for tap in taps
            if isinstance(tap.body, Tap) and tap.body.card in doors
        }

    @staticmethod
    def _all(api: httpx2.Client, path: str) -> Iterator[dict[str, Any]]:
        after = ""
        while True:
            page = api.get(f"{path}{after}").raise_for_status().json()
            yield from page["items"]
            if page["next"] is None:
                return
            after = f"&after={page['next']}"
