"""The published holidays that come with the hub, read from their file once."""

import tomllib
from functools import cache
from importlib import resources

from hub.matters.calendar import CalendarRules


@cache
def default_rules() -> CalendarRules:
    """Desk hours by default and every year's holidays in ``data/holidays.toml``."""
    file = resources.files("hub.matters") / "data" / "holidays.toml"
    return CalendarRules.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
