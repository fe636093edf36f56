"""Five residents in one minute, as it is: real cards, node, bus, terminal, keys and seconds.

The node is killed at 30 s and at 52 s; the end is the same, whichever way the hands went.
"""

import os
import pty
import time
import tty
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.faults.site import BIN, POINT, Site, card_frame
from tests.kiosk.pane import Pane
from tests.kiosk.test_with_the_point import _come_on_duty, tap
from tests.programs import needs, until
from wire.facts import Tap, Verdict

A, B, C, D, E = (f"1-1-{number}" for number in range(1, 6))
CARDS = {A: 1, B: 2, C: 3, D: 4, E: 5}
Deed = Callable[[], object]


@contextmanager
def at_the_point(folder: Path) -> Iterator[tuple[Site, int, Pane]]:
    needs("tmux")
    line, device = pty.openpty()
    tty.setraw(device)
    site = Site(folder, os.ttyname(device))
    config = folder / "kiosk.toml"
    config.write_text(
        f'point = "{POINT}"\n[bus]\nhost = "127.0.0.1"\nport = {site.ports["bus"]}\n'
        f'username = "terminal-{POINT}"\npassword = "t"\n'
    )
    pane = None
    try:
        site.start_all()
        pane = Pane([str(BIN / "lianxin-kiosk"), "point", "--config", str(config)], 80, 24)
        pane.sees("● 已联网")
        _come_on_duty(pane, line)
        pane.keys("0")  # the opening page says that a scale is silent; a key closes it
        pane.sees("待评 0")
        yield site, line, pane
    finally:
        if pane is not None:
            pane.close()
        site.end()
        os.close(line)
        os.close(device)


def play(deeds: list[tuple[float, Deed]]) -> None:
    """Each at its second of the minute, or as soon after it as the one before allows."""
    started = time.monotonic()
    for second, deed in sorted(deeds, key=lambda pair: pair[0]):
        time.sleep(max(0.0, started + second - time.monotonic()))
        deed()


def then_press(pane: Pane, keys: tuple[str, ...], *words: str) -> None:
    pane.sees(*words)
    pane.keys(*keys)


def restart(site: Site) -> None:
    site.kill("node")
    site.start("node")


def verdicts(site: Site) -> dict[str, str]:
    """Door → verdict in force, from the node's own facts and the office's list of cards."""
    facts, doors = site.recorded(), site.doors()
    visits = {fact.id: doors[fact.body.card] for fact in facts if isinstance(fact.body, Tap)}
    found = {}
    for fact in facts:
        if isinstance(fact.body, Verdict):
            reason = f" {fact.body.reason}" if fact.body.reason else ""
            found[visits[fact.body.visit]] = f"{fact.body.value}{reason} {fact.body.mode}"
    return found


def one_by_one(folder: Path) -> None:
    """Judged one by one, while others are tapping."""
    with at_the_point(folder) as (site, line, pane):

        def card(door: str) -> Deed:
            return lambda: tap(line, card_frame(CARDS[door]))

        def key(*names: str) -> Deed:
            return lambda: pane.keys(*names)

        play([
            (5, card(A)), (12, card(B)), (15, card(C)),
            (17, lambda: pane.sees(f"▶  1 {A}", C)),
            (18, key("1")), (27, key("4")),
            (30, lambda: restart(site)),
            (33, card(D)), (40, card(E)),
            (42, key("1")),
            (50, key("Down")), (50.8, lambda: pane.sees(f"{D} 不合格:请按原因")), (51, key("2")),
            (52, lambda: restart(site)),
            (55, lambda: then_press(pane, ("End",), f"▶  5 {E}", "● 已联网")),
        ])  # fmt: skip
        pane.sees("待评 0")
        until(lambda: len(verdicts(site)) == 5, "five verdicts")
        assert verdicts(site) == {
            A: "accepted single", B: "corrected single", C: "accepted single",
            D: "rejected unbroken_bag single", E: "accepted single",
        }  # fmt: skip


def full_hands(folder: Path) -> None:
    """All at once, when there is a hand free."""
    with at_the_point(folder) as (site, line, pane):

        def card(door: str) -> Deed:
            return lambda: tap(line, card_frame(CARDS[door]))

        play([
            (5, card(A)), (12, card(B)), (15, card(C)),
            (30, lambda: restart(site)),
            (33, card(D)), (40, card(E)),
            (42, lambda: then_press(pane, ("+", "KP+", "+"), f"▶  1 {A}", E)),
            (45, lambda: then_press(pane, ("2", "2"), f"▶  4 {D}")),
            (47, lambda: pane.sees("✗ 4 不合格 未破袋")),
            (48, lambda: pane.keys("Enter")),
            (50, lambda: pane.sees("再按回车:以下4户全部判为合格", A, B, C, E)),
            (52, lambda: restart(site)),
            (54, lambda: pane.keys("KPEnter")),
        ])  # fmt: skip
        pane.sees("4户合格,已记录", "待评 0")
        until(lambda: len(verdicts(site)) == 5, "five verdicts")
        assert verdicts(site) == {
            A: "accepted bulk", B: "accepted bulk", C: "accepted bulk",
            D: "rejected unbroken_bag single", E: "accepted bulk",
        }  # fmt: skip


@pytest.mark.long
def test_the_minute_at_two_points(tmp_path: Path) -> None:
    with ThreadPoolExecutor() as pool:
        both = []
        for hands in (one_by_one, full_hands):
            folder = tmp_path / hands.__name__
            folder.mkdir()
            both.append(pool.submit(hands, folder))
        for done in both:
            done.result()
