"""Kinds of matters as services, and what may be said more of one. Pure."""

from collections.abc import Mapping
from typing import Any

from hub.matters.kinds import MatterKind
from hub.open311.errors import GeoReportError

_GROUPS = {"community": "社区", "property": "物业", "joint": "联合", "other": "其他"}
_SINCE: dict[str, Any] = {
    "variable": True, "code": "since", "datatype": "string", "required": False,
    "datatype_description": "", "order": 1, "description": "从什么时候开始", "values": [],
}  # fmt: skip
_WHERE: dict[str, Any] = {
    "variable": True, "code": "where", "datatype": "singlevaluelist", "required": False,
    "datatype_description": "", "order": 2, "description": "在什么位置",
    "values": [
        {"key": "stairs", "name": "楼道"}, {"key": "outside", "name": "室外"},
        {"key": "garage", "name": "车库"},
    ],
}  # fmt: skip
_MOST = 200


def service(kind: MatterKind) -> dict[str, Any]:
    """A kind as GET services lists it."""
    return {
        "service_code": kind.kind, "service_name": kind.name, "description": kind.name,
        "metadata": True, "type": "realtime", "keywords": "", "group": _GROUPS[kind.group],
    }  # fmt: skip


def definition(kind: MatterKind) -> dict[str, Any]:
    """What a report of the kind may say more."""
    return {"service_code": kind.kind, "attributes": [_SINCE, _WHERE]}


def attribute_lines(given: Mapping[str, list[str]]) -> list[str]:
    """``attribute[code]`` fields in words; a 400 for one that no definition has."""
    known = {one["code"]: one for one in (_SINCE, _WHERE)}
    lines = []
    for code, values in given.items():
        one = known.get(code)
        if one is None:
            expected = ", ".join(known)
            raise GeoReportError(400, f"attribute[{code[:40]}] is not known; expected {expected}")
        if len(values) != 1 or len(values[0]) > _MOST:
            msg = f"attribute[{code}]: expected one value of at most {_MOST} characters"
            raise GeoReportError(400, msg)
        names = {item["key"]: item["name"] for item in one["values"]}
        if names and values[0] not in names:
            msg = f"attribute[{code}]: found {values[0][:40]}; expected one of {', '.join(names)}"
            raise GeoReportError(400, msg)
        lines.append(f"{one['description']}:{names.get(values[0], values[0])}")
    return lines
