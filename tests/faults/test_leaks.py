"""No card number leaves the reading process; no token enters a log; no password either."""

import os
import pty
import re
from pathlib import Path

from tests.faults.crowd import Crowd
from tests.faults.site import Site, acked, uid_of
from tests.programs import until

TOKEN = re.compile(rb"k[0-9]+\.[a-z2-7]{52}")
SECRETS = (b"node-pw", b"edge-pw", b"hub-pw", b"22" * 32)


def test_logs_and_stores_hold_no_card_number_and_logs_no_token(tmp_path: Path) -> None:
    master, slave = pty.openpty()
    site = Site(tmp_path, os.ttyname(slave))
    crowd = None
    try:
        site.start_all()
        crowd = Crowd(site, master)
        until(lambda: len(crowd.recorded) > 20 and acked(site) > 20, "taps and receipts", 40)
        until(lambda: len(crowd.done) > 3, "verdicts", 40)
    finally:
        if crowd is not None:
            crowd.stop()
        site.end()
        os.close(master)
        os.close(slave)
    numbers = [uid_of(n + 1).encode() for n in range(20)]
    written = [*tmp_path.glob("*.log"), *tmp_path.glob("p01/**/*"), *tmp_path.glob("hub/**/*")]
    assert len(written) > 8
    for path in filter(Path.is_file, written):
        content = path.read_bytes()
        if path.suffix == ".log":
            assert not TOKEN.search(content), f"a token in {path.name}"
            assert not [secret for secret in SECRETS if secret in content], path.name
        found = [n for n in numbers if _as_word(n, content)]
        assert not found, f"card numbers {found} in {path}"


def _as_word(number: bytes, content: bytes) -> bool:
    """As hex text in either case, not as a piece of a longer hash."""
    return bool(
        re.search(rb"(?<![0-9A-Fa-f])" + number + rb"(?![0-9A-Fa-f])", content, re.IGNORECASE)
    )
