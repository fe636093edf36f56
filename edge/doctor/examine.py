"""Every check, in the order in which a technician would look."""

from collections.abc import Iterator
from pathlib import Path

from edge.clock import system_time
from edge.config import EdgeConfig
from edge.doctor import brokers, certificates, machine, permissions, store, wireless, wiring
from edge.doctor.finding import Finding
from wire.config_file import ConfigError, read_config


def examine(file: Path, listen_s: float) -> Iterator[Finding]:
    """Findings as they come; nothing further can be said with a wrong configuration."""
    try:
        config = read_config(file, EdgeConfig)
    except ConfigError as error:
        for problem in error.problems:
            yield Finding("fail", f"config: {problem}", "correct the file")
        return
    yield Finding("ok", f"config: {file}: point {config.point}, {len(config.bins)} bins")
    yield from machine.secrets(config, file)
    yield from permissions.of_the_daemon(config, file)
    yield from wiring.ports(config, listen_s)
    yield from certificates.certificates(config.hub_broker, system_time().wall_ms())
    hub, bus = brokers.brokers(config)
    yield from (hub, bus)
    if bus.level == "ok":
        yield from wireless.devices(config, listen_s)
    yield from machine.clock(config)
    yield from machine.disk(config.data)
    wall_ms = system_time().wall_ms()
    yield store.outbox(config, wall_ms)
    yield from store.damaged(config)
    yield store.roster(config, wall_ms)
