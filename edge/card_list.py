"""A supplier's card list as tokens: every row is looked at before one is written; no I/O.

No problem quotes a card number: what a technician sees is copied into mails.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from edge.cards.token import RefusedCardError, Tokenizer
from edge.readings import CardRead

COLUMNS = ("technology", "uid")
HEX_DIGITS = {"em4100": (8,), "iso14443a": (8, 14, 20)}
PRINTED = "qr"
_BETWEEN_BYTES = re.compile(r"[\s:-]")


class WrongCardError(ValueError):
    """What is wrong with one row."""


@dataclass
class CardList:
    """``problems`` is empty or nothing of the list may be used."""

    rows: list[dict[str, str]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def tokenized(
    rows: Iterable[Mapping[str, str]], tokenizer: Tokenizer, more_technologies: Iterable[str] = ()
) -> CardList:
    """``card`` and the other columns of every row; rows are counted as in a spreadsheet, from 2.

    ``more_technologies`` are those that only a reader's configuration names.
    """
    done, first_row = CardList(), dict[str, int]()
    known = {*HEX_DIGITS, PRINTED, *more_technologies}
    for number, row in enumerate(rows, start=2):
        try:
            token, _ = tokenizer.tokens(_card(row, known))
        except (WrongCardError, RefusedCardError) as error:
            done.problems.append(f"row {number}: {error}")
            continue
        if token in first_row:
            same = f"the same card as row {first_row[token]}, expected each once"
            done.problems.append(f"row {number}: {same}")
        first_row.setdefault(token, number)
        others = {name: cell for name, cell in row.items() if name not in COLUMNS}
        done.rows.append({"card": token} | others)
    return done


def _card(row: Mapping[str, str], known: set[str]) -> CardRead:
    if "" in row:
        msg = "more cells than the first row has columns"
        raise WrongCardError(msg)
    technology, uid = ((row[name] or "").strip() for name in COLUMNS)
    if technology not in known:
        msg = f"technology {technology!r}, expected one of {', '.join(sorted(known))}"
        raise WrongCardError(msg)
    if technology == PRINTED:
        if not uid or not uid.isascii():
            msg = "uid, expected the printed code in ASCII"
            raise WrongCardError(msg)
        return CardRead(PRINTED, uid.encode().hex().upper())
    return CardRead(technology, _hex(uid, HEX_DIGITS.get(technology)))


def _hex(text: str, lengths: tuple[int, ...] | None) -> str:
    uid = _BETWEEN_BYTES.sub("", text).upper()
    if not re.fullmatch(r"([0-9A-F]{2})+", uid):
        msg = f"uid of {len(uid)} characters, expected pairs of hex digits"
        raise WrongCardError(msg)
    if lengths is not None and len(uid) not in lengths:
        expected = " or ".join(map(str, lengths))
        msg = f"uid of {len(uid)} digits, expected {expected} in hex (a printed decimal is not hex)"
        raise WrongCardError(msg)
    if not uid.strip("0"):
        msg = "uid of zeros, expected a card"
        raise WrongCardError(msg)
    return uid
