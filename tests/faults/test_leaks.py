"""No card number leaves the reading process; no token enters a log; no password either."""

import re
from pathlib import Path

from tests.faults.campaign import Campaign
from tests.faults.site import uid_of

TOKEN = re.compile(rb"k[0-9]+\.[a-z2-7]{52}")
SECRETS = (b"node-pw", b"edge-pw", b"hub-pw", b"22" * 32)


def test_logs_and_stores_hold_no_card_number_and_logs_no_token(campaign: Campaign) -> None:
    campaign.wait_for_traffic()
    folder = campaign.site.folder
    numbers = b"|".join(uid_of(n + 1).encode() for n in range(campaign.crowd.tapped))
    # As hex text in either case, not as a piece of a longer hash.
    card = re.compile(rb"(?<![0-9A-Fa-f])(" + numbers + rb")(?![0-9A-Fa-f])", re.IGNORECASE)
    written = [*folder.glob("*.log"), *folder.glob("p01/**/*"), *folder.glob("hub/**/*")]
    files = [path for path in written if path.is_file()]
    assert {"node.log", "hub.log", "outbox.db", "hub.db"} <= {path.name for path in files}
    for path in files:
        content = _read(path)
        if path.suffix == ".log":
            assert not TOKEN.search(content), f"a token in {path.name}"
            assert not [secret for secret in SECRETS if secret in content], path.name
        assert not card.findall(content), f"card numbers in {path.name}"


def _read(path: Path) -> bytes:
    """A file of a running program may go while it is looked for."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""
