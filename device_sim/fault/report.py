"""docs/faults.md, as the command writes it."""

import os
import platform
from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from device_sim.fault.catalogue import CATALOGUE
from device_sim.fault.running import Outcome

HEAD = """\
# Faults

Written by `lianxin-sim fault all`. Each scenario starts a site of its own: brokers, hub, points and
their readers as real processes over pseudo-ttys and MQTT, and people who tap and judge without
pause. Every tap, signal and verdict is written down before it can have an effect. At the end a
process of its own reads that log and the hub's public API, and compares visit for visit, reason for
reason and fen for fen; `lianxin-hub verify` recomputes the hub's store besides. Well means: what
was answered "recorded" is at the hub once, on its true day, and every household was paid what it is
owed, once. A kill is SIGKILL, so this says nothing about power cuts (decision 5).
"""
PEERS = """\
## Beside others

| what | accepted | lost | ours |
|---|---|---|---|
| thingsboard-gateway 3.8.5, SIGKILL at 100 events/s | 200 | 8 to 10 | {kills} |
| thingsboard-gateway 3.8.5, full disk of 2 MB | 20,000 | 13,000, silently | {full} |
| Mosquitto 2.0.11, persistence on, kill -9 | 5,000 | 5,000 | {kills} |
| Node-RED | 20,000 | 4,481 to 16,786 | {kills} |

Theirs were measured before, on two shared cores as well; ours is how many of the taps that were
answered "recorded" the hub did not have in the end.
"""

ELSEWHERE = """\
## In the suite, not here

What would need days, another clock or a disk that fails in a given moment runs in `make test` and
`make test-all`, some of it in virtual time:

| what | where |
|---|---|
| fsync that is slow or fails, pages of any kind damaged, torn and lost logs | `tests/edge/store/` |
| a hub away for 7 days, flaps every second for ten minutes, batches late by a day (virtual) | \
`tests/faults/test_transport_messages.py`, `test_late_messages.py` |
| NATS and Mosquitto: certificates, rights, overflowing queues, a broker that denies | \
`tests/contract/` |
| clocks wrong by ten years at either end, a boot that never synchronised, steps, midnight twice, \
bounds | `tests/hub/visits/test_time.py`, `tests/edge/test_outbox_and_clock.py`, \
`tests/faults/test_clocks_on_the_way.py` |
| 30 days offline of 12 points, and live taps meanwhile | `tests/faults/test_month_offline.py` |
| a hub from yesterday's backup, and one lost, fen for fen; `rebuild` to the same bytes | \
`tests/hub/backup/` |
"""
RED = """\
Each scenario names a fault of one line (`tests/sabotage/faults.toml`) that it is there to find;
`make sabotage` sees a test notice each of them.
"""


def report(outcomes: Sequence[Outcome], rounds: int, seed: int, today: date) -> str:
    """The page; ``rounds`` were asked for."""
    kills: Counter[str] = sum((outcome.kills for outcome in outcomes), Counter())
    flying: Counter[str] = sum((outcome.in_flight for outcome in outcomes), Counter())
    well = sum(not outcome.trouble for outcome in outcomes)
    minutes = sum(outcome.seconds for outcome in outcomes) / 60
    short = f" ({rounds - len(outcomes)} not run)" if rounds > len(outcomes) else ""
    total = (
        f"{today}, {machine()}, seed {seed}, {minutes:.0f} minutes: **{well} of {len(outcomes)} "
        f"runs well{short}, {sum(kills.values())} kills, {sum(o.taken for o in outcomes)} taps "
        f'answered "recorded", {_sum(outcomes, "lost")} lost, '
        f"{_sum(outcomes, 'duplicated')} twice, {_sum(outcomes, 'fen')} fen paid as owed.**"
    )
    rows = ["| scenario | what was broken | done | recorded | lost | twice | outcome |"]
    rows += ["|---|---|---|---|---|---|---|", *map(_row, outcomes)]
    killed = ["| killed | times | in flight then, in all |", "|---|---|---|"]
    killed += [f"| {name} | {kills[name]} | {flying[name]} |" for name in sorted(kills)]
    peers = PEERS.format(kills=_ours(outcomes, "kill"), full=_ours(outcomes, "disk-full"))
    reds = ["| scenario | goes wrong with |", "|---|---|"]
    reds += [f"| {name} | {scenario.red} |" for name, scenario in CATALOGUE.items()]
    tables = ["## Scenarios", "\n".join(rows), "## Kills", "\n".join(killed)]
    sabotage = ["## One line each", RED.rstrip(), "\n".join(reds)]
    return (
        "\n\n".join([HEAD.rstrip(), total, *tables, peers.rstrip(), ELSEWHERE.rstrip(), *sabotage])
        + "\n"
    )


def _row(outcome: Outcome) -> str:
    words = CATALOGUE[outcome.name].words
    done = [f"{sum(outcome.kills.values())} kills"] if outcome.kills else []
    cells = (
        f"{outcome.name}", words, "; ".join([*done, *outcome.done]), f"{outcome.taken}",
        *(f"{outcome.number(word)}" if outcome.verdict else "?" for word in ("lost", "duplicated")),
        "well" if not outcome.trouble else f"**not well**: {outcome.trouble[:300]}",
    )  # fmt: skip
    return "| " + " | ".join(cell.replace("|", "/") for cell in cells) + " |"


def _sum(outcomes: Sequence[Outcome], word: str) -> int:
    return sum(outcome.number(word) for outcome in outcomes if outcome.verdict)


def _ours(outcomes: Sequence[Outcome], part: str) -> str:
    mine = [outcome for outcome in outcomes if part in outcome.name]
    if any(outcome.trouble for outcome in mine):
        return "not well, see above"
    return f"{_sum(mine, 'lost')} of {sum(outcome.taken for outcome in mine):,}"


def machine() -> str:
    """What the counts belong to."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    model = next((line.split(":")[1].strip() for line in lines if "model name" in line), "?")
    return f"{os.cpu_count()} × {model} ({platform.machine()}), Python {platform.python_version()}"
