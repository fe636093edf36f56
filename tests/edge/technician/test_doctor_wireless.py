"""The doctor and the devices on the point bus: a real broker, scales as their firmware speaks."""

from pathlib import Path

from device_sim.devices.load import BinLoad
from device_sim.devices.mqtt_scales import Access, WifiScale, device_name, dialect
from edge.config import EdgeConfig
from edge.doctor.finding import Finding
from edge.doctor.wireless import devices, judged
from edge.ports.listen import Heard
from tests.edge.technician.bench import read, write_config
from tests.programs import open_broker, until


def scale(no: int) -> dict[str, object]:
    words = dialect("esphome", device_name("p03", no))
    return {
        "no": no, "category": "other", "format": "esphome", "topic": words.state,
        "availability": words.presence.topic,
    }  # fmt: skip


def test_a_scale_that_speaks_one_that_is_silent_and_one_that_is_off(tmp_path: Path) -> None:
    with open_broker(tmp_path) as broker:
        bus = {"port": broker.mqtt_port, "username": "u", "password": "p"}
        bins = [scale(1), scale(2), scale(3)]
        config = read(write_config(tmp_path, point_bus=bus, bins=bins))
        access = Access("127.0.0.1", broker.mqtt_port, "u", "p")
        load = BinLoad(empty_g=9000, division_g=20, noise_g=3, seed=1)
        gone = WifiScale("esphome", device_name("p03", 2), load, access, interval_s=0.2)
        speaking = WifiScale("esphome", device_name("p03", 1), load, access, interval_s=0.2)
        try:
            until(lambda: [f.level for f in _found(config)][:2] == ["ok", "ok"], "both heard")
            gone.vanish()
            until(lambda: "offline" in _found(config)[1].what, "the last will")
            first, second, third = _found(config)
        finally:
            speaking.close()
    assert first.level == "ok"
    assert "messages" in first.what
    assert (second.level, "offline" in second.what) == ("warn", True)
    assert (third.level, "nothing heard" in third.what) == ("warn", True)
    assert "update_interval" in third.remedy


def _found(config: EdgeConfig) -> list[Finding]:
    return list(devices(config, 0.5))


def test_nan_is_a_warning_and_a_reader_may_be_silent() -> None:
    nan = Heard(frames=3, errors=1, bad="not_a_number")
    assert "1 of 4 unusable" in judged("scale-1", nan, may_be_quiet=False).what
    assert judged("reader-2", Heard(), may_be_quiet=True).level == "ok"
