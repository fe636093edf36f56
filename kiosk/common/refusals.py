"""What the hub refuses, in words that say what to do."""

from types import MappingProxyType

from kiosk.common.hub import HubAwayError, HubError, HubRefusedError
from kiosk.words import Translate
from kiosk.words import mark as _

AWAY = _("No connection to the hub: nothing is lost, try again when it is back")
_SENTENCES = MappingProxyType({
    "illegal-act": _("That is not possible in the present state: look again"),
    "not-yours": _("That is for somebody else to do"),
    "wrong-signature": _("This card cannot sign here: the other side's card is needed"),
    "changed-since": _("Somebody changed it meanwhile"),
    "unknown-card": _("This card is not known: ask at the desk, or type the door"),
    "card-unknown": _("No card like that was ever handed out"),
    "card-taken": _("The new card belongs to a household already: take another one"),
    "card-not-bound": _("That card is nobody's now"),
    "serial-ambiguous": _("Several cards bear this serial: tap the card instead"),
    "not-on-duty": _("You are not on duty at this desk any more: tap your card"),
    "no-officer": _("Nobody is on duty at this desk: tap a staff card"),
    "unauthorized": _("Name or password is wrong"),
    "too-many-attempts": _("Too many wrong passwords: wait a minute"),
    "forbidden": _("This account may not do that"),
    "household-unknown": _("No such door"),
    "no-household": _("No such door"),
    "matter-unknown": _("No such matter"),
    "idempotency-key-reused": _("It was sent already with other words: open it again"),
})  # fmt: skip


def sentence(error: HubError, t: Translate) -> str:
    """One line for the message line."""
    if isinstance(error, HubAwayError) or not isinstance(error, HubRefusedError):
        return t(AWAY)
    if error.kind in _SENTENCES:
        return t(_SENTENCES[error.kind])
    if error.where:
        names = t(_(", ")).join(error.where)
        return t(_("Not taken: {names}. {detail}")).format(
            names=names, detail="; ".join(error.where.values())
        )
    return t(_("Not taken: {detail}")).format(detail=error.detail)
