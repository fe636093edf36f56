"""The command itself in a real terminal, with real keys, over a real bus."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.kiosk.pane import Pane
from tests.kiosk.point_bus import PASSWORD, Broker, PointOnBus
from tests.kiosk.seat import SIZES
from tests.programs import needs, until

A, B, C, D, E = "11-1-102", "11-2-301", "12-1-501", "3-2-1501", "7-1-601"
FRESH_S = 1.1


@contextmanager
def terminal(
    broker: Broker, point: PointOnBus, size: tuple[int, int], folder: Path
) -> Iterator[Pane]:
    needs("tmux")
    config = folder / "kiosk.toml"
    config.write_text(
        f'point = "{point.script.point}"\ntitle = "3号点"\n[bus]\nhost = "127.0.0.1"\n'
        f'port = {broker.mqtt_port}\nusername = "terminal"\npassword = "{PASSWORD}"\n'
    )
    command = [sys.executable, "-m", "kiosk", "point", "--config", str(config)]
    pane = Pane(command, *size)
    try:
        pane.sees("在岗 08:00起", "● 已联网")
        yield pane
    finally:
        pane.close()


def seen_long_enough(pane: Pane, door: str) -> None:
    """A visit has to have stood on the screen for a second."""
    pane.sees(door)
    time.sleep(FRESH_S)


def test_the_minute_in_a_real_terminal(broker: Broker, point: PointOnBus, tmp_path: Path) -> None:
    with terminal(broker, point, SIZES[0], tmp_path) as pane:
        point.tap(A)
        seen_long_enough(pane, f"▶  1 {A}")
        point.tap(B, C)
        pane.keys("1")
        pane.sees(f"▶  2 {B}", "11-1-102 合格 已记录,按0撤销")
        seen_long_enough(pane, C)
        pane.keys("Left")
        pane.sees(f"▶  3 {C}", "✓ 301 改正后合格")
        point.tap(D)
        seen_long_enough(pane, D)
        pane.keys("End", "2")
        pane.sees("3-2-1501 不合格:请按原因 1–4", "1 混投   2 未破袋   3 投错桶   4 其他")
        point.tap(E)
        pane.keys("Down")
        pane.sees("✗ 1501 不合格 未破袋", f"▶  5 {E}")
        seen_long_enough(pane, E)
        pane.keys("KP1")
        pane.sees("待评 0")
        assert point.script.verdicts() == {
            A: "accepted", B: "corrected", C: "accepted", D: "rejected unbroken_bag",
            E: "accepted",
        }  # fmt: skip


def test_full_hands_in_a_real_terminal(broker: Broker, point: PointOnBus, tmp_path: Path) -> None:
    with terminal(broker, point, SIZES[1], tmp_path) as pane:
        point.tap(A, B, C, D, E)
        seen_long_enough(pane, E)
        pane.keys("+", "KP+", "+")
        pane.sees(f"▶  4 {D}", "有害1", "可回收2", "厨余6", "其他14", "14.14kg")
        pane.keys("2", "2")
        pane.sees("✗ 1501 不合格 未破袋")
        pane.keys("Enter")
        pane.sees("再按回车:以下4户全部判为合格", A, B, C, E)
        pane.keys("KPEnter")
        pane.sees("4户合格,已记录", "待评 0")
        pane.keys("IC")
        pane.sees("待评 1", f"▶  5 {E}", "已撤销")
        for key in ("C-c", "C-q", "C-z", "C-\\", "Escape", "q"):
            pane.keys(key)
        assert pane.alive()
        pane.keys("-")
        pane.sees(f"▶  5 {E}")
        until(lambda: len(point.script.verdicts()) == 4, "the undone verdict is gone")
