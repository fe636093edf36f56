"""``python -m tests.kiosk.web.pictures`` takes docs/img/desk-browser.png of a real Chromium."""

import asyncio
import sys
import tempfile
from pathlib import Path

from tests.hub.stores import SqliteStores
from tests.kiosk.desk.making import made
from tests.kiosk.hub_here import LI, RESIDENT, WANG, hubs_in
from tests.kiosk.pictures import IMAGES
from tests.kiosk.web.browser import Web, chromium, on_duty, opened, saved, serving

PAINTED_S = 2.0


async def take(web: Web, folder: Path) -> bytes:
    """A matter being written at 1280 × 800."""
    kept = folder / "desk" / "drafts.json"
    async with chromium(folder / "profile", f"{web.url}/login") as browser:
        await opened(browser, web)
        for card in (WANG, LI):
            await on_duty(web, card)
        await asyncio.to_thread(web.tap, RESIDENT)
        await asyncio.sleep(PAINTED_S)
        for text, holds in (("1", '"kind"'), ("6", '"repair"'), ("三号楼二单元", "二单元")):
            await browser.type(text)
            await saved(kept, holds)
        await browser.key("Enter", 13)
        await saved(kept, '"asking":"text"')
        await browser.type("二楼的灯不亮,老人上下楼看不见")
        await saved(kept, "看不见")
        await asyncio.sleep(PAINTED_S)
        return await browser.picture()


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with hubs_in(SqliteStores(folder)) as hubs, hubs.fresh() as here:
            made(here, count=3)
            with serving(here, folder) as web:
                picture = asyncio.run(take(web, folder))
    (IMAGES / "desk-browser.png").write_bytes(picture)
    sys.stdout.write(f"{IMAGES / 'desk-browser.png'}\n")


if __name__ == "__main__":
    main()
