"""The messages whose bytes are frozen. ``python -m tests.wire.golden_examples`` writes new files.

It refuses to change a line that is there: that needs a new wire version and a decision.
"""

import hashlib
import json
from datetime import date
from pathlib import Path

from wire import codec, facts, point_bus, roster, session, topics
from wire.base import Message, WireModel

FOLDER = Path(__file__).parent / "golden"
EPOCH = "0f" * 16
NONCE = "a1" * 16
GENERATION = "b2" * 16
CARD = "k1." + "abcdefghijklmnopqrstuvwxyz234567" + "a2b3c4d5e6f7g2h3i4j5"
CARD_2 = "k2." + "765432zyxwvutsrqponmlkjihgfedcba" + "a2b3c4d5e6f7g2h3i4j5"
TAP, SHIFT, VERDICT, DEPOSIT = "01" * 16, "02" * 16, "03" * 16, "04" * 16
COMMAND = "05" * 16
PIN = "scrypt$" + "e6" * 16 + "$" + "f7" * 32
T_MS = 1_777_766_401_234  # 2026-05-03 08:00:01.234 in Shanghai

BODIES: list[WireModel] = [
    facts.Shift(action="opened", person="v03", by="card"),
    facts.Tap(card=CARD, reader="reader-1", known="known", signal="recorded", shift=SHIFT),
    facts.Tap(
        card=CARD_2, card_old=CARD, reader="reader-1", known="unknown", signal="see_supervisor"
    ),
    facts.Manual(door="11-1-102", by="v03", shift=SHIFT, command_id=COMMAND),
    facts.Deposit(
        bin=4, category="kitchen", grams=1250, level_g=8450, moved_up_ms=61_500, quality="clean"
    ),
    facts.Assign(deposit=DEPOSIT, visit=TAP, doubt="none"),
    facts.Assign(deposit=DEPOSIT, doubt="several", candidates=(TAP, SHIFT)),
    facts.Verdict(visit=TAP, value="accepted", by="v03", shift=SHIFT, command_id=COMMAND),
    facts.Verdict(
        visit=TAP, value="rejected", reason="unbroken_bag", by="v03", shift=SHIFT, mode="single",
        replaces=VERDICT, command_id=COMMAND,
    ),
    facts.VerdictUndone(verdict=VERDICT, visit=TAP, by="v03", command_id=COMMAND),
    facts.Emptied(bin=4, grams=42_000, level_g=0),
    facts.Removed(bin=4, grams=900, level_g=7550),
    facts.BinChanged(bin=4, by="v03", command_id=COMMAND),
    facts.Report(matter="repair", place="3号点", text="灯不亮", by="v03", command_id=COMMAND),
    facts.Fault(device="scale-3", state="raised", what="silent", detail="5 s 无应答"),
    facts.Clock(source="hub", utc_ms=T_MS, uncertainty_ms=12),
    facts.DayEnd(day=date(2026, 5, 3), taps=301, deposits=412, verdicts=298, unjudged=3),
    facts.Void(reason="salvaged", epoch=EPOCH, first_seq=7, last_seq=9, detail="3 rows unreadable"),
    facts.Shift(action="closed", person="v03", by="number", shift=SHIFT, unjudged="left"),
]  # fmt: skip

SCREEN = point_bus.Screen(
    point="p03", screen_rev=41, at_ms=T_MS, trust="hub",
    shift=point_bus.ScreenShift(shift=SHIFT, person="v03", since_ms=T_MS - 60_000),
    visits=(
        point_bus.ScreenVisit(
            no=7, visit=TAP, door="11-1-102", card="known", tapped_ms=T_MS, rev=40, bins=(4,),
            grams=1250,
        ),
        point_bus.ScreenVisit(no=8, visit=DEPOSIT, card="unknown", tapped_ms=T_MS, rev=41),
    ),
    judged=(
        point_bus.ScreenJudged(
            visit=SHIFT, verdict=VERDICT, door="3-2-501", value="rejected", reason="mixed",
            at_ms=T_MS, undo_until_ms=T_MS + 60_000,
        ),
    ),
    bins=(point_bus.ScreenBin(no=4, category="kitchen", grams=8450, state="ok"),),
    link=point_bus.ScreenLink(up=False, waiting=37), reader_ok=True,
)  # fmt: skip

