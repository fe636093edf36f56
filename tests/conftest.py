"""What every test folder shares."""

import os

from hypothesis import HealthCheck, Phase, settings

# A loaded machine must not fail a property for being slow.
CALM = [HealthCheck.too_slow]
settings.register_profile("suite", deadline=None, suppress_health_check=CALM)
settings.register_profile(
    "no-shrinking",
    deadline=None,
    suppress_health_check=CALM,
    phases=set(Phase) - {Phase.shrink},
)
settings.load_profile(os.environ.get("LIANXIN_HYPOTHESIS", "suite"))
