"""The compound and its plan: the numbers that were promised, for any seed."""

import csv
import tomllib
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from device_sim.compound.files import (
    Passwords,
    Ports,
    edge_file,
    write_lists,
    write_machine_files,
)
from device_sim.compound.plan import LATE_POINT, make_plan
from device_sim.compound.town import BINS, BUILDINGS, HOUSEHOLDS, POINTS, grow
from edge.config import EdgeConfig
from hub.config import HubConfig
from kiosk.config import KioskConfig
from wire.config_file import read_config

PORTS = Ports(8001, 1, 2, 3, 4, 5)
DEFAULT_SEED = 1


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 10**6))
def test_every_seed_is_a_whole_compound(seed: int) -> None:
    town = grow(seed)
    assert len({home.door for home in town.homes}) == HOUSEHOLDS
    assert {home.building for home in town.homes} == set(range(1, 24))
    uids = [card.uid for card in town.cards]
    uids += [volunteer.uid for volunteer in town.volunteers.values()]
    uids += [officer.uid for officer in town.officers]
    uids += town.unknown_uids
    assert len(set(uids)) == len(uids)
    assert not any(uid.startswith("08") for uid in uids)
    assert grow(seed) == town


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 10**6))
def test_every_seed_is_a_morning_worth_watching(seed: int) -> None:
    town = grow(seed)
    plan = make_plan(town, traffic_s=40)
    visits = [visit for point in plan.values() for visit in point.visits]
    values = Counter(visit.value for visit in visits)
    assert tuple(plan) == POINTS
    assert len(visits) >= 150
    assert values["rejected"] >= 20
    assert values[None] >= 20
    doors = [visit.door for visit in visits if visit.door]
    assert len(doors) - len(set(doors)) >= 10
    assert sum(visit.door is None for visit in visits) >= 3
    helpers = {volunteer.home.door for volunteer in town.volunteers.values()}
    assert not helpers & set(doors)
    assert all(2 <= throw.after_s <= 6 for visit in visits for throw in visit.throws)


@pytest.mark.parametrize("seed", range(5))
def test_nobody_holds_one_card_twice_within_a_long_tap(seed: int) -> None:
    for point in make_plan(grow(seed), traffic_s=40).values():
        last: dict[str, float] = {}
        for visit in point.visits:
            assert visit.at_s - last.get(visit.uid, -99) > 4.5
            last[visit.uid] = visit.at_s


def test_only_the_late_volunteer_misses_somebody() -> None:
    plan = make_plan(grow(DEFAULT_SEED), traffic_s=40)
    missed = {point for point, it in plan.items() for visit in it.visits if not visit.attended}
    assert missed == {LATE_POINT}
    late = plan[LATE_POINT]
    assert all(visit.at_s < late.check_in_s - 2 for visit in late.visits if not visit.attended)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = tmp_path_factory.mktemp("compound")
    write_machine_files(path, PORTS, Passwords(), offset_s=-17, through_proxy="p05")
    write_lists(path, grow(DEFAULT_SEED))
    return path


def test_every_program_can_read_its_file(folder: Path) -> None:
    assert read_config(folder / "hub.toml", HubConfig).rehearsal_offset_s == -17
    for point in POINTS:
        edge = read_config(edge_file(folder, point), EdgeConfig)
        assert {bin_.no: bin_.category for bin_ in edge.bins} == BINS
        assert edge.hub_broker.port == (PORTS.proxy if point == "p05" else PORTS.hub_mqtt)
        assert read_config(folder / f"{point}.kiosk.toml", KioskConfig).point == point


def test_secrets_are_for_the_owner_only(folder: Path) -> None:
    for name in ("hub.toml", "card-key-1.hex", "p01.edge.toml", "supplier-cards.csv"):
        assert (folder / name).stat().st_mode & 0o077 == 0, name
    passwords = tomllib.loads((folder / "hub.toml").read_text())["nodes"]
    assert len(set(passwords.values())) == len(POINTS)


def test_the_lists_name_every_door_and_card(folder: Path) -> None:
    with (folder / "households.csv").open(newline="") as file:
        assert len(list(csv.DictReader(file))) == HOUSEHOLDS
    with (folder / "supplier-cards.csv").open(newline="") as file:
        assert len(list(csv.DictReader(file))) == len(grow(DEFAULT_SEED).cards)


def test_every_building_has_contacts_of_three_levels(folder: Path) -> None:
    with (folder / "contacts.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    everywhere = {(row["level"], row["body"]) for row in rows if not row["building"]}
    assert everywhere == {
        ("1", "committee"),
        ("2", "committee"),
        ("2", "property"),
        ("3", "property"),
    }
    own = [row["building"] for row in rows if (row["level"], row["body"]) == ("3", "committee")]
    assert own == [str(number) for number in range(1, BUILDINGS + 1)]
