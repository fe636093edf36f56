"""``lianxin-edge tokenize``: the tokens that readers send, or no list at all and every reason."""

import csv
from pathlib import Path

import pytest

from edge.cards.token import Tokenizer
from edge.readings import CardRead
from tests.edge.technician.bench import KEY, run, write_config

TOKENIZER = Tokenizer({1: KEY})


def tokenize(folder: Path, text: bytes, **config: object) -> tuple[int, str, str]:
    path = folder / "supplier.csv"
    path.write_bytes(text)
    done = run("tokenize", str(path), "--config", str(write_config(folder, **config)))
    return done.exit_code, done.stdout, done.stderr


def test_every_row_has_the_token_that_its_reader_sends_and_keeps_its_other_columns(
    tmp_path: Path,
) -> None:
    text = (
        "\ufeffserial,technology,uid,note\n"
        "LX1,em4100,008ec793,\n"
        'LX2,iso14443a,04:82:22:AA:DC:39:80,"a, b"\n'
        "LX3,qr,LX-000123,\n"
    )
    code, out, _ = tokenize(tmp_path, text.encode())
    assert code == 0
    expected = [
        CardRead("em4100", "008EC793"),
        CardRead("iso14443a", "048222AADC3980"),
        CardRead("qr", b"LX-000123".hex().upper()),
    ]
    rows = list(csv.DictReader(out.splitlines()))
    assert [row["card"] for row in rows] == [TOKENIZER.tokens(card)[0] for card in expected]
    assert [(row["serial"], row["note"]) for row in rows] == [
        ("LX1", ""), ("LX2", "a, b"), ("LX3", ""),
    ]  # fmt: skip
    assert "uid" not in rows[0]


WRONG = [
    ("EM4100,008EC793", "technology 'EM4100', expected one of em4100, iso14443a, qr"),
    ("em4100,0009357203", "uid of 10 digits, expected 8 in hex (a printed decimal is not hex)"),
    ("em4100,14008EC793", "uid of 10 digits, expected 8"),
    ("em4100,00000000", "uid of zeros"),
    ("em4100,", "uid of 0 characters"),
    ("em4100", "uid of 0 characters"),
    ("iso14443a,0482AADC39", "expected 8 or 14 or 20"),
    ("iso14443a,08A1B2C3", "a random card number"),
    ("iso14443a,04A1B2CX", "expected pairs of hex digits"),
    ("qr,卡片", "the printed code in ASCII"),
    ("em4100,008EC793,surplus", "more cells than"),
]


def test_all_wrong_rows_are_said_at_once_without_a_number_and_nothing_is_written(
    tmp_path: Path,
) -> None:
    rows = ["technology,uid", "em4100,0086CE6D", *(row for row, _ in WRONG), "em4100,0086CE6D"]
    code, out, error = tokenize(tmp_path, "\n".join(rows).encode())
    assert (code, out) == (1, "")
    said = error.splitlines()
    assert len(said) == len(WRONG) + 1
    for number, (line, (_, words)) in enumerate(zip(said, WRONG, strict=False), start=3):
        assert f"row {number}: " in line
        assert words in line
    assert "the same card as row 2" in said[-1]
    numbers = ("008EC793", "8EC793", "9357203", "86CE6D", "A1B2C", "82AADC39")
    assert not any(number in error.upper() for number in numbers)


def test_a_reader_may_name_a_technology_of_its_own(tmp_path: Path) -> None:
    reader = {"name": "r", "kind": "ascii-line-uid", "port": "r", "length": 8, "technology": "hid"}
    code, out, _ = tokenize(tmp_path, b"technology,uid\nhid,04A1B2C3\n", readers=[reader])
    assert code == 0
    assert TOKENIZER.tokens(CardRead("hid", "04A1B2C3"))[0] in out


def test_two_cards_that_24_bits_do_not_tell_apart_are_one_card(tmp_path: Path) -> None:
    text = b"technology,uid\nem4100,018EC793\nem4100,028EC793\n"
    assert tokenize(tmp_path, text)[0] == 0
    code, out, error = tokenize(tmp_path, text, uid_bits=24)
    assert (code, out) == (1, "")
    assert "row 3: the same card as row 2" in error


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("technology,uid\nem4100,008EC793,卡\n".encode("gb18030"), "not UTF-8"),
        (b"card,uid\n", "expected technology and uid"),
        (b"", "expected technology and uid"),
    ],
)
def test_a_file_that_is_no_list_is_one_line(tmp_path: Path, text: bytes, words: str) -> None:
    code, out, error = tokenize(tmp_path, text)
    assert (code, out) == (1, "")
    assert words in error
    assert len(error.splitlines()) == 1
