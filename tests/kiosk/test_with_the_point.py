"""The terminal with the real daemon: cards over a serial line, hub, node and bus killed."""

import os
import pty
import time
import tty
from pathlib import Path

import pytest

from tests.edge.test_rdm6300 import frame
from tests.faults.site import BIN, POINT, Site, card_frame, supervisor_frame
from tests.kiosk.pane import Pane
from tests.programs import PATIENCE_S, needs

HELD_FRAMES = 8
FRAME_APART_S = 0.065
FRESH_S = 1.1


def tap(line: int, card: bytes) -> None:
    """A card held to the reader for half a second."""
    for _ in range(HELD_FRAMES):
        os.write(line, card)
        time.sleep(FRAME_APART_S)


@pytest.mark.long
def test_verdicts_go_on_with_the_hub_dead_and_the_node_killed(tmp_path: Path) -> None:
    needs("tmux")
    line, device = pty.openpty()
    tty.setraw(device)
    site = Site(tmp_path, os.ttyname(device))
    try:
        site.start_all()
        _use(site, line, tmp_path)
    finally:
        site.end()
        os.close(line)
        os.close(device)


def _use(site: Site, line: int, folder: Path) -> None:
    config = folder / "kiosk.toml"
    config.write_text(
        f'point = "{POINT}"\n[bus]\nhost = "127.0.0.1"\nport = {site.ports["bus"]}\n'
        f'username = "terminal-{POINT}"\npassword = "t"\n'
    )
    pane = Pane([str(BIN / "lianxin-kiosk"), "point", "--config", str(config)], 80, 24)
    try:
        pane.sees("● 已联网", "无人值守 请刷督导员卡,或按 * 输入工号")
        _come_on_duty(pane, line)
        for card in (*map(card_frame, (1, 2, 3)), frame(b"\x14\x0b\xad\xbe\xef")):
            tap(line, card)
        pane.sees("待评 4", "▶  1 1-1-1", "未登记卡")
        time.sleep(FRESH_S)
        site.kill("hub")
        pane.keys("1", "2", "2")
        pane.sees("✓ 1 合格", "✗ 2 不合格 未破袋", "▶  3 1-1-3")
        site.kill("node")
        pane.sees("✗ 主机无应答")
        pane.keys("4")
        pane.sees("正在登记…", "…  3 1-1-3", "▶  4 未登记卡")
        site.start("node")
        pane.sees("✓ 3 改正后合格", "○ 离线 已存", "待评 1")
        site.kill("bus")
        pane.sees("✗ 主机断开")
        site.start("bus")
        site.start("hub")
        pane.sees("● 已联网", "▶  4 未登记卡")
    finally:
        pane.close()


def _come_on_duty(pane: Pane, line: int) -> None:
    """The roster follows the welcome; until it is there, a supervisor's card opens nothing."""
    deadline = time.monotonic() + PATIENCE_S
    while "在岗" not in pane.text():
        assert time.monotonic() < deadline, pane.text()
        tap(line, supervisor_frame())
        time.sleep(1)
