"""``python -m tests.kiosk.pictures`` draws docs/img/*.svg from the real screen.

The library's picture squeezes wide characters, because it counts characters instead of cells
for ``textLength``, and it asks for a font from the network. Both are put right here.
"""

import asyncio
import html
import re
import sys
import tempfile
from itertools import groupby
from pathlib import Path

from rich.cells import cell_len

from tests.kiosk.point_bus import Broker, point_on
from tests.kiosk.scripted_point import ScriptedPoint, bins
from tests.kiosk.seat import seated
from wire.point_bus import ScreenLink
from wire.session import PortStatus

IMAGES = Path(__file__).parents[2] / "docs" / "img"
PORTS = (
    PortStatus(name="reader-1", kind="rdm6300", up=True, bytes=14_000, frames=1000),
    PortStatus(name="scales", kind="modbus", up=True, bytes=90_134, frames=9013, errors=41,
               last_error="no_answer: slave 9: no answer within 0.2 s"),
    PortStatus(name="bus", kind="broker", up=True),
    PortStatus(name="hub", kind="broker", up=False, errors=1, last_error="Keep alive timeout"),
)  # fmt: skip
DIALOGS = (
    ("menu", ["slash"], "菜单"),
    ("no-card", ["full_stop", *"11", "full_stop", "1", "full_stop", *"102", "enter"], "在名册上"),
    ("hand-over", ["slash", "3"], "留给办公室"),
    ("again", ["asterisk"], "1–9 选择"),
    ("devices", ["slash", "6"], "no_answer"),
)
CELL = 12.2
"""Width of a cell in the library's pictures."""
_TEXT = re.compile(
    r'(<text class="[^"]*") x="([0-9.]+)" (y="[^"]*") textLength="[^"]*" ([^>]*>)([^<]*)'
)
_FONT_FACE = re.compile(r"@font-face\s*\{.*?\}\s*", re.DOTALL)
_FONTS = "'Noto Sans Mono CJK SC', 'Sarasa Mono SC', 'Fira Code', Menlo, Consolas, monospace"


def put_right(svg: str) -> str:
    """Wide and narrow runs each at their own cell; fonts of the reader's machine only."""
    svg = _TEXT.sub(_runs, _FONT_FACE.sub("", svg)).replace("</text></text>", "</text>")
    svg = svg.replace("font-variant-east-asian: full-width;", "")
    return svg.replace("font-family: Fira Code, monospace", f"font-family: {_FONTS}")


def _runs(match: re.Match[str]) -> str:
    head, start, height, tail, words = match.groups()
    pieces, x = [], float(start)
    for wide, group in groupby(html.unescape(words), key=lambda letter: cell_len(letter) == 2):
        run = "".join(group)
        width = cell_len(run) * CELL
        if run.strip(" \xa0") or not wide:
            shown = html.escape(run).replace(" ", "&#160;").replace("\xa0", "&#160;")
            place = f'x="{x:.1f}" {height} textLength="{width:.1f}"'
            place += ' lengthAdjust="spacingAndGlyphs"' * wide
            pieces.append(f"{head} {place} {tail}{shown}</text>")
        x += width
    return "".join(pieces)


async def draw(broker: Broker) -> dict[str, str]:
    """Five residents within a minute, one just rejected; then the dialogs, one by one."""
    script = ScriptedPoint(
        bins=bins(faulty=(9,)), link=ScreenLink(up=False, waiting=37), ports=PORTS
    )
    drawn = {}
    with point_on(broker, script) as point:
        point.tap("3-2-501", "7-1-1204", "11-1-102", "11-2-301", None, "12-1-501", "9-3-602")
        async with seated(broker, point) as seat:

            def take(name: str) -> None:
                title = "lianxin-kiosk point"
                drawn[name] = put_right(seat.app.export_screenshot(title=title))

            await seat.press("4", "2", "2")
            await seat.settled({"3-2-501": "corrected", "7-1-1204": "rejected unbroken_bag"})
            await seat.press("2")
            await seat.sees("✗ 1204 不合格 未破袋", "请按原因")
            take("point")
            await seat.press("9")
            for name, keys, words in DIALOGS:
                await seat.press(*keys)
                await seat.sees(words)
                take(name)
                await seat.press("slash")
                await seat.sees("回车两次")
    return drawn


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        broker = Broker(Path(folder))
        broker.start()
        try:
            drawn = asyncio.run(draw(broker))
        finally:
            broker.kill()
    IMAGES.mkdir(parents=True, exist_ok=True)
    for name, svg in drawn.items():
        (IMAGES / f"{name}.svg").write_text(svg, encoding="utf-8")
        sys.stdout.write(f"{IMAGES / name}.svg\n")


if __name__ == "__main__":
    main()
