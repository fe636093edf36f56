"""A program of its own: the fields of a slip as JSON on stdin, its A5 page as PDF on stdout.

The hub starts it by its path, so that typst's 50 MB end with the page.
"""

import json
import sys
from pathlib import Path
from typing import Any

NO_TYPST, NO_FONT = 3, 4
CHINESE = (
    "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN",
    "WenQuanYi Zen Hei", "WenQuanYi Micro Hei", "Noto Serif CJK SC", "Source Han Serif SC",
    "AR PL UMing CN", "AR PL UKai CN", "Droid Sans Fallback", "Microsoft YaHei", "SimSun",
    "PingFang SC",
)  # fmt: skip
"""Families that have every character of a slip, the best to read first."""
_TEMPLATE = Path(__file__).parent / "data" / "slip.typ"


class NoChineseFontError(Exception):
    """Without one every Chinese character would be a box."""


def page(fields: dict[str, Any], fonts: Any) -> bytes:
    """``rows`` are label and value; every other field is text. Nothing in them is markup."""
    import typst  # noqa: PLC0415 - loads a library of 100 MB

    families = set(fonts.families())
    family = next((name for name in CHINESE if name in families), None)
    if family is None:
        raise NoChineseFontError
    texts = {name: str(value) for name, value in fields.items() if name != "rows"}
    rows = json.dumps(fields["rows"], ensure_ascii=False)
    made: bytes = typst.compile(
        _TEMPLATE.read_bytes(),
        format="pdf",
        font_paths=fonts,
        sys_inputs=texts | {"rows": rows, "font": family},
    )
    return made


def main() -> int:
    """The exit code says what is missing."""
    try:
        import typst  # noqa: PLC0415
    except ImportError:
        return NO_TYPST
    try:
        made = page(json.load(sys.stdin.buffer), typst.Fonts())
    except NoChineseFontError:
        return NO_FONT
    sys.stdout.buffer.write(made)
    return 0


if __name__ == "__main__":
    sys.exit(main())
