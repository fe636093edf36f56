"""One household in front of the machine, from its tap until the machine locks."""

from collections.abc import Sequence

from rich.cells import cell_len

from kiosk.common.page import Shell
from kiosk.common.rows import Row, Span, fit
from kiosk.selfcheck.config import SelfConfig
from kiosk.selfcheck.shapes import DayMark, Opened
from kiosk.words import Translate
from kiosk.words import mark as _

WEEKDAYS = (_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun"))
MARKS = {
    "yes": ("✓", "accepted"), "no": ("✗", "rejected"), "wait": ("…", "unclear"),
    "none": ("·", "waits"),
}  # fmt: skip
CELL, WIDEST = 8, 14
"""A day's cells; on a wide screen the weeks spread."""


class Visit:
    """Everything of it goes away with it."""

    def __init__(self, shell: Shell, config: SelfConfig, opened: Opened) -> None:
        self.shell = shell
        self.config = config
        self.token = opened.token
        self.door = opened.door

    def why(self, day: DayMark) -> str:
        """In the language of the machine."""
        return day.why if self.config.language == "zh" else day.why_en


def grid(days: Sequence[DayMark], weekday: int, width: int, t: Translate) -> list[Row]:
    """A month as weeks; ``weekday`` is that of its first day, Monday 0. Sign, number, colour."""
    cell = min(WIDEST, max(CELL, width // 7))
    head = "".join(fit(f" {t(one)}", cell) for one in WEEKDAYS)
    rows: list[Row] = [(Span(fit(head, width), "head"),)]
    cells = [Span(" " * cell)] * weekday
    for number, day in enumerate(days, start=1):
        sign, style = MARKS.get(day.mark, ("?", ""))
        cells.append(Span(fit(f" {number:>2} {sign}", cell), style))
    for start in range(0, len(cells), 7):
        week = cells[start : start + 7]
        used = sum(cell_len(span.text) for span in week)
        rows.append((*week, Span(" " * max(0, width - used))))
    return rows
