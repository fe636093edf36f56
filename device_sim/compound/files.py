"""The files of a rehearsal: what a technician, a card supplier and the office would write."""

import csv
import json
import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from device_sim.compound.town import (
    BINS,
    BUILDINGS,
    COMMUNITY,
    DIVISION_G,
    ESPHOME_POINT,
    POINTS,
    TASMOTA_POINT,
    Town,
)
from device_sim.devices.mqtt_scales import device_name

HOST = "127.0.0.1"
BAUDRATE = 19200
READER_NAME = "reader-1"
FROM_DAY = "2025-01-01"
FROM_MOMENT = "2025-01-01T00:00:00+08:00"


@dataclass(frozen=True)
class Ports:
    """Every port of one rehearsal."""

    http: int
    hub_mqtt: int
    hub_client: int
    bus_mqtt: int
    bus_client: int
    proxy: int

    def named(self) -> dict[str, int]:
        return {
            "the hub's HTTP": self.http,
            "the hub's broker": self.hub_mqtt,
            "the hub's broker (clients)": self.hub_client,
            "the point bus": self.bus_mqtt,
            "the point bus (clients)": self.bus_client,
            "the link that is cut": self.proxy,
        }


def new_password() -> str:
    return secrets.token_urlsafe(18)


@dataclass(frozen=True)
class Passwords:
    """One for each user of the two brokers."""

    hub: str = field(default_factory=new_password)
    nodes: dict[str, str] = field(default_factory=lambda: {p: new_password() for p in POINTS})
    edges: dict[str, str] = field(default_factory=lambda: {p: new_password() for p in POINTS})
    terminal: str = field(default_factory=new_password)
    device: str = field(default_factory=new_password)


def reader_link(folder: Path, point: str) -> Path:
    return folder / "dev" / f"{point}-reader"


def bus_link(folder: Path, point: str) -> Path:
    return folder / "dev" / f"{point}-scales"


def edge_file(folder: Path, point: str) -> Path:
    return folder / f"{point}.edge.toml"


def desk_file(folder: Path, machine: str) -> Path:
    return folder / f"{machine}.toml"


def reader_file(folder: Path, machine: str) -> Path:
    return folder / f"{machine}.reader.toml"


def write_desk_files(folder: Path, hub_url: str, passwords: dict[str, str]) -> None:
    """For each terminal of the front desk its own file and its reader's."""
    for machine, password in passwords.items():
        own = _section("", desk=machine, taps=f"dev/{machine}.sock")
        if machine == "desk":
            own = _section("", desk=machine, taps=f"dev/{machine}.sock", data="desk")
        hub = _section("[hub]", url=hub_url, username=f"the-{machine}", password=password)
        write_secret(desk_file(folder, machine), own + hub)
        reader = _section(
            "[[readers]]", name=READER_NAME, kind="rdm6300", port=f"dev/{machine}-reader"
        )
        keys = 'card_keys = { 1 = "card-key-1.hex" }\nuid_bits = 32\n\n'
        write_secret(reader_file(folder, machine), keys + reader)


def write_machine_files(
    folder: Path, ports: Ports, passwords: Passwords, *, offset_s: int, through_proxy: str
) -> None:
    """Keys and one configuration file for every machine; only the owner may read them."""
    (folder / "dev").mkdir()
    write_secret(folder / "card-key-1.hex", secrets.token_hex(32) + "\n")
    write_secret(folder / "hub.toml", _hub(ports, passwords, offset_s))
    for point in POINTS:
        link_port = ports.proxy if point == through_proxy else ports.hub_mqtt
        write_secret(edge_file(folder, point), _edge(point, ports, link_port, passwords))
        write_secret(folder / f"{point}.kiosk.toml", _kiosk(point, ports, passwords))


