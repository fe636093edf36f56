"""What `backup` and `restore` do with the store."""

from pathlib import Path

from hub.backup.copying import Held, back_up, put_back, store_file
from hub.clock import hub_clock
from hub.config import HubConfig
from hub.db import write_session
from hub.meta import new_generation
from hub.serve import only_one
from hub.store import StartError, open_store, prepare, read_secret, shown_url

__all__ = ["back_up", "restore"]


def restore(config: HubConfig, copy: Path | None) -> tuple[Held | None, Path | None]:
    """Put a copy back and give the store a new generation; None: it was put back already."""
    if copy is None and store_file(config) is not None:
        raise StartError(f"store {shown_url(config)}: name the file that lianxin-hub backup wrote")
    with only_one(config.data):
        held, aside = put_back(config, copy) if copy is not None else (None, None)
        engine = open_store(config)
        prepare(engine, config, hub_clock(config.rehearsal_offset_s)())
        with write_session(engine) as session:
            new_generation(session.connection())
        engine.dispose()
        read_secret(config.data)
    return held, aside
