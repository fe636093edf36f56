"""Words of one act, kept from the first letter for the officer who writes them."""

from kiosk.desk.desk import Desk
from kiosk.desk.drafts import Words


class Written:
    """``where`` names what is acted on, and how; another officer's words there are others."""

    def __init__(self, desk: Desk, where: str) -> None:
        self._desk = desk
        self._place = f"{desk.acting}/{where}"
        found = desk.box.words.get(self._place)
        self.found = found is not None
        self._words = found or Words(made_ms=desk.shell.wall_ms())

    @property
    def key(self) -> str:
        """Under which it is done once, also after a restart."""
        return self._words.key

    @property
    def begun_ms(self) -> int:
        """When the first letter was written."""
        return self._words.made_ms

    @property
    def kept(self) -> bool:
        """Whether there are words that will be here again."""
        return self._place in self._desk.box.words

    def text(self, name: str) -> str:
        """What stands in a field."""
        return self._words.texts.get(name, "")

    def put(self, name: str, text: str) -> None:
        """What stands in a field now."""
        texts = {**self._words.texts, name: text}
        self._words = self._words.model_copy(update={"texts": texts})
        self._desk.keep(self._desk.box.write(self._place, self._words))

    def drop(self) -> None:
        """It is done, or was given up for good."""
        nothing = self._words.model_copy(update={"texts": {}})
        self._desk.keep(self._desk.box.write(self._place, nothing))
