"""What a point's status message says, and when the point was last heard."""

import json

from sqlalchemy import Connection, bindparam, select, update

from hub.db import table
from hub.visits.tables import PointState


class PointStates:
    """Collects the newest contact and status of each point of a unit."""

    def __init__(self) -> None:
        self._contact: dict[str, int] = {}
        self._status: dict[str, list[bytes]] = {}

    def contact(self, point: str, received_ms: int) -> None:
        """The point has just spoken."""
        self._contact[point] = received_ms

    def status(self, point: str, payload: bytes) -> None:
        """A valid status, in order."""
        self._status.setdefault(point, []).append(payload)

    def write(self, connection: Connection, community: str) -> None:
        """Bring point_state up to date."""
        s = table(PointState)
        mine = (s.c.community == community) & (s.c.point == bindparam("key"))
        if self._contact:
            connection.execute(
                update(s).where(mine).values(last_contact_ms=bindparam("at_ms")),
                [{"key": point, "at_ms": at} for point, at in self._contact.items()],
            )
        for point, payloads in self._status.items():
            held = connection.execute(
                select(s.c.status).where(s.c.community == community, s.c.point == point)
            ).scalar()
            kept = newest_status(held, [payload.decode() for payload in payloads])
            if kept != held:
                values = {"key": point, "status_text": kept}
                connection.execute(
                    update(s).where(mine).values(status=bindparam("status_text")), values
                )


def newest_status(held: str | None, arrived: list[str]) -> str | None:
    """The status that holds: a last will of an earlier start may come after the new start."""
    for status in arrived:
        new = json.loads(status)
        late_will = held is not None and not new["online"]
        if late_will and json.loads(held or "{}")["nonce"] != new["nonce"]:
            continue
        held = status
    return held
