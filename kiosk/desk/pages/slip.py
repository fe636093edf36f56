"""What the resident takes along: number, whose it is, who, phone, until when; big, and on paper."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

from kiosk.common.hub import HubPort, HubRefusedError
from kiosk.common.matters import short_time
from kiosk.common.page import Page
from kiosk.common.rows import Row, plain
from kiosk.desk.config import DeskConfig
from kiosk.desk.desk import Desk
from kiosk.desk.shapes import View

PRINT_S = 30


class SlipPage(Page):
    """Shown after a matter was made, and again from its page."""

    def __init__(self, desk: Desk, matter: int, view: View | None = None) -> None:
        super().__init__(desk.shell)
        self._desk = desk
        self._matter = matter
        self._view = view

    def opened(self) -> None:
        if self._view is None:
            path = f"/matters/{self._matter}"
            self.ask(lambda port: View.model_validate(port.get(path).body), self._came)

    def title(self) -> str:
        return self.t("The resident's slip")

    def large(self) -> str:
        return str(self._matter)

    def rows(self, width: int, height: int) -> Sequence[Row]:
        view, t = self._view, self.t
        if view is None:
            return ()
        lines = (
            f"{t('Number')}  {view.matter}",
            f"{t('Whose')}  {self._desk.whose(view.lead, view.co)}",
            f"{t('Responsible')}  {view.person_name}",
            f"{t('Phone')}  {view.phone or '—'}",
            f"{t('Due')}  {short_time(view.due_at)}",
            f"{t('Now')}  {view.state_zh}",
        )
        shown: list[Row] = []
        for line in lines:
            shown += [plain(line, width, "arrow"), plain("", width)]
        return shown[:height]

    def keys(self) -> tuple[str, ...]:
        return (self.t("P print   Enter done   M open the matter"),)

    def press(self, key: str) -> None:
        if key in ("p", "P"):
            self._print()
        elif key in ("m", "M"):
            from kiosk.desk.pages.matter import MatterPage  # noqa: PLC0415 - it opens this page

            self.shell.close(self)
            self.shell.open(MatterPage(self._desk, self._matter))
        elif key == "enter":
            self.shell.close(self)
        else:
            super().press(key)

    def _came(self, view: View) -> None:
        self._view = view

    def _print(self) -> None:
        config, matter = self._desk.config, self._matter
        self.say(self.t("Being printed…"))
        self.ask(lambda port: printed(port, config, matter), self._printed)

    def _printed(self, result: tuple[str, bool]) -> None:
        said, good = result
        told = self.t("Slip: {where}") if good else self.t("Not printed: {where}")
        self.say(told.format(where=said), bad=not good)


def printed(port: HubPort, config: DeskConfig, matter: int) -> tuple[str, bool]:
    """Where the slip went, or why it did not; raises HubError."""
    data, ending = _slip(port, config, matter)
    folder = config.data / "slips"
    file = folder / f"{matter}{ending}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        file.write_bytes(data)
        if not config.print_command:
            return str(file), True
        done = subprocess.run(
            [*config.print_command, str(file)],
            check=False, capture_output=True, timeout=PRINT_S, stdin=subprocess.DEVNULL,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"{config.print_command[:1] or file}: {error}", False
    if done.returncode == 0:
        file.unlink()
        return Path(config.print_command[0]).name, True
    said = done.stderr.decode(errors="replace").strip().splitlines()
    return f"{config.print_command[0]}: {said[-1] if said else done.returncode}", False


def _slip(port: HubPort, config: DeskConfig, matter: int) -> tuple[bytes, str]:
    """A page, or where the hub cannot make one the plain text."""
    path = f"/matters/{matter}/slip"
    if config.paper == "a5":
        try:
            return port.page(path, "application/pdf").content, ".pdf"
        except HubRefusedError as error:
            if error.status not in (406, 501, 503):
                raise
    return port.page(path, "text/plain").content, ".txt"