def write_secret(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")


def write_lists(folder: Path, town: Town) -> None:
    """Households and contacts as imported; card lists as suppliers write them, by chip."""
    _write_csv(
        folder / "households.csv",
        ("building", "unit", "room", "kind", "from_day"),
        ((home.building, home.unit, home.room, "residence", FROM_DAY) for home in town.homes),
    )
    _write_csv(
        folder / "supplier-cards.csv",
        ("technology", "uid", "building", "unit", "room", "serial", "from"),
        (
            ("em4100", c.uid, c.home.building, c.home.unit, c.home.room, c.serial, FROM_MOMENT)
            for c in town.cards
        ),
    )
    _write_csv(
        folder / "supplier-people.csv",
        ("technology", "uid", "person", "number", "role", "pin", "building", "unit", "room"),
        _people(town),
    )
    _write_csv(
        folder / "contacts.csv",
        ("contact", "level", "body", "title", "name", "phone", "building"),
        _contacts(),
    )


def _people(town: Town) -> Iterator[tuple[object, ...]]:
    for v in town.volunteers.values():
        home = (v.home.building, v.home.unit, v.home.room)
        yield "em4100", v.uid, v.person, v.number, "volunteer", v.pin or "", *home
    for o in town.officers:
        yield "em4100", o.uid, o.person, o.number, "officer", "", "", "", ""


def _contacts() -> Iterator[tuple[object, ...]]:
    """Three levels by what they do; a rehearsal has no people with names."""
    yield "c1", 1, "committee", "书记", "社区书记", "0571-88000101", ""
    yield "c2", 2, "committee", "副主任", "社区副主任", "0571-88000102", ""
    yield "c3", 2, "property", "物业经理", "物业经理", "0571-88000201", ""
    for building in range(1, BUILDINGS + 1):
        grid = (building - 1) // 3 + 1
        phone = f"0571-880003{grid:02}"
        yield f"c3-{building}", 3, "committee", "社区干部", f"第{grid}网格员", phone, building
    yield "c4", 3, "property", "物业客服", "物业客服", "0571-88000202", ""


def _write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    path.touch(mode=0o600)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def _section(title: str, /, **values: object) -> str:
    """One TOML table; a JSON scalar of plain ASCII is a TOML scalar."""
    lines = [f"{key} = {json.dumps(value)}" for key, value in values.items()]
    return "\n".join([*([title] if title else []), *lines, ""]) + "\n"


def _access(table: str, port: int, username: str, password: str) -> str:
    return _section(f"[{table}]", host=HOST, port=port, username=username, password=password)


def _hub(ports: Ports, passwords: Passwords, offset_s: int) -> str:
    nodes = ", ".join(f"{node} = {json.dumps(word)}" for node, word in passwords.nodes.items())
    return (
        _section("", community=COMMUNITY, data="hub", rehearsal_offset_s=offset_s).rstrip()
        + f"\nnodes = {{ {nodes} }}\n\n"
        + _section("[http]", host=HOST, port=ports.http)
        + _access("broker", ports.hub_mqtt, "hub", passwords.hub)
    )


def _kiosk(point: str, ports: Ports, passwords: Passwords) -> str:
    title = f"{int(point[1:])}号点"
    return _section("", point=point, title=title, language="zh") + _access(
        "bus", ports.bus_mqtt, f"terminal-{point}", passwords.terminal
    )


def _edge(point: str, ports: Ports, link_port: int, passwords: Passwords) -> str:
    parts = [
        _section(
            "", community=COMMUNITY, point=point, node=point, data=point, sync_source="hub"
        ).rstrip(),
        '\ncard_keys = { 1 = "card-key-1.hex" }\nuid_bits = 32\n\n',
        _access("hub_broker", link_port, point, passwords.nodes[point]),
        _access("point_bus", ports.bus_mqtt, f"edge-{point}", passwords.edges[point]),
        _section("[[readers]]", name=READER_NAME, kind="rdm6300", port=f"dev/{point}-reader"),
    ]
    if point not in {TASMOTA_POINT, ESPHOME_POINT}:
        parts.append(_bus(point))
    parts += [_bin(point, no) for no in BINS]
    return "".join(parts)


def _bus(point: str) -> str:
    return _section(
        "[[buses]]",
        name="bus-1",
        kind="modbus",
        port=f"dev/{point}-scales",
        baudrate=BAUDRATE,
        function=3,
        address=0,
        count=3,
        value="int32",
        word_order="high",
        grams_per_count="1",
        status_register=2,
        stable_mask=1,
        overload_mask=2,
    )


def _bin(point: str, no: int) -> str:
    name = device_name(point, no)
    source: dict[str, object] = {"bus": "bus-1", "slave": no}
    if point == TASMOTA_POINT:
        source = {"format": "tasmota", "topic": f"tele/{name}/SENSOR"}
        source["availability"] = f"tele/{name}/LWT"
    if point == ESPHOME_POINT:
        source = {"format": "esphome", "topic": f"{name}/sensor/weight/state"}
        source["availability"] = f"{name}/status"
    return _section("[[bins]]", no=no, category=BINS[no], division_g=DIVISION_G, **source)
