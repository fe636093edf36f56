"""Matters made through the hub's own acting, for the lists of a desk."""

from hub.desks.duty import Staff
from hub.matters import acts
from hub.matters.acting import Intake, act, find, take
from hub.matters.model import Actor
from hub.matters.transitions import Now
from tests.hub.nodes import COMMUNITY
from tests.kiosk.hub_here import HubHere

COMMITTEE = Actor("o01", "committee", "d1")
PROPERTY = Actor("o02", "property", "d1")


def made(
    here: HubHere, *, kind: str = "repair", text: str = "灯不亮", count: int = 1,
    household: str = "3-2-501",
) -> int:  # fmt: skip
    """The number of the last one."""
    number = 0
    with here.session() as session:
        for _ in range(count):
            intake = Intake("desk", kind, "3号楼2单元 楼梯灯", text, household, None, None)
            number = take(session, COMMUNITY, intake, COMMITTEE, here.clock[0])
    return number


def finished(here: HubHere, number: int) -> int:
    """Taken up and done by the property company."""
    doing(here, number, PROPERTY, acts.Accept(act="accept"))
    doing(here, number, PROPERTY, acts.Finish(act="finish", result="换了灯泡"))
    return number


def verified(here: HubHere, number: int) -> int:
    """Waits for a call to the reporter."""
    finished(here, number)
    doing(here, number, COMMITTEE, acts.Verify(act="verify", ok=True))
    return number


def doing(here: HubHere, number: int, by: Actor, asked: acts.Act) -> None:
    with here.session() as session:
        now = Now(here.clock[0], Staff(session, COMMUNITY, "d1"), None)
        act(session, COMMUNITY, find(session, COMMUNITY, number), asked, (by, now))
