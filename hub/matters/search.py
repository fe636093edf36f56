"""Words of a matter by two neighbouring characters: Chinese has no spaces to split at. Pure.

A whole door is one word beside them, in its normal form whatever its notation, and so is every
beginning of its room: ``11号楼1单元110`` is found by ``11-1-110`` and by ``11#1-11``.
"""

import re
import unicodedata
from itertools import pairwise

from hub.registry.tidy import doors_in

_WORDS = re.compile(r"\w+")
MOST_GRAMS = 8
"""Of a question beside its doors; more make it slower and no narrower."""


def grams(text: str) -> list[str]:
    """What a text is found by: its characters, pairs of neighbouring ones, and doors; sorted."""
    plain = _plain(text)
    return sorted(set(_pairs(plain)).union(*_words(plain), doors(text)))


def doors(text: str) -> set[str]:
    """The part of ``grams`` that are doors; no other one has a dash."""
    return {
        f"{building}-{unit}-{room[:end]}"
        for _, _, (building, unit, room) in doors_in(_plain(text))
        for end in range(1, len(room) + 1)
    }


def asked(text: str) -> list[str]:
    """What a matter must have to be found: doors, then pairs and words of one character."""
    plain, whole, rest, last = _plain(text), dict[str, None](), "", 0
    for begin, end, door in doors_in(plain):
        if begin >= last:
            whole["-".join(door)] = None
            rest, last = f"{rest}{plain[last:begin]} ", end
    rest += plain[last:]
    single = {word for word in _words(rest) if len(word) == 1}
    return [*whole, *sorted(single.union(_pairs(rest)))[:MOST_GRAMS]]


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _words(plain: str) -> list[str]:
    return _WORDS.findall(plain)


def _pairs(plain: str) -> list[str]:
    return ["".join(pair) for word in _words(plain) for pair in pairwise(word)]
