"""The whole of ``lianxin-edge commission`` in a real terminal, two cables swapped, one reader."""

import sys
from pathlib import Path

import pytest

from tests.edge.technician.bench import read
from tests.edge.technician.commission_rig import QUICK, UID, Plate, Site
from tests.kiosk.pane import Pane
from tests.programs import needs, until


def tapped(made: Site, pane: Pane) -> bool:
    made.reader.hold(UID, 0.2)
    return "card was read" in pane.text()


@pytest.mark.long
def test_a_technician_swaps_two_cables_back_in_the_file(tmp_path: Path) -> None:
    needs("tmux")
    plates = {1: Plate(seed=1), 2: Plate(seed=2)}
    made = Site(tmp_path, {1: plates[2], 2: plates[1]}, buses=[QUICK | {"sweep_ms": 100}])
    edge = str(Path(sys.executable).parent / "lianxin-edge")
    pane = Pane([edge, "commission", str(made.file), "--idle", "2"], 140, 50)
    try:
        pane.sees("Leave all bins alone for 2 s", "Put 5 kg into bin 1.")
        plates[1].put(5000)
        pane.sees("felt by bus-1 address 2")
        pane.sees("Take it out.")
        plates[1].take(5000)
        pane.sees("Was the weight in bin 1?")
        pane.keys("y", "Enter")
        pane.sees("bin 1: pass", "Put 5 kg into bin 2.")
        pane.keys("s", "Enter")
        pane.sees("bin 2: skipped", "Tap the test card at each reader: reader-1")
        until(lambda: tapped(made, pane), "the card")
        pane.sees("a card was read and made a token", "未测 NOT MEASURED", "written: ")
        until(lambda: not pane.alive(), "the end")
        assert UID[2:] not in pane.text()
        assert {bin_.no: bin_.slave for bin_ in read(made.file).bins} == {1: 2, 2: 1}
    finally:
        pane.close()
        made.close()
