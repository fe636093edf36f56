"""The acceptance sheet of a point, as text to print and sign and as CSV; pure."""

import csv
import io
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from edge.commission.limits import (
    LARGEST_DIVISION_G,
    LARGEST_STEP_G,
    SLOWEST_SWEEP_HZ,
    Measured,
    reasons,
)
from wire.day import local_time

COLUMNS = (
    "桶号 bin", "秤 scale", "e (g)", "σ (g)", "误差 error (g)", "回零 zero (g)",
    "最小投放 least (g)", "频率 rate (Hz)", "结论 result",
)  # fmt: skip
LINE = "____________________"


@dataclass(frozen=True)
class Sheet:
    """One point on one day; None where nothing was measured, False where no card was read."""

    community: str
    point: str
    node: str
    at_ms: int
    bins: tuple[tuple[int, str, Measured | None], ...]
    readers: tuple[tuple[str, bool], ...]

    @property
    def accepted(self) -> bool:
        """Every bin measured and good, every reader heard."""
        good = all(found is not None and not reasons(found) for _, _, found in self.bins)
        return good and all(heard for _, heard in self.readers)


def text(sheet: Sheet) -> str:
    """A page for a printer; a Chinese character is two columns wide."""
    rows = [COLUMNS, *(_row(*item) for item in sheet.bins)]
    lines = [
        "连心 投放点设备验收单   Lianxin acceptance sheet",
        "",
        f"小区 community  {sheet.community}",
        f"投放点 point    {sheet.point}",
        f"节点 node       {sheet.node}",
        f"日期 date       {_moment(sheet.at_ms)}",
        "",
        *_aligned(rows),
        "",
        *_bin_remarks(sheet.bins),
        "读卡器 readers",
        *(f"  {name}  {_reader_word(heard=heard)}" for name, heard in sheet.readers),
        "",
        f"要求 limits  e ≤ {LARGEST_DIVISION_G} g; 最小投放 least = max(3e, 6σ, 200 g)"
        f" ≤ {LARGEST_STEP_G} g; 频率 rate ≥ {SLOWEST_SWEEP_HZ} Hz;"
        " 误差 error ≤ max(2e, 2 %); 回零 zero ≤ max(2e, 6σ)",
        f"总结论 overall  {_result_word(good=sheet.accepted)}",
        "",
        f"安装人 installed by {LINE}   验收人 accepted by {LINE}   日期 date {LINE}",
    ]
    return "\n".join(lines) + "\n"


def table(sheet: Sheet) -> str:
    """CSV with the reasons and the moment of every bin."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(
        ["小区 community", "投放点 point", "节点 node", *COLUMNS, "原因 reason",
         "砝码 weight (g)", "静置 at rest (s)", "时间 at"]
    )  # fmt: skip
    for no, label, found in sheet.bins:
        why = "; ".join(reasons(found)) if found else "not measured"
        tail = (
            [found.weight_g, f"{found.idle_ms / 1000:.0f}", _moment(found.at_ms)]
            if found
            else ["", "", ""]
        )
        place = [sheet.community, sheet.point, sheet.node]
        writer.writerow([*place, *_row(no, label, found), why, *tail])
    return out.getvalue()


def _row(no: int, label: str, found: Measured | None) -> tuple[str, ...]:
    if found is None:
        return (str(no), label, "", "", "", "", "", "", "未测 NOT MEASURED")
    return (
        str(no),
        label,
        str(found.division_g),
        f"{found.sigma_g:.1f}",
        f"{found.error_g:+.0f}",
        f"{found.drift_g:+.0f}",
        f"{found.step_g:.0f}",
        f"{found.rate_hz:.1f}",
        _result_word(good=not reasons(found)),
    )


def _bin_remarks(bins: Iterable[tuple[int, str, Measured | None]]) -> list[str]:
    why = [f"  {no}  {reason}" for no, _, found in bins if found for reason in reasons(found)]
    return ["原因 reasons", *why, ""] if why else []


def _result_word(*, good: bool) -> str:
    return "合格 PASS" if good else "不合格 FAIL"


def _reader_word(*, heard: bool) -> str:
    return "已读到卡 a card was read" if heard else "未测 NOT TESTED"


def _moment(at_ms: int) -> str:
    return local_time(at_ms).strftime("%Y-%m-%d %H:%M")


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(_width(row[n]) for row in rows) for n in range(len(rows[0]))]
    return ["  ".join(map(_padded, row, widths)).rstrip() for row in rows]


def _padded(cell: str, width: int) -> str:
    return cell + " " * (width - _width(cell))


def _width(words: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in words)
