"""A port written as a USB adapter: found by what it is, again after a replug, never by two devices.

There is no USB here: the listing is given, its values are those that pyserial makes.
"""

import queue
import time
from collections.abc import Iterable
from pathlib import Path

import pytest
from serial.tools.list_ports_common import ListPortInfo

from device_sim.devices import rdm6300
from device_sim.devices.pty_port import PtyPort
from edge.cards.token import Tokenizer
from edge.device_config import UsbAdapter
from edge.events import CardSeen, Event, PortDown
from edge.ports.assemble import make_workers
from edge.ports.listen import access
from edge.ports.listing import found_ports, listed, unstable_hint
from edge.ports.node import PortName, matches, node_of, port_form, shared_nodes
from tests.edge.technician.bench import KEY, READER, read, run, write_config
from tests.edge.technician.test_listing import repeating
from tests.programs import until
from wire.config_file import ConfigError

CH340, FTDI = (0x1A86, 0x7523), (0x0403, 0x6001)


def adapter(
    device: str, usb: tuple[int, int], location: str, serial: str | None = None
) -> ListPortInfo:
    found = ListPortInfo(device)
    found.vid, found.pid = usb
    found.location, found.serial_number = location, serial
    return found


LEFT = adapter("/dev/ttyUSB0", CH340, "1-1.1")
RIGHT = adapter("/dev/ttyUSB1", CH340, "1-1.2")
SINGLE = adapter("/dev/ttyUSB2", FTDI, "1-1.3", "A1")
QUAD = [adapter(f"/dev/ttyUSB{3 + n}", (0x0403, 0x6011), f"1-1.4:1.{n}", "Q") for n in (0, 1)]
EVERYTHING = [LEFT, RIGHT, SINGLE, *QUAD, ListPortInfo("/dev/ttyAMA0")]


def test_the_form_to_copy_leads_back_to_its_adapter(tmp_path: Path) -> None:
    forms = [port_form(found, EVERYTHING) for found in EVERYTHING]
    assert forms[0] == 'port = { vid = 0x1a86, pid = 0x7523, location = "1-1.1" }'
    assert forms[2] == 'port = { vid = 0x0403, pid = 0x6001, serial = "A1" }'
    assert forms[5] == ""
    for found, form in zip(EVERYTHING[:5], forms, strict=False):
        path = write_config(tmp_path, readers=[READER | {"port": "PORT"}])
        path.write_text(path.read_text().replace('port = "PORT"', form))
        (told,) = read(path).serial_readers
        assert node_of(told.port, lambda: EVERYTHING) == Path(found.device)


def test_an_adapter_without_serial_number_needs_its_socket() -> None:
    vague = UsbAdapter(vid=0x1A86, pid=0x7523)
    with pytest.raises(OSError, match="ttyUSB0, /dev/ttyUSB1: add serial or location"):
        node_of(vague, lambda: EVERYTHING)
    assert access(vague, lambda: EVERYTHING) == "ambiguous"
    assert access(vague, list) == "missing"
    assert node_of(vague, lambda: [RIGHT]) == Path("/dev/ttyUSB1")
    whole_chip = UsbAdapter(vid=0x0403, pid=0x6011, location="1-1.4")
    assert [matches(whole_chip, found) for found in QUAD] == [True, True]


def test_the_list_shows_the_form_and_warns_of_twins(tmp_path: Path) -> None:
    found = found_ports(lambda: EVERYTHING)
    lines = list(listed(found, {}))
    assert '    or   port = { vid = 0x1a86, pid = 0x7523, location = "1-1.2" }' in lines
    assert "the form with location, and label the sockets" in lines[-1]
    link = tmp_path / "by-id" / "usb-1a86_USB_Serial-if00-port0"
    link.parent.mkdir()
    link.symlink_to("/dev/ttyUSB0")
    assert "may be /dev/ttyUSB0 or /dev/ttyUSB1" in unstable_hint(link, {}, found)


def test_two_devices_on_one_port_are_refused_whatever_they_call_it(tmp_path: Path) -> None:
    form = {"vid": 0x1A86, "pid": 0x7523, "location": "1-1.1"}
    by_path = tmp_path / "by-path"
    by_path.symlink_to("/dev/ttyUSB0")
    ports: dict[str, PortName] = {
        "reader-1": by_path,
        "bus-1": UsbAdapter.model_validate(form),
        "bus-2": Path("/x"),
    }
    (problem,) = shared_nodes(ports, lambda: EVERYTHING)
    assert "reader-1" in problem
    assert "bus-1" in problem
    assert "/dev/ttyUSB0" in problem
    assert not shared_nodes(ports, list)
    twice = [READER | {"port": "P"}, READER | {"name": "reader-2", "port": "P"}]
    path = write_config(tmp_path, readers=twice)
    path.write_text(path.read_text().replace('"P"', "{ vid = 0x1a86, pid = 29987 }"))
    with pytest.raises(ConfigError, match="0x7523 }' is used twice"):
        read(path)


def test_two_names_of_one_node_stop_the_check_and_the_daemon(tmp_path: Path) -> None:
    readers = [READER, READER | {"name": "reader-2", "port": "same"}]
    path = write_config(tmp_path, readers=readers)
    with PtyPort(tmp_path / "card") as port:
        (tmp_path / "same").symlink_to(port.link.resolve())
        for command in (["config", "check", str(path)], ["run", "--config", str(path)]):
            done = run(*command)
            assert done.exit_code == 2, done.output
            assert "reader-1" in done.output
            assert "reader-2" in done.output
            assert "are one port" in done.output


def test_a_replugged_adapter_is_found_under_its_new_node(tmp_path: Path) -> None:
    path = write_config(tmp_path)
    config = read(path)
    form = UsbAdapter(vid=0x1A86, pid=0x7523, location="1-1.1")
    readers = tuple(item.model_copy(update={"port": form}) for item in config.readers)
    config = config.model_copy(update={"readers": readers})
    plugged: list[ListPortInfo] = []

    def listing() -> Iterable[ListPortInfo]:
        return plugged

    events: queue.Queue[Event] = queue.Queue()
    (worker,) = make_workers(config, Tokenizer({1: KEY}, 32), events, _up_ms, listing=listing)
    heard = rdm6300.frame("0086CE6D")
    first, second = PtyPort(tmp_path / "one"), PtyPort(tmp_path / "two")
    plugged[:] = [adapter(str(first.link.resolve()), CH340, "1-1.1"), RIGHT]
    worker.start()
    try:
        with repeating(first, heard):
            until(lambda: _seen(events, CardSeen), "a card at the first node")
        plugged[:] = [RIGHT, adapter(str(second.link.resolve()), CH340, "1-1.1")]
        first.close()
        until(lambda: _seen(events, PortDown), "the end of the first node")
        with repeating(second, heard):
            until(lambda: _seen(events, CardSeen), "a card at the second node")
    finally:
        worker.stop()
        worker.join(2)
        second.close()


def _up_ms() -> int:
    return time.monotonic_ns() // 1_000_000


def _seen(events: "queue.Queue[Event]", wanted: type[CardSeen] | type[PortDown]) -> bool:
    while not events.empty():
        if isinstance(events.get(), wanted):
            return True
    return False
