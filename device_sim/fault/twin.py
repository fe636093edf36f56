"""A copied card: the same node once more, in a machine with a reader and a bus of its own."""

import shutil
from pathlib import Path

from device_sim.compound.files import edge_file, reader_link, write_secret
from device_sim.demo.children import program
from device_sim.demo.compound_up import POINT_BUS, node_name
from device_sim.fault.place import Place, free_ports


def add_twin(place: Place, point: str, data: Path) -> str:
    """The name among the crowds; nobody taps there yet."""
    twin, folder = f"{point}-twin", place.site.folder
    shutil.copytree(data, folder / twin)
    ports, old = free_ports(), place.site.ports
    bus = (folder / "brokers" / f"{POINT_BUS}.conf").read_text(encoding="utf-8")
    for was, is_now in ((old.bus_mqtt, ports.bus_mqtt), (old.bus_client, ports.bus_client)):
        bus = bus.replace(f":{was}", f":{is_now}")
    bus = bus.replace(str(place.site.store(POINT_BUS)), str(place.site.store(f"{POINT_BUS}-twin")))
    conf = folder / "brokers" / f"{POINT_BUS}-twin.conf"
    write_secret(conf, bus)
    place.children.start(f"{POINT_BUS}-twin", [program("nats-server"), "--config", str(conf)])
    edge = edge_file(folder, point).read_text(encoding="utf-8")
    edge = edge.replace(f'data = "{point}"', f'data = "{twin}"')
    edge = edge.replace(f"dev/{point}-reader", f"dev/{twin}-reader")
    edge = edge.replace(f"port = {old.bus_mqtt}", f"port = {ports.bus_mqtt}")
    write_secret(edge_file(folder, twin), edge)
    crowd = place.crowd(point, reader_link(folder, twin), ports.bus_mqtt)
    argv = [program("lianxin-edge"), "run", "--config", str(edge_file(folder, twin))]
    place.children.start(node_name(twin), argv)
    place.add(twin, crowd, taps=False)
    return twin
