"""Codes in words a supervisor reads. English here; the catalogue has the Chinese."""

from types import MappingProxyType

from kiosk.point.board import Message, Said
from kiosk.words import Translate
from kiosk.words import mark as _
from wire.facts import RejectReason, VerdictValue
from wire.point_bus import ScreenVisit

VALUE_WORDS: MappingProxyType[VerdictValue, str] = MappingProxyType({
    "accepted": _("accepted"),
    "corrected": _("accepted after correction"),
    "rejected": _("rejected"),
    "unclear": _("unclear"),
})  # fmt: skip
VALUE_SIGNS: MappingProxyType[VerdictValue, str] = MappingProxyType(
    {"accepted": "✓", "corrected": "✓", "rejected": "✗", "unclear": "?"}
)
REASON_WORDS: MappingProxyType[RejectReason, str] = MappingProxyType({
    "mixed": _("mixed"),
    "unbroken_bag": _("bag not opened"),
    "wrong_bin": _("wrong bin"),
    "other": _("other reason"),
})  # fmt: skip
CATEGORY_WORDS: MappingProxyType[str, str] = MappingProxyType({
    "hazardous": _("hazard"),
    "recyclable": _("recycle"),
    "kitchen": _("kitchen"),
    "other": _("other"),
})  # fmt: skip
UNKNOWN_CARD = _("unregistered card")
BLOCKED_CARD = _("blocked card")

_SENTENCES: MappingProxyType[Said, str] = MappingProxyType({
    "nothing": "",
    "sending": _("{door} {verdict}: being recorded…"),
    "done_one": _("{door} {verdict}: recorded. 0 undoes it"),
    "done_all": _("{count} visits accepted: recorded"),
    "undone": _("Undone. Judge the visit at ▶ again"),
    "ask_reason": _("{door} rejected: press the reason, 1 to 4"),
    "ask_all": _("Enter again: these {count} visits are accepted"),
    "cancelled": _("Cancelled, nothing was recorded"),
    "fresh": _("{door} has only just come up: look, then press again"),
    "no_visits": _("Nobody is waiting for a verdict"),
    "no_undo": _("There is no verdict to undo"),
    "busy": _("Still being recorded: wait a moment, then press again"),
    "undoing": _("Being undone: wait a moment, then press again"),
    "bus_away": _("The point's computer is away: nothing was recorded"),
    "no_screen": _("The point's computer has not spoken yet"),
    "kept": _("{door} {verdict}: kept. Tap a supervisor's card, or press * for number and PIN"),
    "no_key": _("This key does nothing here"),
    "stale": _("{door}: the list has just changed, please look again"),
    "unknown_visit": _("{door}: this visit is no longer listed"),
    "judged": _("{door}: this visit has already been judged"),
    "no_shift": _("Nobody is on duty: tap a supervisor's card, or press *"),
    "too_late": _("Too late to undo"),
    "not_admitted": _("This card or number may not do that"),
    "bad_request": _("The point's computer did not accept this: call the technician"),
    "store_full": _("The store is full, nothing was recorded: call the technician"),
    "unknown_door": _("{door} is not on the roster"),
    "no_speaker": _("There is no loudspeaker here"),
    "looking_up": _("{door}: looking it up…"),
    "on_duty": _("You are on duty"),
    "handed_over": _("Handed over. Thank you"),
    "manual_done": _("{door} entered without a card: judge it like any other"),
    "bin_done": _("Bin {door} changed: recorded"),
    "report_done": _("Reported: it reaches the front desk with the next connection"),
    "broadcast_done": _("Done"),
    "door_form": _("Building . unit . room, for example 11.1.102"),
    "no_bin": _("There is no bin of this number here"),
    "held": _("A key is being held down: it counted once"),
    "lapsed": _("Closed: nothing was recorded"),
    "no_judged": _("Nothing has been judged yet"),
})  # fmt: skip


_DOING: MappingProxyType[str, str] = MappingProxyType({
    "check_in": _("going on duty"),
    "hand_over": _("handing over"),
    "manual": _("entering without a card"),
    "bin_changed": _("bin changed"),
    "report": _("report"),
    "look_up": _("looking up"),
    "broadcast": _("broadcast"),
})  # fmt: skip
MATTER_WORDS: MappingProxyType[str, str] = MappingProxyType({
    "device": _("device fault"),
    "facility": _("public facility"),
    "repair": _("repair"),
    "fire_safety": _("fire safety"),
    "blocked_way": _("noise, escape route blocked"),
    "illegal_building": _("illegal building"),
    "rental": _("rented flats"),
    "parking": _("parking"),
    "culture": _("culture and sport"),
    "other": _("something else"),
})  # fmt: skip


def sentence(message: Message, t: Translate) -> str:
    """The fixed line for a message."""
    words = _SENTENCES[message.said]
    if not words:
        return ""
    text = t(words).format(
        door=door_of(message.visit, t) or message.door,
        verdict=_verdict(message, t),
        count=message.count,
    )
    return text.strip()


def door_of(visit: ScreenVisit | None, t: Translate) -> str:
    """The door, or what is known of the card instead."""
    if visit is None:
        return ""
    if visit.card == "blocked":
        return " ".join(filter(None, [visit.door, t(BLOCKED_CARD)]))
    return visit.door or t(UNKNOWN_CARD)


def verdict_words(value: VerdictValue, reason: RejectReason | None, t: Translate) -> str:
    """``不合格 混投``."""
    words = [t(VALUE_WORDS[value])]
    if reason:
        words.append(t(REASON_WORDS[reason]))
    return " ".join(words)


def _verdict(message: Message, t: Translate) -> str:
    command = message.command
    if command is None:
        return ""
    if command.action == "undo":
        return t(_("undo"))
    if command.action == "judge_all":
        return t(_("{count} visits accepted")).format(count=len(command.shown))
    if command.action in _DOING:
        return t(_DOING[command.action])
    return verdict_words(command.value, command.reason, t) if command.value else ""
