"""One reason in words per household and day, in both languages, once. No personal detail."""

from typing import NamedTuple

from hub.rewards.model import Reason
from wire.day import local_time
from wire.money import format_yuan

NOT_SETTLED = "not_settled"
"""Shown for a day without a run; the one reason outside the rules' ranking."""


class Words(NamedTuple):
    """The same sentence twice; ``{amount} {point} {time}`` may stand in it."""

    zh: str
    en: str


CATALOGUE: dict[str, Words] = {
    Reason.NO_EVENT: Words("本日没有投放记录", "no visit recorded on this day"),
    Reason.HOUSEHOLD_INACTIVE: Words(
        "本日住户未在册(未入住或已迁出)", "the household was not registered on this day"
    ),
    Reason.CARD_UNKNOWN: Words(
        "{point} {time} 刷卡时,该卡未绑定本户;请到服务台办理",
        "{point} {time}: the card was not bound to this household then; please ask the desk",
    ),
    Reason.CARD_BLOCKED: Words(
        "{point} {time} 刷的卡已挂失,挂失期间不计", "{point} {time}: the card was reported lost"
    ),
    Reason.ALL_REJECTED: Words("{point} {time} 不合格", "{point} {time}: rejected"),
    Reason.BELOW_MIN_WEIGHT: Words(
        "{point} {time} 投放重量不足", "{point} {time}: below the minimum weight"
    ),
    Reason.LATE_BEYOND_LIMIT: Words(
        "{point} {time} 的记录到得太晚,待工作人员确认日期",
        "{point} {time}: the record came too late; the office has to confirm the day",
    ),
    Reason.CLOCK_UNTRUSTED: Words(
        "{point} 当时的时钟不可信,待工作人员确认日期",
        "{point}: its clock could not be trusted; the office has to confirm the day",
    ),
    Reason.UNATTENDED_HOLD: Words(
        "{point} {time} 无人值守,待工作人员确认",
        "{point} {time}: nobody was on duty; the office has to decide",
    ),
    Reason.SELF_VERDICT_HOLD: Words(
        "{point} {time} 由本户督导员评定,待他人确认",
        "{point} {time}: judged by a member of the household; somebody else has to decide",
    ),
    Reason.VERDICT_PENDING: Words(
        "{point} {time} 尚未评定,待工作人员确认",
        "{point} {time}: not judged yet; the office has to decide",
    ),
    Reason.MANUAL_OVER_CAP: Words(
        "{point} {time} 补登超过规定次数,待工作人员确认",
        "{point} {time}: more entries by hand than the policy allows; the office has to decide",
    ),
    Reason.REJECTED_PRESENT: Words(
        "{point} {time} 不合格,按规则本日不计",
        "{point} {time}: rejected, so the day does not count",
    ),
    Reason.PREDECESSOR_PAID: Words(
        "同一家庭换房,本日由另一住处计奖", "the family's other home counts for this day"
    ),
    Reason.TOTAL_CAP: Words("奖励总额已用完", "the total budget is used up"),
    Reason.DAY_CAP: Words("本日奖励额度已用完", "the day's budget is used up"),
    Reason.PAID: Words(
        "本日 {amount}:{point} {time} 合格", "{amount} for this day: {point} {time} accepted"
    ),
    Reason.NO_POLICY: Words("本日没有奖励办法", "no reward policy on this day"),
    NOT_SETTLED: Words("本日尚未结算", "this day has not been settled yet"),
}


def why(reason: str, amount_fen: int, point: str | None, at_ms: int | None) -> Words:
    """The words of one reason; without a visit its place and time fall away."""
    words = CATALOGUE[reason]
    time = local_time(at_ms).strftime("%H:%M") if at_ms is not None else ""
    yuan = format_yuan(amount_fen)
    zh = words.zh.format(amount=f"{amount_fen} 分({yuan} 元)", point=f"{point} 点", time=time)
    en = words.en.format(amount=f"{amount_fen} fen ({yuan} yuan)", point=point, time=time)
    return Words(zh, en)
