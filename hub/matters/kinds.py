"""Kinds of matters and whose they are: data, with the division of the joint desk as its default."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from hub.matters.model import OTHER, Side

HOUR_MIN = 60
DAY_MIN = 7 * HOUR_MIN
"""Of work; a desk's own hours may differ, the deadline is in working minutes."""


class MatterKind(BaseModel):
    """One kind; ``lead`` is null where the desk has to find out. Deadlines in working minutes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Annotated[str, Field(pattern=r"^[a-z0-9_]{1,32}$")]
    name: Annotated[str, Field(min_length=1, max_length=20)]
    lead: Side | None = None
    co: Side | None = None
    accept_min: Annotated[int, Field(ge=1, le=100 * DAY_MIN)] = 4 * HOUR_MIN
    due_min: Annotated[int, Field(ge=1, le=100 * DAY_MIN)] = 5 * DAY_MIN
    call_again_min: Annotated[
        int, Field(ge=0, le=10 * DAY_MIN, description="between tries to reach the reporter")
    ] = DAY_MIN // 2
    urgent: bool = Field(False, description="safety: first on every agenda")
    open311: bool = Field(True, description="offered to the public")
    order: Annotated[int, Field(ge=0, le=99)] = 99
    group: Literal["community", "property", "joint", "other"] = "other"

    @model_validator(mode="after")
    def _sides(self) -> "MatterKind":
        if self.co is not None and (self.lead is None or self.co != OTHER[self.lead]):
            msg = f"kind {self.kind}: co {self.co} beside lead {self.lead}; expected the other side"
            raise ValueError(msg)
        return self


def _kind(
    kind: str,
    name: str,
    lead: Side | None,
    *,
    co: Side | None = None,
    due_min: int = 5 * DAY_MIN,
    urgent: bool = False,
    open311: bool = True,
) -> MatterKind:
    group: Literal["community", "property", "joint", "other"] = "other"
    if lead is not None:
        group = "joint" if co else "community" if lead == "committee" else "property"
    return MatterKind(
        kind=kind, name=name, lead=lead, co=co, due_min=due_min, urgent=urgent, open311=open311,
        group=group,
    )  # fmt: skip


_IN_ORDER = (
    _kind("culture", "文体活动", "committee"),
    _kind("fire_safety", "消防安全", "committee", due_min=8 * HOUR_MIN, urgent=True),
    _kind("illegal_building", "违章建筑", "committee"),
    _kind("rental", "出租屋管理", "committee"),
    _kind("facility", "公共设施", "property"),
    _kind("repair", "报修", "property", due_min=3 * DAY_MIN),
    _kind("parking", "停车管理", "property"),
    _kind(
        "blocked_way", "扰民堵通道", "property", co="committee", due_min=8 * HOUR_MIN, urgent=True
    ),
    _kind("other", "说不清", None),
    _kind("joint", "联合处理", "property", co="committee", due_min=7 * DAY_MIN),
    _kind("reward", "奖励疑问", "committee", due_min=3 * DAY_MIN, open311=False),
    _kind("device", "设备", "property", due_min=3 * DAY_MIN, open311=False),
)
DEFAULT_KINDS: tuple[MatterKind, ...] = tuple(
    kind.model_copy(update={"order": order}) for order, kind in enumerate(_IN_ORDER, start=1)
)
