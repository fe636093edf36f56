"""What the commands of Open311 do."""

from hub.clock import hub_clock
from hub.config import HubConfig
from hub.db import write_session
from hub.open311.keys import add_key
from hub.store import open_store


def add(config: HubConfig, name: str) -> str | None:
    """A new key; None when the name has one."""
    engine = open_store(config)
    now_ms = hub_clock(config.rehearsal_offset_s)()
    with write_session(engine) as session:
        key = add_key(session, config.community, name, now_ms)
    engine.dispose()
    return key
