"""Community, grids, buildings, units, points and bins over HTTP."""

from types import GenericAlias
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, ConfigDict
from sqlalchemy import select, tuple_
from sqlmodel import Session, SQLModel

from hub.access.deps import ROLES, require
from hub.db import table
from hub.registry import rows, tables
from hub.registry.api import Writer
from hub.registry.editing import edit
from hub.web.deps import Hub, HubDep, ReadDep, WriteDep
from hub.web.keyset import DEFAULT_LIMIT, After, Limit, Page, decode_place, encode_place
from hub.web.lists import ListRoute
from hub.web.words import Why

router = APIRouter(
    prefix="/places",
    tags=["places"],
    route_class=ListRoute,
    dependencies=[Depends(require(*ROLES))],
)
PointName = Annotated[rows.ShortId, Path(examples=["p01"])]


class CommunityOut(BaseModel):
    """The compound; its name is empty until somebody gives one."""

    community: str
    name: str


class GridOut(BaseModel):
    """A grid (网格)."""

    grid: str
    name: str


class BuildingOut(BaseModel):
    """A building and its grid."""

    building: str
    grid: str | None


class UnitOut(BaseModel):
    """A staircase of a building."""

    building: str
    unit: str


class PlaceOut(BaseModel):
    """A collection point's name and grid; what it reports is at /points."""

    point: str
    name: str
    grid: str | None


class BinOut(BaseModel):
    """A bin and what belongs into it."""

    point: str
    bin: int
    category: str


class GridPage(Page):
    """Grids by their numbers."""

    items: list[GridOut]


class BuildingPage(Page):
    """Buildings by their names."""

    items: list[BuildingOut]


class UnitPage(Page):
    """Units by building."""

    items: list[UnitOut]


class PlacePage(Page):
    """Points by their names."""

    items: list[PlaceOut]


class BinPage(Page):
    """Bins by point."""

    items: list[BinOut]


def _example(**more: str) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [{**more, "why": "set up"}]})


class Named(BaseModel):
    """A new name."""

    model_config = _example(name="连心花园")

    name: rows.Name
    why: Why


class BuildingChange(BaseModel):
    """The grid a building belongs to."""

    model_config = _example(grid="g1")

    grid: rows.ShortId | None = None
    why: Why


class PointChange(BaseModel):
    """A point's name and grid."""

    model_config = _example(name="1号点", grid="g1")

    name: rows.Name
    grid: rows.ShortId | None = None
    why: Why


class BinChange(BaseModel):
    """What belongs into a bin."""

    model_config = _example(category="kitchen")

    category: rows.Category
    why: Why


@router.get("/community")
def read_community(hub: HubDep, session: ReadDep) -> CommunityOut:
    """What the compound is called."""
    held = session.get(tables.Community, hub.community)
    return CommunityOut(community=hub.community, name=held.name if held else "")


@router.put("/community")
def name_community(asked: Named, hub: HubDep, session: WriteDep, caller: Writer) -> CommunityOut:
    """Name the compound."""
    edit(session, hub, caller, asked.why, community=[rows.CommunityRow(name=asked.name)])
    return CommunityOut(community=hub.community, name=asked.name)


@router.get("/grids")
def list_grids(
    hub: HubDep, session: ReadDep, *, after: After = None, limit: Limit = DEFAULT_LIMIT
) -> GridPage:
    """Every grid."""
    items, more = _list(session, hub, tables.Grid, after, limit)
    return GridPage(items=[GridOut(**row) for row in items], next=more)


@router.put("/grids/{grid}")
def put_grid(
    grid: Annotated[rows.ShortId, Path(examples=["g1"])],
    asked: Named,
    hub: HubDep,
    session: WriteDep,
    caller: Writer,
) -> GridOut:
    """Register or rename a grid."""
    edit(session, hub, caller, asked.why, grids=[rows.GridRow(grid=grid, name=asked.name)])
    return GridOut(grid=grid, name=asked.name)


@router.get("/buildings")
def list_buildings(
    hub: HubDep, session: ReadDep, *, after: After = None, limit: Limit = DEFAULT_LIMIT
) -> BuildingPage:
    """Every building."""
    items, more = _list(session, hub, tables.Building, after, limit)
    return BuildingPage(items=[BuildingOut(**row) for row in items], next=more)


@router.put("/buildings/{building}")
def put_building(
    building: Annotated[rows.BuildingPart, Path(examples=["11"])],
    asked: BuildingChange,
    hub: HubDep,
    session: WriteDep,
    caller: Writer,
) -> BuildingOut:
    """Register a building or give it to a grid."""
    row = rows.BuildingRow(building=building, grid=asked.grid)
    edit(session, hub, caller, asked.why, buildings=[row])
    return BuildingOut(building=building, grid=asked.grid)


@router.get("/units")
def list_units(
    hub: HubDep, session: ReadDep, *, after: After = None, limit: Limit = DEFAULT_LIMIT
) -> UnitPage:
    """Every unit that has a household."""
    items, more = _list(session, hub, tables.BuildingUnit, after, limit)
    return UnitPage(items=[UnitOut(**row) for row in items], next=more)


@router.get("/points")
def list_places(
    hub: HubDep, session: ReadDep, *, after: After = None, limit: Limit = DEFAULT_LIMIT
) -> PlacePage:
    """Every registered point."""
    items, more = _list(session, hub, tables.CollectionPoint, after, limit)
    return PlacePage(items=[PlaceOut(**row) for row in items], next=more)


@router.put("/points/{point}")
def put_point(
    point: PointName, asked: PointChange, hub: HubDep, session: WriteDep, caller: Writer
) -> PlaceOut:
    """Register or rename a point."""
    row = rows.PointRow(point=point, name=asked.name, grid=asked.grid)
    edit(session, hub, caller, asked.why, points=[row])
    return PlaceOut(point=point, name=asked.name, grid=asked.grid)


@router.get("/bins")
def list_bins(
    hub: HubDep, session: ReadDep, *, after: After = None, limit: Limit = DEFAULT_LIMIT
) -> BinPage:
    """Every bin."""
    items, more = _list(session, hub, tables.Bin, after, limit)
    return BinPage(items=[BinOut(**row) for row in items], next=more)


@router.put("/points/{point}/bins/{number}")
def put_bin(
    point: PointName,
    number: Annotated[int, Path(ge=1, le=99)],
    *,
    asked: BinChange,
    hub: HubDep,
    session: WriteDep,
    caller: Writer,
) -> BinOut:
    """Register a bin or say what belongs into it."""
    row = rows.BinRow(point=point, bin=number, category=asked.category)
    edit(session, hub, caller, asked.why, bins=[row])
    return BinOut(point=point, bin=number, category=asked.category)


def _list(
    session: Session, hub: Hub, model: type[SQLModel], after: str | None, limit: int
) -> tuple[list[dict[str, Any]], str | None]:
    """A page of a table in the order of its key, without the community."""
    target = table(model)
    keys = [column for column in target.primary_key if column.name != "community"]
    found = select(target).where(target.c.community == hub.community)
    kinds: Any = GenericAlias(tuple, tuple(key.type.python_type for key in keys))
    if (place := decode_place(after, kinds)) is not None:
        found = found.where(tuple_(*keys) > tuple(place))
    rows_ = session.execute(found.order_by(*keys).limit(limit + 1)).mappings().all()
    items = [{k: v for k, v in row.items() if k != "community"} for row in rows_[:limit]]
    more = encode_place(*(items[-1][key.name] for key in keys)) if len(rows_) > limit else None
    return items, more
