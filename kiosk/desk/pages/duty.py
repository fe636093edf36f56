"""Nobody there, and going off duty."""

from collections.abc import Sequence

from kiosk.common.page import Page
from kiosk.common.rows import Row, plain
from kiosk.desk.desk import Desk
from kiosk.desk.shapes import Duty, OnDuty


class LockPage(Page):
    """Shows nothing of anybody until a staff card comes. What was open stays open behind it."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk.shell)
        self._desk = desk

    def title(self) -> str:
        return self.t("Locked")

    def rows(self, width: int, height: int) -> Sequence[Row]:
        lines = ["", self.t("Tap a staff card")]
        if self._desk.box.drafts:
            told = self.t("{count} drafts are kept")
            lines.append(told.format(count=len(self._desk.box.drafts)))
        return [plain(line, width, "message" if line else "") for line in lines][:height]

    def keys(self) -> tuple[str, ...]:
        return ()

    def press(self, key: str) -> None:
        """Keys do nothing here."""


class OffDutyPage(Page):
    """An officer's card at an open desk: going, or ending the program."""

    def __init__(self, desk: Desk, card: str, officer: OnDuty) -> None:
        super().__init__(desk.shell)
        self._desk, self._card, self._officer = desk, card, officer

    def title(self) -> str:
        return f"{self._desk.side(self._officer.body)} {self._officer.name}"

    def rows(self, width: int, height: int) -> Sequence[Row]:
        lines = [
            self.t("[1] go off duty"), self.t("[2] lock the desk"),
            self.t("[3] act in my name"), self.t("[9] end the program"),
        ]  # fmt: skip
        return [plain(line, width) for line in lines][:height]

    def press(self, key: str) -> None:
        if key == "1":
            path = f"/desks/{self._desk.config.desk}/duty"
            body = {"card": self._card, "begins": False}
            self.ask(lambda port: Duty.model_validate(port.post(path, body).body), self._gone)
        elif key == "2":
            self.shell.close(self)
            self.shell.lock()
        elif key == "3":
            self._desk.acting = self._officer.person
            self.shell.close(self)
        elif key == "9":
            self.shell.end()
        else:
            super().press(key)

    def _gone(self, duty: Duty) -> None:
        before = self._desk.acting
        self._desk.on_duty(duty)
        if self._desk.acting == before:
            self.shell.close(self)
        else:
            self.shell.home()  # what the one who went was writing waits for their return
        if not duty.on_duty:
            self._desk.resident = None
            self.shell.lock()
