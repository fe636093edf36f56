"""Whose card `lianxin-sim tap` holds to which reader, and what it says when nobody is there."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from device_sim.compound.files import write_lists
from device_sim.compound.town import grow
from device_sim.demo.hand import HAND, tap
from device_sim.demo.trouble import DemoError

TOWN = grow(1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_lists(tmp_path, TOWN)
    (tmp_path / "dev").mkdir()
    return tmp_path


@pytest.fixture
def waiting(folder: Path) -> Iterator[int]:
    """A rehearsal that listens."""
    os.mkfifo(folder / HAND)
    hand = os.open(folder / HAND, os.O_RDWR | os.O_NONBLOCK)
    yield hand
    os.close(hand)


def test_a_card_is_found_by_person_door_serial_or_number(folder: Path, waiting: int) -> None:
    officer, resident = TOWN.officers[1], TOWN.cards[1]
    first = next(card for card in TOWN.cards if card.home == resident.home)
    for machine, who, uid in (
        ("desk", officer.person, officer.uid), ("self", resident.home.door, first.uid),
        ("desk", resident.serial, resident.uid), ("desk", "0a0b0c0d", "0A0B0C0D"),
    ):  # fmt: skip
        assert uid in tap(folder, machine, who)
        assert os.read(waiting, 100).decode() == f"{machine} {uid}\n"


def test_what_cannot_be_tapped_is_said(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(DemoError, match="no demo waits for cards"):
        tap(folder, "desk", "o01")
    for machine, who, said in (
        ("desk", "o99", "nobody's; expected a person"),
        ("door", "o01", "expected one of desk, self"),
    ):  # fmt: skip
        with pytest.raises(DemoError, match=said):
            tap(folder, machine, who)
    with pytest.raises(DemoError, match=r"supplier-people.csv: No such file"):
        tap(tmp_path / "elsewhere", "desk", "o01")
