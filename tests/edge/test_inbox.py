"""A flooding scale costs its own oldest readings, and nobody else's anything."""

import queue

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.device_config import BinConfig
from edge.events import CardSeen, Event, LinkChanged, MqttMessage, Weights
from edge.inbox import LONGEST_READING_BYTES, MOST_WAITING, Inbox
from edge.readings import WeightRead

WIRELESS = BinConfig.model_validate({
    "no": 1, "category": "kitchen", "format": "esphome", "topic": "b1", "availability": "b1/up",
})  # fmt: skip
ON_BUS = BinConfig.model_validate({"no": 2, "category": "other", "bus": "scales", "slave": 2})


def card(number: int) -> CardSeen:
    return CardSeen("reader-1", f"card {number}", None, number)


def spoken(number: int, topic: str = "b1", payload: bytes = b"1.0") -> MqttMessage:
    return MqttMessage("bus", topic, payload, retained=False, up_ms=number)


def swept(number: int) -> Weights:
    return Weights(((2, WeightRead(grams=number)),), number)


def drained(inbox: Inbox) -> list[Event]:
    events = []
    while not inbox.empty():
        events.append(inbox.get_nowait())
    with pytest.raises(queue.Empty):
        inbox.get_nowait()
    return events


def test_a_flood_is_bounded_and_counted_and_costs_no_card_command_or_receipt() -> None:
    inbox = Inbox([WIRELESS, ON_BUS])
    command = spoken(0, "lianxin/v1/point/p03/command")
    receipt = MqttMessage("hub", "b1", b"{}", retained=False, up_ms=0)
    for number in range(5000):
        inbox.put(spoken(number))
        if number % 1000 == 500:
            inbox.put(card(number))
            inbox.put(command)
            inbox.put(receipt)
            inbox.put(swept(number))
    events = drained(inbox)
    flood = [event for event in events if isinstance(event, MqttMessage) and event.topic == "b1"
             and event.link == "bus"]  # fmt: skip
    assert [event.up_ms for event in flood] == list(range(5000 - MOST_WAITING, 5000)), "the newest"
    rest = [event for event in events if event not in flood]
    assert rest == [event for number in range(500, 5000, 1000)
                    for event in (card(number), command, receipt, swept(number))]  # fmt: skip
    assert inbox.take_dropped() == {"scale-1": 5000 - MOST_WAITING}
    assert not inbox.take_dropped(), "told once"


def test_a_reading_as_long_as_a_book_is_not_kept() -> None:
    inbox = Inbox([WIRELESS])
    inbox.put(spoken(1, payload=b"x" * (LONGEST_READING_BYTES + 1)))
    inbox.put(card(2))
    assert drained(inbox) == [card(2)]
    assert inbox.take_dropped() == {"scale-1": 1}


@given(st.lists(st.sampled_from(["card", "scale", "bus", "link", "get"]), max_size=60))
def test_without_a_flood_it_is_a_queue(story: list[str]) -> None:
    inbox, plain = Inbox([WIRELESS, ON_BUS]), list[Event]()
    for number, what in enumerate(story):
        if what == "get":
            assert (inbox.get_nowait() if plain else None) == (plain.pop(0) if plain else None)
            continue
        kinds: dict[str, Event] = {"card": card(number), "scale": spoken(number),
                 "bus": swept(number), "link": LinkChanged("hub", up=True)}  # fmt: skip
        event = kinds[what]
        inbox.put(event)
        plain.append(event)
    assert drained(inbox) == plain
