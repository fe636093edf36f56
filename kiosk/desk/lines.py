"""Matters as rows of text. Pure. A light is a sign, a word and a colour."""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from rich.cells import cell_len

from kiosk.common.matters import RATINGS, short_time, steps
from kiosk.common.rows import Row, Span, fit, plain, spread, wrapped
from kiosk.desk import shapes
from kiosk.desk.desk import Desk
from kiosk.words import Translate
from kiosk.words import mark as _

LIGHTS: Mapping[str, tuple[str, str, str]] = MappingProxyType({
    "ok": ("●", _("in time"), "accepted"),
    "soon": ("▲", _("due soon"), "unclear"),
    "overdue": ("✗", _("late"), "rejected"),
    "paused": ("‖", _("paused"), "waits"),
    "done": ("✓", _("done"), "waits"),
})  # fmt: skip
MOST_PIECES = 4
"""Rows of a matter's text on its page."""
TWO_LINES_FROM = 18
"""Rows of room from which each matter of a list gets a second line."""


def light(row: shapes.Row, t: Translate) -> tuple[str, str]:
    """``✗ 超时`` and its colour."""
    sign, word, style = LIGHTS.get(row.light, ("?", row.light, ""))
    return f"{sign} {t(word)}", style


def list_rows(desk: Desk, found: Sequence[shapes.Row], width: int, height: int) -> Iterator[Row]:
    """Nine matters under the digits 1 to 9."""
    two = height >= TWO_LINES_FROM
    for place, row in enumerate(found, start=1):
        lit, style = light(row, desk.t)
        watch = f"{desk.t('watched')} {(row.next_check or '')[5:]} " if row.watch else ""
        right = f" {watch}{row.state_zh} {lit} "
        text = f" {place} #{row.matter} {row.kind_zh} {row.place}"
        if not two:
            text += f"  {row.text}".replace("\n", " ")
        left = fit(text, width - cell_len(right))
        yield (Span(left), Span(right, style))
        if two:
            due = desk.t("due {time}").format(time=short_time(row.due_at))
            who = f"{desk.whose(row.lead, row.co) if row.lead else '—'} {row.person_name}"
            said = row.text.replace("\n", " ")
            yield (Span(spread(f"     {said}", f" {who} {due} ", width), "waits"),)


def matter_rows(desk: Desk, view: shapes.View, width: int) -> Iterator[Row]:
    """A matter, from what is asked most often to what is seldom."""
    t = desk.t
    lit, style = light(view, t)
    head = f" {view.state_zh}  {desk.whose(view.lead, view.co)}"
    if view.provisional:
        head += "  " + t("(first taken, provisional)")
    yield (Span(fit(head, width - cell_len(lit) - 1), "head"), Span(f"{lit} ", style))
    who = t("{name} {phone}   due {due}   received {at}")
    yield plain(
        who.format(
            name=view.person_name, phone=view.phone,
            due=short_time(view.due_at), at=short_time(view.received_at),
        ),
        width,
    )  # fmt: skip
    yield plain(f"{view.kind_zh}  {view.place}  {view.household or ''}", width)
    pieces = wrapped(view.text, width - 4)
    if len(pieces) > MOST_PIECES:
        pieces = [*pieces[: MOST_PIECES - 1], t("…  (* shows all of it)")]
    for piece in pieces:
        yield plain(f"  {piece}", width, "arrow" if not piece else "")
    yield plain(steps(view.steps), width)
    yield from _more(desk, view, width)


def _more(desk: Desk, view: shapes.View, width: int) -> Iterator[Row]:
    t = desk.t
    for task in view.tasks if len(view.tasks) > 1 else ():
        sign = "✓" if task.done_at else "…" if task.accepted_at else "·"
        yield plain(f"{desk.side(task.body)} {sign} {task.person_name} {task.result or ''}", width)
    for one in view.proposals:
        told = t("{side} proposes: {whose}")
        whose = desk.whose(one.lead, one.co)
        yield plain(told.format(side=desk.side(one.body), whose=whose), width, "unclear")
    if view.watch_entry is not None:
        told = t("watched by {person}, next look {day}")
        entry = view.watch_entry
        yield plain(told.format(person=entry.person_name, day=entry.next_check), width, "unclear")
        for line in entry.log[-2:]:
            yield plain(f"  {short_time(line.at)} {line.text}", width)
    if view.result:
        yield plain(t("result: {text}").format(text=view.result), width)
    if view.tries or view.rating:
        rating = t(RATINGS.get(view.rating or "", "—"))
        told = t("calls tried: {count}   rating: {rating}")
        yield plain(told.format(count=view.tries, rating=rating), width)
    if view.reporters > 1:
        yield plain(t("{count} reporters").format(count=view.reporters), width)
