"""docs/wire.md, printed from the definitions: ``python -m wire > docs/wire.md``."""

from types import NoneType
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo

from wire import base, facts, point_bus, roster, session
from wire.base import WireModel
from wire.facts import BODIES, Envelope
from wire.session import Rejected
from wire.topics import QOS, TOPICS

_INTRO = f"""# The wire

Printed from `wire/` by `python -m wire`; a test compares. MQTT 3.1.1, QoS {QOS}, UTF-8 JSON
without absent fields. Unknown fields and kinds are kept and shown. Golden bytes stand in
`tests/wire/golden/`; a changed golden line needs a new version and a decision.

## Topics

| message | topic | sender | retained | broker |
|---|---|---|---|---|
"""

_FACTS = f"""
## facts payload

First line: the header above. Then `count` fact lines, each ended by LF; at most
{session.MAX_BATCH_LINES} lines and {session.MAX_BATCH_BYTES} bytes, a line at most
{facts.MAX_LINE_BYTES} bytes, at most {session.MAX_UNRECEIPTED} facts without a receipt. A line is
the envelope with one more field, `body`. The key of a fact is (community, point, epoch, seq): the
line does not contain it. `chain` = SHA-256(previous chain ‖ line without LF), seeded by
SHA-256("lianxin chain 1 " ‖ epoch in hex). A roster page is at most {roster.MAX_PAGE_BYTES} bytes.
"""

_SCREEN_PARTS = ("ScreenVisit", "ScreenJudged", "ScreenBin", "ScreenShift", "ScreenLink")


def _types(annotation: Any) -> list[str]:
    """The words for one annotation, most of them taken from its type alias in wire.base."""
    inner = get_args(annotation)
    kind = get_origin(annotation)
    if kind is Literal:
        return ["`" + "` `".join(str(value) for value in inner) + "`"]
    if kind is tuple and inner[-1] is Ellipsis:
        return ["list of " + "/".join(_types(inner[0]))]
    if kind is tuple:
        return ["[" + ", ".join("/".join(_types(part)) for part in inner) + "]"]
    if kind is Annotated:
        return [_alias(annotation)]
    if isinstance(annotation, type):
        return [] if annotation is NoneType else [annotation.__name__]
    return [word for part in inner for word in _types(part)]


_ALIASES = {
    str(value): name
    for name, value in vars(base).items()
    if str(value).startswith("typing.Annotated")
}


def _alias(annotation: Any) -> str:
    return _ALIASES.get(str(annotation)) or "/".join(_types(get_args(annotation)[0]))


def _bounds(field: FieldInfo) -> str:
    parts: list[str] = []
    for rule in field.metadata:
        for name, sign in (("ge", "≥"), ("gt", ">"), ("le", "≤"), ("max_length", "length ≤")):
            if getattr(rule, name, None) is not None:
                parts.append(f"{sign} {getattr(rule, name)}")
        if getattr(rule, "pattern", None):
            parts.append(f"`{rule.pattern}`")
    return ", ".join(parts)


def _table(model: type[WireModel]) -> str:
    rows = ["| field | type | bounds | default | meaning |", "|---|---|---|---|---|"]
    for name, field in model.model_fields.items():
        # The hint keeps the alias that pydantic has already taken apart in `annotation`.
        hint = model.__annotations__.get(name, field.annotation)
        default = "required" if field.is_required() else f"`{field.default}`"
        if field.default is None and not field.is_required():
            default = "absent"
        words = " or ".join(dict.fromkeys(_types(hint)))
        meaning = field.description or ""
        rows.append(f"| {name} | {words} | {_bounds(field)} | {default} | {meaning} |")
    return "\n".join(row.replace("|  |", "| |") for row in rows) + "\n"


def _section(title: str, model: type[WireModel]) -> str:
    return f"\n### {title}\n\n{model.__doc__}\n\n{_table(model)}"


def describe() -> str:
    """The whole document."""
    out = [_INTRO]
    out += [
        f"| {t.name} | `{t.shape}` | {t.sender} | {'yes' if t.retain else 'no'} | {t.broker} |\n"
        for t in TOPICS
    ]
    out.append(_FACTS)
    out.append("\n## Field types\n\n| type | bounds | meaning |\n|---|---|---|\n")
    for name, value in vars(base).items():
        if str(value).startswith("typing.Annotated"):
            field = FieldInfo.from_annotation(value)
            out.append(f"| {name} | {_bounds(field)} | {field.description or ''} |\n")
    out.append("\n## Messages\n")
    out += [_section(t.payload.__name__, t.payload) for t in TOPICS]
    parts = (Rejected, session.PortStatus, roster.PageRef, roster.RosterPerson)
    out += [_section(part.__name__, part) for part in parts]
    out += [_section(name, getattr(point_bus, name)) for name in _SCREEN_PARTS]
    out.append("\n## Facts\n")
    out.append(_section("Envelope", Envelope))
    out += [_section(f"{kind} ({body.__name__})", body) for kind, body in BODIES.items()]
    return "".join(out)
