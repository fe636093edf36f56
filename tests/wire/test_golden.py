import json

import pytest

from tests.wire.golden_examples import FOLDER, MESSAGES, fact_lines, golden
from wire import codec
from wire.describe import describe
from wire.facts import BODIES
from wire.topics import FACTS, TOPICS


def _frozen(name: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in (FOLDER / name).read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("name", ["facts.jsonl", "messages.jsonl"])
def test_bytes_hashes_and_chain_are_frozen(name: str) -> None:
    assert golden()[name] == _frozen(name)


def test_frozen_facts_decode_to_what_was_meant() -> None:
    for row, line in zip(_frozen("facts.jsonl")[1:], fact_lines(), strict=True):
        assert codec.decode_fact(str(row["bytes"]).encode()) == codec.decode_fact(line)


def test_every_kind_and_every_topic_has_a_golden_line() -> None:
    kinds = {codec.decode_fact(line).envelope.kind for line in fact_lines()}
    assert kinds == set(BODIES)
    assert {topic for topic, _, _ in MESSAGES} | {FACTS} == set(TOPICS)


def test_messages_survive_the_way_there_and_back() -> None:
    for topic, _, message in MESSAGES:
        assert codec.decode(codec.encode(message), topic.payload) == message


def test_the_document_is_what_the_code_says() -> None:
    document = FOLDER.parents[2] / "docs" / "wire.md"
    assert document.read_text(encoding="utf-8") == describe(), "run `make docs`"
