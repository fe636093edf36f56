import pytest

from edge.cards.token import RefusedCardError, Tokenizer
from edge.readings import CardRead
from wire.facts import Tap

KEY, NEW_KEY = b"k" * 32, b"n" * 32
CARD = CardRead("em4100", "008EC793")


def test_a_token_is_the_same_at_every_machine_with_the_key_and_fits_the_wire() -> None:
    token, old = Tokenizer({1: KEY}).tokens(CARD)
    # HMAC-SHA-256 over "em4100" 00 008EC793, computed with another implementation (openssl).
    assert token == "k1.2tktd4u35eup4nrzep2e3zepzmc6qfn2kx6t5ttxle3bpmashh7q"
    assert old is None
    assert Tap(card=token, reader="r", known="known", signal="recorded").card == token


def test_rotation_sends_both_and_the_newest_first() -> None:
    token, old = Tokenizer({1: KEY, 2: NEW_KEY}).tokens(CARD)
    assert token.startswith("k2.")
    assert old == Tokenizer({1: KEY}).tokens(CARD)[0]


def test_without_the_key_tokens_differ() -> None:
    assert Tokenizer({1: KEY}).tokens(CARD) != Tokenizer({1: NEW_KEY}).tokens(CARD)


def test_a_wiegand_26_community_sees_one_card_everywhere() -> None:
    tokenizer = Tokenizer({1: KEY}, uid_bits=24)
    whole, cut = CardRead("em4100", "01ABCDEF"), CardRead("em4100", "00ABCDEF")
    assert tokenizer.tokens(whole) == tokenizer.tokens(cut)
    assert Tokenizer({1: KEY}).tokens(whole) != Tokenizer({1: KEY}).tokens(cut)


def test_a_long_number_is_never_cut() -> None:
    seven = CardRead("iso14443a", "04A1B2C3D4E5F6")
    assert Tokenizer({1: KEY}, uid_bits=24).tokens(seven) == Tokenizer({1: KEY}).tokens(seven)


def test_a_telephone_is_refused_and_an_em_card_of_that_look_is_not() -> None:
    tokenizer = Tokenizer({1: KEY})
    with pytest.raises(RefusedCardError, match="changes with every tap"):
        tokenizer.tokens(CardRead("iso14443a", "08ABCDEF"))
    assert tokenizer.tokens(CardRead("em4100", "08ABCDEF"))
    assert tokenizer.tokens(CardRead("iso14443a", "08ABCDEF112233"))
