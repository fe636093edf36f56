"""Cards of a household as rows: which one it is must be seen without having it. Pure."""

from rich.cells import cell_len

from kiosk.common.rows import Row, Span, fit
from kiosk.common.shapes import HeldCard
from kiosk.words import Translate


def called(card: HeldCard, t: Translate) -> str:
    """Its serial, or since when the household has it."""
    return card.serial or t("without a serial, since {day}").format(day=card.since)


def card_row(no: int | None, card: HeldCard, width: int, t: Translate) -> Row:
    """``✓ 100001 在用`` or ``✗ 100001 已挂失``, and when and where it was tapped last."""
    lead = f" {no} " if no is not None else " "
    sign, words, style = ("✗", t("blocked"), "rejected") if card.blocked else (
        "✓", t("in use"), "accepted",
    )  # fmt: skip
    head, state = f"{lead}{called(card, t)}", f"  {sign} {words}"
    left = width - cell_len(head) - cell_len(state)
    return (Span(head), Span(state, style), Span(fit(f"   {_last(card, t)}", left), "waits"))


def _last(card: HeldCard, t: Translate) -> str:
    if card.last_tap is None:
        return t("never tapped yet")
    told = t("last tapped {day} at point {point}")
    return told.format(day=card.last_tap.day, point=card.last_tap.point)
