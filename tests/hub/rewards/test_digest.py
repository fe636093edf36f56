"""What a run's digest depends on."""

from dataclasses import fields, replace
from typing import Any

import pytest

from hub.rewards.digest import CANONICAL, FIRST_DIGEST, run_digest
from hub.rewards.model import Policy

POLICY = Policy("p1", day_cap_fen=90, total_cap_fen=900, min_grams=100, manual_per_month=4,
                manual_per_shift=9)  # fmt: skip
RUN = dict.fromkeys(
    ("community", "run", "day", "kind", "early", "policy_id", "started_ms", "watermark", "visits",
     "households", "entries", "amount_fen", "held", "absent_points"), 0,
) | {"canonical": CANONICAL}  # fmt: skip


def digest(policy: Policy) -> str:
    return run_digest(FIRST_DIGEST, RUN, [], [], [], policy=policy)


@pytest.mark.parametrize("name", [field.name for field in fields(Policy) if field.name != "policy"])
def test_every_value_of_the_policy_is_in_it(name: str) -> None:
    now = getattr(POLICY, name)
    change: dict[str, Any] = {name: f"not {now}" if isinstance(now, str) else now + 1}
    assert digest(replace(POLICY, **change)) != digest(POLICY)
