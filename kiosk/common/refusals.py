"""What the hub refuses, in words that say what to do."""

from types import MappingProxyType

from kiosk.common.hub import HubAwayError, HubError, HubRefusedError
from kiosk.words import Translate
from kiosk.words import mark as _

AWAY = _("No connection to the hub: nothing is lost, try again when it is back")
_SENTENCES = MappingProxyType({
    "illegal-act": _("That is not possible in the present state: look again"),
    "not-yours": _("That is for somebody else to do"),
    "too-early": _("Too soon after the last try: it counts at another time of the day"),
    "other-desk": _("This account is another desk's: look into the desk's file"),
    "wrong-signature": _("This card cannot sign here: the other side's card is needed"),
    "changed-since": _("Somebody changed it meanwhile"),
    "unknown-card": _("This card is not known: ask at the desk, or type the door"),
    "card-unknown": _("No card like that was ever handed out"),
    "card-taken": _("The new card belongs to a household already: take another one"),
    "card-not-bound": _("That card is nobody's now"),
    "serial-ambiguous": _("Several cards bear this serial: tap the card instead"),
    "not-on-duty": _("You are not on duty at this desk any more: tap your card"),
    "no-officer": _("A side has no officer registered: the office has to register one"),
    "no-such-officer": _("No officer has this staff number: look again"),
    "officer-of-other-side": _("That officer is of the other side: name one of the own side"),
    "not-a-side": _("This officer signs minutes and sits at no desk"),
    "minutes-signed": _("The minutes are signed and stay as they are"),
    "minutes-open": _("The minutes are not signed yet: change the decision instead"),
    "card-not-blocked": _("That card is not blocked"),
    "registry-conflict": _("The registry does not admit it: ask the office"),
    "future-day": _("That day has not begun"),
    "no-meeting": _("No such meeting"),
    "unauthorized": _("Name or password is wrong"),
    "too-many-attempts": _("Too many wrong passwords: wait a minute"),
    "forbidden": _("This account may not do that"),
    "household-unknown": _("No such door"),
    "no-household": _("No such door"),
    "no-matter": _("No such matter"),
    "idempotency-key-reused": _("It was made with its first words: look in the lists"),
})  # fmt: skip

_FIELDS = MappingProxyType({
    "place": _("Place"), "text": _("Text"), "kind": _("kind"),
    "contact_phone": _("Phone (3 to 20 digits)"), "phone": _("Phone (3 to 20 digits)"),
    "save_as_rule": _("Word of the rule (2 to 20 characters)"), "person": _("staff number"),
    "until": _("day"), "next_check": _("day"), "due_on": _("day"), "day": _("day"),
    "from_day": _("day"), "to_day": _("day"), "new_serial": _("serial"), "serial": _("serial"),
    "door": _("door"), "initials": _("initials"), "name": _("name"),
})  # fmt: skip


def sentence(error: HubError, t: Translate) -> str:
    """One line for the message line."""
    if isinstance(error, HubAwayError) or not isinstance(error, HubRefusedError):
        return t(AWAY)
    if error.kind in _SENTENCES:
        return t(_SENTENCES[error.kind])
    if error.where:
        fields = (t(_FIELDS.get(name, name)) for name in error.where)
        return t(_("Not taken, look again at: {fields}")).format(fields=t(_(", ")).join(fields))
    return t(_("Not taken: {detail}")).format(detail=error.detail)
