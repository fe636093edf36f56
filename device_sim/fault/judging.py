"""The end of a scenario: everything arrives, days are settled, and somebody else judges."""

import subprocess
import sys

from device_sim.demo.children import run_step
from device_sim.demo.compound_up import hub_command
from device_sim.demo.office import Office
from device_sim.demo.trouble import DemoError
from device_sim.fault.place import Place
from device_sim.hub_client import HubRefusedError


def judge(place: Place) -> str:
    """The last line of the judge; DemoError with the first differences."""
    place.drain()
    office = Office(place.api, place.truth, place.began_ms)
    try:
        for _ in range(2):
            office.settle()  # the second time nothing may be added
    except HubRefusedError as error:
        raise DemoError(str(error)) from error
    run_step("lianxin-hub verify", hub_command(place.site, "verify"), place.site.folder)
    argv = [
        *(sys.executable, "-m", "device_sim", "verify"),
        *("--truth", str(place.site.truth_file), "--hub", place.site.url),
        *("--password-file", str(place.site.password_file)),
    ]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    said = (done.stdout + done.stderr).strip().split("\n")
    if done.returncode != 0:
        raise DemoError("; ".join([said[-1], *said[:5]]))
    return said[-1]
