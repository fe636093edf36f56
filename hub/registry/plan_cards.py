"""Cards and blocks of an import, against those that are bound."""

from collections import Counter, defaultdict

from hub.db import table
from hub.registry import tables
from hub.registry.changes import Row
from hub.registry.planned import Ground, home_of, twice
from hub.registry.reading import Line
from hub.registry.rows import CardRow
from hub.registry.spans import Span, follow, reaches_over
from wire.day import business_day, utc_ms

_b, _k = table(tables.CardBinding).c, table(tables.CardBlock).c


def plan_cards(ground: Ground) -> None:
    """Each binding ends where it says or where the card's next one begins."""
    lines, made = ground.read.lines["cards"], ground.made
    held: dict[str, dict[int, Row]] = defaultdict(dict)
    for row in ground.registered(
        tables.CardBinding, _b.card.in_({line.row.card for line in lines})
    ):
        held[row["card"]][row["from_ms"]] = row
    made.problems += twice(lines, "card", lambda row: (row.card, row.from_))
    touched: dict[str, Line] = {}
    for line in lines:
        household = home_of(line, business_day(utc_ms(line.row.from_)), ground)
        if household is not None:
            _bind(line, household, held[line.row.card], ground)
            touched[line.row.card] = line
    for card, line in touched.items():
        made.problems += [
            line.problem("to", f"a binding of this card reaches over the next, of {after.of}")
            for _, after in reaches_over(_spans(held[card]))
        ]
        for span in follow(_spans(held[card])):
            held[card][span.from_ms]["to_ms"] = span.to_ms
    made.rows.append((tables.CardBinding, [row for card in touched for row in held[card].values()]))
    if ground.max_cards is not None:
        made.problems += _too_many(held, touched, ground)


def _bind(line: Line, household: str, held: dict[int, Row], ground: Ground) -> None:
    row: CardRow = line.row
    from_ms = utc_ms(row.from_)
    before = held.get(from_ms)
    wrong = before is not None and before["household_id"] != household
    if before is not None and wrong and not ground.read.corrects:
        what = f"bound to {before['household_id']} from the same moment"
        ground.made.problems.append(line.problem("card", what))
        return
    to_ms = utc_ms(row.to) if row.to else None
    held[from_ms] = {
        "card": row.card,
        "from_ms": from_ms,
        "household_id": household,
        "to_ms": to_ms if "to" in line.given else before and before["to_ms"],
        "serial": row.serial if "serial" in line.given else before and before["serial"],
    }


def _spans(held: dict[int, Row]) -> list[Span]:
    return [Span(row["from_ms"], row["to_ms"], row["household_id"]) for row in held.values()]


def _too_many(
    held: dict[str, dict[int, Row]], touched: dict[str, Line], ground: Ground
) -> list[str]:
    now_ms, most = ground.now_ms, ground.max_cards or 0
    homes = {span.of for card in touched for span in _spans(held[card]) if span.covers(now_ms)}
    for row in ground.registered(tables.CardBinding, _b.household_id.in_(homes)):
        if row["card"] not in touched:
            held[row["card"]][row["from_ms"]] = row
    now = [span.of for spans in held.values() for span in _spans(spans) if span.covers(now_ms)]
    count = Counter(now)
    problems = []
    for card, line in touched.items():
        for span in _spans(held[card]):
            if span.covers(now_ms) and count[span.of] > most:
                what = f"{span.of} would have {count[span.of]} cards; the policy allows {most}"
                problems.append(line.problem("card", what))
    return problems


def plan_blocks(ground: Ground) -> None:
    """A block ends where it says or never."""
    lines, made = ground.read.lines["blocks"], ground.made
    made.problems += twice(lines, "card", lambda row: (row.card, row.from_))
    rows = [
        {
            "card": line.row.card,
            "from_ms": utc_ms(line.row.from_),
            "until_ms": utc_ms(line.row.until) if line.row.until else None,
        }
        for line in lines
    ]
    held: dict[str, dict[int, int | None]] = defaultdict(dict)
    for row in ground.registered(tables.CardBlock, _k.card.in_({line.row.card for line in lines})):
        held[row["card"]][row["from_ms"]] = row["until_ms"]
    for line, fresh in zip(lines, rows, strict=True):
        spans = held[fresh["card"]]
        spans[fresh["from_ms"]] = fresh["until_ms"]
        if reaches_over([Span(begin, end) for begin, end in spans.items()]):
            made.problems.append(line.problem("until", "reaches over the card's next block"))
        if fresh["until_ms"] is not None and fresh["until_ms"] < fresh["from_ms"]:
            made.problems.append(line.problem("until", "ends before it begins"))
    made.rows.append((tables.CardBlock, rows))
