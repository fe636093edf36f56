"""The joint front desk and the self-check machine of a rehearsal, but for who stands there."""

import os
import select
from dataclasses import dataclass
from pathlib import Path

from device_sim.compound.files import desk_file, reader_file, write_desk_files
from device_sim.compound.town import Officer
from device_sim.demo.children import Children, program, run_step
from device_sim.demo.compound_up import Site, hub_command
from device_sim.demo.hand import HAND, MACHINES
from device_sim.devices.serial_devices import CardReader
from device_sim.hub_client import HubClient

HELD_S = 0.5
ROLES = {"desk": "desk", "self": "selfcheck"}


def register(hub: HubClient, officers: tuple[Officer, ...]) -> None:
    """Without an officer of each side no matter would have an owner."""
    for one in officers:
        asked = {"body": one.body, "name": one.name, "phone": one.phone, "why": "rehearsal"}
        hub.put(f"/officers/{one.person}", asked)


@dataclass
class FrontDesk:
    """Its readers hear whom `lianxin-sim tap` lets tap."""

    site: Site
    children: Children

    def open(self) -> None:
        """Accounts, files, readers."""
        folder = self.site.folder
        passwords = {machine: self._account(machine) for machine in MACHINES}
        write_desk_files(folder, self.site.url, passwords)
        self._readers = {one: CardReader(folder / "dev" / f"{one}-reader") for one in MACHINES}
        for machine in MACHINES:
            config = str(reader_file(folder, machine))
            argv = [program("lianxin-edge"), "reader", "--config", config]
            self.children.start(f"reader-{machine}", [*argv, "--socket", f"dev/{machine}.sock"])
        os.mkfifo(folder / HAND, 0o600)
        # Open for writing, too: without a writer a pipe is always at its end.
        self._hand = os.open(folder / HAND, os.O_RDWR | os.O_NONBLOCK)

    def turn(self, timeout_s: float) -> None:
        """Lets those tap who want to."""
        if not select.select([self._hand], [], [], timeout_s)[0]:
            return
        for line in os.read(self._hand, 4096).decode(errors="replace").splitlines():
            machine, _, uid = line.partition(" ")
            if machine in self._readers:
                self._readers[machine].hold(uid, HELD_S)

    def close(self) -> None:
        """Nobody taps any more."""
        os.close(self._hand)
        for reader in self._readers.values():
            reader.close()

    def files(self) -> dict[str, Path]:
        """The terminals' files."""
        return {machine: desk_file(self.site.folder, machine) for machine in MACHINES}

    def _account(self, machine: str) -> str:
        """The password of the machine's account, as the hub tells it."""
        words = ["user", "add", f"the-{machine}", "--role", ROLES[machine]]
        words += ["--desk", machine] if ROLES[machine] == "desk" else []
        said = run_step(f"user add {machine}", hub_command(self.site, *words), self.site.folder)
        return said.split()[-1]
