"""Words of a matter by two neighbouring characters: Chinese has no spaces to split at. Pure."""

import re
import unicodedata
from itertools import pairwise

_WORDS = re.compile(r"\w+")
MOST_GRAMS = 8
"""Of a question; more make it slower and no narrower."""


def grams(text: str) -> list[str]:
    """What a text is found by: its characters, and its pairs of neighbouring ones; sorted."""
    return sorted(set(_pairs(text)).union(*_words(text)))


def asked(text: str) -> list[str]:
    """What a matter must have to be found: pairs, and words of one character; sorted."""
    single = {word for word in _words(text) if len(word) == 1}
    return sorted(single.union(_pairs(text)))[:MOST_GRAMS]


def _words(text: str) -> list[str]:
    return _WORDS.findall(unicodedata.normalize("NFKC", text).casefold())


def _pairs(text: str) -> list[str]:
    return ["".join(pair) for word in _words(text) for pair in pairwise(word)]
