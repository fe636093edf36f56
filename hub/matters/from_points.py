"""What points say becomes matters: a volunteer's report, and one for each device that fails."""

import logging
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, func, literal_column, select
from sqlmodel import Session, col

from hub.db import table, write_session
from hub.desks.duty import Staff
from hub.intake.tables import FactRow
from hub.matters.acting import Intake, find, system_acts, take
from hub.matters.ailing import Ailing, Trouble, Turn
from hub.matters.book import read_kinds
from hub.matters.kinds import MatterKind
from hub.matters.model import SYSTEM, Actor
from hub.matters.tables import MatterRow, MatterSource
from hub.matters.transitions import Doing, Now
from hub.meta import read_meta, write_meta
from hub.registry.tables import CollectionPoint
from hub.web.deps import Hub
from hub.web.problem import ProblemError
from wire.codec import decode_fact
from wire.facts import Fault, Report

_CURSOR = "matters_reports_upto"
MOST_TURNS = 20
"""Notes of a matter about its device; one with a loose plug would fill it."""
_STRIDE = 1000
"""How many facts without a report are looked through again at most."""
_f, _m, _s = table(FactRow).c, table(MatterRow).c, table(MatterSource).c
_log = logging.getLogger(__name__)


class PointNews:
    """Read again and again by one thread; what devices ail is remembered between."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._ailing = Ailing()
        self._upto = 0
        self._written = 0
        self._told: set[int] = set()
        self._noted: set[int] = set()
        self._refused = ""

    def run(self) -> None:
        """Matters for what arrived since; without officers it waits, and says so once."""
        with Session(self._hub.engine) as session:
            reports, upto = self._read(session.connection())
        troubles = [one for one in self._ailing.troubles() if one.arrival not in self._told]
        turns = [one for one in self._ailing.turns() if one.arrival not in self._noted]
        if not reports and not troubles and not turns and upto - self._written < _STRIDE:
            return
        try:
            with write_session(self._hub.engine) as session:
                kinds = read_kinds(session, self._hub.community)
                names = self._names(session)
                for row in reports:
                    self._report(session, row, kinds, names)
                made = [one.arrival for one in troubles if self._open(session, one, names)]
                for turn in turns:
                    self._note(session, turn)
                write_meta(session.connection(), _CURSOR, str(upto))
        except ProblemError as error:
            if error.detail != self._refused:
                _log.warning("what points say waits: %s", error.detail)
            self._refused = error.detail
        else:
            self._told.update(made)
            self._noted.update(turn.arrival for turn in turns)
            self._written = upto

    def _read(self, connection: Connection) -> tuple[Sequence[Any], int]:
        """Reports that are no matters yet, and where the facts end; faults are folded."""
        here = _f.community == self._hub.community
        upto = int(connection.scalar(select(func.max(_f.arrival)).where(here)) or 0)
        found = select(_f.arrival, _f.fact_id, _f.point, _f.line).where(here, _f.arrival <= upto)
        faults = found.where(_f.arrival > self._upto, _f.kind == literal_column("'fault'"))
        for row in connection.execute(faults.order_by(_f.arrival)):
            said = decode_fact(row.line).body
            if isinstance(said, Fault):
                self._ailing.said(row.arrival, row.point, said)
        self._upto = upto
        after = max(self._written, int(read_meta(connection, _CURSOR) or 0))
        self._written = after
        reports = found.where(_f.arrival > after, _f.kind == "report").order_by(_f.arrival)
        return connection.execute(reports).all(), upto

    def _report(
        self, session: Session, row: Any, kinds: dict[str, MatterKind], names: dict[str, str]
    ) -> None:
        said = decode_fact(row.line).body
        if not isinstance(said, Report):
            return
        kind = kinds.get(said.matter, kinds["other"])
        asked = Intake(
            "terminal", kind.kind, said.place or names.get(row.point, row.point),
            said.text or kind.name, source=f"fact {row.fact_id}",
        )  # fmt: skip
        by = Actor(said.by, "volunteer", row.point)
        take(session, self._hub.community, asked, by, self._hub.now_ms())

    def _open(self, session: Session, trouble: Trouble, names: dict[str, str]) -> bool:
        """Whether the trouble has a matter of its own; one device has one open matter at most."""
        device = f"device {trouble.point} {trouble.device} "
        source = f"{device}{trouble.arrival}"
        if source not in (held := self._open_sources(session, device)) and held:
            return False
        place = f"{names.get(trouble.point, trouble.point)} {trouble.device}"
        asked = Intake("device", "device", place, trouble.words, source=source)
        take(session, self._hub.community, asked, SYSTEM, self._hub.now_ms())
        return True

    def _note(self, session: Session, turn: Turn) -> None:
        """In the device's open matter, if the last that it says of the device is otherwise."""
        device = f"{turn.point} {turn.device} "
        for number in self._open_sources(session, f"device {device}").values():
            said = self._open_sources(session, f"turn {device}", number)
            last = max(said, key=lambda source: int(source.split()[-2]), default="failing")
            if last.endswith(" well") == turn.well or len(said) >= MOST_TURNS:
                continue
            words = f"设备恢复正常:{turn.words}" if turn.well else f"设备又出故障:{turn.words}"
            if len(said) + 1 == MOST_TURNS:
                words += ";反复出现,此后不再逐次记录"
            now = Now(self._hub.now_ms(), Staff(session, self._hub.community))
            known = find(session, self._hub.community, number)
            noted = Doing(known.matter, SYSTEM, now).event("note", None, words)
            system_acts(session, self._hub.community, known, [noted])
            source = f"turn {device}{turn.arrival} {'well' if turn.well else 'failing'}"
            session.add(MatterSource(community=self._hub.community, source=source, matter=number))
            session.flush()

    def _open_sources(
        self, session: Session, begin: str, number: int | None = None
    ) -> dict[str, int]:
        """What open matters were made of or say, and their numbers."""
        mine = (_m.community == _s.community) & (_m.matter == _s.matter)
        found = (
            select(_s.source, _s.matter)
            .join(table(MatterRow), mine)
            .where(
                _s.community == self._hub.community,
                _s.source.startswith(begin, autoescape=True),
                _m.open.is_(True),
            )
        )
        if number is not None:
            found = found.where(_s.matter == number)
        return {row.source: row.matter for row in session.execute(found)}

    def _names(self, session: Session) -> dict[str, str]:
        p = CollectionPoint
        rows: Iterable[Any] = session.execute(
            select(col(p.point), col(p.name)).where(col(p.community) == self._hub.community)
        )
        return {row.point: row.name for row in rows}
