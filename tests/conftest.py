"""What every test folder shares."""

import os

from hypothesis import Phase, settings

# A loaded machine must not fail a property for being slow.
settings.register_profile("suite", deadline=None)
settings.register_profile("no-shrinking", deadline=None, phases=set(Phase) - {Phase.shrink})
settings.load_profile(os.environ.get("LIANXIN_HYPOTHESIS", "suite"))
