"""The commands themselves in a real terminal, with real keys and Chinese as it is typed."""

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from edge.reader_service import LineSocket
from tests.kiosk.hub_here import LI, RESIDENT, WANG, HubHere
from tests.kiosk.pane import Pane
from tests.kiosk.seat import SIZES, sizes
from tests.programs import needs


class Reader:
    def __init__(self, path: Path) -> None:
        self._line = LineSocket(path)

    def tap(self, card: str) -> None:
        self._line.send(json.dumps({"card": card}).encode() + b"\n")

    def close(self) -> None:
        self._line.close()


@contextmanager
def terminal(
    here: HubHere,
    folder: Path,
    command: str,
    size: tuple[int, int],
    program: Sequence[str] = ("-m", "kiosk"),
) -> Iterator[tuple[Pane, Reader]]:
    needs("tmux")
    role = {"desk": "desk", "self": "selfcheck"}[command]
    config = folder / f"{command}.toml"
    config.write_text(
        f'desk = "d1"\ntaps = "{folder / "r.sock"}"\n'
        + ('data = "desk"\n' if command == "desk" else "")
        + f'[hub]\nurl = "{here.url}"\nusername = "a-{role}"\npassword = "{here.passwords[role]}"\n'
    )
    reader = Reader(folder / "r.sock")
    pane = Pane([sys.executable, *program, command, "--config", str(config)], *size)
    try:
        yield pane, reader
    finally:
        pane.close()
        reader.close()


def send(pane: Pane, text: str) -> None:
    """An input method's commit: the characters arrive as they are."""
    pane._tmux("send-keys", "-t", "0", "-l", text)
    pane.sees(text[-4:])
    pane.keys("Enter")


@sizes
def test_a_matter_in_a_real_terminal(here: HubHere, tmp_path: Path, size: tuple[int, int]) -> None:
    with terminal(here, tmp_path, "desk", size) as (pane, reader):
        pane.sees("已锁屏", "请工作人员刷卡", "○")
        for card, name in ((WANG, "社区:王强"), (LI, "▶物业:李梅")):
            reader.tap(card)
            pane.sees(name)
        reader.tap(RESIDENT)
        pane.sees("3-2-501  王**", "网格员 赵敏")
        pane.keys("1")
        pane.sees("[6] 报修", "联合(牵头 物业 / 协办 社区)")
        pane.keys("6")
        pane.sees("报修  → 归属:物业")
        send(pane, "3号楼2单元 楼梯灯")
        pane.sees("什么事?")
        send(pane, "二楼的灯不亮,老人上下楼看不见")
        pane.sees("当场办结?")
        pane.keys("2")
        pane.sees("受理单", "归属  物业", "责任人  李梅", "电话  88000102")
        for key in ("C-c", "C-q", "C-z", "C-\\", "q"):
            pane.keys(key)
        assert pane.alive()


@pytest.mark.long
def test_the_self_check_machine_in_a_real_terminal(here: HubHere, tmp_path: Path) -> None:
    with terminal(here, tmp_path, "self", SIZES[0]) as (pane, reader):
        pane.sees("请刷住户卡", "自助查询")
        reader.tap(RESIDENT)
        pane.sees("3-2-501   本月", "周一", "2 挂失")
        pane.keys("3")
        pane.sees("我的事项", "没有事项")
        pane.keys("0", "0")
        pane.sees("请刷住户卡")


@pytest.mark.long
def test_a_kill_keeps_the_draft(here: HubHere, tmp_path: Path) -> None:
    for round_ in range(2):
        with terminal(here, tmp_path, "desk", SIZES[0]) as (pane, reader):
            pane.sees("请工作人员刷卡")
            reader.tap(WANG)
            pane.sees("您好,请问办什么事?")
            if round_:
                pane.sees("F1 报修  大门口")
                pane.keys("F1")
                pane.sees("门禁坏了,半句")
                return
            pane.keys("1")
            pane.sees("[6] 报修")
            pane.keys("6")
            send(pane, "大门口")
            pane.sees("什么事?")
            pane._tmux("send-keys", "-t", "0", "-l", "门禁坏了,半句")
            pane.sees("门禁坏了,半句")


BREAKS = """
import sys
from kiosk.cli import main
from kiosk.desk.pages.home import HomePage


def press(self, key):
    secret = self._desk.resident.household, "my-password"
    raise RuntimeError(secret)


HomePage.press = press
try:
    main()
finally:
    print("ended with", sys.exc_info()[1].code)
"""


@pytest.mark.long
def test_a_mistake_in_the_program_shows_where_and_nothing_of_anybody(
    here: HubHere, tmp_path: Path
) -> None:
    script = tmp_path / "breaks.py"
    script.write_text(BREAKS)
    with terminal(here, tmp_path, "desk", SIZES[1], [str(script)]) as (pane, reader):
        pane.sees("请工作人员刷卡")
        for card, word in ((WANG, "您好"), (RESIDENT, "3-2-501")):
            reader.tap(card)
            pane.sees(word)
        pane.keys("1")
        shown = pane.sees("RuntimeError", "breaks.py:9 in press")
        pane.sees("ended with 1")
        for secret in ("3-2-501", "my-password", "王", WANG[:12], here.passwords["desk"]):
            assert secret not in shown
