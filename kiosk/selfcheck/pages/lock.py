"""Nobody there."""

from collections.abc import Sequence

from kiosk.common.page import Page
from kiosk.common.rows import Row, plain


class WelcomePage(Page):
    """Waits for a card; keys do nothing."""

    def title(self) -> str:
        return self.t("Self-check")

    def rows(self, width: int, height: int) -> Sequence[Row]:
        lines = (
            "", self.t("Tap your household's card"), "",
            self.t("This month, yesterday's reason, your matters, a lost card"),
        )  # fmt: skip
        return [plain(line, width, "arrow" if no == 1 else "") for no, line in enumerate(lines)][
            :height
        ]

    def keys(self) -> tuple[str, ...]:
        return ()

    def press(self, key: str) -> None:
        """Keys do nothing here."""
