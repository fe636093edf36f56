from pathlib import Path
from typing import get_args

import pytest

from kiosk.point.board import Message, Said
from kiosk.point.sentences import sentence
from kiosk.words import translator
from tests.kiosk.catalogues import CATALOGUES, compiled, messages_in_code, read_catalogue


def test_there_is_a_chinese_catalogue() -> None:
    assert [path.parts[-3] for path in CATALOGUES] == ["zh"]


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parts[-3])
def test_no_translation_is_missing_or_left_over(path: Path) -> None:
    entries = read_catalogue(path)
    del entries[""]
    assert set(entries) == messages_in_code()
    assert [key for key, value in entries.items() if not value] == []


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parts[-3])
def test_a_translation_has_the_fields_of_its_message(path: Path) -> None:
    for key, value in read_catalogue(path).items():
        assert sorted(_fields(key)) == sorted(_fields(value)), key


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parts[-3])
def test_the_compiled_catalogue_is_the_written_one(path: Path) -> None:
    assert path.with_suffix(".mo").read_bytes() == compiled(read_catalogue(path)), (
        "run: python -m tests.kiosk.catalogues"
    )


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("said", get_args(Said))
def test_everything_the_board_says_has_a_sentence(said: Said, language: str) -> None:
    text = sentence(Message(said), translator(language))
    assert bool(text) == (said != "nothing")
    assert "{" not in text


def test_refusals_read_as_agreed() -> None:
    t = translator("zh")
    assert sentence(Message("stale"), t) == "名单刚变,请再看一眼"
    assert sentence(Message("no_shift"), t) == "无人值守 请刷督导员卡,或按 * 输入工号"


def _fields(text: str) -> list[str]:
    return [part.split("}")[0] for part in text.split("{")[1:]]
