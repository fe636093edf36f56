"""Pinyin initials of names, every reading of every character.

The table of readings takes 15 MB, so a process of its own holds it for as long as it is asked:
``python -m hub.registry.initials`` reads a JSON list of names and writes one of lists.
"""

import json
import os
import subprocess
import sys
import unicodedata
from collections.abc import Sequence
from itertools import product

LENGTH = 8
"""Initials of a name that are looked up; a longer question is cut."""
MOST = 512
"""Readings of one name; beyond it the name's beginning is shortened until they fit."""


def initials_of(names: Sequence[str]) -> list[list[str]]:
    """For each name the beginnings of all its readings, as ``ds`` for 单双."""
    if not names:
        return []
    done = subprocess.run(
        [sys.executable, "-m", __spec__.name],
        env=os.environ | {"PYPINYIN_NO_PHRASES": "true"},  # characters only, a third of the time
        input=json.dumps(names),
        capture_output=True,
        text=True,
        check=True,
    )
    found: list[list[str]] = json.loads(done.stdout)
    return found


def asked(text: str) -> str:
    """A question as it is looked up: small letters and digits."""
    plain = unicodedata.normalize("NFKC", text).lower()
    return "".join(char for char in plain if char.isascii() and char.isalnum())[:LENGTH]


def beginnings(letters: Sequence[set[str]]) -> list[str]:
    """Every beginning of every combination, one letter a place."""
    kept = list(letters[:LENGTH])
    while _count(kept) > MOST:
        kept.pop()
    found = {"".join(some) for upto in range(len(kept)) for some in product(*kept[: upto + 1])}
    return sorted(found)


def _count(letters: Sequence[set[str]]) -> int:
    count = 1
    for some in letters:
        count *= len(some)
    return count


def _letters(name: str) -> list[set[str]]:
    from pypinyin import Style, pinyin  # noqa: PLC0415 - only in the process of its own

    places = []
    for char in unicodedata.normalize("NFKC", name):
        (readings,) = pinyin(char, style=Style.FIRST_LETTER, heteronym=True) or ([],)
        plain = {
            unicodedata.normalize("NFD", reading)[0].lower() for reading in readings if reading
        }
        places.append({letter for letter in plain if letter.isascii() and letter.isalnum()})
    return [some for some in places if some]


def main() -> None:
    """Answer one question on standard input."""
    names = json.load(sys.stdin)
    json.dump([beginnings(_letters(name)) for name in names], sys.stdout)


if __name__ == "__main__":
    main()
