"""For an officer or a technician: whether the machine works, and the way out of it."""

from collections.abc import Sequence

from kiosk.common.page import Page, Shell
from kiosk.common.rows import Row, plain
from kiosk.common.taps import ReaderState
from kiosk.selfcheck.config import SelfConfig
from kiosk.selfcheck.shapes import Staff


class ServicePage(Page):
    """Nothing of a resident stands here."""

    def __init__(self, shell: Shell, config: SelfConfig, staff: Staff, reader: ReaderState) -> None:
        super().__init__(shell)
        self._config, self._staff, self._reader = config, staff, reader

    def title(self) -> str:
        return self.t("Service of {machine} by {person}").format(
            machine=self._config.desk, person=self._staff.person
        )

    def rows(self, width: int, height: int) -> Sequence[Row]:
        up = self.t("in order") if self._reader.up else self._reader.why
        lines = (
            self.t("Hub {url}, account {name}: in order").format(
                url=self._config.hub.url, name=self._config.hub.username
            ),
            self.t("Card reader {place}: {state}").format(place=self._config.taps, state=up),
            "", self.t("[9] end the program"), self.t("[0] back to the residents"),
        )  # fmt: skip
        return [plain(line, width) for line in lines][:height]

    def keys(self) -> tuple[str, ...]:
        return (self.t("9 end the program   0 back"),)

    def press(self, key: str) -> None:
        if key == "9":
            self.shell.end()
        elif key in ("0", "escape"):
            self.shell.lock()
