"""Lost and replaced cards, and a household that moves out. A found one the office gives back."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kiosk.common.cards import called, card_row
from kiosk.common.hub import HubPort
from kiosk.common.once import new_key
from kiosk.common.page import Field, Page, chosen
from kiosk.common.rows import Row, plain
from kiosk.desk.desk import Desk
from kiosk.desk.pages.moving import MovingPage
from kiosk.desk.shapes import CardState, HouseholdCards, Json
from kiosk.words import mark as _

SERIAL = 32


@dataclass(frozen=True)
class Change:
    """What happens to a card: route, words, whether a new card is tapped for it."""

    path: str
    words: str
    new_card: bool = False


BLOCK = Change("/cards/block", _("lost: block it"))
REPLACE = Change("/cards/replace", _("replace it by a new card"), new_card=True)


class CardsPage(Page):
    """The household's cards; a digit picks one."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk.shell)
        self._desk = desk
        self._cards: tuple[CardState, ...] = ()

    def opened(self) -> None:
        self._cards = ()
        resident = self._desk.resident
        if resident is None:
            self.say(self.t("First the household: Esc, then tap a card or type the door"), bad=True)
            return
        path = f"/cards/of/{resident.household}"
        self.ask(lambda port: HouseholdCards.model_validate(port.get(path).body), self._came)

    def title(self) -> str:
        door = self._desk.resident.door if self._desk.resident else "—"
        return self.t("Cards of {door}").format(door=door)

    def rows(self, width: int, height: int) -> Sequence[Row]:
        shown = [card_row(no, card, width, self.t) for no, card in enumerate(self._cards, 1)]
        if self._desk.resident is not None and not self._cards:
            shown.append(plain(self.t("No card"), width, "waits"))
        return shown[:height]

    def keys(self) -> tuple[str, ...]:
        return (self.t("1 to 9 the card   0 moving out   Esc back"),)

    def press(self, key: str) -> None:
        if key == "0" and self._desk.resident is not None:
            self.shell.open(MovingPage(self._desk, self._desk.resident))
        elif (place := chosen(key, len(self._cards))) is not None and self._desk.resident:
            household = self._desk.resident.household
            self.shell.open(CardPage(self._desk, household, self._cards[place]))
        else:
            super().press(key)

    def _came(self, held: HouseholdCards) -> None:
        self._cards = held.cards[:9]


class CardPage(Page):
    """One card. Every change is one key, and for a replacement the new card's tap."""

    def __init__(self, desk: Desk, household: str, card: CardState) -> None:
        super().__init__(desk.shell)
        self._desk = desk
        self._card = card
        by_mark = {"mark": card.mark, "household": household}
        self._named = {"serial": card.serial} if card.serial else by_mark
        self._change: Change | None = None
        self._armed = False
        """The key that chose the card, pressed twice, must not block it."""
        self._new: str | None = None
        self._serial = ""
        self._key = new_key()
        self._choices = (REPLACE,) if card.blocked else (BLOCK, REPLACE)

    def title(self) -> str:
        return self.t("Card {serial}").format(serial=called(self._card, self.t))

    def rows(self, width: int, height: int) -> Sequence[Row]:
        shown = [card_row(None, self._card, width, self.t), plain("", width)]
        if self._change is not None and self._new is None:
            shown.append(plain(self.t("Tap the new card"), width, "arrow"))
        elif self._change is None:
            shown += [
                plain(f"[{no}] {self.t(one.words)}", width)
                for no, one in enumerate(self._choices, start=1)
            ]
        return shown[:height]

    def keys(self) -> tuple[str, ...]:
        return (self.t("Press a digit   Esc cancel"),)

    def field(self) -> Field | None:
        if self._change is None or self._new is None:
            return None
        return Field("serial", self.t("Serial printed on the new card"), self._serial, SERIAL)

    def typed(self, text: str) -> None:
        self._serial = text

    def entered(self, text: str) -> None:
        self._send({"new_card": self._new, "new_serial": text or None})

    def unsent(self) -> bool:
        return self._change is not None

    def wants_card(self) -> bool:
        return self._change is not None and self._new is None

    def tapped(self, card: str) -> None:
        self._new = card

    def press(self, key: str) -> None:
        place = chosen(key, len(self._choices))
        sure, self._armed = self._armed, False
        if self._change is None and place is not None:
            self._choose(self._choices[place], key, sure=sure)
        else:
            super().press(key)

    def _choose(self, change: Change, key: str, *, sure: bool) -> None:
        if change.new_card:
            self._change = change
        elif sure:
            self._change = change
            self._send({})
        else:
            self._armed = True
            told = self.t("{key} once more blocks it at once; only the office gives it back")
            self.say(told.format(key=key), bad=True)

    def _send(self, more: Json) -> None:
        change, desk = self._change, self._desk
        if change is None:
            return
        why = f"{self.t(change.words)} {desk.config.desk} {desk.acting or ''}".strip()
        body: dict[str, Any] = {**self._named, "why": why, **more}
        key, path = self._key, change.path

        def job(port: HubPort) -> None:
            port.post(path, body, once=key)

        self.ask(job, lambda _nothing: self._done(change), self._failed)

    def _done(self, change: Change) -> None:
        self.shell.close(self)
        self.say(self.t("Done: {what}").format(what=self.t(change.words)))

    def _failed(self, error: Any) -> None:
        """A new card that cannot be taken is asked for again; what was typed stays."""
        if self._change is not None and self._change.new_card:
            self._new = None
        else:
            self._change = None
        self.shell.refused(error)
