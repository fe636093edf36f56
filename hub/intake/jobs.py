"""What the commands about dead letters do with the store."""

from sqlalchemy import select
from sqlmodel import Session, col

from hub.clock import hub_clock
from hub.config import HubConfig
from hub.db import write_session
from hub.intake.letters import retry, waiting_line
from hub.intake.tables import DeadLetter
from hub.store import StartError, open_store
from wire.day import local_time


def listed(config: HubConfig) -> list[str]:
    """A line a letter, oldest first."""
    with Session(open_store(config)) as session:
        return [_line(session, letter) for letter in _all(session, config.community)]


def shown(config: HubConfig, number: int) -> str:
    """Its line and its bytes."""
    with Session(open_store(config)) as session:
        letter = _one(session, config.community, number)
        kept = letter.payload.decode(errors="backslashreplace")
        return f"{_line(session, letter)}\n{kept}"


def retried(config: HubConfig, number: int | None) -> tuple[list[str], list[str]]:
    """What was taken and what was refused, a line each; the hub may go on meanwhile."""
    now_ms = hub_clock(config.rehearsal_offset_s)()
    taken: list[str] = []
    refused: list[str] = []
    with write_session(open_store(config)) as session:
        wanted = [_one(session, config.community, number)] if number is not None else None
        for letter in wanted or _all(session, config.community):
            done = retry(session.connection(), letter, now_ms)
            if done is None and wanted:
                why = "had no receipt: its node sends it again by itself; nothing to do here"
                raise StartError(f"letter {letter.letter} ({letter.reason}) {why}")
            if done is not None and done.fact is not None:
                taken.append(f"letter {letter.letter}: fact {done.fact}")
            elif done is not None:
                refused.append(f"letter {letter.letter}: still {done.reason}: {done.detail}")
    return taken, refused


def _all(session: Session, community: str) -> list[DeadLetter]:
    mine = col(DeadLetter.community) == community
    return list(session.scalars(select(DeadLetter).where(mine).order_by(col(DeadLetter.letter))))


def _one(session: Session, community: str, number: int) -> DeadLetter:
    letter = session.get(DeadLetter, number)
    if letter is None or letter.community != community:
        raise StartError(f"no dead letter {number}; expected one of lianxin-hub letters list")
    return letter


def _line(session: Session, letter: DeadLetter) -> str:
    came = local_time(letter.received_ms).isoformat(timespec="seconds")
    waits = ", waits" if waiting_line(session.connection(), letter) is not None else ""
    where = letter.topic if letter.seq is None else f"{letter.point} {letter.epoch} {letter.seq}"
    return f"{letter.letter}  {came}  {where}  {letter.reason}: {letter.detail}{waits}"
