"""Words for people: English in the code, Chinese from the catalogue beside it."""

import gettext
from collections.abc import Callable
from pathlib import Path

Translate = Callable[[str], str]
LOCALE = Path(__file__).parent / "locale"
DOMAIN = "kiosk"


def translator(language: str) -> Translate:
    """English needs no catalogue; any other language must have one."""
    if language == "en":
        return gettext.NullTranslations().gettext
    return gettext.translation(DOMAIN, LOCALE, [language]).gettext


def mark(message: str) -> str:
    """Marks a message for the catalogue where it is translated later."""
    return message
