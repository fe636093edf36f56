"""The lists that can be imported and exported, and what their columns are called."""

from dataclasses import dataclass

from hub.registry import rows

_DOOR = {
    "household": ("户号",),
    "door": ("门牌", "门牌号", "地址", "住址"),
    "building": ("楼号", "楼栋", "楼", "栋", "幢", "楼幢"),
    "unit": ("单元", "单元号"),
    "room": ("房号", "室号", "房间号", "室"),
}


@dataclass(frozen=True)
class List:
    """One list: ``columns`` are names with the headings that mean them, the first for export."""

    name: str
    title: str
    row: type[rows.Row]
    columns: dict[str, tuple[str, ...]]
    example: tuple[str, ...]

    @property
    def wanted(self) -> tuple[str, ...]:
        """Columns without which no row can be right."""
        return tuple(
            field.alias or name
            for name, field in self.row.model_fields.items()
            if field.is_required()
        )

    @property
    def exported(self) -> tuple[str, ...]:
        """Every column but the whole door, whose parts stand there."""
        return tuple(name for name in self.columns if name != "door")

    def column(self, heading: str) -> str | None:
        """The column a heading means, in Chinese or by its own name."""
        for name, words in self.columns.items():
            if heading.lower() == name or heading in words:
                return name
        return None


LISTS = {
    one.name: one
    for one in (
        List("community", "小区", rows.CommunityRow, {"name": ("名称", "小区名称")}, ("连心花园",)),
        List(
            "grids", "网格", rows.GridRow,
            {"grid": ("网格", "网格号"), "name": ("名称", "网格名称")},
            ("g1", "第一网格"),
        ),
        List(
            "buildings", "楼栋", rows.BuildingRow,
            {"building": _DOOR["building"], "grid": ("网格", "网格号")},
            ("11", "g1"),
        ),
        List(
            "points", "投放点", rows.PointRow,
            {"point": ("投放点", "点位"), "name": ("名称",), "grid": ("网格", "网格号")},
            ("p01", "1号点", "g1"),
        ),
        List(
            "bins", "垃圾桶", rows.BinRow,
            {
                "point": ("投放点", "点位"),
                "bin": ("桶号",),
                "category": ("类别", "垃圾类别"),
            },
            ("p01", "1", "有害垃圾"),
        ),
        List(
            "households", "住户", rows.HouseholdRow,
            _DOOR | {
                "kind": ("类型", "性质"),
                "name": ("户主", "姓名", "户主姓名", "商户名称"),
                "phone": ("电话", "联系电话", "手机"),
                "from_day": ("起始日", "入住日期", "开始日期"),
                "to_day": ("终止日", "迁出日期", "结束日期"),
                "successor_of": ("承接户号",),
            },
            ("", "11", "1", "102", "住宅", "", "", "2026-01-01", "", ""),
        ),
        List(
            "cards", "卡片", rows.CardRow,
            {"card": ("卡标识",), "serial": ("卡号", "卡面号")}
            | _DOOR
            | {"from": ("起", "启用时间", "开始时间"), "to": ("止", "停用时间", "结束时间")},
            ("k1." + "a" * 52, "100001", "", "11", "1", "102", "2026-01-01", ""),
        ),
        List(
            "blocks", "挂失", rows.BlockRow,
            {"card": ("卡标识",), "from": ("起", "挂失时间"), "until": ("止", "解挂时间")},
            ("k1." + "a" * 52, "2026-03-01 09:30", ""),
        ),
        List(
            "people", "人员", rows.PersonRow,
            {
                "person": ("编号",),
                "number": ("工号", "键盘号"),
                "role": ("角色", "岗位"),
                "card": ("卡标识",),
                "pin": ("密码", "PIN"),
            } | _DOOR,
            ("v01", "101", "志愿者", "", "", "", "11", "1", "102"),
        ),
        List(
            "contacts", "网格联系人", rows.ContactRow,
            {
                "contact": ("编号",),
                "level": ("级别", "层级"),
                "body": ("单位", "归属"),
                "title": ("职务",),
                "name": ("姓名", "称呼"),
                "phone": ("电话", "联系电话", "手机"),
                "building": _DOOR["building"],
                "unit": _DOOR["unit"],
                "person": ("人员", "人员编号"),
                "to_day": ("终止日", "结束日期"),
            },
            ("c31", "3", "社区", "社区干部", "3号楼网格员", "88000103", "3", "", "", ""),
        ),
    )
}  # fmt: skip
"""In the order in which they are written: what is referred to comes first."""
