"""SIGKILL of node, hub and broker: every recorded fact is at the hub once, every fen paid once."""

import random
import sys

import pytest

from tests.faults.campaign import HUB_POINTS, Campaign

NODE_POINTS = (
    "edge-before-commit", "edge-after-commit", "edge-before-publish", "edge-after-publish",
    "edge-before-acknowledge", "edge-after-acknowledge",
)  # fmt: skip
PROGRAMS = ["node", "hub", "broker"]


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


@pytest.mark.long
def test_the_campaign(campaign: Campaign, capsys: pytest.CaptureFixture[str]) -> None:
    """Twelve random moments."""
    chance = random.Random(2026)
    for program in chance.sample(PROGRAMS * 4, 12):
        campaign.at_random(program, chance)
    campaign.finish()
    _report(campaign, capsys)
