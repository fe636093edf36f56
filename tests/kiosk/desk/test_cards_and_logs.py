"""Where cards come from, and what must not be read anywhere: cards, doors, names."""

import logging
from pathlib import Path

import httpx2
import pytest

from kiosk.common.settings import HubConfig
from kiosk.common.taps import ReaderState, Tapped
from tests.kiosk.desk.desk_seat import seated
from tests.kiosk.hub_here import NEIGHBOUR, RESIDENT, WANG, HubHere

pytestmark = pytest.mark.long


def post_tap(here: HubHere, card: str, desk: str = "d1") -> None:
    form = {"username": "a-desk", "password": here.passwords["desk"]}
    token = httpx2.post(f"{here.url}/auth/token", data=form).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    url = f"{here.url}/desks/{desk}/taps"
    assert httpx2.post(url, json={"card": card}, headers=headers).status_code == 202


async def test_taps_that_the_hub_passes_on_reach_their_desk_alone(here: HubHere) -> None:
    async with seated(here, taps="hub") as seat, seated(here, taps="hub", desk="d2") as other:
        post_tap(here, WANG)
        await seat.sees("社区:王强", "您好")
        await other.sees("已锁屏", "无人在岗")


async def test_a_reader_that_goes_away_is_said_and_found_again(here: HubHere) -> None:
    async with seated(here) as seat:
        path = seat.app.desk.config.taps
        seat.reader.close()
        await seat.sees("✗ 读卡器")
        seat.reader = type(seat.reader)(Path(path))
        await seat.until(lambda: seat.app.reader.up, "the reader again")
        seat.tap(WANG)
        await seat.sees("社区:王强")
        assert "读卡器" not in seat.text()


async def test_nothing_of_a_resident_is_logged(
    here: HubHere, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with seated(here) as seat:
        await seat.on_duty(WANG)
        for card in (RESIDENT, NEIGHBOUR):
            seat.tap(card)
            await seat.sees({RESIDENT: "王**", NEIGHBOUR: "孙*"}[card])
        await seat.press("9")
        await seat.sees("100034")
        here.flaky.away = True
        await seat.press("escape", "8")
        await seat.sees("连不上")
    mine = [
        one.getMessage() for one in caplog.records if not one.name.startswith(("hub", "uvicorn"))
    ]
    for secret in (WANG, RESIDENT, "11-1-102", "100034", here.passwords["desk"], "王"):
        assert not [line for line in mine if secret in line], secret


def test_a_card_has_no_readable_form() -> None:
    assert RESIDENT not in repr(Tapped(RESIDENT))
    assert "False" in repr(ReaderState(up=False))


@pytest.mark.parametrize("url", ["http://hub.example", "ftp://hub.example", "hub.example"])
def test_nothing_crosses_the_network_unprotected(url: str) -> None:
    with pytest.raises(ValueError, match="expected https://"):
        HubConfig(url=url, username="a", password="b")