MESSAGES: list[tuple[topics.Topic, tuple[str, ...], Message]] = [
    (topics.HELLO, ("lhyy", "p03"), session.Hello(
        node="p03", epoch=EPOCH, boot=7, boot_id="5d4f0c1e9b2a", next_seq=57, acked=40,
        nonce=NONCE, software="lianxin 0.1.0")),
    (topics.WELCOME, ("lhyy", "p03"), session.Welcome(
        nonce=NONCE, utc_ms=T_MS, hub_generation=GENERATION, epoch=EPOCH, upto=40,
        chain="c3" * 32, state="leased")),
    (topics.RECEIPT, ("lhyy", "p03"), session.Receipt(
        epoch=EPOCH, upto=56, chain_at_upto="c4" * 32, hub_generation=GENERATION,
        rejected=(session.Rejected(seq=55, reason="bad_fact"),))),
    (topics.STATUS, ("lhyy", "p03"), session.Status(
        online=True, boot=7, nonce=NONCE, at_ms=T_MS, trust="hub", attended=True, taps=12,
        deposits=15, verdicts=10, unjudged=2, waiting=3, oldest_waiting_ms=T_MS - 900,
        scales_ok=13, scales_total=14, software="lianxin 0.1.0", ports=(session.PortStatus(
            name="reader-1", kind="rdm6300", up=True, bytes=14_000, frames=1000, errors=1,
            last_error="checksum 0x00, expected 0x83"),))),
    (topics.STATUS, ("lhyy", "p03"), session.Status(online=False, boot=7, nonce=NONCE)),
    (topics.ROSTER, ("lhyy", "p03"), roster.RosterManifest(
        version=5, made_ms=T_MS, cards=1, pages=(roster.PageRef(no=0, sha256="d5" * 32),))),
    (topics.ROSTER_PAGE, ("lhyy", "p03", "0"), roster.RosterPage(
        version=5, no=0, cards=((CARD, "11-1-102", "ok"), (CARD_2, "3-2-501", "blocked")),
        people=(roster.RosterPerson(person="v03", number="103", card=CARD_2, pin=PIN),))),
    (topics.SETTINGS, ("lhyy", "p03"), roster.Settings(version=2, tap_order="either")),
    (topics.SCREEN, ("p03",), SCREEN),
    (topics.COMMAND, ("p03",), point_bus.Command(
        command_id=COMMAND, screen_rev=41, action="judge", visit=TAP, value="rejected",
        reason="unbroken_bag")),
    (topics.COMMAND, ("p03",), point_bus.Command(
        command_id=COMMAND, screen_rev=41, action="judge_all", shown=(TAP, DEPOSIT))),
    (topics.REPLY, ("p03",), point_bus.Reply(
        command_id=COMMAND, code="done", screen_rev=42, fact=VERDICT, count=1)),
    (topics.SIGNAL, ("p03",), point_bus.Signal(signal="recorded", reader="reader-1", fact=TAP)),
    (topics.HELLO, ("lhyy", "p03"), session.Hello(
        node="p03", epoch=EPOCH, boot=8, boot_id="5d4f0c1e9b2a", next_seq=57, acked=56,
        nonce=NONCE, software="lianxin 0.1.0", roster=5)),
]  # fmt: skip


def fact_lines() -> list[bytes]:
    """The golden facts, each with its own id and moment, encoded as a node would."""
    lines = []
    for number, body in enumerate(BODIES, start=1):
        stamp = facts.Stamp(
            boot=7,
            boot_id="5d4f0c1e9b2a",
            up_ms=60_000 + number * 1000,
            wall_ms=T_MS + number * 1000,
            trust=("kernel", "hub", "restored", "none")[number % 4],
        )
        lines.append(codec.encode_fact(f"{number:032x}", stamp, body, test=number == 3))
    return lines


def golden() -> dict[str, list[dict[str, object]]]:
    """File name → its rows: bytes, hash, and for facts the chain."""
    chain = codec.chain_seed(EPOCH)
    rows: list[dict[str, object]] = [{"epoch": EPOCH, "chain": chain.hex()}]
    for number, line in enumerate(fact_lines(), start=1):
        chain = codec.chain_next(chain, line)
        digest = hashlib.sha256(line).hexdigest()
        rows.append({"seq": number, "bytes": line.decode(), "sha256": digest, "chain": chain.hex()})
    batch = codec.encode_batch(
        session.FactsHeader(epoch=EPOCH, first_seq=1, count=2, nonce=NONCE), fact_lines()[:2]
    )
    sent = [(topics.FACTS, ("lhyy", "p03"), batch)] + [
        (topic, parts, codec.encode(message)) for topic, parts, message in MESSAGES
    ]
    return {
        "facts.jsonl": rows,
        "messages.jsonl": [
            {
                "topic": topic.of(*parts),
                "retain": topic.retain,
                "bytes": payload.decode(),
                "sha256": hashlib.sha256(payload).hexdigest(),
            }
            for topic, parts, payload in sent
        ],
    }


def write() -> None:
    """Append what is missing; stop at a line that would change."""
    for name, rows in golden().items():
        path = FOLDER / name
        old = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        new = [json.dumps(row, ensure_ascii=False) for row in rows]
        if new[: len(old)] != old:
            msg = f"{path}: a frozen line would change; that needs a new wire version"
            raise SystemExit(msg)
        path.write_text("\n".join(new) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write()
