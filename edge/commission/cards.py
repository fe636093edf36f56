"""Tap the test card at each reader: its name and that a token was made, never a number."""

from edge.commission.console import Console, StoppedError
from edge.commission.ears import Ears, UpMs
from edge.config import EdgeConfig
from edge.events import CardRefused, CardSeen, PortDown


def tap_each(config: EdgeConfig, console: Console, up_ms: UpMs) -> list[str]:
    """The readers that read a card, in the order of the taps; ends when all have."""
    left = [reader.name for reader in config.readers]
    heard: list[str] = []
    console.say(f"Tap the test card at each reader: {', '.join(left)}.   (s + Enter = skip)")
    told: set[str] = set()
    with Ears(config, up_ms, readers=True) as ears:
        while left:
            for event in ears.next():
                words = _words(event)
                if words and words not in told:
                    told.add(words)
                    console.say(words)
                if isinstance(event, CardSeen) and event.reader in left:
                    left.remove(event.reader)
                    heard.append(event.reader)
            word = console.typed()
            if word == "q":
                raise StoppedError
            if word == "s":
                break
    return heard


def _words(event: object) -> str:
    if isinstance(event, CardSeen):
        return f"  {event.reader}: a card was read and made a token"
    if isinstance(event, CardRefused):
        return f"  {event.reader}: refused: {event.reason}"
    return f"  {event.name}: {event.reason}" if isinstance(event, PortDown) else ""
