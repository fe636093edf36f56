"""挂失 by another card of the household: which one is lost, then once more to be sure."""

from collections.abc import Sequence

from kiosk.common.cards import called, card_row
from kiosk.common.hub import HubPort
from kiosk.common.once import new_key
from kiosk.common.page import Page, chosen
from kiosk.common.rows import Row, plain
from kiosk.selfcheck.shapes import OwnCard, OwnCards
from kiosk.selfcheck.visit import Visit


class LostPage(Page):
    """The card in the hand is never among those that can be lost."""

    def __init__(self, visit: Visit) -> None:
        super().__init__(visit.shell)
        self._visit = visit
        self._cards: tuple[OwnCard, ...] | None = None
        self._chosen: OwnCard | None = None
        self._key = new_key()

    def opened(self) -> None:
        token = self._visit.token

        def job(port: HubPort) -> OwnCards:
            return OwnCards.model_validate(port.get("/self/cards", token=token).body)

        self.ask(job, self._came)

    def title(self) -> str:
        return self.t("Which card is lost?")

    def rows(self, width: int, height: int) -> Sequence[Row]:
        shown: list[Row] = [
            card_row(no, card, width, self.t) for no, card in enumerate(self._others(), start=1)
        ]
        if self._cards is not None and not shown:
            told = self.t("No other card: report this one's loss at the desk or by phone")
            shown.append(plain(told, width, "unclear"))
        if self._chosen is not None:
            told = self.t("Block {serial}? It counts no more until the office gives it back")
            asked = told.format(serial=called(self._chosen, self.t))
            shown += [plain("", width), plain(asked, width, "head")]
        return shown[:height]

    def keys(self) -> tuple[str, ...]:
        if self._chosen is not None:
            return (self.t("1 block it   0 no"),)
        return (self.t("1 to 9 the lost card   0 back"),)

    def press(self, key: str) -> None:
        place = chosen(key, len(self._others()))
        if self._chosen is not None and key == "1":
            self._block(self._chosen)
        elif self._chosen is not None and key in ("0", "escape"):
            self._chosen = None
        elif self._chosen is None and place is not None:
            card = self._others()[place]
            self._chosen = None if card.blocked else card
        elif self._chosen is None and key in ("0", "escape"):
            self.shell.close(self)

    def _block(self, card: OwnCard) -> None:
        token, once, body = self._visit.token, self._key, {"card": card.card}

        def job(port: HubPort) -> OwnCards:
            said = port.post("/self/lost", body, once=once, token=token).body
            return OwnCards.model_validate(said)

        self.ask(job, self._done)

    def _done(self, own: OwnCards) -> None:
        self._came(own)
        self._chosen, self._key = None, new_key()
        self.say(self.t("Blocked at once. A new card is at the desk"))

    def _others(self) -> list[OwnCard]:
        return [card for card in self._cards or () if not card.this]

    def _came(self, own: OwnCards) -> None:
        self._cards = own.cards
