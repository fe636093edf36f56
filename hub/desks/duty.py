"""Who is on duty, and who gets a new task of a side."""

from dataclasses import dataclass

from sqlalchemy import select, update
from sqlmodel import Session, col

from hub.desks.tables import DeskDuty, Officer
from hub.matters.model import Side
from hub.matters.store import take_turn
from hub.web.problem import ProblemError


def on_duty(session: Session, community: str, desk: str) -> list[Officer]:
    """Who sits at a desk now, one of a side at most."""
    same = (col(Officer.community) == col(DeskDuty.community)) & (
        col(Officer.person_id) == col(DeskDuty.person_id)
    )
    found = (
        select(Officer)
        .join(DeskDuty, same)
        .where(
            col(DeskDuty.community) == community,
            col(DeskDuty.desk) == desk,
            col(DeskDuty.to_ms).is_(None),
        )
        .order_by(col(Officer.body))
    )
    return list(session.scalars(found))


@dataclass(frozen=True)
class Staff:
    """Officers of a community, those at one desk first."""

    session: Session
    community: str
    desk: str = ""

    def person_for(self, side: Side) -> str:
        """Who is on duty for a side, else the first registered; 409 when a side has nobody."""
        here = on_duty(self.session, self.community, self.desk) if self.desk else []
        mine = next((officer.person_id for officer in here if officer.body == side), None)
        return mine or self._registered(side)

    def has(self, person: str) -> bool:
        """Whether it is an officer; an account of the office's machines is none."""
        officer = self.session.get(Officer, (self.community, person))
        return officer is not None and not officer.left

    def require(self, person: str, side: str | None = None) -> None:
        """An officer who has not left, and of a side; else 422."""
        officer = self.session.get(Officer, (self.community, person))
        if officer is None or officer.left:
            detail = f"{person} is no officer here; name one from GET /officers"
            raise ProblemError(422, "no-such-officer", detail)
        if side is not None and officer.body != side:
            detail = f"{person} is of {officer.body}; expected an officer of {side}"
            raise ProblemError(422, "officer-of-other-side", detail)

    def _registered(self, side: Side) -> str:
        o = Officer
        found = self.session.scalars(
            select(col(o.person_id))
            .where(col(o.community) == self.community, col(o.body) == side, col(o.left).is_(False))
            .order_by(col(o.person_id))
            .limit(1)
        ).first()
        if found is None:
            detail = (
                f"no officer of {side} is registered, so this matter would have no owner; "
                f"register one with PUT /officers/{{person}}"
            )
            raise ProblemError(409, "no-officer", detail)
        return found


def toggle(
    session: Session, desk: str, officer: Officer, at_ms: int, *, begins: bool | None = None
) -> None:
    """Begin duty at a desk, or end it there; whoever else has the side's seat gives it up.

    ``begins`` None: the one that is not so now. A card is often tapped twice.
    """
    if officer.body == "owners":
        detail = f"{officer.person_id} stands for the owners, who sign minutes and sit at no desk"
        raise ProblemError(409, "not-a-side", detail)
    take_turn(session)
    here = on_duty(session, officer.community, desk)
    sits = any(other.person_id == officer.person_id for other in here)
    begins = not sits if begins is None else begins
    if begins is sits:
        return
    end_duty(session, officer, at_ms)
    for other in here:
        if other.body == officer.body:
            end_duty(session, other, at_ms)
    if begins:
        session.add(
            DeskDuty(
                community=officer.community, desk=desk, person_id=officer.person_id,
                body=officer.body, from_ms=at_ms,
            )
        )  # fmt: skip
    session.flush()


def end_duty(session: Session, officer: Officer, at_ms: int) -> None:
    """Off duty wherever that is."""
    d = DeskDuty
    session.execute(
        update(d)
        .where(
            col(d.community) == officer.community,
            col(d.person_id) == officer.person_id,
            col(d.to_ms).is_(None),
        )
        .values(to_ms=at_ms)
    )
